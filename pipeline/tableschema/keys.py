"""Equality of values across a column or several: uniqueness, primary keys, keys that refer to the table itself.

A key is a text that two cells share exactly when frictionless would find their values equal in Python (`1`, `1.0` and `True` are).
Memory: one key a row and a keyed column, 16 bytes and its text when that is longer than 12; then one set of them at the end.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import polars as pl

NEVER = "!"  # the key of a NaN, which equals nothing, itself included
_POSITIONAL = 40


class Interned:
    """Numbers for values of any type, by Python's own equality."""

    def __init__(self) -> None:
        self._known: dict[object, int] = {}

    def number(self, value: object) -> int:
        return self._known.setdefault(value, len(self._known))


def canonical(value: object, interned: Interned) -> str | None:
    """The key of a value; None of no value. TypeError of a value that has no hash (a list, an object)."""
    if value is None:
        return None
    if isinstance(value, str):
        return f"s{value}"
    if isinstance(value, bool | int | float | Decimal):
        return _number(Decimal(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"d{value.isoformat()}"
    return f"x{interned.number(value)}"


def _number(value: Decimal) -> str:
    """`n` and the shortest writing of a number, the same for `1`, `1.00` and `1e0`."""
    if value.is_nan():
        return NEVER
    if value.is_infinite():
        return "n-inf" if value < 0 else "ninf"
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    if not short:
        return "n0"
    power = int(exponent) + len(text) - len(short)
    minus = "-" if sign else ""
    if power >= 0:
        return f"n{minus}{short}{'0' * power}" if power + len(short) <= _POSITIONAL else f"n{minus}{short}e{power}"
    if -power > _POSITIONAL:
        return f"n{minus}{short}e{power}"
    padded = short.rjust(1 - power, "0")
    return f"n{minus}{padded[:power]}.{padded[power:]}"


def repeated(key: pl.Series) -> pl.Series:
    """True at each row whose value, not null, is that of an earlier row."""
    frame = pl.DataFrame({"key": key})
    held = pl.col("key").is_not_null() & (pl.col("key") != NEVER)
    return frame.select((held & ~pl.col("key").is_first_distinct()).fill_null(False)).to_series()


def repeated_or_empty(columns: Sequence[pl.Series]) -> pl.Series:
    """True at each row whose values are all null, or together those of an earlier row."""
    frame = _numbered(columns)
    empty = pl.all_horizontal(pl.all().is_null())
    never = pl.any_horizontal((pl.all() == NEVER).fill_null(False))
    return frame.select(empty | (~never & ~pl.struct(pl.all()).is_first_distinct())).to_series()


def without_target(columns: Sequence[pl.Series], targets: Sequence[pl.Series]) -> pl.Series:
    """True at each row whose values, not all null, are those of no row of `targets`."""
    frame, known = _numbered(columns), _numbered(targets)
    never = pl.any_horizontal((pl.all() == NEVER).fill_null(False))
    held = known.filter(~pl.all_horizontal(pl.all().is_null()) & ~never).unique()
    found = frame.join(held.with_columns(held=True), on=frame.columns, how="left", nulls_equal=True, maintain_order="left")
    empty = pl.all_horizontal(pl.col(frame.columns).is_null())
    return found.select(
        ~empty & (pl.col("held").is_null() | pl.any_horizontal((pl.col(frame.columns) == NEVER).fill_null(False)))
    ).to_series()


def _numbered(columns: Sequence[pl.Series]) -> pl.DataFrame:
    return pl.DataFrame([column.alias(f"k{index}") for index, column in enumerate(columns)])
