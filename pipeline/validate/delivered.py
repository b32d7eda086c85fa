"""What the schema says of a delivery as it came: its cells under the columns that were recognised, before any repair.

It is the figure that is quoted about whoever delivers, so nothing of ours is in it: no rule, no declared constant, no joined record.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

from pipeline.schema import TableSchema, load
from pipeline.schema.records import cell
from pipeline.validate.judgement import KEY, Judged, valid
from pipeline.validate.period import OUTSIDE

COUNTED: Mapping[str, type[pl.DataType]] = MappingProxyType({"livraison": pl.String, "telles_quelles": pl.UInt32})


def valid_as_delivered(name: str, deliveries: pl.DataFrame, records: pl.LazyFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """How many lines of each delivery of a table its schema accepts as delivered (COUNTED). SchemaError when there is no such table.

    `deliveries` is ingest's table, those that were refused left out; `records` its regular records; `columns` what harmonise took each
    column for. An irregular record is never valid, and a field that no column gives is empty on each line.
    """
    return valid_as_delivered_by(load("deliveries", name), deliveries, records, columns)


def unchanged(name: str, verdict: Judged, repaired: pl.Series) -> pl.DataFrame:
    """The same counts (COUNTED), for the deliveries of a table of which the ledger (`repaired`: those it has) changed no cell: their lines
    are the same as delivered, and are judged once. Being of another period than the declared one is no fault of the line's."""
    astray = verdict.motifs.filter(pl.col("regle") == OUTSIDE).select(KEY).unique()
    lines = pl.concat([verdict.accepted.select(KEY).collect(), astray]).filter(~pl.col("livraison").is_in(repaired.implode()))
    return lines.group_by("livraison").agg(telles_quelles=pl.len().cast(pl.UInt32)).sort("livraison")


def valid_as_delivered_by(schema: TableSchema, deliveries: pl.DataFrame, records: pl.LazyFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """`valid_as_delivered` with a schema in hand."""
    named = deliveries.filter(pl.col("table") == schema.name)["livraison"]
    counts = []
    for delivery in named:
        found = columns.filter(pl.col("livraison") == delivery, pl.col("champ").is_not_null(), pl.col("position").is_not_null())
        lines = records.filter(pl.col("livraison") == delivery, pl.col("role") == "donnees")
        # Held in memory, one delivery at a time: judging reads the lines more than once, and finding them reads every delivery.
        counts.append((delivery, valid(schema, as_delivered(schema, lines, found).collect().lazy())))
    return pl.DataFrame(counts, schema=dict(COUNTED), orient="row")


def as_delivered(schema: TableSchema, lines: pl.LazyFrame, columns: pl.DataFrame) -> pl.LazyFrame:
    """livraison, ligne, then the schema's fields, as the cells are; without the lines that fill two columns which exclude each other."""
    places: dict[str, list[str]] = {}
    for field, position in columns.sort("position").select("champ", "position").iter_rows():
        places.setdefault(field, []).append(cell(position))
    fields = [_field(name, places.get(name, ())) for name in schema.field_names]
    several = [pl.sum_horizontal(_filled(place).is_not_null() for place in group) > 1 for group in places.values() if len(group) > 1]
    return lines.filter(~pl.any_horizontal(pl.lit(False), *several)).select(*KEY, *fields)


def _field(name: str, places: Sequence[str]) -> pl.Expr:
    if not places:
        return pl.lit(None, pl.String).alias(name)
    return (pl.col(places[0]) if len(places) == 1 else pl.coalesce(_filled(place) for place in places)).alias(name)


def _filled(place: str) -> pl.Expr:
    """The cell, null when it has no character that can be read."""
    return pl.when(pl.col(place).str.strip_chars() != "").then(place)
