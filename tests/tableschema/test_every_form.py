"""Every type, format and constraint on every adversarial cell, without chance: what random tables may miss on a given day."""

from collections import Counter
from typing import Any

import polars as pl
import pytest

from pipeline.tableschema import validate
from tests.tableschema.oracle import theirs
from tests.tableschema.tables import CELLS, CONSTRAINTS, EVERY, HASHED, OPTIONS

BOUNDED = {"time", "datetime"}  # frictionless stops where an offset meets a bound without one: compared by the random tables


def described(kind: str) -> list[dict[str, Any]]:
    """Each format without constraints, then each constraint with the plain format; some required, some unique."""
    options = [{**one, "constraints": {"required": True}} for one in OPTIONS.get(kind, [{}])]
    constraints = [] if kind in BOUNDED else [{"constraints": one} for one in CONSTRAINTS[kind] if one]
    fields = [{"name": "un", "type": kind, **one} for one in (*options, *constraints)]
    if kind in HASHED:
        fields += [{**field, "constraints": {**field["constraints"], "unique": True}} for field in fields[:4]]
    return [field for rank, field in enumerate(fields) if field not in fields[:rank]]


def cells(kind: str) -> list[list[str]]:
    """Those of the type twice, so that values come back; a signaling NaN cannot be hashed by frictionless.

    The second cell keeps a row from being blank when the first is missing.
    """
    return [[cell, "x"] for cell in (*CELLS[kind], *EVERY, *CELLS[kind]) if cell != "sNaN"]


@pytest.mark.parametrize("kind", CELLS)
def test_every_form_on_every_cell(kind: str) -> None:
    rows = cells(kind)
    table = pl.DataFrame(rows, schema={"un": pl.String, "deux": pl.String}, orient="row")
    for field in described(kind):
        schema = {"name": "essai", "fields": [field, {"name": "deux"}], "missingValues": ["", "NA"]}
        errors = validate(table, schema).report.errors
        ours = Counter((kind, row + 2, position) for kind, row, position in errors.select("type", "row", "position").iter_rows())
        assert ours == theirs(schema, ["un", "deux"], rows), field
