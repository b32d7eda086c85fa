"""frictionless itself, reading the same table from a CSV file, is the oracle."""

import csv
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import frictionless
import polars as pl
import pytest
from frictionless.formats import CsvControl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.tableschema import engine, validate

Table = tuple[dict[str, Any], list[str], list[list[str | None]]]

CELLS = [
    *["", "a", "ab", "abc", "b", "x y", " ", " a", "A1", "é", "e\u0301", "‿", "²", "\u00a0", "a\nb", 'a"b', "a,b", "NA", "-", "W123456789"],
    *[
        "1",
        "0",
        "-0",
        "1.0",
        "1e0",
        "01",
        "+1",
        "12",
        "１２",
        "1_000",
        " 1 ",
        "1,5",
        "1.5",
        "1 000",
        "€ 12.5",
        "-5%",
        "1-2",
        "NaN",
        "INF",
        "1e400",
    ],
    *[
        "2024-01-05",
        "2024-1-5",
        "24-01-05",
        "0000-01-01",
        "2024-02-30",
        "2023-02-29",
        "05/01/2024",
        "01/02/20",
        "２024-01-05",
        "10000-01-01",
    ],
    *["2024", " 202", "+202", "1_00", "0000", "2024-01", "2024-01-05T00:00:00Z", "2024-01-05 00:00:00", "12:00", "12:00:00", "24:00:00"],
    *[
        "true",
        "True",
        "TRUE",
        "vrai",
        "oui",
        "non",
        "false",
        "0",
        "a@b.fr",
        "http://a.fr",
        "9" * 40,
        "x" * 300,
        "48.1, 2.3",
        "P1Y",
        "[1]",
        "{}",
    ],
]
PATTERNS = [r"\d+", r"a|b", r"\w{1,3}", r"[A-Z]{2}", r"^W\d{9}$", r"\s*"]
BOUNDS = {"number": (0, 12.5), "integer": (0, 12), "date": ("2020-01-01", "2024-01-05"), "year": (1000, 2024)}
HASHABLE = ("string", "number", "integer", "boolean", "date", "year", "time", "yearmonth", "any")


@st.composite
def fields(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kind = draw(st.sampled_from([*HASHABLE, "string", "number", "integer", "date", "datetime", "duration", "geopoint", "array", "object"]))
    field: dict[str, Any] = {"name": name, "type": kind}
    constraints: dict[str, Any] = {}
    if draw(st.booleans()):
        constraints["required"] = True
    if kind in HASHABLE and draw(st.integers(0, 3)) == 0:
        constraints["unique"] = True
    if kind in BOUNDS:
        low, high = BOUNDS[kind]
        constraints |= draw(st.sampled_from([{}, {}, {"minimum": low}, {"maximum": high}, {"minimum": low, "maximum": high}]))
    if kind == "string":
        constraints |= draw(
            st.sampled_from([{}, {"minLength": 2}, {"maxLength": 2}, {"enum": ["a", "ab"]}, *({"pattern": one} for one in PATTERNS)])
        )
        field |= draw(st.sampled_from([{}, {}, {"format": "email"}, {"format": "uri"}]))
    if kind == "number":
        field |= draw(st.sampled_from([{}, {}, {"decimalChar": ","}, {"groupChar": " "}, {"bareNumber": False}]))
        constraints |= draw(st.sampled_from([{}, {}, {"enum": ["1", "1.5"]}]))
    if kind == "boolean":
        field |= draw(st.sampled_from([{}, {"trueValues": ["oui"], "falseValues": ["non"]}]))
    if kind == "date":
        field |= (
            draw(st.sampled_from([{}, {"format": "%d/%m/%Y"}])) if "minimum" not in constraints and "maximum" not in constraints else {}
        )
    return field | ({"constraints": constraints} if constraints else {})


@st.composite
def tables(draw: st.DrawFn) -> Table:
    names = ["un", "deux", "trois", "quatre"][: draw(st.integers(1, 4))]
    described = [draw(fields(name)) for name in names]
    schema: dict[str, Any] = {"name": "essai", "fields": described}
    if draw(st.booleans()):
        schema["missingValues"] = draw(st.sampled_from([["", "NA", "-"], ["NA"]]))
    if draw(st.integers(0, 3)) == 0:
        schema["fieldsMatch"] = draw(st.sampled_from(["exact", "equal", "subset", "superset", "partial"]))
    hashable = [field["name"] for field in described if field["type"] in HASHABLE]
    if hashable and draw(st.integers(0, 2)) == 0:
        schema["primaryKey"] = hashable[:2]
    if len(hashable) > 1 and draw(st.integers(0, 4)) == 0:
        schema["foreignKeys"] = [{"fields": [hashable[0]], "reference": {"resource": "", "fields": [hashable[1]]}}]
    columns = draw(
        st.sampled_from([names, names, names, names[::-1], [*names, "cinq"], names[:-1] or names, [name.upper() for name in names]])
    )
    cell = st.one_of(st.sampled_from(CELLS), st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=4))
    rows = draw(st.lists(st.lists(cell, min_size=len(columns), max_size=len(columns)), max_size=8))
    return schema, list(columns), rows


def frame(columns: list[str], rows: list[list[str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def ours(schema: dict[str, Any], columns: list[str], rows: list[list[str | None]]) -> Counter[tuple[Any, ...]]:
    report = frictionless.Report.from_descriptor(validate(frame(columns, rows), schema).report.to_descriptor())
    return Counter(map(tuple, report.flatten(["type", "rowNumber", "fieldNumber"])))


def theirs(schema: dict[str, Any], columns: list[str], rows: list[list[str | None]]) -> Counter[tuple[Any, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([columns, *rows])
        resource = frictionless.Resource(
            path=path.name,
            basepath=folder,
            encoding="utf-8",
            schema=frictionless.Schema.from_descriptor(schema),
            dialect=frictionless.Dialect(controls=[CsvControl(delimiter=",", quote_char='"', skip_initial_space=False)]),
        )
        report = resource.validate(limit_errors=10**9)
    return Counter(map(tuple, report.flatten(["type", "rowNumber", "fieldNumber"])))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
@example(
    ({"fields": [{"name": "un", "type": "number", "constraints": {"unique": True}}]}, ["un"], [["1"], ["1.0"], ["1e0"], ["NaN"], ["NaN"]])
)
@example(({"fields": [{"name": "un"}, {"name": "deux"}], "primaryKey": "un"}, ["un", "deux"], [["", ""], ["a", None], ["a", "b"]]))
@example(({"fields": [{"name": "un", "type": "integer"}], "missingValues": ["NA"]}, ["un"], [[None], ["NA"], [""]]))
@example(({"fields": [{"name": "un", "type": "number"}]}, ["un"], [["sNaN"], ["1"]]))
def test_same_errors_as_frictionless_on_a_file(table: Table) -> None:
    assert ours(*table) == theirs(*table)


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
