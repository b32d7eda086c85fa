"""A Table Schema descriptor, read once: what the engine, the checks and the messages need of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class SchemaInvalide(ValueError):
    """A schema that no table can be judged by; the message (French) names it and says what to mend."""


@dataclass(frozen=True)
class Contract:
    """`descriptor` is a private copy, without the foreign keys that need another table: `warnings` names those."""

    name: str
    descriptor: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[Mapping[str, Any], ...]
    custom_checks: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]

    def title(self, field: str) -> str:
        """The field as a message names it: « Title » (name)."""
        title = str(self.fields.get(field, {}).get("title") or field)
        return f"« {field} »" if title == field else f"« {title} » ({field})"


def read(descriptor: Mapping[str, Any]) -> Contract:
    """Read a descriptor. SchemaInvalide when it has no list of named fields; the engine checks the rest."""
    own = json.loads(json.dumps(descriptor, default=_plain))
    name = str(own.get("name") or "table")
    fields = _fields(name, own.get("fields"))
    kept, warnings = _references(name, own.get("foreignKeys") or [])
    own.pop("foreignKeys", None)
    if kept:
        own["foreignKeys"] = kept
    key = own.get("primaryKey")
    return Contract(
        name=name,
        descriptor=own,
        fields=fields,
        primary_key=(key,) if isinstance(key, str) else tuple(key) if isinstance(key, list) else (),
        foreign_keys=tuple(key for key in kept if isinstance(key, dict) and isinstance(key.get("reference"), dict)),
        custom_checks=tuple(_custom_checks(name, own.pop("custom_checks", None) or ())),
        warnings=tuple(warnings),
    )


def _references(name: str, keys: object) -> tuple[list[Any], list[str]]:
    """The keys that one table can answer, and a sentence for each other. What is no key at all is left for the engine to refuse."""
    kept: list[Any] = []
    warnings = []
    for key in keys if isinstance(keys, list) else [keys]:
        reference = key.get("reference") if isinstance(key, dict) else None
        target = reference.get("resource") if isinstance(reference, dict) else None
        if isinstance(target, str) and target not in ("", name):
            warnings.append(f"Clé étrangère vers « {target} » non jugée : elle demande une autre table.")
        else:
            own = isinstance(key, dict) and isinstance(reference, dict)
            kept.append({**key, "reference": {**reference, "resource": ""}} if own else key)  # type: ignore[dict-item]
    return kept, warnings


def _fields(name: str, fields: object) -> dict[str, Mapping[str, Any]]:
    if not isinstance(fields, list) or not fields:
        raise SchemaInvalide(f"schéma « {name} » : la liste « fields » manque ou est vide ; y décrire les colonnes attendues")
    named: dict[str, Mapping[str, Any]] = {}
    for number, field in enumerate(fields, start=1):
        if not isinstance(field, dict) or not isinstance(field.get("name"), str) or not field["name"]:
            raise SchemaInvalide(f"schéma « {name} » : le champ n° {number} n'a pas de nom ; lui donner une propriété « name »")
        if field["name"] in named:
            raise SchemaInvalide(f"schéma « {name} » : le champ « {field['name']} » est décrit deux fois ; n'en garder qu'une description")
        named[field["name"]] = field
    return named


def _custom_checks(name: str, checks: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(checks, Sequence) or not all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in checks):
        raise SchemaInvalide(f'schéma « {name} » : « custom_checks » doit être une liste de {{"name": …, "params": …}}')
    return checks


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise SchemaInvalide("le schéma contient autre chose que du JSON")
