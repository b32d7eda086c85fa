"""Checks over columns against the cell functions of `checks`, read through frictionless: one rule, two ways to it."""

from typing import Any

import polars as pl
import pytest
from frictionless import Schema
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tableschema import check_columns, contract, validate
from pipeline.tableschema.checks import Check, compile_checks
from tests.tableschema.tables import CELLS

SIRETS = [
    "73282932000074",
    "732829320",
    "35600000000048",
    "35600000049837",
    "35600000000049",
    "00000000000000",
    "000000000",
    "732829320 00074",
]
SIRETS += ["７3282932000074", "73282932000074\n", "7328293200007A", "21860194600000", "11860194600000", "356000000"]
PERIODS = [
    "2024-01-05",
    "2024-01-05/2024-01-04",
    "2024-01-05/2024-01-05",
    "2024-02-30/2024-03-01",
    "2024-01-05\n",
    "0000-01-01",
    "2017/2018",
]
PERIODS += ["2018/2017", "2017", "01 99 00 12 34", "+33 1 99 00 12 34", "3631"]
KINDS = ["string", "string", "number", "integer", "year", "date", "boolean", "list", "any"]
CHECKS = [
    *({"name": name, "params": {"column": "a"}} for name in ("french-siret-value", "french-siren-value", "siret-strict", "siret-arrondi")),
    {"name": "siret-notation-scientifique", "params": {"column": "a"}},
    *({"name": name, "params": {"column": "a"}} for name in ("periode-ordonnee", "year-interval-value", "phone-number-value")),
    {"name": "one-of-required", "params": {"column1": "a", "column2": "b"}},
    {"name": "cohesive-columns-value", "params": {"column": "a", "othercolumns": ["b", "c"]}},
    *({"name": "compare-columns-value", "params": {"column": "a", "op": op, "column2": "b"}} for op in ("<", "<=", "==", ">=", ">")),
    {"name": "sum-columns-value", "params": {"column": "a", "columns": ["b", "c"]}},
]


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], list[tuple[str | None, ...]]]:
    fields = []
    for name in "abc":
        kind = draw(st.sampled_from(KINDS))
        options = draw(st.sampled_from([{}, {}, {"decimalChar": ","}, {"groupChar": "."}])) if kind == "number" else {}
        options = draw(st.sampled_from([{}, {"format": "%d/%m/%Y"}])) if kind == "date" else options
        fields.append({"name": name, "type": kind, **options})
    missing = draw(st.sampled_from([[""], ["NA"], ["", "1"]]))
    schema = {"fields": fields, "missingValues": missing, "custom_checks": [draw(st.sampled_from(CHECKS))]}
    digits = st.from_regex(r"[0-9]{14}|[0-9]{9}|-?[0-9]{1,3}(\.[0-9]{1,2})?", fullmatch=True)
    own = [st.sampled_from([*SIRETS, *PERIODS, *CELLS[field["type"]]]) for field in fields]
    cell = [st.one_of(one, digits, st.sampled_from(["", "1", "2", "1.0", "NA"]), st.none()) for one in own]
    return schema, draw(st.lists(st.tuples(*cell), max_size=12))


@settings(max_examples=400, deadline=None)
@given(cases())
def test_columns_and_cells_hold_the_same_checks(case: tuple[dict[str, Any], list[tuple[str | None, ...]]]) -> None:
    schema, rows = case
    compiled = compile_checks(contract.read(schema), ("a", "b", "c"))[0]
    assert isinstance(compiled, Check)
    fields = Schema.from_descriptor({**schema, "custom_checks": []}).fields
    readers = {field.name: field.create_cell_reader() for field in fields}
    values = [{name: readers[name](cell or "")[0] for name, cell in zip("abc", row, strict=True)} for row in rows]
    expected = [row for row, cells in enumerate(values) if not compiled.holds(*(cells[name] for name in compiled.columns))]
    table = pl.DataFrame(rows, schema=dict.fromkeys("abc", pl.String), orient="row")
    errors = validate(table, schema).report.errors
    assert errors.filter(pl.col("rule") == compiled.name)["row"].to_list() == expected


@pytest.mark.parametrize("column", [check_columns.siret, check_columns.siren, check_columns.strict_siret])
def test_identifiers_in_their_plain_form_are_never_left_to_cells(column: Any) -> None:
    texts = pl.DataFrame({"t": ["73282932000074", "732829320", "35600000049837", "7328293200007A"]})
    judged = texts.select(column(pl.col("t"))).to_series()
    told = judged.to_list() if column is check_columns.strict_siret else [one for one in judged if one is not None]
    assert None not in told
    assert len(told) >= 2
