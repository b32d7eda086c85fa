"""What columns know of a type: texts that surely are of it, texts that surely are not, and what both are worth.

A text in neither set is a suspect: frictionless's own field code judges it (`suspects`). Columns may suspect too much, never too little.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

Judge = Callable[[pl.Expr], pl.Expr]

# ASCII characters that may stand in a text that `int()` or `Decimal()` reads; any other ASCII one makes the text no number at all.
_SPACES = r"\t-\r\x1c-\x20"
NOT_OF_INTEGER = rf"[^{_SPACES}0-9+_\-\x80-\x{{10FFFF}}]|[0-9+_\-][{_SPACES}]+[^\s\x1c-\x1f]"
NOT_OF_NUMBER = rf"[^{_SPACES}0-9+_.\-eEiInNfFtTyYaAsS\x80-\x{{10FFFF}}]|[0-9+_.\-a-zA-Z][{_SPACES}]+[^\s\x1c-\x1f]"
INTEGER = r"^-?[0-9]{1,18}$"
NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
EXACT_DIGITS = 15  # a decimal of at most 15 digits is told from any other by its Float64
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# Every day of the calendar from year 1 on, and nothing else: one pass where a pattern, then a conversion, would be three.
_YEAR = r"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_LEAP = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_IN_ANY_YEAR = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
DAY = rf"(?:{_YEAR}-{_IN_ANY_YEAR}|{_LEAP}-02-29)"


@dataclass(frozen=True)
class Form:
    """`narrow` and `wrong`: Boolean of a text that is not null, true where surely of the type, surely not of it; never both.

    `value`: of a narrow text, comparable with what `bound` makes of a constraint (None: columns cannot tell). `key`: a text that two
    values share exactly when they are equal in Python, null where columns do not know; see `keys.canonical`, its other half.
    """

    narrow: Judge
    wrong: Judge
    value: Judge
    bound: Callable[[object], object]
    key: Judge | None = None


def nothing(_text: pl.Expr) -> pl.Expr:
    """No text at all."""
    return pl.lit(False)


def everything(_text: pl.Expr) -> pl.Expr:
    """Any text."""
    return pl.lit(True)


def unknown(_bound: object) -> None:
    """A constraint that columns do not judge."""
    return


def same_text(bound: object) -> object:
    """The constraint of a text. What is not one never equals a cell."""
    return bound if isinstance(bound, str) else None


def is_number(text: pl.Expr) -> pl.Expr:
    """A plain decimal of at most 15 characters."""
    return text.str.contains(NUMBER) & (text.str.len_bytes() <= EXACT_DIGITS)


def is_not_number(text: pl.Expr) -> pl.Expr:
    """Surely refused by `Decimal()`."""
    return text.str.contains(NOT_OF_NUMBER)


def float_of(text: pl.Expr) -> pl.Expr:
    """Of texts where `is_number`, exact enough to be compared."""
    return text.cast(pl.Float64, strict=False)


def number_key(text: pl.Expr) -> pl.Expr:
    """Of texts where `is_number`: `n` and the shortest writing of the value; null elsewhere."""
    short = text.str.replace(r"^(-?)0+([0-9])", "${1}${2}")
    decimals = pl.when(short.str.contains(".", literal=True)).then(short.str.strip_chars_end("0").str.strip_chars_end(".")).otherwise(short)
    return pl.when(is_number(text)).then(pl.lit("n") + pl.when(decimals == "-0").then(pl.lit("0")).otherwise(decimals))


def is_date(text: pl.Expr) -> pl.Expr:
    """AAAA-MM-JJ in ASCII digits, a day of the calendar, not in year 0."""
    return text.str.contains(f"^{DAY}$")


def iso_date(bound: object) -> date | None:
    """The bound of a date, when it is written AAAA-MM-JJ."""
    if not isinstance(bound, str) or re.fullmatch(DATE[1:-1], bound) is None:
        return None
    try:
        return date.fromisoformat(bound)
    except ValueError:
        return None
