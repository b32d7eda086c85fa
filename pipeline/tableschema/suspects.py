"""Suspect cells, judged by frictionless's own field code: distinct texts in, their verdicts out.

The only module of the leaf that imports frictionless (0.3 s), and only when a schema or a cell needs it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from frictionless import Field, FrictionlessException, Schema

from pipeline.tableschema.compiler import TYPE, Column
from pipeline.tableschema.contract import Contract, SchemaInvalide

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_COMPLEMENT = re.compile(r'Please install "(frictionless\[\w+\])"')  # `wkt` needs one
_SIGNALING = re.compile(r"(?i)^[\s\x1c-\x1f]*[+-]?snan\d*[\s\x1c-\x1f]*$")


class Reader:
    """frictionless's readers of a schema's fields. SchemaInvalide when frictionless refuses the schema."""

    def __init__(self, contract: Contract) -> None:
        self._fields = {field.name: field for field in _schema(contract).fields}
        decimals = {
            name: field for name, field in contract.fields.items() if field.get("type") == "number" and not field.get("floatNumber")
        }
        self._quiet = {name: _quieted(field) for name, field in decimals.items()}
        self._cells: dict[str, Callable[[Any], Any]] = {}

    def verdicts(self, column: Column, texts: Iterable[str]) -> list[int]:
        """The bit field (`compiler`) of each text, none of which is a missing value."""
        bits = {"type": TYPE} | {rule: 2 << index for index, rule in enumerate(column.constraints)}
        return [sum(bits[note] for note in self._read(column.field, text)[1]) for text in texts]

    def value(self, field: str, text: str | None) -> Any:
        """The value of a cell; None where it is missing or not of the type. A column that is no field holds texts."""
        return text if text is None or field not in self._fields else self._read(field, text)[0]

    def _read(self, field: str, text: str) -> tuple[Any, Iterable[str]]:
        if field not in self._cells:
            self._cells[field] = self._fields[field].create_cell_reader()
        quiet = self._quiet.get(field)
        cell = quiet(text) if quiet else text
        try:
            value, notes = self._cells[field](cell)
        except Exception:
            return self._piecewise(field, cell)
        return value, notes or ()

    def _piecewise(self, field: str, cell: str) -> tuple[Any, Iterable[str]]:
        """One rule at a time, where frictionless ends the whole validation: a rule that raises is broken, for it does not hold."""
        descriptor = self._fields[field].to_descriptor()
        constraints = descriptor.pop("constraints", {})
        value, broken = None, []
        try:
            value = self._alone(field, descriptor, {})(cell)[0]
        except Exception:
            return None, ["type"]
        for rule, bound in constraints.items():
            if rule == "unique":
                continue
            try:
                holds = not self._alone(field, descriptor, {rule: bound})(cell)[1]
            except Exception:
                holds = False
            if not holds:
                broken.append(rule)
        return value, broken

    def _alone(self, field: str, descriptor: Mapping[str, Any], constraints: Mapping[str, Any]) -> Callable[[Any], Any]:
        own = Field.from_descriptor({**descriptor, "constraints": dict(constraints)})
        own.schema = self._fields[field].schema
        reader: Callable[[Any], Any] = own.create_cell_reader()
        return reader


def _quieted(field: Mapping[str, Any]) -> Callable[[str], str]:
    """In a number, a signaling NaN becomes a quiet one: comparing the first raises, and ends frictionless's validation."""
    group = field.get("groupChar")

    def quiet(text: str) -> str:
        bare = text.replace("_", "")
        bare = bare.replace(group, "") if group else bare
        return re.sub("[sS]", "", text, count=1) if _SIGNALING.match(bare) else text

    return quiet


def _schema(contract: Contract) -> Schema:
    try:
        schema = Schema.from_descriptor(dict(contract.descriptor))
        for field in schema.fields:
            read = field.create_value_reader()
            for name in _BOUNDS:
                if name in field.constraints and read(field.constraints[name]) is None:
                    raise SchemaInvalide(
                        f"schéma « {contract.name} » : champ « {field.name} », la borne « {name} » n'est pas du type « {field.type} »"
                    )
            field.create_cell_reader()
    except SchemaInvalide:
        raise
    except Exception as error:  # whatever a property of the wrong form makes frictionless raise
        raise _refused(contract, error) from error
    return schema


def _refused(contract: Contract, error: Exception) -> SchemaInvalide:
    """The schema's own fault: its reasons quote the schema, never a line of the table."""
    reasons = [str(error)]
    if isinstance(error, FrictionlessException):
        reasons = [item.note or item.message for item in (*error.reasons, error.error)] or reasons
    told = _COMPLEMENT.sub(
        r"un format demande « \1 », qui n'est pas installé : l'installer ou enlever ce format", " ; ".join(dict.fromkeys(reasons))
    )
    return SchemaInvalide(f"schéma « {contract.name} » inutilisable, à corriger avant de juger une table ({told})")
