"""The schema's own checks over whole columns of texts: true, false, or null where the cell code of `checks` must decide.

Each is an optimisation of the function of the same rule in `checks`, never a second rule: a test compares the two.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import polars as pl

from pipeline.tableschema.forms import DATE, EXACT_DIGITS, float_of, is_date, is_number

_LA_POSTE, _HEAD_OFFICE = 356_000_000, 35_600_000_000_048
_NIC = 100_000  # a SIRET is a SIREN of nine digits, then five
_BOTH = 32  # beyond the first of two sums held in one number
_IN_DOUBT = 1 << 11  # beyond both


class _Sums(NamedTuple):
    """By number of five digits: Luhn's sum of the SIREN, without tens, and _BOTH times that of the SIRET, for each part; the plain sum.

    `sure` is `first`, and _IN_DOUBT where it may be a sign or the beginning of La Poste's SIREN.
    """

    sure: pl.Expr
    first: pl.Expr
    middle: pl.Expr
    last: pl.Expr
    plain: pl.Expr


@cache
def _sums() -> _Sums:
    """A look-up for five digits, instead of a division for each."""
    digit, twice = range(10), (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    single, doubled, plain = _sum(digit, twice) % 10, _sum(twice, digit) % 10, _sum(digit, digit)
    first = doubled + _BOTH * single
    number = pl.int_range(_NIC, eager=True)
    doubt = (number < _NIC // 100) | (number == _LA_POSTE // _NIC)
    sure = first.zip_with(~doubt, pl.Series([_IN_DOUBT], dtype=first.dtype))
    return _Sums(*map(pl.lit, (sure, first, single + _BOTH * doubled, _BOTH * single, plain)))


def _sum(last: Sequence[int], before: Sequence[int]) -> pl.Series:
    """The sum of five digits, by what each is worth as the last one and every other before it, and what the others are worth."""
    three = pl.Series([a + b + c for a in last for b in before for c in last], dtype=pl.UInt16)
    two = pl.Series([a + b for a in last for b in before], dtype=pl.UInt16)
    return (two.repeat_by(three.len()).explode() + pl.concat([three] * two.len())).rechunk()


def surely_siret(text: pl.Expr) -> pl.Expr:
    """True of 14 ASCII digits that pass both of Luhn's sums, unless they begin like La Poste's or by zero: `siret` judges the others."""
    value, number = _parts(text)
    told = [total < _IN_DOUBT and total % _BOTH % 10 == 0 and total // _BOTH % 10 == 0 for total in range(_IN_DOUBT + _BOTH**2)]
    return (text.str.len_bytes() == 14) & pl.lit(pl.Series(told)).gather(_luhn(value, number, _sums().sure))


def siret(text: pl.Expr) -> pl.Expr:
    """Fourteen ASCII digits get stdnum's verdict, a text with a letter is refused; null: something else, which it may accept."""
    value, number = _parts(text)
    sums = _sums()
    luhn = _luhn(value, number, sums.first)
    plain = sums.plain.gather(number // _NIC) + sums.plain.gather(number % _NIC) + sums.plain.gather(value % _NIC)
    la_poste = (number == _LA_POSTE) & (value != _HEAD_OFFICE)
    holds = pl.when(la_poste).then(plain % 5 == 0).otherwise(luhn // _BOTH % 10 == 0) & (luhn % _BOTH % 10 == 0)
    return pl.when(text.str.contains(r"^[0-9]{14}$")).then(holds).when(_has_letter(text)).then(False)


def siren(text: pl.Expr) -> pl.Expr:
    """As `siret`, with nine digits."""
    number = text.cast(pl.UInt32, strict=False)
    luhn = _sums().first.gather(number // _NIC) + _sums().middle.gather(number % _NIC)
    return pl.when(text.str.contains(r"^[0-9]{9}$")).then(luhn % _BOTH % 10 == 0).when(_has_letter(text)).then(False)


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


def _parts(text: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """A text of digits as a number, and the number before its last five; null of another, or of a longer one than a SIRET by far."""
    value = text.cast(pl.UInt64, strict=False)
    return value, (value // _NIC).cast(pl.UInt32, strict=False)


def _luhn(value: pl.Expr, number: pl.Expr, first: pl.Expr) -> pl.Expr:
    """Luhn's sums, but for some tens: of a SIREN, and _BOTH times that of its SIRET."""
    sums = _sums()
    return first.gather(number // _NIC) + sums.middle.gather(number % _NIC) + sums.last.gather(value % _NIC)


def _has_letter(text: pl.Expr) -> pl.Expr:
    return text.str.contains(r"[A-Za-z]")


def _filled(text: pl.Expr) -> pl.Expr:
    return text.is_not_null() & (text != "")
