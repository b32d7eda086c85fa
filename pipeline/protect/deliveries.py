"""Which deliveries may be named, and counted, when some of their lines may not be shown.

A delivery that holds nothing public is not named. Where it also holds reserved lines, its counts would give their number away: they are
not published, and the delivery has no line in the table of quality.
"""

import re
from collections.abc import Mapping

import polars as pl

from pipeline import programme
from pipeline.protect.policy import Policy
from pipeline.protect.visibility import MOTIF, kept

RESERVED = ("embargo", "sans_label")  # a place of the registry without a label may be one that waits for its announcement
COUNTS = ("enregistrements", "lignes_recues", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")


def citing_reserved_waves(delivered: Mapping[str, pl.LazyFrame], announced: pl.Series) -> frozenset[str]:
    """Deliveries one line of which, accepted or rejected, cites a wave that may not be shown, or that the programme does not know."""
    rules, opened = programme.load(), set(announced.explode())
    found: set[str] = set()
    for rows in delivered.values():
        for column in sorted({"vague", "attribution"} & set(rows.collect_schema().names())):
            cited = rows.select("livraison", pl.col(column).cast(pl.String).alias("cite")).drop_nulls().unique().collect()
            for delivery, text in cited.rows():
                label = _wave_of_award(text) if column == "attribution" else text
                wave = rules.wave_of_label(label) if label else None
                if label and (wave is None or wave.slug not in opened):
                    found.add(delivery)
    return frozenset(found)


def _wave_of_award(award: str) -> str | None:
    """The wave in the id of an award, where it has one."""
    cited = re.search(r"_([a-z]+-[0-9]{2,4})(?:_[0-9]+)?$", award)
    return cited[1] if cited else None


def judge(
    deliveries: pl.DataFrame, quality: pl.DataFrame, judged: Mapping[str, pl.DataFrame], policy: Policy, reserved_waves: frozenset[str]
) -> dict[str, pl.DataFrame]:
    """`livraisons` and `qualite` judged, the counts of a delivery with reserved lines emptied; `reserved_waves`: those that cite one."""
    lines = [rows.select("livraison", pl.col(MOTIF).is_in(RESERVED).fill_null(False).alias("reservee")) for rows in judged.values()]
    seen = pl.concat(lines).drop_nulls("livraison").group_by("livraison").agg(
        pl.col("reservee").sum().alias("_reservees"), (~pl.col("reservee")).sum().alias("_ouvertes")
    )  # fmt: skip
    rows = deliveries.join(seen, on="livraison", how="left", maintain_order="left")
    reserved, opened = pl.col("_reservees").fill_null(0), pl.col("_ouvertes").fill_null(0)
    dated = pl.col("table").is_in(_under_embargo_rules(policy))
    # A line that the model does not keep (a wave told twice) could be of any wave.
    unseen = (pl.col("table") == "vagues") & (pl.col("lignes_acceptees") > reserved + opened)
    cites = pl.col("livraison").is_in(sorted(reserved_waves))
    hidden = pl.when(dated & (opened == 0)).then(pl.lit("embargo")).otherwise(pl.lit(None, pl.String)).alias(MOTIF)
    rows = rows.with_columns(hidden, (dated & ((reserved > 0) | unseen | cites)).alias("_partielle")).drop("_reservees", "_ouvertes")
    rows = rows.with_columns(pl.when(~pl.col("_partielle")).then(pl.col(COUNTS)).name.keep())
    silent = rows.filter(pl.col("_partielle") | pl.col(MOTIF).is_not_null())["livraison"].implode()
    reason = pl.when(pl.col("livraison").is_in(silent)).then(pl.lit("embargo")).otherwise(pl.lit(None, pl.String))
    lines_of_quality = quality.with_columns(reason.alias(MOTIF))
    return {"livraisons": kept(rows, policy, "livraisons"), "qualite": kept(lines_of_quality, policy, "qualite")}


def _under_embargo_rules(policy: Policy) -> list[str]:
    """Delivery tables whose lines belong to a wave."""
    return sorted({name for table in policy.tables.values() if "embargo" in table.lignes for name in table.livraisons})
