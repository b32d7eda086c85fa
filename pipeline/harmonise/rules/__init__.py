"""The repairs: a small ordered set, each for one known habit that has a single canonical form.

A rule is a pure expression over one column of text: it gives the repaired text, or the text as it is where it has nothing to say.
Where two readings are possible it says nothing, and the line is rejected later with a reason: no rule guesses.
What a rule concerns is read in the schema (type, bounds, pattern, checks); only `vague` is known by its name.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.harmonise.rules.dates import date_rules
from pipeline.harmonise.rules.identifiers import identifier_rules
from pipeline.harmonise.rules.numbers import number_rules
from pipeline.harmonise.rules.rule import EDGES, Rule
from pipeline.harmonise.rules.text import text_rules
from pipeline.harmonise.rules.words import WAVE, Spellings, spellings, word_rules

__all__ = ["EDGES", "WAVE", "Rule", "Spellings", "rules", "spellings"]


def rules(wave_labels: Mapping[str, str], spellings: Spellings = MappingProxyType({})) -> tuple[Rule, ...]:
    """Every rule, in the order in which they apply.

    `wave_labels` gives the slug of each label of a wave (`programme.toml`), `spellings` what the closed lists may be written like.
    """
    return (*text_rules(), *date_rules(), *number_rules(), *identifier_rules(), *word_rules(spellings, wave_labels))
