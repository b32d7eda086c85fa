"""The schema's own checks over whole columns of texts: true, false, or null where the cell code of `checks` must decide.

Each is an optimisation of the function of the same rule in `checks`, never a second rule: a test compares the two.
"""

from collections.abc import Callable
from typing import Any

import polars as pl

from pipeline.tableschema.forms import DATE, EXACT_DIGITS, float_of, is_date, is_number

_LA_POSTE, _HEAD_OFFICE = "356000000", "35600000000048"
_BLOCK = 10_000


def _digits(number: int) -> list[int]:
    return [int(digit) for digit in f"{number:04}"]


def _luhn(number: int, first: int) -> int:
    """Luhn sum of four digits, every second one doubled from the one of rank `first`."""
    doubled = [digit * 2 if rank % 2 == first else digit for rank, digit in enumerate(_digits(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled)


# Four digits at a time: a look-up instead of a division for each digit.
_LUHN = pl.Series([_luhn(number, 0) for number in range(_BLOCK)], dtype=pl.Int16)
_SUMS = pl.Series([sum(_digits(number)) for number in range(_BLOCK)], dtype=pl.Int16)


def siret(text: pl.Expr) -> pl.Expr:
    """Fourteen ASCII digits get stdnum's verdict, a text with a letter is refused; null: something else, which it may accept."""
    value = text.cast(pl.Int64, strict=False)
    la_poste = text.str.starts_with(_LA_POSTE) & (text != _HEAD_OFFICE)
    luhn = _total(value, _LUHN, 4) % 10 == 0
    siren_holds = _total(value // 100_000, _LUHN, 3) % 10 == 0
    holds = pl.when(la_poste).then(_total(value, _SUMS, 4) % 5 == 0).otherwise(luhn) & siren_holds
    return pl.when(text.str.contains(r"^[0-9]{14}$")).then(holds).when(_has_letter(text)).then(False)


def siren(text: pl.Expr) -> pl.Expr:
    """As `siret`, with nine digits."""
    holds = _total(text.cast(pl.Int64, strict=False), _LUHN, 3) % 10 == 0
    return pl.when(text.str.contains(r"^[0-9]{9}$")).then(holds).when(_has_letter(text)).then(False)


def strict_siret(text: pl.Expr) -> pl.Expr:
    """Never null."""
    return text.str.contains(r"^[0-9]{14}$") & (text != "0" * 14) & siret(text).fill_null(False)


def not_rounded(text: pl.Expr) -> pl.Expr:
    """Never null."""
    return ~text.str.contains(r"^[0-9]{9}00000$")


def not_scientific(text: pl.Expr) -> pl.Expr:
    """Never null."""
    return ~text.str.contains(r"^[0-9]([.,][0-9]+)?[eE]\+?[0-9]{1,2}$")


def ordered_period(text: pl.Expr) -> pl.Expr:
    """Never null."""
    first, last = text.str.head(10), text.str.tail(10)
    interval = text.str.contains(rf"{DATE[:-1]}/{DATE[1:]}") & is_date(first) & is_date(last) & (first <= last)
    return interval | is_date(text)


def any_filled(*texts: pl.Expr) -> pl.Expr:
    """Never null."""
    return pl.any_horizontal(_filled(text) for text in texts)


def all_or_none(*texts: pl.Expr) -> pl.Expr:
    """Never null."""
    filled = [_filled(text) for text in texts]
    return pl.all_horizontal(filled) | ~pl.any_horizontal(filled)


def skipping(columnar: Callable[..., pl.Expr]) -> Callable[..., pl.Expr]:
    """True on a line where a cell is empty."""
    return lambda *texts: pl.when(pl.all_horizontal(_filled(text) for text in texts)).then(columnar(*texts)).otherwise(True)


def compared(compare: Callable[[Any, Any], Any]) -> Callable[[pl.Expr, pl.Expr], pl.Expr]:
    """Two plain numbers, or two ISO days, which are no numbers; null: anything else."""

    def columnar(left: pl.Expr, right: pl.Expr) -> pl.Expr:
        numbers = is_number(left) & is_number(right)
        days = is_date(left) & is_date(right)
        by_number = pl.when(numbers).then(compare(float_of(left), float_of(right)))
        return pl.when(numbers).then(by_number).when(days).then(compare(left, right))

    return columnar


def summed(total: pl.Expr, *parts: pl.Expr) -> pl.Expr:
    """Plain numbers, added exactly; null: anything else."""
    exact = pl.Decimal(38, EXACT_DIGITS)
    plain = pl.all_horizontal(is_number(text) for text in (total, *parts))
    added = pl.sum_horizontal(pl.when(plain).then(part).cast(exact, strict=False) for part in parts)
    return pl.when(plain).then(pl.when(plain).then(total).cast(exact, strict=False) == added)


def _total(value: pl.Expr, table: pl.Series, blocks: int) -> pl.Expr:
    """The sum of a look-up over the last `4 * blocks` digits."""
    parts = [pl.lit(table).gather((value // _BLOCK**block % _BLOCK).cast(pl.UInt32)) for block in range(blocks)]
    return pl.sum_horizontal(parts)


def _has_letter(text: pl.Expr) -> pl.Expr:
    return text.str.contains(r"[A-Za-z]")


def _filled(text: pl.Expr) -> pl.Expr:
    return text.is_not_null() & (text != "")
