"""Deliveries read as a person would: `csv`, `openpyxl`, `tomllib`. An oracle: nothing of `pipeline`, and no rule of the generator."""

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "deliveries"


@dataclass(frozen=True)
class Record:
    """`line` is the physical line, or the row of the sheet; `cells` are by field of the schema, as text; `width` counts the cells."""

    line: int
    cells: Mapping[str, str]
    width: int


@dataclass(frozen=True)
class File:
    """One entry of the sources file and what its file holds."""

    entry: Mapping[str, Any]
    header: tuple[str, ...]
    records: tuple[Record, ...] = field(repr=False)

    @property
    def name(self) -> str:
        return str(self.entry["path"])

    @property
    def table(self) -> str:
        return str(self.entry["table"])

    def at(self, line: int) -> Record:
        return next(record for record in self.records if record.line == line)


def sources(demo: Path) -> dict[str, Any]:
    return tomllib.loads((demo / "sources.toml").read_text(encoding="utf-8"))


def read_all(demo: Path) -> dict[str, File]:
    return {entry["path"]: read(demo, entry) for entry in sources(demo)["source"]}


def read(demo: Path, entry: Mapping[str, Any]) -> File:
    path = demo / entry["path"]
    rows = list(_sheet(path) if path.suffix == ".xlsx" else _text(path))
    names = _names(entry["table"])
    head = max(range(min(10, len(rows))), key=lambda index: (len(_known(rows[index][1], names)), -index))
    header = tuple(rows[head][1])
    fields = _known(header, names)
    constants = entry.get("constantes", {})
    records = [
        Record(line, dict(constants) | {name: cells[place] for place, name in fields.items() if place < len(cells)}, len(cells))
        for line, cells in rows[head + 1 :]
        if cells and cells[0] != "Total"
    ]
    return File(entry, header, tuple(records))


def _text(path: Path) -> Iterator[tuple[int, list[str]]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    separator = ";" if text.count(";") > text.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield line, [_shown(cell) for cell in row]


def _shown(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


@cache
def _names(table: str) -> dict[str, str]:
    """Label as written → field: the schema's names, then the labels of `aliases.toml`."""
    declared = tomllib.loads((SCHEMAS / table / "aliases.toml").read_text(encoding="utf-8")).get("alias", {})
    schema = json.loads((SCHEMAS / table / "schema.json").read_text(encoding="utf-8"))
    titles = {field["title"]: field["name"] for field in schema["fields"]}
    written = titles | declared | {field["name"]: field["name"] for field in schema["fields"]}
    return {label.casefold(): name for label, name in written.items()}


def _known(labels: list[str] | tuple[str, ...], names: Mapping[str, str]) -> dict[int, str]:
    """Place of a column → its field. A label that comes twice is « label#1 », then « label#2 »."""
    found: dict[int, str] = {}
    for place, label in enumerate(labels):
        numbered = f"{label}#{labels[: place + 1].count(label)}"
        key = numbered if list(labels).count(label) > 1 else label
        if name := names.get(key.casefold()):
            found[place] = name
    return found
