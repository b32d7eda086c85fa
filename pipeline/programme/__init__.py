"""The rules of the programme as Python objects. A leaf: reads `schemas/programme.toml`, knows waves, quotas and amounts.

Belongs here: reading the rules, refusing a file that contradicts itself, finding a wave by its label. Does not: applying a rule
to a line or a table (`validate`, `model`), counts of laureates (the delivery `vagues`), a rule written in code.
"""

from pipeline.programme.programme import Programme
from pipeline.programme.reading import ProgrammeError, load, read
from pipeline.programme.rules import (
    AmountRule,
    Budget,
    Category,
    Ceiling,
    Divergence,
    Envelope,
    Launch,
    Objectives,
    Publication,
    Quota,
    Rule,
    Scheme,
    Source,
    Target,
    Wave,
)

__all__ = [
    "AmountRule",
    "Budget",
    "Category",
    "Ceiling",
    "Divergence",
    "Envelope",
    "Launch",
    "Objectives",
    "Programme",
    "ProgrammeError",
    "Publication",
    "Quota",
    "Rule",
    "Scheme",
    "Source",
    "Target",
    "Wave",
    "load",
    "read",
]
