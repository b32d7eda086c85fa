"""A Table Schema of ours: its fields, keys and presentation, with the types that each engine gives them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import polars as pl

from pipeline.schema.succession import Succession, read_succession

Kind = Literal["deliveries", "public", "reference"]
Diffusion = Literal["publique", "agregee", "interdite"]

MONEY = pl.Decimal(14, 2)
_POLARS: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "string": pl.String(),
        "integer": pl.Int64(),
        "year": pl.Int32(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
    }
)
_SQLITE = MappingProxyType(
    {"string": "TEXT", "integer": "INTEGER", "year": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "TEXT"}
)


class SchemaError(ValueError):
    """A schema that cannot be used; the message names it and says what to mend."""


@dataclass(frozen=True)
class Field:
    """One column of a table. `unit` is a currency or a unit in words; `diffusion` is `interdite` unless the schema says otherwise."""

    name: str
    type: str
    title: str
    description: str
    diffusion: Diffusion
    unit: str | None
    required: bool
    descriptor: Mapping[str, Any]

    @property
    def is_money(self) -> bool:
        return self.type == "number" and self.unit == "EUR"

    @property
    def dtype(self) -> pl.DataType:
        """Type of the column once validated. Money is DECIMAL: its sums do not depend on the order of the rows."""
        return MONEY if self.is_money else _POLARS[self.type]

    @property
    def sqlite_type(self) -> str:
        return _SQLITE[self.type]


@dataclass(frozen=True)
class TableSchema:
    """A table as `schema.json` describes it. `primary_key` and `succession` are empty where the schema gives none."""

    name: str
    title: str
    description: str
    version: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[Mapping[str, Any], ...]
    presentation: Mapping[str, Any]
    succession: Succession
    descriptor: Mapping[str, Any]

    @property
    def field_names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def stricter(self) -> str | None:
        """The delivery table whose forms this relaxed one aims at, when it is not of the programme (`formes`)."""
        model: str | None = self.descriptor.get("formes")
        return model

    def field(self, name: str) -> Field:
        """The field of that name. KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Column name → type once validated."""
        return {field.name: field.dtype for field in self.fields}

    @property
    def text_schema(self) -> dict[str, pl.DataType]:
        """Column name → String: the table as ingest and harmonise hand it on."""
        return {field.name: pl.String() for field in self.fields}


def schemas_dir() -> Path:
    """The folder `schemas/`: inside the installed package, or at the root of a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


@cache
def names(kind: Kind) -> tuple[str, ...]:
    """Names of the tables of a kind, sorted."""
    return tuple(sorted(path.parent.name for path in (schemas_dir() / kind).glob("*/schema.json")))


@cache
def load(kind: Kind, name: str) -> TableSchema:
    """The schema of a table. SchemaError when there is none of that name, with the names that exist."""
    path = schemas_dir() / kind / name / "schema.json"
    if not path.is_file():
        raise SchemaError(f"table « {name} » inconnue ; tables possibles : {', '.join(names(kind))}")
    return from_descriptor(json.loads(path.read_text(encoding="utf-8")))


def from_descriptor(descriptor: Mapping[str, Any]) -> TableSchema:
    """Read a Table Schema descriptor. SchemaError when a field has a type that we do not use, or `succession` names no field of it."""
    fields = tuple(_field(item) for item in descriptor["fields"])
    key = descriptor.get("primaryKey", ())
    try:
        succession = read_succession(descriptor.get("succession", {}), [field.name for field in fields])
    except KeyError as missing:
        raise SchemaError(f"table « {descriptor['name']} » : « succession » nomme « {missing.args[0]} », qui n'est pas un champ") from None
    return TableSchema(
        name=descriptor["name"],
        title=descriptor["title"],
        description=descriptor["description"],
        version=descriptor["version"],
        fields=fields,
        primary_key=(key,) if isinstance(key, str) else tuple(key),
        foreign_keys=tuple(descriptor.get("foreignKeys", ())),
        presentation=descriptor.get("presentation", {}),
        succession=succession,
        descriptor=descriptor,
    )


def _field(item: Mapping[str, Any]) -> Field:
    if item["type"] not in _POLARS:
        raise SchemaError(f"champ « {item['name']} » : type « {item['type']} » non pris en charge ; types possibles : {', '.join(_POLARS)}")
    return Field(
        name=item["name"],
        type=item["type"],
        title=item.get("title", item["name"]),
        description=item.get("description", ""),
        diffusion=item.get("diffusion", "interdite"),
        unit=item.get("unit"),
        required=bool(item.get("constraints", {}).get("required", False)),
        descriptor=item,
    )
