"""Labels of a table beside the fields of its schema: who judges which column, and what is wrong with the header.

The rules of frictionless 5.21 (`table/header.py`, `table/label_matching.py`), which a differential test compares with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.tableschema.contract import Contract
from pipeline.tableschema.kinds import Kind

LABELS_SHOWN = 6
TOLERATES_EXTRA = ("subset", "partial")
TOLERATES_MISSING = ("superset", "partial")


@dataclass(frozen=True)
class Header:
    """`names`: under which name each column is judged, unique. Another than the schema's is of type `any`, as in frictionless.

    `stops`: no line can be judged, because labels that should name fields come twice.
    """

    names: tuple[str, ...]
    errors: tuple[Kind, ...]
    stops: bool = False


def read(labels: Sequence[str], contract: Contract) -> Header:
    """Compare labels, their spaces trimmed, with the fields. Without any label the fields judge by position and nothing is said."""
    trimmed = [label.strip() for label in labels]
    fields = tuple(contract.fields)
    match = str(contract.descriptor.get("fieldsMatch", "exact"))
    if not trimmed:
        return Header(fields, ())
    if match == "exact":
        judged: list[str | None] = [fields[index] if index < len(fields) else None for index in range(len(trimmed))]
        missing = list(fields[len(trimmed) :])
    else:
        if len(set(trimmed)) < len(trimmed):
            return Header((), (Kind("error", "duplicate-label"),), stops=True)
        judged = [label if label in contract.fields else None for label in trimmed]
        missing = [name for name in fields if name not in trimmed]
    errors = [*_names(judged, match, missing, contract), *(_places(trimmed, fields) if match == "exact" else ())]
    return Header(_unique([name or label for name, label in zip(judged, trimmed, strict=True)]), tuple(errors))


def hint(labels: Sequence[str], contract: Contract) -> tuple[str, ...]:
    """What to do about a header that is hardly the schema's, when columns are judged by their place: errors of cells then say little."""
    trimmed, fields = [label.strip() for label in labels], list(contract.fields)
    asked = min(len(trimmed), len(fields))
    in_place = sum(label == field for label, field in zip(trimmed, fields, strict=False))
    if contract.descriptor.get("fieldsMatch", "exact") != "exact" or 2 * in_place >= asked:
        return ()
    judged = "chaque colonne a été jugée par le champ de même rang, et les erreurs de cellules qui suivent peuvent n'avoir pas de sens"
    known = len(set(trimmed) & set(fields))
    if 2 * known >= asked:
        return (f"Les colonnes ne sont pas dans l'ordre du schéma : {judged}. Les remettre dans cet ordre, puis vérifier de nouveau.",)
    shown = ", ".join(fields[:LABELS_SHOWN]) + ("…" if len(fields) > LABELS_SHOWN else "")
    return (
        f"L'en-tête n'est pas celui du schéma (colonnes de même nom : {known} sur {len(fields)}) : {judged}. "
        f"Renommer les colonnes comme le schéma ({shown}), ou vérifier que c'est le bon schéma.",
    )


def _names(judged: Sequence[str | None], match: str, missing: Sequence[str], contract: Contract) -> Iterator[Kind]:
    if match not in TOLERATES_EXTRA:
        yield from (Kind("extra-label", "extra-label", None, number) for number, name in enumerate(judged, start=1) if name is None)
    if match == "partial" and not any(judged):
        yield Kind("unmatched-header", "unmatched-header")
    if match in TOLERATES_MISSING:
        missing = [name for name in missing if name in contract.primary_key or _required(contract, name)]
    yield from (Kind("missing-label", "missing-label", name, len(judged) + rank) for rank, name in enumerate(missing, start=1))


def _places(labels: Sequence[str], fields: Sequence[str]) -> Iterator[Kind]:
    for number, (label, field) in enumerate(zip(labels, fields, strict=False), start=1):
        if not label:
            yield Kind("blank-label", "blank-label", field, number)
        elif label in labels[: number - 1]:
            yield Kind("duplicate-label", "duplicate-label", field, number)
        elif label != field:
            yield Kind("incorrect-label", "incorrect-label", field, number)


def _required(contract: Contract, name: str) -> bool:
    return bool(contract.fields[name].get("constraints", {}).get("required", False))


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """The first of two equal names keeps it; the next are numbered from 2."""
    used: list[str] = []
    for name in names:
        free, suffix = name, 2
        while free in used:
            free, suffix = f"{name}{suffix}", suffix + 1
        used.append(free)
    return tuple(used)
