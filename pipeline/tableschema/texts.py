"""Forms of strings and booleans."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline.tableschema.forms import Form, Judge, everything, nothing, same_text

TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")
_EMAIL = r"^[A-Za-z0-9]{1,20}([._-][A-Za-z0-9]{1,20}){0,2}@([a-z0-9]{1,30}\.){1,3}[a-z]{2,10}$"
_URI = r"^https?://[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]{1,4})?(/[A-Za-z0-9._~-]*)*$"
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_BASE64 = r"^([A-Za-z0-9+/]{4})*$"


def of_string(field: Mapping[str, Any]) -> Form | None:
    """A string of any format but `wkt`, which is left to frictionless."""
    return _STRINGS.get(field.get("format", "default"))


def of_any(_field: Mapping[str, Any]) -> Form:
    """A cell of no type: its text."""
    return _STRINGS["default"]


def of_boolean(field: Mapping[str, Any]) -> Form:
    """A boolean is one of the exact texts that the field lists: nothing is suspect. A text listed twice is false."""
    values = dict.fromkeys(field.get("trueValues", TRUE), True) | dict.fromkeys(field.get("falseValues", FALSE), False)
    known, true = list(values), [text for text, value in values.items() if value]

    def bound(value: object) -> object:
        return value if isinstance(value, bool) else values.get(value) if isinstance(value, str) else None

    return Form(
        narrow=lambda text: text.is_in(known),
        wrong=lambda text: ~text.is_in(known),
        value=lambda text: text.is_in(true),
        bound=bound,
        key=lambda text: pl.when(text.is_in(true)).then(pl.lit("n1")).when(text.is_in(known)).then(pl.lit("n0")),
    )


def _string(narrow: Judge, wrong: Judge) -> Form:
    return Form(narrow, wrong, lambda text: text, same_text, lambda text: pl.lit("s") + text)


_STRINGS: Mapping[str, Form] = MappingProxyType(
    {
        "default": _string(everything, nothing),
        "email": _string(
            lambda text: text.str.contains(_EMAIL),
            lambda text: text.str.count_matches("@", literal=True) != 1,
        ),
        "uri": _string(lambda text: text.str.contains(_URI), lambda text: ~text.str.contains(":", literal=True)),
        "uuid": _string(lambda text: text.str.contains(_UUID), lambda text: text.str.len_chars() < 32),
        "binary": _string(lambda text: text.str.contains(_BASE64), lambda text: text.str.len_bytes() != text.str.len_chars()),
    }
)
