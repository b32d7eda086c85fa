"""Where a schema's own check is broken: in columns where they can tell, else on each distinct group of cells, once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.tableschema.checks import Check
from pipeline.tableschema.compiler import Column
from pipeline.tableschema.contract import Contract

if TYPE_CHECKING:
    from pipeline.tableschema.suspects import Reader

_TEXTS = ("string", "any")
_PLAIN = (*_TEXTS, "number", "integer", "year", "date")


def broken(check: Check, columns: Sequence[Column], contract: Contract, cells: pl.DataFrame, reader: Callable[[], "Reader"]) -> pl.Series:
    """Rows where the check does not hold. `cells`: `row`, then `v0`, `v1`…, texts of the check's columns, null where there is no value."""
    texts = [f"v{index}" for index in range(len(columns))]
    columnar = check.columnar if _answerable(columns, contract) else None
    asked = cells.select(texts).unique(maintain_order=True) if len(columns) == 1 else cells  # identifiers come back often
    judged = asked.with_columns(holds=pl.lit(None, pl.Boolean) if columnar is None else columnar(*map(pl.col, texts)))
    told = _rows(cells, judged.filter(pl.col("holds").eq(False)), texts)
    unknown = judged.filter(pl.col("holds").is_null())
    if unknown.is_empty():
        return told
    distinct = unknown.select(texts).unique(maintain_order=True)
    read = [_reading(column, reader) for column in columns]
    answers = [check.holds(*(value(text) for value, text in zip(read, row, strict=True))) for row in distinct.iter_rows()]
    refused = distinct.filter(~pl.Series(answers, dtype=pl.Boolean))
    return pl.concat([told, _rows(cells if asked is not cells else unknown, refused, texts)]).sort()


def surely(check: Check, columns: Sequence[Column], contract: Contract) -> Callable[..., pl.Expr] | None:
    """The first question to ask of every line, of the texts of the check's columns; None when there is none."""
    return check.surely if _answerable(columns, contract) else None


def _rows(cells: pl.DataFrame, refused: pl.DataFrame, texts: list[str]) -> pl.Series:
    """Rows of what is refused: its own, or those that hold the same cells."""
    if refused.is_empty() or "row" in refused.columns:
        return refused["row"] if "row" in refused.columns else cells["row"].clear()
    return cells.join(refused, on=texts, how="semi", nulls_equal=True)["row"]


def _answerable(columns: Sequence[Column], contract: Contract) -> bool:
    """Whether the texts of these columns mean what they say: a check of one cell reads `str(value)`, which a number rewrites."""
    kinds = _TEXTS if len(columns) == 1 else _PLAIN
    return all(column.kind in kinds and _as_written(contract.fields.get(column.field, {})) for column in columns)


def _as_written(field: Mapping[str, Any]) -> bool:
    ordinary_day = field.get("type") != "date" or field.get("format", "default") in ("default", "any", "%Y-%m-%d")
    return "decimalChar" not in field and "groupChar" not in field and ordinary_day


def _reading(column: Column, reader: Callable[[], "Reader"]) -> Callable[[str | None], Any]:
    """The value behind a text: itself where the column holds texts, so that frictionless is not needed."""
    if column.kind in _TEXTS:
        return lambda text: text
    return lambda text: None if text is None else reader().value(column.field, text)
