"""What the columns of a table may be called: the names and titles of its schema, and the labels met in real files (`aliases.toml`)."""

import dataclasses
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.schema.labels import normalise_label
from pipeline.schema.table import SchemaError, TableSchema, load, schemas_dir

# What is left of « (en €) » and its likes behind the label of an amount. Thousands of euros are not among them.
_IN_EUROS = ("en", "eneuros", "eneur", "euros", "eur")
_NUMBERED = re.compile(r"^(.*)#([1-9][0-9]*)$", re.DOTALL)


@dataclass(frozen=True)
class Vocabulary:
    """Normalised label → field. `numbered` is for the labels that a family of files repeats on purpose: (label, occurrence) → field.

    `exclusive` is for the fields that a family spreads over several columns, of which a line fills one. `ignored` are labels known to feed
    no field. `accepted` gives, by field, the labels as a person would write them; `kept` the fields whose edge spaces are content;
    `values`, by field, other spellings of the values of a closed list.
    """

    names: Mapping[str, str]
    aliases: Mapping[str, str]
    numbered: Mapping[tuple[str, int], str]
    accepted: Mapping[str, tuple[str, ...]]
    kept: frozenset[str] = frozenset()
    exclusive: Mapping[str, str] = dataclasses.field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    values: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)

    @property
    def labels(self) -> frozenset[str]:
        return frozenset({*self.names, *self.aliases, *self.exclusive, *self.ignored, *(label for label, _ in self.numbered)})


@cache
def vocabulary(table: str) -> Vocabulary:
    """The vocabulary of a delivery table; no `aliases.toml` means names and titles only. SchemaError when that file contradicts itself."""
    path = schemas_dir() / "deliveries" / table / "aliases.toml"
    declared = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return read_vocabulary(load("deliveries", table), declared)


def labels(table: str) -> frozenset[str]:
    """Every normalised label that a header of the table may hold: what is needed to find the header in a file."""
    return vocabulary(table).labels


def read_vocabulary(schema: TableSchema, declared: Mapping[str, Any]) -> Vocabulary:
    """The schema's names, then the declared aliases, then the titles that only one field has, those of amounts with their unit as well.

    SchemaError on an alias with two meanings.
    """
    aliases: Mapping[str, str] = declared.get("alias", {})
    exclusive = {label: name for name, labels in declared.get("exclusifs", {}).items() for label in labels}
    kept = frozenset(declared.get("espaces", {}).get("conserver", ()))
    values: Mapping[str, Mapping[str, str]] = declared.get("valeurs", {})
    unknown = sorted({*aliases.values(), *exclusive.values(), *kept, *values} - {*schema.field_names})
    if unknown:
        raise SchemaError(f"aliases.toml de « {schema.name} » : champs absents du schéma : {', '.join(unknown)}")
    names = {normalise_label(name): name for name in schema.field_names}
    plain: dict[str, str] = {}
    numbered: dict[tuple[str, int], str] = {}
    for label, name in (*aliases.items(), *exclusive.items()):
        repeated = _NUMBERED.match(label)
        key = normalise_label(repeated[1] if repeated else label)
        occurrence = (key, int(repeated[2])) if repeated else None
        other = numbered.setdefault(occurrence, name) if occurrence else names.get(key) or plain.setdefault(key, name)
        if other != name:
            raise SchemaError(f"aliases.toml de « {schema.name} » : « {label} » est donné à « {other} » et à « {name} »")
    ignored = frozenset(normalise_label(label) for label in declared.get("ignores", {}).get("libelles", ()))
    if ignored & {*names, *plain}:
        raise SchemaError(f"aliases.toml de « {schema.name} » : libellés ignorés qui désignent un champ : {', '.join(sorted(ignored))}")
    spread = {key: plain.pop(key) for key in map(normalise_label, exclusive) if key in plain}
    titles = Counter(normalise_label(field.title) for field in schema.fields)
    for item in schema.fields:
        title = normalise_label(item.title)
        if titles[title] == 1 and title not in names:
            plain.setdefault(title, item.name)
    money = {item.name for item in schema.fields if item.is_money}
    for key, name in [pair for pair in (*names.items(), *plain.items()) if pair[1] in money]:
        for unit in _IN_EUROS:
            plain.setdefault(f"{key}{unit}", name)
    return Vocabulary(names, plain, numbered, _accepted(schema, {**aliases, **exclusive}), kept, spread, ignored, values)


def _accepted(schema: TableSchema, aliases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    written = {field.name: [field.name, field.title] for field in schema.fields}
    for label, field in aliases.items():
        repeated = _NUMBERED.match(label)
        written[field].append(repeated[1] if repeated else label)
    return {field: tuple(dict.fromkeys(texts)) for field, texts in written.items()}
