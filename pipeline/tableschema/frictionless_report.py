"""A Frictionless Report in JSON, written as it is made: a million errors cost no more memory than a thousand.

The keys of frictionless 5, emptied of cells and labels: it needs them to read a report back. `rowNumber` counts records with the header
as 1; `line` is the physical line where the record begins, `id` names the error in a link, `rule` the rule. A custom check is a
`cell-error` or a `row-constraint`, for frictionless refuses a type it does not know. No seconds: the same table, the same report.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from pipeline.tableschema.kinds import Kind
from pipeline.tableschema.report import Report

CHUNK = 20_000
_CELL = ("type-error", "constraint-error", "unique-error", "extra-cell", "missing-cell", "cell-error")
_ROW = ("blank-row", "primary-key", "foreign-key", "row-constraint")
_LABEL = ("blank-label", "duplicate-label", "extra-label", "incorrect-label", "missing-label")
_HEADER = ("blank-header", "unmatched-header")


def report_json(reports: Sequence[Report], max_errors: int | None = None) -> Iterator[str]:
    """The pieces of one report on several tables. `max_errors` limits what is listed of each table, never what is counted."""
    errors, warnings = sum(report.found.height for report in reports), sum(len(report.warnings) for report in reports)
    stats = {"tasks": len(reports), "errors": errors, "warnings": warnings}
    yield f'{{"valid": {_json(not errors)}, "stats": {_json(stats)}, "warnings": [], "errors": [], "tasks": ['
    for index, report in enumerate(reports):
        yield "\n" if index == 0 else ",\n"
        yield from _task(report, max_errors)
    yield "\n]}\n"


def _task(report: Report, max_errors: int | None) -> Iterator[str]:
    counts = {"errors": report.found.height, "warnings": len(report.warnings), "fields": len(report.columns), "rows": report.lines}
    head = {
        "name": report.name,
        "type": "table",
        "valid": report.valid,
        "place": report.place,
        "labels": [],
        "stats": counts,
        "warnings": list(report.warnings),
    }
    yield _json(head)[:-1] + ', "errors": ['
    listed = report.found if max_errors is None else report.found.head(max_errors)
    templates = pl.Series([_template(report, index) for index in range(len(report.kinds))], dtype=pl.String)
    ids = pl.Series([report.kind_id(index) for index in range(len(report.kinds))], dtype=pl.String)
    for begin in range(0, listed.height, CHUNK):
        part = listed.slice(begin, CHUNK).with_columns(line=pl.lit(report.numbers(listed["row"].slice(begin, CHUNK).fill_null(0))))
        yield ("\n" if begin == 0 else ",\n") + part.select(_errors(ids, templates).str.join(",\n")).item()
    yield "\n]}" if listed.height else "]}"


def _errors(ids: pl.Series, templates: pl.Series) -> pl.Expr:
    """One JSON object an error. A part that does not apply is null, hence empty."""
    row, place, kind = pl.col("row"), pl.col("place"), pl.col("kind")
    number = (row + 2).cast(pl.String)
    parts = [
        *(pl.lit('{"id": "'), pl.lit(ids).gather(kind), pl.lit("-") + number, pl.lit("-") + place.cast(pl.String), pl.lit('", ')),
        pl.lit('"rowNumber": ') + number + pl.lit(', "line": ') + pl.col("line").cast(pl.String) + pl.lit(", "),
        pl.lit('"fieldNumber": ') + place.cast(pl.String) + pl.lit(", "),
        pl.lit(templates).gather(kind),
    ]
    return pl.concat_str(parts, ignore_nulls=True)


def _template(report: Report, index: int) -> str:
    """What all errors of a kind share, without the brace that opens it."""
    kind, told = report.kinds[index], report.messages[index]
    found: dict[str, Any] = {"type": kind.type, "title": kind.rule, "description": "", "message": told, "note": told, "rule": kind.rule}
    found["tags"] = ["#table", *(["#row"] if kind.type in _CELL or kind.type in _ROW else [])]
    return _json(found | _emptied(kind))[1:]


def _emptied(kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if kind.type in _CELL or kind.type in _ROW:
        found |= {"cells": []}
    if kind.type in _LABEL or kind.type in _HEADER:
        found |= {"labels": [], "rowNumbers": [1]}
    if kind.type in _CELL or kind.type in _LABEL:
        found |= {"cell" if kind.type in _CELL else "label": "", "fieldName": kind.field or ""}
    if kind.position is not None:
        found |= {"fieldNumber": kind.position}
    if kind.type == "foreign-key":
        found |= {"fieldNames": [], "fieldCells": [], "referenceName": "", "referenceFieldNames": []}
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
