"""How the deliveries of one table follow one another, as the root property `succession` of its schema says it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Succession:
    """`cle`: the columns that identify a line for a correction; empty where nothing does, and no line can then be corrected.

    `periode`: the columns that a declared period is compared with, the first filled one of a line counting; empty where no period holds.
    """

    cle: tuple[str, ...] = ()
    periode: tuple[str, ...] = ()


def read_succession(declared: Mapping[str, Any], fields: Collection[str]) -> Succession:
    """The property as an object; `periode` may be one column or several. KeyError, with its name, on a column that is no field."""
    found = Succession(_columns(declared.get("cle")), _columns(declared.get("periode")))
    for name in (*found.cle, *found.periode):
        if name not in fields:
            raise KeyError(name)
    return found


def _columns(value: str | Collection[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
