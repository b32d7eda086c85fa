"""The verdicts, from frictionless 5: its own rows and field readers, streamed; nothing of a row outlives it.

The only module of the leaf that imports frictionless (0.3 s): `verdict` imports it when a table is judged. Its own `validate()`
is not used: it stops at 1,000 errors and keeps every faulty row whole.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from frictionless import FrictionlessException, Row, Schema
from frictionless.resources import TableResource

from pipeline.tableschema.checks import Check
from pipeline.tableschema.contract import Contract, SchemaInvalide
from pipeline.tableschema.kinds import Findings, Kind

CHUNK = 50_000
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def find(table: pl.LazyFrame, columns: Sequence[str], contract: Contract, checks: Sequence[Check]) -> Findings:
    """Every error of these columns of a table of texts. A null is an empty cell. SchemaInvalide when frictionless refuses the schema."""
    findings = Findings()
    if not columns:
        findings.add(None, Kind("source-error", "source-error"))
        return findings
    fields = (contract.fields.get(name, {}) for name in contract.judged_as(columns))
    texts = table.select(_quieted(column, field) for column, field in zip(columns, fields, strict=True))
    resource = TableResource(name="table", data=lambda: _rows(texts, columns), format="inline", schema=_schema(contract))
    try:
        with resource:
            _header(resource, findings)
            for row in resource.row_stream:
                _judge(row, checks, findings)
    except (FrictionlessException, re.error) as error:
        raise _refused(contract, error) from error
    return findings


def _rows(texts: pl.LazyFrame, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Labels, then the lines, read in chunks."""
    yield tuple(columns)
    for chunk in texts.collect_batches(chunk_size=CHUNK, maintain_order=True):
        yield from chunk.iter_rows()


def _quieted(column: str, field: Mapping[str, Any]) -> pl.Expr:
    """A column's texts, empty where null; in a number, a signaling NaN becomes a quiet one.

    frictionless gives no verdict on `sNaN` under a bound: comparing it raises and ends the validation. A quiet NaN breaks the bound.
    """
    text = pl.col(column).fill_null("")
    if field.get("type") != "number":
        return text
    bare = text.str.replace_all("_", "", literal=True)
    if group := field.get("groupChar"):
        bare = bare.str.replace_all(group, "", literal=True)
    signaling = bare.str.contains(r"(?i)^[\s\x1c-\x1f]*[+-]?snan\d*[\s\x1c-\x1f]*$")
    return pl.when(signaling).then(text.str.replace("[sS]", "")).otherwise(text).alias(column)


def _schema(contract: Contract) -> Schema:
    try:
        schema = Schema.from_descriptor(dict(contract.descriptor))
        for field in schema.fields:
            read = field.create_value_reader()
            for name in _BOUNDS:
                if name in field.constraints and read(field.constraints[name]) is None:
                    raise SchemaInvalide(
                        f"schéma « {contract.name} » : champ « {field.name} », la borne « {name} » n'est pas du type « {field.type} »"
                    )
    except FrictionlessException as error:
        raise _refused(contract, error) from error
    return schema


def _refused(contract: Contract, error: Exception) -> SchemaInvalide:
    """The schema's own fault: its reasons quote the schema, never a line of the table."""
    reasons = [str(error)]
    if isinstance(error, FrictionlessException):
        reasons = [item.note or item.message for item in (*error.reasons, error.error)] or reasons
    told = " ; ".join(dict.fromkeys(reasons))
    return SchemaInvalide(f"schéma « {contract.name} » inutilisable, à corriger avant de juger une table ({told})")


def _header(resource: TableResource, findings: Findings) -> None:
    for error in resource.header.errors:
        found: dict[str, Any] = error.to_descriptor()
        field = found.get("fieldName") or None
        findings.add(None, Kind(error.type, error.type, field, found.get("fieldNumber")))


def _judge(row: Row, checks: Sequence[Check], findings: Findings) -> None:
    """The errors of one row, without its cells. frictionless numbers the header 1, hence the 2."""
    index = row.row_number - 2
    findings.lines = index + 1
    for error in row.errors:
        field, position = getattr(error, "field_name", None), getattr(error, "field_number", None)
        findings.add(index, Kind(error.type, _rule(error.type, error.note), field, position))
    for check in checks:
        if not check.holds(*(row[column] for column in check.columns)):
            position = row.field_names.index(check.field) + 1 if check.field else None
            findings.add(index, Kind("cell-error" if check.field else "row-constraint", check.name, check.field, position, check))


def _rule(kind: str, note: str) -> str:
    """The name of the broken rule: for a constraint, frictionless gives it only in `constraint "pattern" is "…"`."""
    if kind == "constraint-error":
        return note.split('"', 2)[1]
    return {"type-error": "type", "unique-error": "unique", "primary-key": "primaryKey", "foreign-key": "foreignKey"}.get(kind, kind)
