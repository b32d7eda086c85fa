"""The verdict on each line of a table: accepted and typed, or rejected with every reason."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from pipeline.schema import TableSchema, load
from pipeline.schema.records import OTHER_HEADER, STRAY_QUOTE, UNKNOWN_ENCODING
from pipeline.tableschema import SchemaInvalide, validate
from pipeline.validate.period import outside
from pipeline.validate.typed import loss, lossy, typed

KEY = ("livraison", "ligne")
MOTIFS: Mapping[str, type[pl.DataType]] = MappingProxyType(
    {"livraison": pl.String, "table": pl.String, "ligne": pl.UInt32, "champ": pl.String, "regle": pl.String, "message": pl.String}
)
DEFECTS: Mapping[str, str] = MappingProxyType(
    {
        "extra-cell": "La ligne a plus de cellules que l'en-tête : en supprimer, ou mettre des guillemets autour d'un séparateur",
        "missing-cell": "La ligne a moins de cellules que l'en-tête : ajouter les cellules manquantes, vides s'il le faut",
        "exclusive-cells": "La ligne remplit deux colonnes dont une seule doit l'être : en vider une",
        UNKNOWN_ENCODING: "La ligne a des octets qu'aucun encodage n'explique : la reprendre, puis réenregistrer le fichier en CSV (UTF-8)",
        OTHER_HEADER: "La ligne est sous un autre en-tête, dont les colonnes ne sont pas celles du premier : livrer chaque tableau à part",
        STRAY_QUOTE: "Un guillemet mal placé fait de cette ligne et des suivantes un seul enregistrement : le retirer, ou le doubler",
    }
)
_OTHER_DEFECT = "La ligne n'a pas la forme de l'en-tête : la reprendre cellule par cellule"
_NO_WAY = " ; aucune façon de recoller ses cellules ne respecte le schéma"
_MANY_WAYS = " ; {} façons de recoller ses cellules respectent le schéma, aucune n'est choisie"


class Judged(NamedTuple):
    """`accepted`: livraison, ligne, then the schema's fields, typed. `motifs`: one row per error (MOTIFS), by delivery and line.

    Every line of the harmonised table is either in `accepted` or has at least one row in `motifs`, never both.
    """

    accepted: pl.LazyFrame
    motifs: pl.DataFrame


def judge(name: str, harmonised: pl.LazyFrame, periods: Mapping[str, str] | None = None) -> Judged:
    """Judge a harmonised delivery table by its schema; columns as harmonise hands them on. SchemaError when there is no such table."""
    return judge_by(load("deliveries", name), harmonised, periods)


def judge_by(schema: TableSchema, harmonised: pl.LazyFrame, periods: Mapping[str, str] | None = None) -> Judged:
    """`judge` with a schema in hand. A line with a `defaut` is rejected for that reason alone: its cells may be in the wrong columns.

    Uniqueness holds within a delivery: a file is judged alike whatever is delivered beside it. `harmonised` is read several times and
    must give the same rows in the same order, as a scan does. `periods`: what each delivery that declares a period is to be within.
    SchemaInvalide when the schema cannot judge this table.
    """
    shaped = harmonised.filter(pl.col("defaut").is_null()).select(*KEY, *schema.field_names)
    deliveries = harmonised.select(pl.col("livraison").unique().sort()).collect().to_series()
    errors = [_errors(schema, shaped.filter(pl.col("livraison") == delivery)) for delivery in deliveries]
    motifs = pl.concat([_frame(schema), _defects(schema, harmonised), *errors])
    readable = _not_in(shaped, motifs)
    losses = _losses(schema, readable)
    accepted = _not_in(readable, losses).select(*KEY, *typed(schema))
    astray = _motifs(schema, outside(schema, accepted, periods)) if periods else _frame(schema)
    accepted = _not_in(accepted, astray) if astray.height else accepted
    return Judged(accepted, pl.concat([motifs, losses, astray]).sort(KEY, maintain_order=True))


def valid(schema: TableSchema, lines: pl.LazyFrame) -> int:
    """How many lines of one delivery (livraison, ligne, then the schema's fields as text) the schema and its types accept."""
    wrong = _errors(schema, lines)
    readable = _not_in(lines, wrong)
    kept = readable.select(pl.len()).collect().item()
    return int(kept) - _losses(schema, readable).select(KEY).n_unique()


def _errors(schema: TableSchema, lines: pl.LazyFrame) -> pl.DataFrame:
    """What Table Schema and the custom checks say of one delivery's lines."""
    report = validate(lines, schema.descriptor, carry=KEY).report
    on_table = report.errors.filter(pl.col("row").is_null())
    if not on_table.is_empty():
        raise SchemaInvalide(f"table « {schema.name} » : {on_table['message'][0]}")
    rows = lines.select(KEY).with_row_index("row").collect()
    found = report.errors.select("row", champ="field", regle="rule", message="message")
    return _motifs(schema, found.join(rows, on="row", how="left", maintain_order="left"))


def _defects(schema: TableSchema, harmonised: pl.LazyFrame) -> pl.DataFrame:
    lines = harmonised.filter(pl.col("defaut").is_not_null()).select(*KEY, "recollages", regle="defaut").collect()
    why = pl.col("regle").replace_strict(dict(DEFECTS), default=_OTHER_DEFECT, return_dtype=pl.String)
    ways = pl.when(pl.col("recollages") == 0).then(pl.lit(_NO_WAY)).otherwise(pl.format(_MANY_WAYS, "recollages"))
    return _motifs(schema, lines.with_columns(message=why + ways.fill_null(""), champ=pl.lit(None, pl.String)))


def _losses(schema: TableSchema, lines: pl.LazyFrame) -> pl.DataFrame:
    """Lines that Table Schema accepts and that the types of the table would cut."""
    risky = [field for field in schema.fields if field.type != "string"]
    flags = lines.select(*KEY, *(lossy(field, schema) for field in risky))
    lost = flags.filter(pl.any_horizontal(pl.lit(False), *(pl.col(field.name).is_not_null() for field in risky))).collect()
    if lost.is_empty():
        return _frame(schema)
    reasons = pl.DataFrame(
        [(field.name, regle, f"« {field.title} » ({field.name}) : {message}") for field in risky for regle, message in loss(field).items()],
        schema={"champ": pl.String, "regle": pl.String, "message": pl.String},
        orient="row",
    )
    long = lost.unpivot(index=KEY, variable_name="champ", value_name="regle").drop_nulls("regle")
    return _motifs(schema, long.join(reasons, on=["champ", "regle"], how="left", maintain_order="left"))


def _not_in(lines: pl.LazyFrame, motifs: pl.DataFrame) -> pl.LazyFrame:
    return lines.join(motifs.lazy().select(KEY).unique(), on=KEY, how="anti", maintain_order="left")


def _motifs(schema: TableSchema, found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(table=pl.lit(schema.name)).select(pl.col(name).cast(dtype) for name, dtype in MOTIFS.items())


def _frame(schema: TableSchema) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(MOTIFS))
