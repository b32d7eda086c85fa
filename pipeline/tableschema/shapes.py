"""Forms of points, lists and JSON: what columns can refuse at once, frictionless being needed to accept most of it."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.tableschema.forms import Form, everything, nothing, unknown

_POINT = r"^-?(1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{1,15})?, ?-?[0-8]?[0-9](\.[0-9]{1,15})?$"


def of_geopoint(field: Mapping[str, Any]) -> Form | None:
    """« longitude,latitude » within the globe, its edges left to frictionless."""
    if field.get("format", "default") != "default":
        return None
    return _shape(lambda text: text.str.contains(_POINT), lambda text: text.str.count_matches(",", literal=True) != 1)


def of_json(opening: str) -> Form:
    """JSON that must open with this character; what follows is left to frictionless."""
    return _shape(nothing, lambda text: ~text.str.contains(rf"^[ \t\n\r]*\{opening}"))


def of_array(_field: Mapping[str, Any]) -> Form:
    return of_json("[")


def of_object(_field: Mapping[str, Any]) -> Form:
    return of_json("{")


def of_list(field: Mapping[str, Any]) -> Form | None:
    """A list of texts takes any text; items of another type are left to frictionless."""
    return _shape(everything, nothing) if field.get("itemType", "string") == "string" and field.get("delimiter", ",") else None


def _shape(narrow: Any, wrong: Any) -> Form:
    def itself(text: pl.Expr) -> pl.Expr:
        return text

    return Form(narrow, wrong, itself, unknown)
