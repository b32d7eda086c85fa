"""Which deliveries may be named, and counted, when some of their lines may not be shown.

A delivery that holds nothing public is not named. Where it also holds reserved lines, its counts would give their number away: they are
not published, and the delivery has no line in the table of quality.
"""

from collections.abc import Mapping

import polars as pl

from pipeline.protect.policy import Policy
from pipeline.protect.visibility import MOTIF, kept

RESERVED = ("embargo", "sans_label")  # a place of the registry without a label may be one that waits for its announcement
COUNTS = ("enregistrements", "lignes_recues", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")


def judge(deliveries: pl.DataFrame, quality: pl.DataFrame, judged: Mapping[str, pl.DataFrame], policy: Policy) -> dict[str, pl.DataFrame]:
    """`livraisons` and `qualite` judged, the counts of a delivery with reserved lines emptied."""
    lines = [rows.select("livraison", pl.col(MOTIF).is_in(RESERVED).fill_null(False).alias("reservee")) for rows in judged.values()]
    seen = pl.concat(lines).drop_nulls("livraison").group_by("livraison").agg(
        pl.col("reservee").sum().alias("_reservees"), (~pl.col("reservee")).sum().alias("_ouvertes")
    )  # fmt: skip
    rows = deliveries.join(seen, on="livraison", how="left", maintain_order="left")
    reserved, opened = pl.col("_reservees").fill_null(0), pl.col("_ouvertes").fill_null(0)
    dated = pl.col("table").is_in(_under_embargo_rules(policy))
    # A line that the model does not keep (a wave told twice) could be of any wave.
    unseen = (pl.col("table") == "vagues") & (pl.col("lignes_acceptees") > reserved + opened)
    hidden = pl.when(dated & (opened == 0)).then(pl.lit("embargo")).otherwise(pl.lit(None, pl.String)).alias(MOTIF)
    rows = rows.with_columns(hidden, (dated & ((reserved > 0) | unseen)).alias("_partielle")).drop("_reservees", "_ouvertes")
    rows = rows.with_columns(pl.when(~pl.col("_partielle")).then(pl.col(COUNTS)).name.keep())
    silent = rows.filter(pl.col("_partielle") | pl.col(MOTIF).is_not_null())["livraison"].implode()
    reason = pl.when(pl.col("livraison").is_in(silent)).then(pl.lit("embargo")).otherwise(pl.lit(None, pl.String))
    lines_of_quality = quality.with_columns(reason.alias(MOTIF))
    return {"livraisons": kept(rows, policy, "livraisons"), "qualite": kept(lines_of_quality, policy, "qualite")}


def _under_embargo_rules(policy: Policy) -> list[str]:
    """Delivery tables whose lines belong to a wave."""
    return sorted({name for table in policy.tables.values() if "embargo" in table.lignes for name in table.livraisons})
