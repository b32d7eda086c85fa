"""From a field of a schema to Polars expressions: three verdicts a cell, and the way each rule took.

A verdict is a bit field (u16): bit 0, not of the type; bit k, the k-th constraint is broken; 0, valid; null, suspect. `fine` is the
cheap question asked of every cell; `verdict` is asked of the others only.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import polars as pl

from pipeline.tableschema import dates, numbers, patterns, shapes, texts
from pipeline.tableschema.forms import Form, Judge, everything, nothing

TYPE = 1


class Test(NamedTuple):
    """A constraint on a text of the type. `fails`: broken, null where unknown; `holds`: a cheaper question, true where surely kept."""

    fails: Judge
    holds: Judge


_FORMS: Mapping[str, Callable[[Mapping[str, Any]], Form | None]] = {
    "string": texts.of_string,
    "any": texts.of_any,
    "boolean": texts.of_boolean,
    "number": numbers.of_number,
    "integer": numbers.of_integer,
    "year": numbers.of_year,
    "date": dates.of_date,
    "time": dates.of_time,
    "datetime": dates.of_datetime,
    "yearmonth": dates.of_yearmonth,
    "duration": dates.of_duration,
    "geopoint": shapes.of_geopoint,
    "geojson": shapes.of_object,
    "object": shapes.of_object,
    "array": shapes.of_array,
    "list": shapes.of_list,
}
_FEW = 3
_RULES = (
    *("required", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("pattern", "enum"),
)
_BOUNDS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "minimum": lambda value, bound: value < bound,
    "maximum": lambda value, bound: value > bound,
    "exclusiveMinimum": lambda value, bound: value <= bound,
    "exclusiveMaximum": lambda value, bound: value >= bound,
}


@dataclass(frozen=True)
class Column:
    """How one column is judged. `constraints[k]` is the name behind bit k + 1; `steps` tells, by rule, who judges it.

    `form` is None when columns know nothing of the type, `fine` when no cell can be accepted at once; `verdict` is asked of texts that
    are not surely of another type (`form.wrong`). The expressions take a text that may
    be missing, or null (an absent cell), which `fine` alone knows nothing of.
    """

    field: str
    kind: str
    missing: tuple[str, ...]
    constraints: tuple[str, ...]
    required: bool
    form: Form | None
    fine: Judge | None
    verdict: Judge | None
    steps: tuple[tuple[str, bool], ...]

    @property
    def always_fine(self) -> bool:
        """No cell can be wrong: the column need not be read."""
        return self.form is not None and self.form.narrow is everything and not self.constraints

    @property
    def required_bit(self) -> int:
        """The verdict on a cell that holds no value."""
        return 2 << self.constraints.index("required") if self.required else 0

    def blank(self, text: pl.Expr) -> pl.Expr:
        """True of a cell that holds no value: absent, or one of the missing values."""
        if len(self.missing) > _FEW:
            return text.is_null() | text.is_in(list(self.missing))
        return pl.any_horizontal(text.is_null(), *(text == missing for missing in self.missing))  # equality is quicker than a set

    def key(self, text: pl.Expr) -> pl.Expr:
        """The key of a cell's value (`keys`), null where columns do not know it."""
        return pl.lit(None, pl.String) if self.form is None or self.form.key is None else self.form.key(text)


def column(field: Mapping[str, Any] | None, name: str, missing: Sequence[Any]) -> Column:
    """Compile a field; None is a column that the schema does not know, of type `any`. `missing` is the schema's own list."""
    if field is None:  # frictionless makes up such a field, which does not see the schema's missing values
        field, missing = {"type": "any"}, [""]
    kind = str(field.get("type", "string"))
    values = tuple(item["value"] if isinstance(item, Mapping) else str(item) for item in field.get("missingValues", missing))
    constraints = _constraints(field, kind)
    form = _FORMS[kind](field) if kind in _FORMS else None
    tests = {rule: _test(rule, value, kind, form, field) for rule, value in constraints.items() if rule != "required"}
    steps = (("type", form is not None), *((rule, rule == "required" or tests[rule] is not None) for rule in constraints))
    built = Column(name, kind, values, tuple(constraints), bool(constraints.get("required")), form, None, None, steps)
    if form is None:
        return built
    bits = [(2 << index, tests[rule]) for index, rule in enumerate(constraints) if rule != "required"]
    return replace(built, fine=_fine(built, form, bits), verdict=_verdict(form, bits))


def _constraints(field: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Constraints that frictionless reads in a cell, and those of an array's items, which it reports under the same names."""
    own = field.get("constraints", {})
    items = field.get("arrayItem", {}).get("constraints", {}) if kind == "array" else {}
    return {rule: own.get(rule, items.get(rule)) for rule in _RULES if own.get(rule) is not None or items.get(rule) is not None}


def _test(rule: str, value: Any, kind: str, form: Form | None, field: Mapping[str, Any]) -> Test | None:
    """None when columns never know."""
    if form is None or kind == "array":
        return None
    if rule in ("minLength", "maxLength"):
        return _length(rule, value, kind, field)
    if rule == "pattern":
        try:
            return Test(patterns.fails(value), patterns.holds(value))
        except (patterns.Untranslatable, re.error, RecursionError, OverflowError):
            return None
    if rule == "enum":
        return _enum(value, kind, form)
    bound = form.bound(value)
    return _unless(None if bound is None else lambda text: _BOUNDS[rule](form.value(text), pl.lit(bound)))


def _unless(fails: Judge | None) -> Test | None:
    return None if fails is None else Test(fails, lambda text: ~fails(text))


def _enum(values: Any, kind: str, form: Form) -> Test | None:
    """Entries that columns cannot hold still equal some cells, except for a text or a boolean: there they equal none."""
    entries = [form.bound(value) for value in values] if isinstance(values, list) else [None]
    known = [entry for entry in entries if entry is not None]
    if len(known) < len(entries) and kind not in ("string", "any", "boolean"):
        return None
    return _unless(lambda text: ~form.value(text).is_in(known)) if known else Test(lambda text: text.is_not_null(), nothing)


def _length(rule: str, limit: Any, kind: str, field: Mapping[str, Any]) -> Test | None:
    if kind == "string":
        measure: Judge = _characters
    elif kind == "list":
        delimiter = field.get("delimiter", ",")
        measure = partial(_items, delimiter=delimiter)
    else:
        return None
    if rule == "minLength":
        return _unless(lambda text: measure(text) < limit)
    # A text has at least as many bytes as characters or items, and a column knows the first without reading it.
    return Test(lambda text: measure(text) > limit, lambda text: text.str.len_bytes().cast(pl.Int64) + int(kind == "list") <= limit)


def _characters(text: pl.Expr) -> pl.Expr:
    return text.str.len_chars().cast(pl.Int64)


def _items(text: pl.Expr, delimiter: str) -> pl.Expr:
    return text.str.count_matches(delimiter, literal=True).cast(pl.Int64) + 1


def _fine(built: Column, form: Form, tests: Sequence[tuple[int, Test | None]]) -> Judge | None:
    known = [test for _, test in tests if test is not None]
    if len(known) < len(tests):
        return None

    any_text = form.narrow is everything

    def good(text: pl.Expr) -> list[pl.Expr]:
        """What a text must be, all together."""
        return [*([] if any_text else [form.narrow(text)]), *(test.holds(text) for test in known)]

    alike = _looks_like_a_value(built.missing, good)

    def fine(text: pl.Expr) -> pl.Expr:
        right = pl.all_horizontal(pl.lit(True), *good(text))
        if built.required:
            return pl.all_horizontal(right, *(text != value for value in built.missing if value in alike))
        return pl.any_horizontal(right, *(text == value for value in built.missing if value not in alike))

    return fine


def _looks_like_a_value(missing: Sequence[str], good: Callable[[pl.Expr], Sequence[pl.Expr]]) -> set[str]:
    """The missing values that would be right: it is asked of them once, so as not to be asked of every cell."""
    text = pl.col("text")
    if not good(text):
        return set(missing)
    asked = pl.DataFrame({"text": pl.Series(missing, dtype=pl.String)}).with_columns(alike=pl.all_horizontal(*good(text)))
    return set(asked.filter("alike")["text"])


def _verdict(form: Form, tests: Sequence[tuple[int, Test | None]]) -> Judge:
    def verdict(text: pl.Expr) -> pl.Expr:
        broken = [pl.lit(0, pl.UInt16)]
        for bit, test in tests:
            broken.append(pl.lit(None, pl.UInt16) if test is None else test.fails(text).cast(pl.UInt16) * pl.lit(bit, pl.UInt16))
        bits = pl.sum_horizontal(broken, ignore_nulls=False).cast(pl.UInt16)
        return pl.when(form.narrow(text)).then(bits)

    return verdict
