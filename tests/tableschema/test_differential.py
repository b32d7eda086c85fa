"""The engine and frictionless on the same tables and on the same files: the same errors, at the same rows and columns.

`FABRIQUES_NIGHTLY=1` runs 20,000 tables and 10,000 files instead of 500 and 200, and prints what was compared (`pytest -s`).
"""

import copy
import io
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frictionless
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.tableschema import contract, engine, files, source, validate
from tests.tableschema.oracle import Errors, errors_of, theirs
from tests.tableschema.tables import Table, tables, texts

NIGHTLY = os.environ.get("FABRIQUES_NIGHTLY") == "1"
TABLES, FILES = (20_000, 10_000) if NIGHTLY else (500, 200)
# frictionless stops the whole validation on these cells, without a verdict on any: docs/tableschema.md lists them. Ours must go on.
STOPS = re.compile(r"can't compare offset-naive and offset-aware|Cannot hash a signaling NaN|comparison involving sNaN|InvalidOperation")


def frame(columns: list[str], rows: list[list[str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def flat(descriptor: dict[str, Any]) -> Errors:
    report = frictionless.Report.from_descriptor(descriptor)
    return Counter(map(tuple, report.flatten(["type", "rowNumber", "fieldNumber"])))


def ours(schema: dict[str, Any], columns: list[str], rows: list[list[str | None]]) -> Errors:
    return flat(validate(frame(columns, rows), schema).report.to_descriptor())


@pytest.fixture(scope="module")
def compared() -> Iterator[Counter[str]]:
    """What the random tables and files compared, told at the end."""
    counts: Counter[str] = Counter()
    yield counts
    print("\ncompared:", ", ".join(f"{count} {what}" for what, count in counts.most_common()))  # noqa: T201


def agree(counts: Counter[str], what: str, expected: Any, found: Any) -> None:
    """Compare two ways to the same errors; a table on which frictionless stops still has a verdict here."""
    counts[what] += 1
    own = found()
    try:
        errors = expected()
    except Exception as stopped:
        assert STOPS.search(f"{type(stopped).__name__} {stopped}"), stopped
        counts[f"{what} on which frictionless stops"] += 1
        return
    for (kind, _, _), count in errors.items():
        counts[f"{kind} errors"] += count
    assert own == errors


ONE = {"name": "un", "type": "number", "constraints": {"unique": True}}
NAMED: dict[str, Table] = {
    "equal numbers written otherwise, NaN equal to nothing": ({"fields": [ONE]}, ["un"], [["1"], ["1.0"], ["1e0"], ["NaN"], ["NaN"]]),
    "a blank row with a key is two errors": (
        {"fields": [{"name": "un"}, {"name": "deux"}], "primaryKey": "un"},
        ["un", "deux"],
        [["", ""], ["a", None], ["a", "b"]],
    ),
    "an empty cell that is no missing value": (
        {"fields": [{"name": "un", "type": "integer"}], "missingValues": ["NA"]},
        ["un"],
        [[None], ["NA"], [""]],
    ),
    # Found by the random tables: frictionless makes up a field for an unknown column, which does not see the schema's missing values.
    "an unknown column has missing values of its own": (
        {"fields": [{"name": "un", "type": "duration"}], "missingValues": ["NA"], "fieldsMatch": "superset"},
        [""],
        [["a,b"], [None], ["NA"], [""]],
    ),
    # Found by the random tables: when no text is missing, nothing is asked of a required text.
    "a required text where no text is missing": (
        {"fields": [{"name": "un", "constraints": {"required": True, "unique": True}}], "missingValues": [], "primaryKey": "un"},
        ["un"],
        [],
    ),
    # Found by the random tables: a signaling NaN is no float, though it is a Decimal.
    "a signaling NaN where numbers are floats": (
        {"fields": [{"name": "un", "type": "number", "floatNumber": True}]},
        ["un"],
        [["sNaN"], ["NaN"], ["1e400"], ["1_0"]],
    ),
    "a pattern is anchored at its first branch only": (
        {"fields": [{"name": "un", "constraints": {"pattern": "a|b"}}]},
        ["un"],
        [["ax"], ["xb"], ["b"], ["a"], ["bx"]],
    ),
    "classes of Python and of Rust": (
        {"fields": [{"name": "un", "constraints": {"pattern": r"\w{1,3}"}}, {"name": "deux", "constraints": {"pattern": r"\s*"}}]},
        ["un", "deux"],
        [["²", "\x1c"], ["e\u0301", " "], ["‿", "\u00a0"], ["a\n", "\u2028"]],
    ),
    "dates that Polars would accept": (
        {"fields": [{"name": "un", "type": "date"}, {"name": "deux", "type": "date", "format": "%d/%m/%Y"}]},
        ["un", "deux"],
        [["24-01-05", "01/02/20"], ["202-01-05", " 01/02/2020"], ["0000-01-01", "29/02/2023"], ["2024-1-5", "1/2/2020"]],
    ),
    "a bound that only 16 digits tell": (
        {"fields": [{"name": "un", "type": "number", "constraints": {"minimum": "12.500000000000001"}}]},
        ["un"],
        [["12.5"], ["12.500000000000001"], ["12.5000000000000011"], ["13"]],
    ),
    "true, 1 and 1.0 are one value in a reference": (
        {
            "fields": [{"name": "un", "type": "boolean"}, {"name": "deux", "type": "number"}],
            "foreignKeys": [{"fields": "un", "reference": {"resource": "", "fields": "deux"}}],
        },
        ["un", "deux"],
        [["true", "1.0"], ["false", "NaN"], ["", "2"]],
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_examples(name: str) -> None:
    assert ours(*NAMED[name]) == theirs(*NAMED[name])


@settings(max_examples=TABLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables())
@example(table=({"fields": [{"name": "un", "type": "number"}]}, ["un"], [["sNaN"], ["1"]]))
def test_same_errors_as_frictionless_on_a_table(compared: Counter[str], table: Table) -> None:
    agree(compared, "tables", lambda: theirs(*table), lambda: ours(*table))


@settings(max_examples=FILES, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=texts(), block=st.sampled_from([1, 5, 20, 1 << 20]))
@example(file=({"fields": [{"name": "un"}, {"name": "deux"}]}, 'un,deux\n\n,,\n , \n1\n1,2,3,\n"a\nb",c\n'), block=7)
@example(file=({"fields": [{"name": "un"}]}, ""), block=7)
@example(file=({"fields": [{"name": "un"}]}, "\nun\na\n"), block=7)
def test_same_errors_as_frictionless_on_a_file(compared: Counter[str], file: tuple[dict[str, Any], str], block: int) -> None:
    schema, text = file
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.encode())
        patched.setattr(source, "separator_of", lambda _sample, _labels: ",")
        patched.setattr(source, "BLOCK", block)

        def found() -> Errors:
            return flat(files.check(io.BytesIO(path.read_bytes()), contract.read(schema)).report.to_descriptor())

        agree(compared, "files", lambda: errors_of(path, schema), found)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_accepted_and_rejected_share_out_the_rows(table: Table) -> None:
    schema, columns, rows = table
    lines = frame(columns, rows).with_columns(livraison=pl.lit("l"), ligne=pl.int_range(2, 2 + len(rows), dtype=pl.UInt32))
    verdict = validate(lines.lazy(), schema, carry=("livraison", "ligne"))
    wrong = {row for row in verdict.report.errors["row"] if row is not None}
    accepted, rejected = verdict.accepted.collect(), verdict.rejected.collect()
    assert accepted.rows() == [row for index, row in enumerate(lines.rows()) if index not in wrong]
    assert rejected.rows() == [row for index, row in enumerate(lines.rows()) if index in wrong]
    assert accepted.schema == rejected.schema == lines.schema
    assert verdict.report.lines == len(rows)


@pytest.mark.parametrize("chunk", [1, 3, 50_000])
def test_uniqueness_and_keys_hold_across_chunks(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(engine, "CHUNK", chunk)
    schema = {"fields": [{"name": "a", "constraints": {"unique": True}}, {"name": "b"}], "primaryKey": ["a", "b"]}
    table = pl.DataFrame({"a": ["1", "2", "3", "4", "1"], "b": ["x", "x", "x", "x", "x"]})
    errors = validate(table, schema).report.errors
    assert errors.select("row", "field", "rule").rows() == [(4, "a", "unique"), (4, None, "primaryKey")]


@pytest.mark.parametrize("cell", ["sNaN", " -snan12 ", "S_NaN"])
@pytest.mark.parametrize("form", [{}, {"bareNumber": False}, {"groupChar": " "}])
def test_a_signaling_nan_is_judged_like_a_quiet_one(cell: str, form: dict[str, Any]) -> None:
    """frictionless raises `decimal.InvalidOperation` on the first: no verdict on the whole table."""
    schema = {"fields": [{"name": "a", "type": "number", "constraints": {"minimum": 0, "unique": True}, **form}]}
    quiet = re.sub("[sS]", "", cell, count=1)
    assert ours(schema, ["a"], [["1"], [cell], ["1"]]) == theirs(schema, ["a"], [["1"], [quiet], ["1"]])


@pytest.mark.parametrize(("bound", "cell"), [("12:00:00", "12:00:00Z"), ("12:00:00Z", "13:00:00")])
def test_a_time_that_cannot_be_compared_breaks_its_bound(bound: str, cell: str) -> None:
    """frictionless raises `TypeError`: no verdict on the whole table."""
    schema = {"fields": [{"name": "a", "type": "time", "constraints": {"minimum": bound, "required": True}}]}
    with pytest.raises(TypeError):
        theirs(schema, ["a"], [[cell]])
    assert validate(frame(["a"], [[cell], ["x"], [None]]), schema).report.errors.select("row", "rule").rows()[:2] == [
        (0, "minimum"),
        (1, "type"),
    ]


@pytest.mark.parametrize("kind", ["array", "object", "list"])
def test_values_without_equality_cannot_be_unique(kind: str) -> None:
    """frictionless raises `TypeError: unhashable type` at the first cell."""
    schema = {"fields": [{"name": "a", "type": kind, "constraints": {"unique": True}}]}
    with pytest.raises(contract.SchemaInvalide, match="ne peut être ni unique ni une clé"):
        validate(frame(["a"], [["[]"]]), schema)


def test_the_second_version_of_the_standard() -> None:
    """Exclusive bounds and labelled missing values. Its readers are the oracle: a resource alone is of the first version."""
    schema = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [
            {"name": "un", "type": "number", "constraints": {"exclusiveMinimum": 1, "exclusiveMaximum": 2}},
            {"name": "deux", "type": "date", "constraints": {"exclusiveMinimum": "2024-01-05"}},
        ],
        "missingValues": [{"value": "NA", "label": "inconnu"}],
    }
    rows = [["1", "2024-01-05"], ["1.5", "2024-01-06"], ["2", "NA"], ["2.00", "2024-1-5"], ["0", ""], ["NA", "2024-1-6"]]
    readers = [field.create_cell_reader() for field in frictionless.Schema.from_descriptor(copy.deepcopy(schema)).fields]
    expected = {
        (row, place + 1, rule)
        for row, cells in enumerate(rows)
        for place, (reader, cell) in enumerate(zip(readers, cells, strict=True))
        for rule in reader(cell)[1] or ()
    }
    errors = validate(frame(["un", "deux"], rows), schema).report.errors
    assert set(errors.select("row", "position", "rule").iter_rows()) == expected
    assert len(expected) == 7
