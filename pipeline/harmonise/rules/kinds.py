"""What a field is for, read in its schema: type, bounds, checks, and what its pattern accepts. No field is known by its name."""

import re
from collections.abc import Sequence
from functools import cache

from pipeline.schema import Field, TableSchema

# Any digits will do: a pattern tells forms, not check digits.
_SIRET, _SIREN, _RNA = "73282932000074", "732829320", "W123456789"
_DAY, _INTERVAL = "2017-01-31", "2017-01-31/2017-02-28"


def is_date(field: Field, _schema: TableSchema) -> bool:
    return field.type == "date"


def is_number(field: Field, _schema: TableSchema) -> bool:
    return field.type in ("number", "integer")


def is_whole(field: Field, _schema: TableSchema) -> bool:
    return field.type in ("integer", "year")


def is_share(field: Field, _schema: TableSchema) -> bool:
    """A number between 0 and 1: a share of something, which people also write in percent."""
    bounds = field.descriptor.get("constraints", {})
    return field.type == "number" and bounds.get("maximum") == 1 and bounds.get("minimum", 0) >= 0


def is_period(field: Field, _schema: TableSchema) -> bool:
    return takes(field, (_DAY, _INTERVAL), (_INTERVAL.replace("/", "_"),))


def is_siret(field: Field, schema: TableSchema) -> bool:
    """Fourteen digits, by a check or by the pattern (which may take the nine digits of a SIREN as well)."""
    return _checked(field, schema, "french-siret-value") or takes(field, (_SIRET,), (_SIRET[:-1], "A" * 14))


def is_siren(field: Field, schema: TableSchema) -> bool:
    return _checked(field, schema, "french-siren-value") or takes(field, (_SIREN,), (_SIREN[:-1], _SIRET, "A" * 9))


def is_rna(field: Field, _schema: TableSchema) -> bool:
    return takes(field, (_RNA,), (_RNA[:-1], _RNA.lower()))


def is_official_code(field: Field, _schema: TableSchema) -> bool:
    """A code of a département or of a commune: a spreadsheet takes its leading zero for nothing."""
    return is_department(field) or takes(field, ("01004", "2A004"), ("1004",))


def is_department(field: Field) -> bool:
    return takes(field, ("01", "2A"), ("1",))


def name_stands_in(field: Field, schema: TableSchema) -> bool:
    """Whether a line may do without this identifier, because the schema takes a free text (a name) in its place."""
    pairs = [check["params"] for check in schema.descriptor.get("custom_checks", ()) if check["name"] == "one-of-required"]
    others = {pair["column2"] if pair["column1"] == field.name else pair["column1"] for pair in pairs if field.name in pair.values()}
    free = {other.name for other in schema.fields if other.type == "string" and "pattern" not in other.descriptor.get("constraints", {})}
    return is_siret(field, schema) and bool(others & free)


def is_typed(field: Field, schema: TableSchema) -> bool:
    """Whether the field has a form of its own, so that words cannot be its content."""
    return field.type != "string" or any(kind(field, schema) for kind in (is_period, is_siret, is_siren, is_rna, is_official_code))


def _checked(field: Field, schema: TableSchema, check: str) -> bool:
    return any(item["name"] == check and item["params"].get("column") == field.name for item in schema.descriptor.get("custom_checks", ()))


def takes(field: Field, accepted: Sequence[str], refused: Sequence[str]) -> bool:
    pattern = field.descriptor.get("constraints", {}).get("pattern")
    return bool(pattern) and all(_fits(pattern, text) for text in accepted) and not any(_fits(pattern, text) for text in refused)


@cache
def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text) is not None
