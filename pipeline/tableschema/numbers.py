"""Forms of numbers, integers and years."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from pipeline.tableschema.forms import (
    EXACT_DIGITS,
    INTEGER,
    NOT_OF_INTEGER,
    Form,
    Judge,
    float_of,
    is_not_number,
    is_number,
    number_key,
)

LARGEST = 10**18 - 1  # of 18 digits: what a narrow integer can be
_SIGNS = set("+-_")
# Letters, punctuation and currencies of the West: no digit but 0-9 in any version of Unicode's tables.
_PLAIN = r"^[\x00-\x{24F}\x{2000}-\x{20CF}]*$"


def of_number(field: Mapping[str, Any]) -> Form | None:
    """A decimal; with its `decimalChar`, `groupChar` and `bareNumber` when each is one ordinary sign."""
    decimal, group = field.get("decimalChar", "."), field.get("groupChar", "")
    if not _ordinary(decimal) or decimal.isspace() or (group and not _ordinary(group)):
        return None
    as_written = decimal == "." and not group

    def plain(text: pl.Expr) -> pl.Expr:
        bare = text if field.get("bareNumber", True) else _without_units(text)
        joined = bare.str.replace_all(group, "", literal=True) if group else bare
        if decimal == ".":
            return joined
        pointed = joined.str.contains(".", literal=True)  # a point is an error; a letter stands for it, since no number has it
        return pl.when(pointed).then(pl.lit("x")).otherwise(joined.str.replace_all(decimal, ".", literal=True))

    def bound(value: object) -> float | None:
        return _exact_float(value) if as_written or not isinstance(value, str) else None

    key = None if field.get("floatNumber") else number_key
    return _seen_through(plain, Form(is_number, is_not_number, float_of, bound, key), bool(field.get("bareNumber", True)))


def of_integer(field: Mapping[str, Any]) -> Form:
    """A whole number."""
    bare = bool(field.get("bareNumber", True))
    form = Form(
        narrow=lambda text: text.str.contains(INTEGER),
        wrong=lambda text: text.str.contains(NOT_OF_INTEGER),
        value=lambda text: text.cast(pl.Int64, strict=False),
        bound=whole,
        key=_integer_key,
    )
    return form if bare else _seen_through(_without_units, form, bare)


def of_year(_field: Mapping[str, Any]) -> Form:
    """Four characters that `int()` reads as 0 to 9999."""
    return Form(
        narrow=lambda text: text.str.contains(r"^[0-9]{4}$"),
        wrong=lambda text: (text.str.len_chars() != 4) | text.str.contains(NOT_OF_INTEGER),
        value=lambda text: text.cast(pl.Int64, strict=False),
        bound=whole,
        key=_integer_key,
    )


def whole(value: object) -> int | None:
    """A bound given as an integer, in JSON or in digits, brought within what a narrow integer is compared with."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return max(-LARGEST - 1, min(LARGEST + 1, value))


def _integer_key(text: pl.Expr) -> pl.Expr:
    short = text.str.replace(r"^(-?)0+([0-9])", "${1}${2}")
    return pl.when(text.str.contains(INTEGER)).then(pl.lit("n") + pl.when(short == "-0").then(pl.lit("0")).otherwise(short))


def _ordinary(sign: object) -> bool:
    return isinstance(sign, str) and len(sign) == 1 and not sign.isalnum() and sign not in _SIGNS


def _exact_float(value: object) -> float | None:
    """The bound as a Float64 that no other decimal of 15 digits is equal to."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    if not exact.is_finite() or len(exact.as_tuple().digits) > EXACT_DIGITS or abs(exact.adjusted()) > 300:
        return None
    return float(exact)


def _without_units(text: pl.Expr) -> pl.Expr:
    """What `bareNumber: false` leaves of a text in plain characters: neither end that is no digit, but a leading minus. Null of others."""
    bare = text.str.replace(r"^[^0-9-]+", "").str.replace(r"[^0-9]+$", "")
    return pl.when(text.str.contains(_PLAIN)).then(bare)


def _seen_through(plain: Callable[[pl.Expr], pl.Expr], form: Form, bare: bool) -> Form:
    """A form that judges a text by what `plain` makes of it; where that is null, columns know nothing."""

    def through(judge: Judge) -> Judge:
        return lambda text: judge(plain(text)).fill_null(False)

    key = form.key
    return Form(
        narrow=through(form.narrow),
        wrong=through(form.wrong),
        value=lambda text: form.value(plain(text)),
        bound=form.bound,
        key=None if key is None or not bare else lambda text: key(plain(text)),
    )
