"""A schema told sound without frictionless is one that frictionless accepts: it may doubt too much, never too little."""

import copy
from typing import Any

import polars as pl
import pytest
from frictionless import Field, FrictionlessException, Schema
from frictionless import fields as frictionless_fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.schema import load, names
from pipeline.tableschema import contract, validate
from pipeline.tableschema.contract import SchemaInvalide
from pipeline.tableschema.soundness import surely_sound
from tests.tableschema.tables import fields

JUNK: list[Any] = [
    None,
    "",
    "x",
    1,
    -1,
    1.5,
    float("nan"),
    True,
    [],
    ["a"],
    [1],
    {},
    "2024-01-05",
    "(",
    "é",
    "X Y",
    {"a": 1},
    [None],
    10**30,
]
PLACES = [
    *(
        "name",
        "title",
        "description",
        "type",
        "format",
        "example",
        "missingValues",
        "trueValues",
        "falseValues",
        "decimalChar",
        "bareNumber",
    ),
    *("rdfType", "required", "constraints", "unit", "inconnu", "arrayItem"),
]
RULES = ["required", "unique", "minLength", "maxLength", "minimum", "maximum", "pattern", "enum", "exclusiveMinimum", "inconnue"]
ROOT = ["name", "title", "missingValues", "primaryKey", "fieldsMatch", "$schema", "profile", "type", "homepage", "version", "foreignKeys"]


def properties(*classes: type) -> list[str]:
    """Names of the properties that frictionless knows of."""
    words = {name.lstrip("_").split("_") and tuple(name.lstrip("_").split("_")) for one in classes for name in dir(one) if name.islower()}
    return sorted({first + "".join(part.capitalize() for part in rest) for first, *rest in words if first})


KNOWN = properties(Schema)
KNOWN_OF_FIELD = properties(Field, *(getattr(frictionless_fields, name) for name in dir(frictionless_fields) if name.endswith("Field")))


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    schema: dict[str, Any] = {"name": "essai", "fields": [draw(fields("un")), draw(fields("deux"))]}
    for _ in range(draw(st.integers(0, 2))):
        value = copy.deepcopy(draw(st.sampled_from(JUNK)))
        place = draw(st.integers(0, 2))
        field = schema["fields"][0]
        if place == 0:
            schema[draw(st.sampled_from(ROOT) | st.sampled_from(KNOWN))] = value
        elif place == 1:
            field[draw(st.sampled_from(PLACES) | st.sampled_from(KNOWN_OF_FIELD))] = value
        elif isinstance(field.get("constraints", {}), dict):
            field["constraints"] = {**field.get("constraints", {}), draw(st.sampled_from(RULES)): value}
    return schema


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_frictionless_accepts_what_is_surely_sound(schema: dict[str, Any]) -> None:
    try:
        read = contract.read(schema)
    except SchemaInvalide:
        return
    if not surely_sound(read):
        return
    try:
        for field in Schema.from_descriptor(dict(read.descriptor)).fields:
            field.create_cell_reader()
    except FrictionlessException as refused:
        raise AssertionError(read.descriptor) from refused


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_any_schema_judges_or_is_refused_in_french(schema: dict[str, Any]) -> None:
    table = pl.DataFrame({"un": ["1", "", "é"], "deux": ["2024-01-05", "x", ""]})
    try:
        validate(table, schema)
    except SchemaInvalide as refused:
        assert "schéma" in str(refused)


@pytest.mark.parametrize("kind", ["deliveries", "public"])
def test_the_schemas_of_this_project_need_no_frictionless(kind: str) -> None:
    for name in names(kind):
        descriptor = {key: value for key, value in load(kind, name).descriptor.items() if key != "foreignKeys"}
        assert surely_sound(contract.read(descriptor)), name
