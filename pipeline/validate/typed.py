"""From the text of an accepted cell to the type of its column, or a reason: never a silent loss."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from pipeline.schema import Field, TableSchema

# The forms that a column's type holds exactly. Table Schema admits more (`1_000`, `１２`, `1e400`, `NaN`): those lines are rejected.
_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "number": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$",
        "integer": r"^[+-]?[0-9]{1,18}$",
        "year": r"^[0-9]{4}$",
        "date": r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$",
    }
)
_MONEY = r"^[+-]?0*([0-9]{0,12}\.[0-9]{1,2}0*|[0-9]{1,12}\.?0*)$"
# « 50.000 »: fifty thousand, or fifty. Harmonise drops the last zero where the column proves that the point is decimal.
_TWO_READINGS = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{2}0$"


def typed(schema: TableSchema) -> list[pl.Expr]:
    """The schema's columns in their types; a text that `lossy` finds gives null: reject those lines first."""
    return [_cast(field, _present(field, schema)).alias(field.name) for field in schema.fields]


def lossy(field: Field, schema: TableSchema) -> pl.Expr:
    """The rule of `loss` that the field's text breaks: its type cannot hold it without losing something (a third decimal of an amount,
    an overflow), or it is an amount of the programme with two readings or above its ceiling. Null where it breaks none."""
    text = _present(field, schema)
    value = _cast(field, text)
    broken = {"montant-precision" if field.is_money else "conversion": text.is_not_null() & value.is_null()}
    if field.is_money and schema.stricter is None:
        broken["montant-ambigu"] = text.str.contains(_TWO_READINGS)
    if ceiling := _ceiling(field):
        broken["montant-plafond"] = value.abs() > ceiling
    return pl.coalesce(*(pl.when(test).then(pl.lit(rule)) for rule, test in broken.items()), pl.lit(None, pl.String)).alias(field.name)


def loss(field: Field) -> dict[str, str]:
    """Rule of `lossy` → French message of the line that it rejects."""
    if field.is_money:
        return {
            "montant-precision": "montant en euros : au plus 12 chiffres avant le point et 2 après, sans exposant ; corriger le montant",
            "montant-ambigu": "montant à deux lectures, car trois chiffres suivent le point et rien dans la colonne ne dit s'il sépare des "
            "milliers ou des décimales ; écrire 50000 pour cinquante mille, 50.00 pour cinquante",
            "montant-plafond": f"montant au-dessus de {_ceiling(field)} euros, qu'aucun du programme n'approche ; corriger le montant",
        }
    form = {"year": "année sur quatre chiffres", "date": "date écrite AAAA-MM-JJ", "integer": "nombre entier de 18 chiffres au plus"}
    return {"conversion": f"attendu, {form.get(field.type, 'nombre fini écrit en chiffres ordinaires')} ; récrire la cellule"}


def _ceiling(field: Field) -> int | None:
    """For an amount whose constraints are those of a standard, hence without `maximum`."""
    ceiling: int | None = field.descriptor.get("plafond")
    return ceiling


def _present(field: Field, schema: TableSchema) -> pl.Expr:
    """The cell, null where the schema calls its text missing."""
    missing = field.descriptor.get("missingValues", schema.descriptor.get("missingValues", [""]))
    texts = [value["value"] if isinstance(value, Mapping) else value for value in missing]
    column = pl.col(field.name)
    return pl.when(~column.is_in(texts)).then(column)


def _cast(field: Field, text: pl.Expr) -> pl.Expr:
    if field.type == "string":
        return text
    if field.type == "boolean":
        true = field.descriptor.get("trueValues", ["true", "True", "TRUE", "1"])
        false = field.descriptor.get("falseValues", ["false", "False", "FALSE", "0"])
        return pl.when(text.is_in(true)).then(True).when(text.is_in(false)).then(False)
    well_formed = pl.when(text.str.contains(_MONEY if field.is_money else _FORMS[field.type])).then(text)
    if field.type == "date":
        return well_formed.str.to_date("%Y-%m-%d", strict=False)
    value = well_formed.cast(field.dtype, strict=False)
    return pl.when(value.is_finite()).then(value) if field.dtype == pl.Float64 else value
