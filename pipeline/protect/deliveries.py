"""Which deliveries may be named, and counted, when some of their lines may not be shown.

A delivery that holds nothing public is not named. Where it also holds reserved lines, its counts would give their number away: they are
not published, and the delivery has no line in the table of quality.
"""

import re
from collections.abc import Iterable, Mapping

import polars as pl

from pipeline import programme, schema
from pipeline.protect.policy import Policy
from pipeline.protect.visibility import MOTIF, kept

RESERVED = ("embargo", "sans_label")  # a place of the registry without a label may be one that waits for its announcement
NOWHERE = ("lieu_inconnu", "doublon", "non_declare", "sans_compte")  # such a line feeds no public row, and keeps nothing back
SILENT = "_silencieuse"
# What leads from a delivered line, be it a rejected one, to a row that may be hidden: table, field → public table, field of its rows.
CITES = {("echeancier", "convention"): ("conventions", "idConvention"), ("versements", "numero_ej"): ("conventions", "numeroEJ")}
CITES |= {("suivi", "lieu"): ("fabriques", "lieu"), ("lieux", "lieu"): ("fabriques", "lieu")}
CITES |= {("conventions", "idConvention"): ("conventions", "idConvention"), ("conventions", "numeroEJ"): ("conventions", "numeroEJ")}
COUNTS: tuple[str, ...] = ("enregistrements", "lignes_recues", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")
COUNTS += ("lignes_remplacees", "lignes_valides_telles_quelles")


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


def citing_hidden_rows(delivered: Mapping[str, pl.LazyFrame], judged: Mapping[str, pl.DataFrame]) -> frozenset[str]:
    """Deliveries one line of which, accepted or rejected, cites an agreement or a place that is reserved."""
    found: set[str] = set()
    for (table, field), (public, key) in CITES.items():
        if table in delivered and field in delivered[table].collect_schema().names():
            hidden = judged[public].filter(pl.col(MOTIF).is_in(RESERVED))[key].drop_nulls()
            told = judged[public].filter(pl.col(MOTIF).is_null())[key].drop_nulls()  # an id that two rows have leads to the public one
            cited = pl.col(field).cast(pl.String)
            lines = delivered[table].filter(cited.is_in(hidden.implode()) & ~cited.is_in(told.implode()))
            found |= set(lines.select("livraison").unique().collect()["livraison"])
    return frozenset(found)


def has_source(deliveries: pl.DataFrame, table: str) -> bool:
    """Whether a delivery of the table could be read."""
    return deliveries.filter(pl.col("table") == table, pl.col("etat") != "refusée").height > 0


def secret_tables() -> list[str]:
    """Delivery tables of which no field is public: not even the number of their lines is told."""
    return [
        name
        for name in schema.names("deliveries")
        if all(field.diffusion != "publique" for field in schema.load("deliveries", name).fields)
    ]


def lines(tables: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The judged rows that lead to a delivered line: livraison, ligne, reservee, ouverte."""
    reserved, nowhere = pl.col(MOTIF).is_in(RESERVED).fill_null(False), pl.col(MOTIF).is_in(NOWHERE).fill_null(False)
    return pl.concat(
        rows.select("livraison", pl.col("ligne").cast(pl.UInt32), reserved.alias("reservee"), (~reserved & ~nowhere).alias("ouverte"))
        for rows in tables
        if "ligne" in rows.columns
    ).drop_nulls("livraison")


def _wave_of_award(award: str) -> str | None:
    """The wave in the id of an award, where it has one."""
    cited = re.search(r"_([a-z]+-[0-9]{2,4})(?:_[0-9]+)?$", award)
    return cited[1] if cited else None


def judge(
    deliveries: pl.DataFrame, quality: pl.DataFrame, judged_lines: pl.DataFrame, policy: Policy, citing: frozenset[str]
) -> dict[str, pl.DataFrame]:
    """`livraisons` and `qualite` judged, the counts of a delivery with reserved lines emptied; `citing`: those that cite what is reserved.

    `livraisons` gains `_silencieuse`: a line of the delivery may not be counted.
    """
    seen = judged_lines.group_by("livraison").agg(pl.col("reservee").sum().alias("_reservees"), pl.col("ouverte").sum().alias("_ouvertes"))
    rows = deliveries.join(seen, on="livraison", how="left", maintain_order="left")
    reserved, opened = pl.col("_reservees").fill_null(0), pl.col("_ouvertes").fill_null(0)
    dated = pl.col("table").is_in(_under_embargo_rules(policy))
    # A line that the model does not keep (a wave told twice) could be of any wave.
    unseen = (pl.col("table") == "vagues") & (pl.col("lignes_acceptees") > reserved + opened)
    cites = pl.col("livraison").is_in(sorted(citing))
    partial = dated & ((reserved > 0) | unseen | cites)
    secret = pl.col("table").is_in(secret_tables())
    nothing = pl.when(dated & (opened == 0)).then(pl.when(reserved > 0).then(pl.lit("embargo")).otherwise(pl.lit("sans_ligne_publique")))
    uncounted = pl.when(partial).then(pl.lit("embargo")).when(secret).then(pl.lit("compte_secret"))
    silence = pl.coalesce(nothing, uncounted)
    reasons = rows.select("livraison", silence.alias(MOTIF))
    rows = rows.with_columns(
        nothing.alias(MOTIF), silence.is_not_null().alias(SILENT), pl.when(uncounted.is_null()).then(pl.col(COUNTS)).name.keep()
    ).drop("_reservees", "_ouvertes")
    lines_of_quality = quality.join(reasons, on="livraison", how="left", maintain_order="left")
    return {"livraisons": kept(rows, policy, "livraisons"), "qualite": kept(lines_of_quality, policy, "qualite")}


def untraced(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The public tables, without the line numbers of deliveries whose counts are withheld: their gaps would tell the count."""
    counted = tables["livraisons"].filter(pl.any_horizontal(pl.col(COUNTS).is_not_null()))["livraison"].implode()
    traced = pl.when(pl.col("livraison").is_in(counted)).then("ligne")
    return {name: frame.with_columns(traced.alias("ligne")) if "ligne" in frame.columns else frame for name, frame in tables.items()}


def _under_embargo_rules(policy: Policy) -> list[str]:
    """Delivery tables whose lines belong to a wave."""
    return sorted({name for table in policy.tables.values() if "embargo" in table.lignes for name in table.livraisons})
