"""Accepted lines that a later delivery replaced: they feed no public row, but what they say of their delivery is judged like the rest."""

from collections.abc import Collection

import polars as pl

LINES = "model/lignes_remplacees"
COUNTS = "model/livraisons_effectives"


def counted(deliveries: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """`validate/livraisons` with the number of replaced lines of each delivery."""
    return deliveries.join(counts.select("livraison", "lignes_remplacees"), on="livraison", how="left", maintain_order="left")


def judged(lines: pl.DataFrame, citing: frozenset[str], secret: Collection[str]) -> pl.DataFrame:
    """livraison, ligne, reservee, ouverte of each replaced line.

    `citing`: the deliveries that cite something reserved, be it on one line. All the replaced lines of such a delivery are taken as
    reserved: which of them would be shown today is no longer known. Those of the `secret` tables open nothing.
    """
    reserved, silent = pl.col("livraison").is_in(sorted(citing)), pl.col("table").is_in(sorted(secret))
    return lines.select("livraison", pl.col("ligne").cast(pl.UInt32), reserved.alias("reservee"), (~reserved & ~silent).alias("ouverte"))


def places_gone(lines: pl.DataFrame, registry: pl.DataFrame, places: pl.DataFrame) -> frozenset[str]:
    """Deliveries of the registry one replaced line of which names a place that the model no longer has: it may wait for its announcement.

    `registry` is `validate/lieux`, `places` the judged places.
    """
    gone = registry.join(lines.filter(pl.col("table") == "lieux"), on=["livraison", "ligne"], how="semi")
    return frozenset(gone.join(places, on="lieu", how="anti")["livraison"])
