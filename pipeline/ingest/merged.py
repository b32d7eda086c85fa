"""Cells merged over several rows of a sheet: their text is in the first row only, as the format wants it."""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

MARK = b"mergeCell"
_REFERENCE = re.compile(rb"""mergeCell\s[^>]*?ref\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?[A-Z]{1,3}\$?(\d{1,7})["']""")
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
# Beyond that, what lists the sheets of a workbook is no list of sheets.
_LONGEST_LIST = 4 << 20


class Span(NamedTuple):
    """The rows over which one cell runs, both included; `position` is its first column, from 0."""

    position: int
    premiere: int
    derniere: int


def member_of(path: Path, sheet: str) -> str | None:
    """The file of the archive that holds a sheet; None when the workbook does not say. Its XML was checked: no document type."""
    try:
        with zipfile.ZipFile(path) as archive:
            book, links = (_parsed(archive, name) for name in (_BOOK, _LINKS))
    except (KeyError, ET.ParseError, zipfile.BadZipFile, ValueError, OSError):
        return None
    wanted = {value for one in book if one.get("name") == sheet for key, value in one.items() if key.endswith("}id")}
    targets = (one.get("Target", "") for one in links if one.get("Id") in wanted)
    return next((target.lstrip("/") if target.startswith("/") else f"xl/{target}" for target in targets), None)


def spans(chunks: Iterable[bytes]) -> list[Span]:
    """The cells that run over several rows, from the XML of a sheet given in chunks that cut no tag."""
    found = set[Span]()
    for chunk in chunks:
        for letters, first, last in _REFERENCE.findall(chunk) if MARK in chunk else ():
            if int(last) > int(first):
                found.add(Span(column_number(letters) - 1, int(first), int(last)))
    return sorted(found)


def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _parsed(archive: zipfile.ZipFile, name: str) -> list[ET.Element]:
    with archive.open(name) as stream:
        content = stream.read(_LONGEST_LIST + 1)
    if len(content) > _LONGEST_LIST:
        raise ValueError(name)
    return list(ET.fromstring(content).iter())  # noqa: S314 (no entity: see above)
