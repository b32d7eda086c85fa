"""validata-core 0.9.7 itself, in an environment of its own, is the oracle of its checks. FABRIQUES_VALIDATA_PYTHON names its Python."""

import csv
import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.tableschema import contract, files

PYTHON = os.environ.get("FABRIQUES_VALIDATA_PYTHON")
pytestmark = pytest.mark.skipif(not PYTHON, reason="FABRIQUES_VALIDATA_PYTHON names no Python that has validata-core 0.9.7")

CODE = """
import json, sys, warnings
warnings.simplefilter("ignore")
import validata_core
report = validata_core.validate(sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8")), limit_errors=10**9)
print(json.dumps([[e.code, e.get("rowPosition")] for task in report.tasks for e in task.errors]))
"""
CELLS: dict[str, list[str]] = {
    "siret": [
        "73282932000074",
        "73282932000075",
        "35600000049837",
        "35600000000049",
        "00000000000000",
        "732829320 00074",
        "7328293",
        "",
        "a",
    ],
    "siren": ["732829320", "732829321", "732 829 320", "000000000", "", "x"],
    "annee": ["2017/2018", "2018/2017", "2017", "2017/2017", "17/18", "", "a"],
    "telephone": [
        *("01 99 00 12 34", "0199001234", "+33 1 99 00 12 34", "0033199001234", "33199001234", "tel: 01.99.00.12.34", "01/99/00/12/34"),
        *(
            "06 39 98 01 23",
            "0700000000",
            "08 43 00 00 00",
            "0408123456",
            "3631",
            "118 008",
            "112",
            "13",
            "0611",
            "12345",
            "01 99 00 12 34 5",
        ),
        *("+32 2 555 12 12", "00 41 44 668 18 00", "+33 1 99", "０１９９００１２３４", "01 99 00 12 34 ext 3", "téléphone", "", "a"),
    ],
    "total": ["3", "4", "0", "", "-1", "3", "12"],
    "part": ["1", "1", "0", "2", "-2", ""],
    "reste": ["2", "2", "0", "2", "1"],
    "a": ["1", "2", "", "1.5", "x", "10"],
    "b": ["1", "", "3", "1.5", "y", "9"],
}
CHECKS: list[tuple[str, dict[str, Any]]] = [
    ("french-siret-value", {"column": "siret"}),
    ("french-siren-value", {"column": "siren"}),
    ("year-interval-value", {"column": "annee"}),
    ("year-interval-value", {"column": "annee", "allow-year-only": "yes"}),
    ("one-of-required", {"column1": "a", "column2": "b"}),
    ("cohesive-columns-value", {"column": "a", "othercolumns": ["b"]}),
    ("phone-number-value", {"column": "telephone"}),
    ("sum-columns-value", {"column": "total", "columns": ["part", "reste"]}),
    *(("compare-columns-value", {"column": "a", "op": op, "column2": "b"}) for op in ("<", "<=", "==", ">=", ">")),
]


@pytest.mark.parametrize(("name", "params"), CHECKS, ids=[f"{name} {' '.join(map(str, params.values()))}" for name, params in CHECKS])
@pytest.mark.parametrize("kind", ["string", "number"])
def test_the_same_lines_break_a_check(tmp_path: Path, name: str, params: dict[str, Any], kind: str) -> None:
    kinds = {"a": kind, "b": kind, **dict.fromkeys(("total", "part", "reste"), "integer")}
    fields = [{"name": column, "type": kinds.get(column, "string")} for column in CELLS]
    schema = {"name": "essai", "fields": fields, "custom_checks": [{"name": name, "params": params}]}
    rows = [[cells[row % len(cells)] for cells in CELLS.values()] for row in range(210)]
    table, described = tmp_path / "table.csv", tmp_path / "schema.json"
    described.write_text(json.dumps(schema), encoding="utf-8")
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(CELLS), *rows])
    command = [str(PYTHON), "-c", CODE, str(table), str(described)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)
    theirs = Counter(row for code, row in told if code == name)
    with table.open("rb") as stream:
        errors = files.check(stream, contract.read(schema)).report.errors
    ours = Counter(row + 2 for row in errors.filter(pl.col("rule") == name)["row"])
    assert ours == theirs
