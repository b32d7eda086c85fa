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
    """The property as an object; `periode_a_defaut` counts where `periode` is empty. KeyError, with its name, on what is no field."""
    periods = (declared.get("periode"), declared.get("periode_a_defaut"))
    found = Succession(tuple(declared.get("cle", ())), tuple(name for name in periods if name is not None))
    for name in (*found.cle, *found.periode):
        if name not in fields:
            raise KeyError(name)
    return found
