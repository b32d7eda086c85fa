"""Forms of dates, times and durations. A date given by a pattern is known when its parts are fixed and set apart."""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.tableschema.forms import DAY, Form, is_date, iso_date, nothing, unknown

_PARTS = {"%Y": r"(?<y>[0-9]{4})", "%m": r"(?<m>[0-9]{2})", "%d": r"(?<d>[0-9]{2})"}
_APART = "/.-"
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_DATETIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?$"
_SHORT_PARTS = r"[0-9]{4}-(?:[0-9]-[0-9 ][0-9]?|[0-9]{2}-(?:[0-9 ]| [0-9]))"  # which `strptime` may read
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
_DURATION = r"^P[0-9]{1,4}[YMWD]$"


def of_date(field: Mapping[str, Any]) -> Form | None:
    """A day. With `any` only ISO days of usual years are known: the rest depends on dateutil, and on today."""
    written = field.get("format", "default")
    if written == "any":
        return Form(lambda text: is_date(text) & text.str.contains("^[12]"), nothing, _day, iso_date, _day_key)
    if written in ("default", "%Y-%m-%d"):
        return Form(is_date, _is_no_date, _day, iso_date, _day_key)
    return _patterned(written)


def of_time(field: Mapping[str, Any]) -> Form | None:
    """HH:MM:SS; without bounds, for a time with an offset compares otherwise."""
    if field.get("format", "default") != "default":
        return None
    return Form(lambda text: text.str.contains(_TIME), lambda text: text.str.len_chars() < 8, lambda text: text, unknown)


def of_datetime(field: Mapping[str, Any]) -> Form | None:
    """AAAA-MM-JJTHH:MM:SS, with or without Z; without bounds, for the same reason."""
    if field.get("format", "default") != "default":
        return None

    def narrow(text: pl.Expr) -> pl.Expr:
        return text.str.contains(_DATETIME) & is_date(text.str.head(10))

    return Form(narrow, lambda text: text.str.len_chars() < 19, lambda text: text, unknown)


def of_yearmonth(_field: Mapping[str, Any]) -> Form:
    """AAAA-MM, whose order is that of its text."""

    def bound(value: object) -> str | None:
        return value if isinstance(value, str) and re.fullmatch(_MONTH[1:-1], value) else None

    def wrong(text: pl.Expr) -> pl.Expr:
        return text.str.count_matches("-", literal=True) != 1

    return Form(lambda text: text.str.contains(_MONTH), wrong, lambda text: text, bound)


def of_duration(_field: Mapping[str, Any]) -> Form:
    """One count of years, months, weeks or days; other durations are read by isodate."""
    return Form(lambda text: text.str.contains(_DURATION), lambda text: ~text.str.contains("^[+-]?P"), lambda text: text, unknown)


def _day(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False)


def _day_key(text: pl.Expr) -> pl.Expr:
    return pl.when(is_date(text)).then(pl.lit("d") + text)


def _is_no_date(text: pl.Expr) -> pl.Expr:
    """Plain ASCII that `strptime` cannot read: another shape, or the usual one without a real day."""
    return (text.str.len_bytes() == text.str.len_chars()) & ~text.str.contains(rf"^(?:{DAY}|{_SHORT_PARTS})$")


def _patterned(written: object) -> Form | None:
    """Year, month and day once each, each in all its digits, with one of `/.-` between them."""
    if not isinstance(written, str) or not re.fullmatch(rf"%[Ymd][{_APART}]%[Ymd][{_APART}]%[Ymd]", written):
        return None
    parts = written[0:2], written[3:5], written[6:8]
    if set(parts) != set(_PARTS):
        return None
    shape = "^" + re.escape(written[2]).join([_PARTS[parts[0]], ""]) + _PARTS[parts[1]] + re.escape(written[5]) + _PARTS[parts[2]] + "$"

    def iso(text: pl.Expr) -> pl.Expr:
        return text.str.replace(shape, "${y}-${m}-${d}")

    def narrow(text: pl.Expr) -> pl.Expr:
        return text.str.contains(shape) & is_date(iso(text))

    def wrong(text: pl.Expr) -> pl.Expr:
        shaped = text.str.contains(shape)
        return text.str.contains(r"[^0-9 /.\-\x80-\x{10FFFF}]") | (shaped & ~is_date(iso(text)))

    def key(text: pl.Expr) -> pl.Expr:
        return pl.when(narrow(text)).then(pl.lit("d") + iso(text))

    return Form(narrow, wrong, lambda text: _day(iso(text)), unknown, key)
