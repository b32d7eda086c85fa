"""frictionless itself, reading the same table from a CSV file: the oracle of the engine. It shares no code with it."""

import csv
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import frictionless
from frictionless.formats import CsvControl

Errors = Counter[tuple[Any, ...]]
Rows = Sequence[Sequence[str | None]]


def resource(path: Path, schema: dict[str, Any], delimiter: str = ",") -> frictionless.Resource:
    """The file as frictionless reads it when nothing is left to its detection."""
    return frictionless.Resource(
        path=path.name,
        basepath=str(path.parent),
        encoding="utf-8",
        schema=frictionless.Schema.from_descriptor(schema),
        dialect=frictionless.Dialect(
            header=True, header_rows=[1], controls=[CsvControl(delimiter=delimiter, quote_char='"', skip_initial_space=False)]
        ),
    )


def errors_of(path: Path, schema: dict[str, Any], delimiter: str = ",") -> Errors:
    """(type, rowNumber, fieldNumber) of every error of a file. Whatever frictionless raises, it raises."""
    report = resource(path, schema, delimiter).validate(limit_errors=10**9)
    return Counter(map(tuple, report.flatten(["type", "rowNumber", "fieldNumber"])))


def theirs(schema: dict[str, Any], columns: Sequence[str], rows: Rows) -> Errors:
    """The same for a table, each cell quoted; None is an empty cell."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([columns, *rows])
        return errors_of(path, schema)
