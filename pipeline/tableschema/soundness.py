"""Schemas that frictionless surely accepts, told without importing it. A schema in doubt is given to it (`suspects.Reader`)."""

import math
import re
from collections.abc import Mapping
from typing import Any

from pipeline.tableschema import forms
from pipeline.tableschema.contract import Contract
from pipeline.tableschema.texts import FALSE, TRUE

_V1 = (None, "https://specs.frictionlessdata.io/schemas/table-schema.json", "https://frictionlessdata.io/schemas/table-schema.json")
# Properties that frictionless reads and that nothing here looks at. Those it does not know, it keeps as they are.
_UNREAD = frozenset({"type", "profile", "foreignKeys", "descriptor", "schemaProfile", "datapackageVersion", "metadataInitiated"})
_UNREAD_OF_FIELD = frozenset({"required", "schema", "arrayItem", "floatNumber", "delimiter", "itemType", "builtin", "supportedConstraints"})
_LENGTHS, _BOUNDS = {"minLength", "maxLength"}, {"minimum", "maximum"}
_CONSTRAINTS = {
    "string": {"required", "unique", "pattern", "enum"} | _LENGTHS,
    "any": {"required", "unique", "enum"},
    "boolean": {"required", "unique"},
    **dict.fromkeys(("number", "integer", "date", "year"), {"required", "unique"} | _BOUNDS),
}
_STRINGS = ("default", "email", "uri", "uuid", "binary")
_MATCHES = ("exact", "equal", "subset", "superset", "partial")


def surely_sound(contract: Contract) -> bool:
    """True when frictionless has nothing to say against the schema. False: ask it."""
    descriptor = contract.descriptor
    return (
        descriptor.get("$schema") in _V1
        and _UNREAD.isdisjoint(descriptor)
        and _texts(descriptor, "title", "description")
        and re.fullmatch(r"[-a-z0-9._/]+", descriptor.get("name", "x") if isinstance(descriptor.get("name", "x"), str) else "") is not None
        and descriptor.get("fieldsMatch", "exact") in _MATCHES
        and _list_of_texts(descriptor.get("missingValues", []))
        and isinstance(descriptor.get("primaryKey", []), str | list)
        and descriptor.get("primaryKey") != ""
        and all(isinstance(name, str) and name in contract.fields for name in contract.primary_key)
        and all(_field(field) for field in contract.fields.values())
    )


def _field(field: Mapping[str, Any]) -> bool:
    kind, constraints = field.get("type", "string"), field.get("constraints", {})
    if not isinstance(kind, str) or kind not in _CONSTRAINTS or not _UNREAD_OF_FIELD.isdisjoint(field) or not isinstance(constraints, dict):
        return False
    if not set(constraints) <= _CONSTRAINTS[kind] or not all(_constraint(kind, field, rule, value) for rule, value in constraints.items()):
        return False
    return (
        _texts(field, "title", "description", "format", "rdfType", "decimalChar", "groupChar")
        and all(_list_of_texts(field.get(name, [])) for name in ("missingValues", "trueValues", "falseValues"))
        and isinstance(field.get("bareNumber", True), bool)
        and (kind != "string" or field.get("format", "default") in _STRINGS)
        and _example(kind, field)
    )


def _constraint(kind: str, field: Mapping[str, Any], rule: str, value: Any) -> bool:
    if rule in _BOUNDS:
        return _bound(kind, field, value)
    if rule in _LENGTHS:
        return type(value) is int
    if rule == "pattern":
        return isinstance(value, str) and _compiles(value)
    return _list_of_texts(value) if rule == "enum" else isinstance(value, bool)


def _bound(kind: str, field: Mapping[str, Any], value: Any) -> bool:
    if kind == "number":
        return type(value) in (int, float) and math.isfinite(value)
    if kind == "date":
        return field.get("format", "default") == "default" and forms.iso_date(value) is not None
    return type(value) is int and (kind != "year" or 0 <= value <= 9999)


def _example(kind: str, field: Mapping[str, Any]) -> bool:
    """An example is read with its type and format only, and a boolean's own values."""
    example = field.get("example")
    if not example:
        return example in (None, "")
    if kind == "boolean":
        return example in (*field.get("trueValues", TRUE), *field.get("falseValues", FALSE))
    if kind == "number" and type(example) in (int, float):
        return True
    if not isinstance(example, str) or field.get("format", "default") != "default":
        return False
    if kind == "date":
        return forms.iso_date(example) is not None
    shapes = {"year": r"[0-9]{4}", "number": forms.NUMBER[1:-1], "integer": forms.INTEGER[1:-1]}
    return kind in ("string", "any") or re.fullmatch(shapes[kind], example) is not None


def _texts(mapping: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(mapping.get(name, ""), str) for name in names)


def _list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(f"^{pattern}$")
    except (re.error, RecursionError, OverflowError):
        return False
    return True
