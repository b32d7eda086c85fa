"""What each record is: data, header, preamble, blank, total or note. Every record has one role, so that their counts add up."""

import re
from collections.abc import Sequence

import polars as pl

from pipeline.ingest.header import Header
from pipeline.ingest.shape import Records
from pipeline.ingest.totals import TOTAL, has_shape_of_total, proven_totals
from pipeline.schema.records import cells

ROLES = ("donnees", "entete", "preambule", "vide", "total", "note")

_NARROW = 3
# How a footnote begins: the mark that called it, or the word that announces it. A name alone on the last line is no note.
_NOTE = re.compile(
    r"[(\[]\s*(?:\d{1,2}|[a-z]|\*{1,3})\s*[)\]]|\d{1,2}\)\s|[¹²³⁴⁵⁶⁷⁸⁹]|\*{1,3}\s"
    r"|(?:sources?|notes?|n\.?\s?b\.?|l[ée]gende|lecture|champ|remarques?|avertissement)\s*:",
    re.IGNORECASE,
)
_LAST_RECORDS = 50


def with_roles(records: Records, header: Header, again: Sequence[int] = ()) -> Records:
    """Add `role` to both frames.

    A record equal to one of the header, further down, is a header again (pages printed one after the other), as are those at the lines
    of `again`.
    """
    reguliers, irreguliers = records.reguliers, records.irreguliers
    names = cells(header.width)
    label = _first_filled_of(reguliers.select(names))
    straight = _roles(reguliers, label, _repeated(reguliers, names, header), header)
    lists = irreguliers["cellules"]
    repeated = lists.is_in(pl.Series([list(record) for record in header.records], dtype=lists.dtype).implode())
    crooked = _roles(irreguliers, first_filled(lists), repeated, header)
    for lines, told in ((again, "entete"), (_notes(records, header), "note")):
        straight, crooked = (_as(told, frame, role, lines) for frame, role in ((reguliers, straight), (irreguliers, crooked)))
    last = [frame.filter(role == "donnees")["ligne"].max() for frame, role in ((reguliers, straight), (irreguliers, crooked))]
    last_data = max((line for line in last if isinstance(line, int)), default=0)
    columns = reguliers.select("ligne", cellules=pl.concat_list(names)) if (straight == "total").any() else irreguliers.clear()
    straight = _without_false_totals(columns, straight, header.width, last_data)
    return Records(
        reguliers.with_columns(_as_total(straight, proven_totals(reguliers, straight, label, header.width))),
        irreguliers.with_columns(_without_false_totals(irreguliers, crooked, header.width, last_data)),
    )


def _roles(records: pl.DataFrame, label: pl.Series, repeated: pl.Series, header: Header) -> pl.Series:
    """The role of each record, named `role`; a total is only claimed. `label` is its first filled cell."""
    told = records.select("ligne", libelle=label, repete=repeated)
    role = (
        pl.when(pl.col("libelle").is_null())
        .then(pl.lit("vide"))
        .when(pl.col("ligne") < header.lines[0])
        .then(pl.lit("preambule"))
        .when(pl.col("ligne").is_in(header.lines) | pl.col("repete"))
        .then(pl.lit("entete"))
        .when(pl.col("libelle").str.contains(TOTAL))
        .then(pl.lit("total"))
        .otherwise(pl.lit("donnees"))
    )
    return told.select(role.alias("role")).to_series()


def _repeated(records: pl.DataFrame, names: list[str], header: Header) -> pl.Series:
    """Whether all the cells are those of a record of the header. One of its cells tells nearly all the others apart."""
    places: list[int] = []
    for record in header.records:
        if len(record) == len(names):
            telling = next((place for place, text in enumerate(record) if text.strip()), 0)
            alike = (records[names[telling]] == record[telling]).arg_true()
            same = pl.all_horizontal(pl.col(name) == text for name, text in zip(names, record, strict=True))
            places += alike.filter(records[alike].select(same).to_series()).to_list()
    return pl.repeat(False, records.height, dtype=pl.Boolean, eager=True).scatter(places, True).alias("repete")


def _first_filled_of(columns: pl.DataFrame) -> pl.Series:
    """`first_filled` of records in columns: the next column is read only for the records whose cells are blank so far."""
    first = columns.to_series(0).str.strip_chars()
    blank = (first == "").arg_true()
    for column in columns.iter_columns():
        if blank.is_empty():
            return first
        found = column.gather(blank).str.strip_chars()
        first = first.scatter(blank, found)
        blank = blank.filter(found == "")
    return first.scatter(blank, None)


def first_filled(cells: pl.Series) -> pl.Series:
    """First cell of each list that is not blank, stripped; null for a blank record."""
    stripped = pl.element().str.strip_chars()
    return cells.list.eval(stripped.filter(stripped != "")).list.first()


def _notes(records: Records, header: Header) -> list[int]:
    """Lines of the footnotes: at the bottom, below every record that fills two cells (a total apart), alone in their record and marked."""
    if sum(1 for label in header.labels if label) < _NARROW:
        return []
    last = [
        *records.reguliers.tail(_LAST_RECORDS).iter_rows(),
        *((line, *cells) for line, cells in records.irreguliers.tail(_LAST_RECORDS).rows()),
    ]
    notes = []
    for line, *texts in sorted(last, reverse=True)[:_LAST_RECORDS]:
        filled = [text for cell in texts if (text := cell.strip())]
        if line <= header.lines[-1] or (len(filled) > 1 and not re.match(TOTAL, filled[0])):
            break
        if len(filled) == 1 and _NOTE.match(filled[0]):
            notes.append(line)
    return notes


def _as(told: str, records: pl.DataFrame, role: pl.Series, lines: Sequence[int]) -> pl.Series:
    found = records.select(pl.col("ligne").is_in(list(lines))).to_series().arg_true() if lines else pl.Series([], dtype=pl.UInt32)
    return role.scatter(found, told)


def _as_total(role: pl.Series, places: Sequence[int]) -> pl.Series:
    return role.scatter(places, "total") if places else role


def _without_false_totals(records: pl.DataFrame, role: pl.Series, width: int, last_data: int) -> pl.Series:
    claimed = (role == "total").arg_true()
    if claimed.is_empty():
        return role
    found = records[claimed].select("ligne", "cellules").rows()
    false_totals = [
        index
        for index, (line, cells) in zip(claimed, found, strict=True)
        if not has_shape_of_total(cells, width, after_data=line > last_data)
    ]
    return role.scatter(false_totals, "donnees")
