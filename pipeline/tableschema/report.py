"""The report on one table: errors as a frame, as a Frictionless Report, as French text. It holds no cell and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.tableschema.contract import Contract

RANGES_SHOWN = 40
_CELL = ("type-error", "constraint-error", "unique-error", "extra-cell", "missing-cell", "cell-error")
_ROW = ("blank-row", "primary-key", "foreign-key", "row-constraint")
_LABEL = ("blank-label", "duplicate-label", "extra-label", "incorrect-label", "missing-label")
_HEADER = ("blank-header", "unmatched-header")


@dataclass(frozen=True)
class Report:
    """`errors`: row (u32, 0-based; null: the table itself), field, position (column, from 1), type, rule, message (French, no value).

    `type` is frictionless's; `rule` is the constraint's name, or the check's, or `type`, `unique`, `primaryKey`, `foreignKey`, or the
    type itself. `lines` counts the rows read. `warnings`: what the schema asks that one table cannot answer.
    """

    contract: Contract
    columns: tuple[str, ...]
    lines: int
    errors: pl.DataFrame
    warnings: tuple[str, ...]

    @property
    def valid(self) -> bool:
        return self.errors.is_empty()

    def rejected_rows(self) -> pl.Series:
        """Rows with at least one error, ascending."""
        return self.errors.get_column("row").drop_nulls().unique().sort()

    def to_descriptor(self) -> dict[str, Any]:
        """A Frictionless Report that `frictionless.Report.from_descriptor` reads: its keys, emptied of cells and labels.

        `rowNumber` counts records with the header as 1. A custom check is a `cell-error` or a `row-constraint`, for frictionless
        refuses a type it does not know: `rule` names it. No seconds: the same table gives the same report.
        """
        errors = [self._error(error) for error in self.errors.iter_rows(named=True)]
        counts = {"errors": len(errors), "warnings": len(self.warnings)}
        task = {
            "name": "table",
            "type": "table",
            "valid": self.valid,
            "place": "<memory>",
            "labels": [],
            "stats": {**counts, "fields": len(self.columns), "rows": self.lines},
            "warnings": list(self.warnings),
            "errors": errors,
        }
        return {"valid": self.valid, "stats": {"tasks": 1, **counts}, "warnings": [], "errors": [], "tasks": [task]}

    def to_text(self, line_numbers: pl.Series | None = None) -> str:
        """In French, errors of one kind together, most frequent first, with their lines.

        `line_numbers` gives each row's line in its file; without it a row is numbered as in a CSV whose header is line 1.
        """
        rejected = self.rejected_rows().len()
        lines = [
            f"Table « {self.contract.name} » : {_count(self.lines, 'ligne lue', 'lignes lues')}, "
            f"{_count(self.lines - rejected, 'acceptée')}, {_count(rejected, 'rejetée')}."
        ]
        lines += [f"Remarque : {warning}" for warning in self.warnings]
        for rule, message, rows in grouped(self.errors, "row"):
            numbers = [row + 2 for row in rows] if line_numbers is None else line_numbers.gather(rows).to_list()
            where = f"{_count(len(rows), 'ligne')} : {line_ranges(numbers)}" if rows else "toute la table"
            lines += ["", f"{message}.", f"    règle {rule} ; {where}"]
        return "\n".join(lines) + "\n"

    def _error(self, error: dict[str, Any]) -> dict[str, Any]:
        kind = error["type"]
        rule, told = error["rule"], error["message"]
        found: dict[str, Any] = {"type": kind, "title": rule, "description": "", "message": told, "note": told, "rule": rule}
        found["tags"] = ["#table", *(["#row"] if error["row"] is not None else [])]
        if kind in _CELL or kind in _ROW:
            found |= {"cells": [], "rowNumber": error["row"] + 2}
        if kind in _LABEL or kind in _HEADER:
            found |= {"labels": [], "rowNumbers": [1]}
        if kind in _CELL or kind in _LABEL:
            found |= {"cell" if kind in _CELL else "label": "", "fieldName": error["field"] or "", "fieldNumber": error["position"]}
        if kind == "foreign-key":
            found |= {"fieldNames": [], "fieldCells": [], "referenceName": "", "referenceFieldNames": []}
        return found


def grouped(errors: pl.DataFrame, line: str) -> list[tuple[str, str, list[int]]]:
    """(rule, message, lines where it is found) of a frame with `rule`, `message` and a column of line numbers, most frequent first."""
    groups = errors.group_by("rule", "message").agg(pl.col(line).drop_nulls().unique().sort())
    ordered = groups.sort(pl.col(line).list.len(), "rule", "message", descending=[True, False, False])
    return [(rule, message, lines) for rule, message, lines in ordered.select("rule", "message", line).iter_rows()]


def line_ranges(numbers: Sequence[int]) -> str:
    """Ascending line numbers in words: « 2 à 4, 7 »; past 40 ranges, how many lines are left."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    shown = ", ".join(f"{first}" if first == last else f"{first} à {last}" for first, last in ranges[:RANGES_SHOWN])
    left = sum(last - first + 1 for first, last in ranges[RANGES_SHOWN:])
    return f"{shown} et {_count(left, 'autre')}" if left else shown


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number < 2 else several or one + 's'}"
