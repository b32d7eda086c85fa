"""What was committed, paid and remains by place and year, summed again from rows that may be shown: hidden money is in no sum.

It follows `evaluate/financements.sql`, which sums everything; the two agree where nothing is hidden and every place is public.
"""

import polars as pl

from pipeline.schema.table import MONEY

PLACE, YEAR = "fabrique", "exercice"
CELL = (PLACE, YEAR)


def by_place_and_year(
    agreements: pl.DataFrame, payments: pl.DataFrame, schedule: pl.DataFrame, places: pl.DataFrame, *, paid_known: bool
) -> pl.DataFrame:
    """One row a public place and year, then one a year for what leads to none: financement, fabrique, exercice, engage, verse, reste,
    rattachement.

    All rows given may be shown. `places`: attribution, fabrique of every public award of a public place; `paid_known`: whether a delivery
    tells payments. Null where nothing is said; `reste` also where an agreement finances several places, or a payment has no year.
    """
    lines = agreements.join(places, on="attribution", how="left").sort("livraison", "ligne")
    files = lines.group_by("racine", maintain_order=True).agg(
        pl.col("montant").first(),
        pl.col("dateConvention").min().dt.year().alias("signature"),
        pl.col(PLACE).drop_nulls().unique().alias("lieux"),
        pl.col("idConvention").first(),
    )
    alone = pl.when(pl.col("lieux").list.len() == 1).then(pl.col("lieux").list.first()).alias(PLACE)
    numbered = files.filter(pl.col("idConvention").is_not_null()).select(pl.col("idConvention").alias("convention"), "racine", alone)
    committed = schedule.join(numbered, on="convention", how="left").select(PLACE, pl.col("annee").alias(YEAR), "racine", "montant_engage")
    paid = payments.group_by("convention", YEAR).agg(pl.col("montant_paye").sum())
    paid = paid.join(lines.select("convention", "racine", PLACE), on="convention", how="left")
    moves = pl.concat([committed, paid.drop("convention")], how="diagonal_relaxed")
    rows = moves.group_by(CELL).agg(_said("montant_engage", "engage"), _said("montant_paye", "verse")).sort(CELL)
    remaining = _remaining(rows, files, moves) if paid_known else rows.select(*CELL, pl.lit(None, MONEY).alias("reste"))
    year = pl.col(YEAR).cast(pl.String).fill_null("annee-inconnue")
    attached = pl.when(pl.col(PLACE).is_null()).then(pl.lit("non_rattache")).otherwise(pl.lit("lieu"))
    return rows.join(remaining, on=CELL, how="left", nulls_equal=True).select(
        pl.concat_str(pl.col(PLACE).fill_null("non-rattache"), year, separator="_").alias("financement"),
        *CELL,
        pl.col("engage", "verse", "reste").cast(MONEY),
        attached.alias("rattachement"),
    )


def _said(amount: str, name: str) -> pl.Expr:
    """A sum that is null when no row says anything."""
    return pl.when(pl.col(amount).count() > 0).then(pl.col(amount).sum()).alias(name)


def _remaining(rows: pl.DataFrame, files: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """By place and year: the amount of the agreements begun by the end of the year, less what was paid by then."""
    begun = moves.drop_nulls(["racine", YEAR]).group_by("racine").agg(pl.col(YEAR).min().alias("premier"))
    files = files.join(begun, on="racine", how="left").with_columns(pl.min_horizontal("signature", "premier").alias("debut"))
    shared = files.filter(pl.col("lieux").list.len() > 1).explode("lieux")["lieux"]
    undated = moves.filter(pl.col(YEAR).is_null())[PLACE].drop_nulls()
    doubtful = pl.concat([shared, undated]).implode()
    known = rows.filter(pl.col(PLACE).is_not_null(), ~pl.col(PLACE).is_in(doubtful))
    alone = files.filter(pl.col("lieux").list.len() == 1).select(pl.col("lieux").list.first().alias(PLACE), "montant", "debut")
    total = known.join(alone, on=PLACE).filter(pl.col("debut") <= pl.col(YEAR)).group_by(CELL).agg(pl.col("montant").sum().alias("total"))
    paid = known.sort(CELL).select(*CELL, pl.col("verse").fill_null(0).cum_sum().over(PLACE).alias("paye"))
    return paid.join(total, on=CELL).select(*CELL, (pl.col("total") - pl.col("paye")).alias("reste"))
