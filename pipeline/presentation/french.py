"""Figures, money and dates as French writes them, whatever the locale of the machine.

Spaces are those of the Unicode CLDR for French: narrow no-break (U+202F) between thousands, no-break (U+00A0) before € and %.
A value that is not known is « non disponible », never zero.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

ABSENT = "non disponible"
_BEFORE_UNIT = "\u00a0"
_SEPARATORS = MappingProxyType({ord(","): "\u202f", ord("."): ","})
_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre")


def number(value: int | float | Decimal | None, decimals: int | None = None) -> str:
    """« 1 234,5 ». `decimals` rounds, halves away from zero; without it the value keeps its own digits.

    ValueError for what is no number (infinity, NaN).
    """
    if value is None:
        return ABSENT
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        raise ValueError(f"{exact} n'est pas un nombre que l'on puisse écrire")
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return format(exact if exact else abs(exact), ",f").translate(_SEPARATORS)


def money(amount: int | Decimal | None, decimals: int = 2) -> str:
    """« 1 234,50 € », an amount in euros."""
    return ABSENT if amount is None else f"{number(amount, decimals)}{_BEFORE_UNIT}€"


def percentage(ratio: float | Decimal | None, decimals: int = 1) -> str:
    """« 25,6 % » for the ratio 0.256."""
    if ratio is None:
        return ABSENT
    hundredths = Decimal(repr(ratio)) if isinstance(ratio, float) else Decimal(ratio)
    return f"{number(hundredths.scaleb(2), decimals)}{_BEFORE_UNIT}%"


def counted(count: int | None, singular: str, plural: str | None = None) -> str:
    """« 0 ligne », « 1 234 lignes »: in French, the plural begins at two. `plural` is the singular with an s unless given."""
    if count is None:
        return ABSENT
    return f"{number(count)} {singular if abs(count) < 2 else plural or singular + 's'}"


def day(value: date | None) -> str:
    """« 1er janvier 2020 », « 28 octobre 2024 »."""
    if value is None:
        return ABSENT
    return f"{value.day}{'er' if value.day == 1 else ''} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date | None) -> str:
    """« 28/10/2024 »."""
    return ABSENT if value is None else f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
