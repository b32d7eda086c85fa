"""The Data Package and its tables as their contract judges them: frictionless reads the description, the columnar engine every row.

Keys between tables are SQLite's to check (`database.problems`), hashes those of `agreement`.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.release import datapackage
from pipeline.tableschema import SchemaInvalide
from pipeline.tableschema import contract as contracts
from pipeline.tableschema.files import FileUnreadable, check

MAX_LISTED = 20


def problems(folder: Path) -> list[str]:
    """What the contract refuses, in French, without the value of a cell; at most `MAX_LISTED` errors are listed."""
    return list(islice(_problems(folder), MAX_LISTED))


def _problems(folder: Path) -> Iterator[str]:
    from frictionless import FrictionlessException, Package  # noqa: PLC0415 - 0.1 s, and not before a release is written

    try:
        package = json.loads((folder / datapackage.FILE).read_text(encoding="utf-8"))
        Package.from_descriptor(package)
        for resource in package["resources"]:
            yield from _rows(folder, resource)
    except FrictionlessException as error:
        yield f"{datapackage.FILE} : refusé par frictionless ({error.error.type})"
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"{datapackage.FILE} : illisible ({type(error).__name__})"


def _rows(folder: Path, resource: Mapping[str, Any]) -> Iterator[str]:
    """Every error of a table's CSV, by line and field."""
    try:
        with (folder / resource["path"]).open("rb") as stream:
            report = check(stream, contracts.read(resource["schema"])).report
    except (FileUnreadable, SchemaInvalide) as error:
        yield f"{resource['path']} : {error}"
        return
    for row, field, kind in report.errors.select("row", "field", "type").iter_rows():
        where = ("" if row is None else f", ligne {row + 2}") + (f", champ {field}" if field else "")
        yield f"{resource['path']}{where} : refusé par son schéma ({kind})"
