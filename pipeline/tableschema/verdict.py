"""The one function of the leaf: a table of texts and a schema in, a verdict on each line out."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from pipeline.tableschema import contract as contracts
from pipeline.tableschema import engine
from pipeline.tableschema.report import Report, of_findings

_ROW = "__row__"


class Verdict(NamedTuple):
    """`accepted` and `rejected` share out the rows of the table, in its order, columns untouched; a row with an error is rejected.

    An error on the table itself (a missing column) rejects no row: `report.valid` tells.
    """

    report: Report
    accepted: pl.LazyFrame
    rejected: pl.LazyFrame


def validate(table: pl.LazyFrame | pl.DataFrame, schema: Mapping[str, Any], *, carry: Sequence[str] = ()) -> Verdict:
    """Judge a table of texts by a Table Schema descriptor, as frictionless 5 would judge the same table in a CSV file.

    Every column but those of `carry` is judged and must be String; a null is an empty cell. A lazy table is read more than once and
    must give the same rows in the same order each time, as a scan does. Errors are all found, however many. Memory does not grow with
    the rows, but for errors and for the values of fields that must be unique. SchemaInvalide when the schema cannot be used, TypeError
    on a column that is not of texts, KeyError on a column of `carry` that the table lacks.
    """
    lazy = table.lazy()
    columns = _judged_columns(lazy.collect_schema(), carry)
    contract = contracts.read(schema)
    findings = engine.find(lazy, columns, contract)
    report = of_findings(findings, contract, columns, warnings=contract.warnings)
    numbered = lazy.with_row_index(_ROW)
    is_rejected = pl.col(_ROW).is_in(report.rejected_rows().implode())
    return Verdict(report, numbered.filter(~is_rejected).drop(_ROW), numbered.filter(is_rejected).drop(_ROW))


def _judged_columns(schema: pl.Schema, carry: Sequence[str]) -> tuple[str, ...]:
    if missing := [name for name in carry if name not in schema]:
        raise KeyError(f"colonnes à transmettre absentes de la table : {', '.join(missing)}")
    columns = tuple(name for name in schema if name not in carry)
    if other := [name for name in columns if schema[name] != pl.String]:
        raise TypeError(f"la table doit être toute en texte ; colonnes d'un autre type : {', '.join(other)}")
    return columns
