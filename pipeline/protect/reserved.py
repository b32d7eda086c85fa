"""Who is known by awards that are still to be announced, and by no announced one: money paid to them would tell the award.

An agreement or a payment may cite neither its wave nor its award, or another one. The beneficiary then decides.
"""

from typing import NamedTuple

import polars as pl

from pipeline.protect.reading import folded

MOTIF = "_motif"  # as `visibility` names it, which asks for this module


class Identities(NamedTuple):
    """SIREN, RNA numbers and folded names."""

    sirens: pl.Series
    rnas: pl.Series
    names: pl.Series

    def holds(self, number: str, name: str, rna: str | None = None) -> pl.Expr:
        """True where a row's SIREN or SIRET, its name or its RNA number is one of these."""
        found = pl.col(number).str.slice(0, 9).is_in(self.sirens.implode()) | folded(pl.col(name)).is_in(self.names.implode())
        found = found | pl.col(rna).is_in(self.rnas.implode()) if rna else found
        return found.fill_null(False)


def identities(awards: pl.DataFrame, agreements: pl.DataFrame | None = None) -> Identities:
    """Those of the awards under embargo (`awards` judged) and of the beneficiaries of agreements under embargo, less the others'."""
    bearers = awards.select(MOTIF, "siren", "rna", nom="porteur")
    if agreements is not None:
        paid = agreements.select(
            MOTIF, pl.col("idBeneficiaire").str.slice(0, 9).alias("siren"), pl.col("rnaBeneficiaire").alias("rna"), nom="nomBeneficiaire"
        )
        bearers = pl.concat([bearers, paid])
    closed, opened = bearers.filter(pl.col(MOTIF) == "embargo"), bearers.filter(pl.col(MOTIF).is_null())

    def only(value: pl.Expr) -> pl.Series:
        reserved, told = (rows.select(value.alias("v"))["v"].drop_nulls().unique() for rows in (closed, opened))
        return reserved.filter((reserved != "") & ~reserved.is_in(told.implode()))

    return Identities(only(pl.col("siren")), only(pl.col("rna")), only(folded(pl.col("nom"))))
