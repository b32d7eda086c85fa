"""The real files read by other means than the pipeline's: `csv`, openpyxl, and what a person saw in the file (`lecture`)."""

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import load_workbook


class Read(NamedTuple):
    """`header` and `records` as lists of cells; blank records and those above the header are left out. `lines` are record numbers."""

    header: list[str]
    records: list[list[str]]
    lines: list[int]


def read(path: Path, lecture: Mapping[str, Any]) -> Read:
    """`lecture`: separateur and encodage of a text, feuille of a workbook, entete (rank of the header among the filled records)."""
    every = _workbook(path, lecture["feuille"]) if "feuille" in lecture else _text(path, lecture)
    filled = [(line, record) for line, record in enumerate(every, start=1) if any(record)]
    place = lecture.get("entete", 0)
    return Read(filled[place][1], [record for _, record in filled[place + 1 :]], [line for line, _ in filled[place + 1 :]])


def _text(path: Path, lecture: Mapping[str, Any]) -> list[list[str]]:
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode(lecture.get("encodage", "utf-8"))
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=lecture["separateur"]))


def _workbook(path: Path, sheet: str) -> list[list[str]]:
    """Phantom rows are not read: the first row without any value ends the sheet."""
    rows = load_workbook(path, read_only=True)[sheet].iter_rows(values_only=True)
    return [_cells(row) for row in takewhile(lambda row: any(cell is not None for cell in row), rows)]


def _cells(row: Sequence[object]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in row]
