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


def typed(schema: TableSchema) -> list[pl.Expr]:
    """The schema's columns in their types; a text that `lossy` finds gives null: reject those lines first."""
    return [_cast(field, _present(field, schema)).alias(field.name) for field in schema.fields]


def lossy(field: Field, schema: TableSchema) -> pl.Expr:
    """True where the field has a text that its type cannot hold without losing something (a third decimal of an amount, an overflow)."""
    text = _present(field, schema)
    return (text.is_not_null() & _cast(field, text).is_null()).alias(field.name)


def loss(field: Field) -> tuple[str, str]:
    """(rule, French message) of a line rejected because of `lossy`."""
    if field.is_money:
        return "montant-precision", "montant en euros : au plus 12 chiffres avant le point et 2 après, sans exposant ; corriger le montant"
    form = {"year": "année sur quatre chiffres", "date": "date écrite AAAA-MM-JJ", "integer": "nombre entier de 18 chiffres au plus"}
    return "conversion", f"attendu, {form.get(field.type, 'nombre fini écrit en chiffres ordinaires')} ; récrire la cellule"


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
