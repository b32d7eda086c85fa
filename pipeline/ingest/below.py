"""Headers further down than the first: exports put one after the other. Below one whose columns differ, no cell is where it seems."""

from collections.abc import Iterator, Sequence

import polars as pl

from pipeline.ingest.header import ENOUGH_LABELS, Header, Labels, is_value, key_of, resemblance
from pipeline.ingest.shape import Records
from pipeline.schema.records import cells

# One label may be the text of a cell, two hardly, three not.
_SURE_LABELS, _MANY_LABELS = 3, 5
_SAMPLE = 1_000
# So many records are read one by one; a table has that many of them without a digit in several columns only by design.
_MOST_CANDIDATES = 10_000
_DIGIT = "[0-9]"


def headers_below(records: Records, header: Header, labels: Labels) -> tuple[list[int], list[int]]:
    """Lines of the records below the header that are headers too: those of the same columns, and those of others.

    Such a record has three known labels (two, under a header of few), and no cell that is a number, a code or a date.
    """
    needed = ENOUGH_LABELS if resemblance(header.labels, labels) < _MANY_LABELS else _SURE_LABELS
    known = [_keys(header.labels), *map(_keys, header.records)]
    same: list[int] = []
    other: list[int] = []
    for line, texts in (*_wordy(records.reguliers, header.width), *_wordy_lists(records.irreguliers)):
        if line > header.lines[-1] and resemblance(texts, labels) >= needed and not any(is_value(text) for text in texts):
            (same if _keys(texts) in known else other).append(line)
    return sorted(same), sorted(other)


def below_another(records: Records, other: Sequence[int]) -> list[int]:
    """Lines of the data below a header of other columns, down to the next header. Both frames have a `role`."""
    if not other:
        return []
    both = pl.concat([frame.select("ligne", "role") for frame in (records.reguliers, records.irreguliers)]).sort("ligne")
    above = pl.when(pl.col("role") == "entete").then("ligne").forward_fill()
    return both.filter(pl.col("role") == "donnees", above.is_in(list(other)))["ligne"].to_list()


def _keys(texts: Sequence[str]) -> list[str]:
    keys = [key_of(text) for text in texts]
    while keys and not keys[-1]:
        keys.pop()
    return keys


def _wordy(reguliers: pl.DataFrame, width: int) -> Iterator[tuple[int, list[str]]]:
    """The records that may be headers: the columns with most digits in them tell nearly all the others apart."""
    names = cells(width)
    with_digits = reguliers.head(_SAMPLE).select(pl.col(names).str.contains(_DIGIT).sum()).row(0) if width else ()
    places: pl.Series | None = None
    for _count, name in sorted(zip(with_digits, names, strict=True), reverse=True):
        if places is None:
            places = (~reguliers[name].str.contains(_DIGIT)).arg_true()
        elif len(places) > _MOST_CANDIDATES:
            places = places.filter(~reguliers[name].gather(places).str.contains(_DIGIT))
    if places is not None and len(places):
        yield from ((line, texts) for line, *texts in reguliers[places.head(_MOST_CANDIDATES)].select("ligne", *names).iter_rows())


def _wordy_lists(irreguliers: pl.DataFrame) -> Iterator[tuple[int, list[str]]]:
    wordy = irreguliers.filter(pl.col("cellules").list.len() > 1, ~pl.col("cellules").list.join("").str.contains(_DIGIT))
    yield from wordy.head(_MOST_CANDIDATES).select("ligne", "cellules").iter_rows()
