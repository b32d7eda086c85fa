"""The header: the record most like the schema, wherever titles put it; two or three records when its labels are spread over them."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.schema.labels import normalise_label

# Every normalised label that a column of the table may bear: names, titles and aliases.
Labels = Collection[str]
# First physical line of a record, and its cells.
Record = tuple[int, Sequence[str]]

SEARCHED_RECORDS = 200
ENOUGH_LABELS = 2
DEEPEST = 3
_SHOWN = 12
# Cells are compared several times: with every sheet, every separator, every header on several lines.
_key = lru_cache(maxsize=1 << 14)(normalise_label)
# What a label never is: an amount, a code, a date. A record that has one is no part of a header on several lines.
_VALUE = re.compile(r"[\d\s.,:/€%+-]*\d[\d\s.,:/€%+-]*")


@dataclass(frozen=True)
class Sought:
    """What header is sought: the `labels` it may have, the `expected` columns to name when there is none, its line where it is given."""

    labels: Labels
    expected: Sequence[str]
    row: int | None = None


@dataclass(frozen=True)
class Header:
    """`lines`: first physical line of each of its records. `labels`: one a column, stripped. `records`: their cells, as read."""

    lines: tuple[int, ...]
    labels: tuple[str, ...]
    records: tuple[Sequence[str], ...]

    @property
    def width(self) -> int:
        return len(self.labels)


def key_of(cell: str) -> str:
    """A cell as labels are compared."""
    return _key(cell)


def is_value(cell: str) -> bool:
    """Whether a cell is what a label never is: an amount, a code, a date."""
    return _VALUE.fullmatch(cell.strip()) is not None


def resemblance(cells: Iterable[str], labels: Labels) -> int:
    """Number of distinct known labels among the cells."""
    return len({key for cell in cells if (key := _key(cell)) in labels})


def best(records: Sequence[Record], labels: Labels) -> tuple[int, int]:
    """(known labels, minus the index) of the record most like the schema; the first of equals; (0, 0) when none is."""
    return max(((resemblance(cells, labels), -index) for index, (_, cells) in enumerate(records)), default=(0, 0))


def find_header(records: Sequence[Record], sought: Sought) -> Header:
    """The header among the first records of a delivery.

    DeliveryRefused when no record has enough known labels (the message names the expected ones), when none begins at the given line, or
    when one above the header looks like data.
    """
    if sought.row is not None:
        return _given(records, sought.row)
    searched = records[:SEARCHED_RECORDS]
    known, minus_index = best(searched, sought.labels)
    header = _header(searched[-minus_index : 1 - minus_index])
    for deeper in _deeper(searched):
        if (found := resemblance(deeper.labels, sought.labels)) > known:
            known, header = found, deeper
    if known < min(ENOUGH_LABELS, len(sought.labels)):
        shown = ", ".join(sought.expected[:_SHOWN]) + (", …" if len(sought.expected) > _SHOWN else "")
        raise DeliveryRefused(
            f"aucune ligne d'en-tête reconnue parmi les {SEARCHED_RECORDS} premiers enregistrements ; colonnes attendues : {shown} ; "
            "ajouter l'en-tête, ou donner sa ligne par « header_row »"
        )
    check_preamble(records, header)
    return header


def check_preamble(records: Iterable[Record], header: Header) -> None:
    """DeliveryRefused when a record above the header fills as many cells as it does: a title fills fewer, data would be lost in silence."""
    filled = _filled(header.labels)
    line = header.lines[0]
    for title, cells in records:
        if title < line and _filled(cells) >= filled:
            raise DeliveryRefused(
                f"la ligne {title}, au-dessus de l'en-tête trouvé à la ligne {line}, remplit autant de cellules que lui et ne serait pas "
                f"lue ; mettre l'en-tête au-dessus des données, ou donner header_row ({line}) si la ligne {title} est bien un titre"
            )


def _given(records: Sequence[Record], row: int) -> Header:
    found = [record for record in records if record[0] == row]
    if not found:
        raise DeliveryRefused(f"« header_row = {row} » : aucun enregistrement ne commence à cette ligne")
    return _header(found)


def _header(records: Sequence[Record], *, grouped: bool = False) -> Header:
    """The header that its records make. `grouped`: an upper label also holds for the columns without one at its right."""
    rows = [[cell.strip() for cell in cells] for _, cells in records]
    if grouped:
        rows = [*(_filled_right(row) for row in rows[:-1]), rows[-1]]
    labels = (" ".join(dict.fromkeys(text for text in column if text)) for column in zip_longest(*rows, fillvalue=""))
    return Header(tuple(line for line, _ in records), tuple(labels), tuple(cells for _, cells in records))


def _deeper(records: Sequence[Record]) -> Iterable[Header]:
    """The headers on several records that could be read, those of fewer records first."""
    worded = [_filled(cells) and not any(is_value(cell) for cell in cells) for _, cells in records]
    for depth in range(2, DEEPEST + 1):
        for first in range(len(records) - depth + 1):
            if all(worded[first : first + depth]):
                yield from (_header(records[first : first + depth], grouped=grouped) for grouped in (False, True))


def _filled_right(row: Sequence[str]) -> list[str]:
    filled: list[str] = []
    for text in row:
        filled.append(text or (filled[-1] if filled else ""))
    return filled


def _filled(cells: Iterable[str]) -> int:
    return sum(1 for cell in cells if cell.strip())
