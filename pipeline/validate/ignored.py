"""The columns of a delivery that no field takes, told to the person who named them: a typo must not lose a column in silence."""

import difflib
from collections.abc import Collection, Mapping

import polars as pl

from pipeline.presentation import counted
from pipeline.schema.labels import normalise_label, shown_label
from pipeline.schema.vocabulary import Vocabulary, vocabulary
from pipeline.tableschema import line_ranges

_IGNORED = "ignoree"
_CLOSE = 0.75


def ignored_columns(columns: pl.LazyFrame, deliveries: pl.LazyFrame) -> dict[str, list[str]]:
    """By delivery, a French phrase for each ignored column, then one for those without label.

    `columns` is what harmonise took each column for, `deliveries` ingest's table. Nothing of a delivery in which no column was
    recognised: its refusal says so, and its labels are perhaps data.
    """
    tables = dict(deliveries.select("livraison", "table").collect().iter_rows())
    told = {}
    for (delivery,), found in columns.collect().group_by("livraison", maintain_order=True):
        taken = frozenset(found["champ"].drop_nulls())
        ignored = found.filter(pl.col("regle") == _IGNORED).sort("position").select("position", "libelle").rows()
        if ignored and found.filter(pl.col("position").is_not_null())["champ"].count():
            told[str(delivery)] = phrases(ignored, taken, vocabulary(tables[delivery]))
    return told


def phrases(ignored: Collection[tuple[int, str]], taken: Collection[str], known: Vocabulary) -> list[str]:
    """Each (position, label) in words; `taken` are the fields that other columns give, of which no label is suggested."""
    written = _written({field: texts for field, texts in known.accepted.items() if field not in taken})
    named = [_phrase(position + 1, label, written) for position, label in ignored if normalise_label(label)]
    unnamed = [position + 1 for position, label in ignored if not normalise_label(label)]
    if unnamed:
        named.append(f"{counted(len(unnamed), 'colonne')} sans libellé (position {line_ranges(unnamed)})")
    return named


def _phrase(number: int, label: str, written: Mapping[str, str]) -> str:
    shown = shown_label(label)
    if shown is None:
        return f"colonne {number}"
    close = difflib.get_close_matches(normalise_label(label), sorted(written), n=1, cutoff=_CLOSE)
    return f"« {shown} »" + (f" : vouliez-vous dire « {written[close[0]]} » ?" if close else "")


def _written(accepted: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The labels as a person would write them, by their normal form: the title of a field rather than its name."""
    written: dict[str, str] = {}
    for name, *others in accepted.values():
        for text in (*others, name):
            written.setdefault(normalise_label(text), text)
    return written
