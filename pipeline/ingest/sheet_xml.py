"""What the XML of a sheet says that its reader leaves out: cells merged over several rows, cells whose value is missing."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# A sheet without any of these (for Polars' search) has nothing to tell here.
MARKS = "<f[ >/]|:f[ >/]|mergeCell|=\"e\"|='e'"
_MERGED = re.compile(rb"""mergeCell\s[^>]*?ref\s*=\s*["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?[A-Z]{1,3}\$?(\d{1,7})["']""")
# The opening tag of a cell, then, where there is one, its formula without a value behind it.
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>(\s*<(?:\w+:)?f\b[^<]*(?:/>|</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<v></v>)?\s*</(?:\w+:)?c>)?")
_TYPE, _ROW = re.compile(rb"""\bt\s*=\s*["'](\w+)["']"""), re.compile(rb"""\br\s*=\s*["'][A-Z]{1,3}(\d{1,7})["']""")
_CELL_ENDS = (b"</c>", b":c>")
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
# Beyond that, what lists the sheets of a workbook is no list of sheets; and no cell is so long.
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
    except (KeyError, SyntaxError, zipfile.BadZipFile, ValueError, OSError):  # a ParseError is a SyntaxError
        return None
    wanted = {value for one in book if one.get("name") == sheet for key, value in one.items() if key.endswith("}id")}
    targets = (one.get("Target", "") for one in links if one.get("Id") in wanted)
    return next((target.lstrip("/") if target.startswith("/") else f"xl/{target}" for target in targets), None)


class Unsaid(NamedTuple):
    """`merged`: the cells that run over several rows. `missing`: how many cells are errors, or formulas saved without their value, which
    read as empty; `first`: the row of the first of them, 0 when there is none."""

    merged: tuple[Span, ...] = ()
    missing: int = 0
    first: int = 0


def unsaid(chunks: Iterable[bytes]) -> Unsaid:
    """From the XML of a sheet, in chunks cut anywhere."""
    merged = set[Span]()
    missing, first = 0, 0
    for chunk in _whole_cells(chunks):
        for letters, top, bottom in _MERGED.findall(chunk):
            if int(bottom) > int(top):
                merged.add(Span(column_number(letters) - 1, int(top), int(bottom)))
        for attributes, without_value in _CELL.findall(chunk):
            kind = _TYPE.search(attributes)
            # A formula may well give a text without a letter: that is a value.
            if (kind and kind[1] == b"e") or (without_value and not (kind and kind[1] == b"str")):
                row = _ROW.search(attributes)
                missing, first = missing + 1, first or (int(row[1]) if row else 0)
    return Unsaid(tuple(sorted(merged)), missing, first)


def _whole_cells(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same XML, cut behind cells; behind any tag where there is no cell for long."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        end = max((text.rfind(mark) + len(mark) for mark in _CELL_ENDS if mark in text), default=0)
        if not end and len(text) > _LONGEST_LIST:
            end = text.rfind(b">") + 1 or len(text)
        yield text[:end]
        rest = text[end:]
    yield rest


def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _parsed(archive: zipfile.ZipFile, name: str) -> list["Element"]:
    from xml.etree import ElementTree as ET  # noqa: PLC0415 (few workbooks have something to tell)

    with archive.open(name) as stream:
        content = stream.read(_LONGEST_LIST + 1)
    if len(content) > _LONGEST_LIST:
        raise ValueError(name)
    return list(ET.fromstring(content).iter())  # noqa: S314 (no entity: see above)
