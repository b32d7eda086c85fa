"""The Data Package as frictionless judges it: hashes, types, constraints, keys between tables."""

from pathlib import Path
from tempfile import TemporaryDirectory

from frictionless import Error, FrictionlessException, Package
from frictionless import errors as kinds

from pipeline.release import datapackage

MAX_LISTED = 20


def problems(folder: Path) -> list[str]:
    """What frictionless refuses, in French, without the value of a cell; at most `MAX_LISTED` errors are listed."""
    try:
        with TemporaryDirectory() as plain:  # frictionless reads « # », « ? » or « [ » in a folder's name as something else than a name
            link = Path(plain) / "publication"
            link.symlink_to(folder.resolve(), target_is_directory=True)
            report = Package(str(link / datapackage.FILE)).validate(limit_errors=MAX_LISTED)
    except FrictionlessException as error:
        return [f"{datapackage.FILE} : refusé par frictionless ({error.error.type})"]
    found = [f"{datapackage.FILE} : refusé par frictionless ({error.type})" for error in report.errors]
    found += [f"{task.place}{_place(error)} : refusé par frictionless ({error.type})" for task in report.tasks for error in task.errors]
    return found[:MAX_LISTED]


def _place(error: Error) -> str:
    row = f", ligne {error.row_number}" if isinstance(error, kinds.RowError) else ""
    return row + (f", champ {error.field_name}" if isinstance(error, kinds.CellError) else "")
