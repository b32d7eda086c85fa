"""What harmonising a table depends on: its schema, what its columns may be called, the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline import programme
from pipeline.harmonise.rules import WAVE, Rule, rules, spellings
from pipeline.schema import Field, TableSchema, load
from pipeline.schema.vocabulary import Vocabulary, vocabulary


@dataclass(frozen=True)
class Contract:
    """`forms` gives each field the form that the rules aim at: its own, and that of the stricter table that the schema names (`formes`)."""

    schema: TableSchema
    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    forms: Mapping[str, Field]

    @classmethod
    def of(cls, table: str) -> "Contract":
        """The contract of a delivery table. SchemaError when there is no such table."""
        schema, words = load("deliveries", table), vocabulary(table)
        waves = programme.load().labels() if WAVE in schema.field_names else {}
        return cls.under(schema, words, waves)

    @classmethod
    def under(cls, schema: TableSchema, words: Vocabulary, wave_labels: Mapping[str, str]) -> "Contract":
        """The contract of a schema and a vocabulary given by the caller."""
        forms = _forms(schema)
        formed = replace(schema, fields=tuple(forms.values()))
        return cls(schema, words, rules(wave_labels, spellings(formed, words.values)), forms)

    @cached_property
    def _formed(self) -> TableSchema:
        return replace(self.schema, fields=tuple(self.forms.values()))

    def rules_of(self, field: Field) -> tuple[Rule, ...]:
        """The rules that the schema calls for on a field, in order."""
        form, kept = self.forms[field.name], field.name in self.vocabulary.kept
        return tuple(rule for rule in self.rules if rule.concerns(form, self._formed) and not (rule.id == "espaces" and kept))


def _forms(schema: TableSchema) -> dict[str, Field]:
    """A relaxed table asks for little, but its cells have a canonical form: that of the field of that name in the strict table."""
    strict = {field.name: field for field in load("deliveries", schema.stricter).fields} if schema.stricter else {}
    return {field.name: _formed(field, strict[field.name]) if field.name in strict else field for field in schema.fields}


def _formed(field: Field, strict: Field) -> Field:
    constraints = strict.descriptor.get("constraints", {}) | field.descriptor.get("constraints", {})
    return replace(field, descriptor={**strict.descriptor, **field.descriptor, "constraints": constraints})
