"""The checks of Validata on hand-made tables (its documented behaviour), and against stdnum."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.fr import siren, siret

from pipeline.tableschema import SchemaInvalide, validate


def errors(check: str, params: dict[str, Any], types: dict[str, str], table: dict[str, list[str | None]]) -> list[tuple[Any, ...]]:
    """(row, field, type) of the errors of one check; `types` describes the schema, `table` the columns really there."""
    schema = {
        "name": "essai",
        "fields": [{"name": name, "type": kind} for name, kind in types.items()],
        "fieldsMatch": "partial",
        "custom_checks": [{"name": check, "params": params}],
    }
    frame = pl.DataFrame(table, schema=dict.fromkeys(table, pl.String))
    found = validate(frame, schema).report.errors
    return found.filter(pl.col("rule") == check).select("row", "field", "type").rows()


def wrong_rows(check: str, params: dict[str, Any], types: dict[str, str], table: dict[str, list[str | None]]) -> list[int]:
    return [row for row, _, _ in errors(check, params, types, table)]


A, AB = {"a": "string"}, {"a": "string", "b": "string"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("0123456789 .", min_size=0, max_size=16) | st.sampled_from(["73282932000074", "732829320"]), max_size=30))
def test_siret_and_siren_agree_with_stdnum(values: list[str]) -> None:
    for check, oracle in (("french-siret-value", siret), ("french-siren-value", siren)):
        expected = [row for row, value in enumerate(values) if value and not oracle.is_valid(value)]
        assert wrong_rows(check, {"column": "a"}, A, {"a": list(values)}) == expected


SIRETS = {
    "73282932000074": (True, True, True),  # in Validata's eyes, in ours, not rounded
    "73282932000075": (False, False, True),
    "35600000000048": (True, True, True),  # La Poste, head office
    "35600000049837": (True, True, True),  # La Poste, digit sum
    "35600000000049": (False, False, True),
    "00000000000000": (True, False, False),
    "732829320 00074": (True, False, True),
    "21860194600000": (False, False, False),
    "732829320": (False, False, True),
    "": (True, True, True),
}


@pytest.mark.parametrize(("check", "verdict"), [("french-siret-value", 0), ("siret-strict", 1), ("siret-arrondi", 2)])
def test_known_sirets(check: str, verdict: int) -> None:
    expected = [row for row, verdicts in enumerate(SIRETS.values()) if not verdicts[verdict]]
    assert wrong_rows(check, {"column": "a"}, A, {"a": list(SIRETS)}) == expected


def test_scientific_notation_is_told_apart_from_digits() -> None:
    cells = ["2,18602E+13", "2.18602e13", "73282932000074", "21860194600000", "2,18602", "E13", "", None]
    assert wrong_rows("siret-notation-scientifique", {"column": "a"}, A, {"a": cells}) == [0, 1]


@pytest.mark.parametrize("check", ["french-siret-value", "french-siren-value", "phone-number-value", "year-interval-value", "siret-strict"])
def test_a_check_of_one_cell_skips_an_empty_cell_and_a_missing_column(check: str) -> None:
    assert errors(check, {"column": "a"}, A, {"a": [None, "", "faux"]}) == [(2, "a", "cell-error")]
    assert errors(check, {"column": "a"}, AB, {"b": ["x"]}) == []


def test_one_of_required() -> None:
    params = {"column1": "a", "column2": "b"}
    table = {"a": ["1", None, "1", None], "b": ["1", "1", None, None]}
    assert errors("one-of-required", params, {"c": "string", **AB}, {**table, "c": ["x"] * 4}) == [(3, None, "row-constraint")]


def test_one_of_required_with_one_column_or_none() -> None:
    params = {"column1": "a", "column2": "b"}
    types = {"c": "string", **AB}
    assert errors("one-of-required", params, types, {"c": ["x", "x"], "a": ["1", None]}) == [(1, None, "row-constraint")]
    assert errors("one-of-required", params, types, {"c": ["x", "x"]}) == [(None, None, "check-error")]


def test_cohesive_columns_are_all_filled_or_all_empty() -> None:
    params = {"column": "a", "othercolumns": ["b", "c"]}
    types = {**AB, "c": "string"}
    table = {"a": ["1", None, "1", None, "1"], "b": ["1", None, None, "1", "1"], "c": ["1", None, "1", None, None]}
    assert errors("cohesive-columns-value", params, types, table) == [(row, "a", "cell-error") for row in (2, 3, 4)]
    assert errors("cohesive-columns-value", params, types, {"a": ["1"], "b": ["1"]}) == [(None, None, "check-error")]


@pytest.mark.parametrize(
    ("kind", "operator", "left", "right", "holds"),
    [
        ("number", "<=", "9", "10", True),
        ("number", "<", "10", "10.0", False),
        ("number", "==", "10", "10.0", True),
        ("number", ">", "0.1", "0.09", True),
        ("number", ">", "NaN", "1", False),
        ("string", "<", "9", "10", True),  # numbers in text are compared as numbers
        ("string", "<", "b", "a", False),
        ("string", "<", "a", "b", True),
        ("string", "<", "a", "1", False),  # a text and a number are not comparable
        ("date", "<=", "2024-01-05", "2024-01-05", True),
        ("date", "<=", "2024-01-06", "2024-01-05", False),
        ("date", "<", "x", "2024-01-05", True),  # a cell in error counts as empty
        ("number", "<", "2", "", True),
        ("number", "<", "", "1", True),
    ],
)
def test_compare_columns(kind: str, operator: str, left: str, right: str, holds: bool) -> None:
    params = {"column": "a", "column2": "b", "op": operator}
    found = errors("compare-columns-value", params, {"a": kind, "b": kind}, {"a": [left], "b": [right]})
    assert found == ([] if holds else [(0, "a", "cell-error")])


def test_a_date_and_a_text_are_not_comparable() -> None:
    params = {"column": "a", "column2": "b", "op": "<"}
    table = {"a": ["2024-01-05"], "b": ["hier"]}
    assert errors("compare-columns-value", params, {"a": "date", "b": "string"}, table) == [(0, "a", "cell-error")]


def test_compare_columns_with_missing_columns() -> None:
    params = {"column": "a", "column2": "b", "op": "<"}
    types = {**AB, "c": "string"}
    assert errors("compare-columns-value", params, types, {"c": ["1"]}) == []
    assert errors("compare-columns-value", params, types, {"c": ["1"], "b": ["1"]}) == [(None, None, "check-error")]


def test_sum_columns() -> None:
    params = {"column": "t", "columns": ["a", "b"]}
    types = {"t": "number", "a": "number", "b": "number"}
    table = {"t": ["3", "4", None, "3", "0.3"], "a": ["1", "1", "1", None, "0.1"], "b": ["2", "2", "2", "2", "0.2"]}
    assert errors("sum-columns-value", params, types, table) == [(1, "t", "cell-error")]
    assert errors("sum-columns-value", params, types, {"t": ["3"], "a": ["1"]}) == [(None, None, "check-error")]


@pytest.mark.parametrize(
    ("value", "interval", "alone"),
    [("2017/2018", True, True), ("2017/2017", False, False), ("2018/2017", False, False), ("2017", False, True), ("17/18", False, False)],
)
def test_year_interval(value: str, interval: bool, alone: bool) -> None:
    assert (wrong_rows("year-interval-value", {"column": "a"}, A, {"a": [value]}) == []) is interval
    assert (wrong_rows("year-interval-value", {"column": "a", "allow-year-only": "yes"}, A, {"a": [value]}) == []) is alone


PHONES = {"01 99 00 12 34": 1, "0199001234": 1, "+33 1 99 00 12 34": 1, "3631": 1, "118 008": 1, "112": 1, "+32 2 555 12 12": 1}
NOT_PHONES = ["12345", "00 00 00 00 00", "téléphone", "+33 1 99", "019900123456", "+0 1234567"]


def test_phone_numbers() -> None:
    assert wrong_rows("phone-number-value", {"column": "a"}, A, {"a": [*PHONES, *NOT_PHONES]}) == [
        *range(len(PHONES), len(PHONES) + len(NOT_PHONES))
    ]


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("2017-03-30/2017-05-24", True),
        ("2017-03-30", True),
        ("2017-04-12/2017-03-09", False),
        ("2017-03-02/2017-30-05", False),
        ("20170302", False),
        ("2017-01-01/2017-01-02/2017-01-03", False),
    ],
)
def test_ordered_period(value: str, holds: bool) -> None:
    assert (wrong_rows("periode-ordonnee", {"column": "a"}, A, {"a": [value]}) == []) is holds


@pytest.mark.parametrize(
    ("check", "params"),
    [("compare-columns-value", {"column": "a", "column2": "b", "op": "!="}), ("sum-columns-value", {"column": "a", "columns": ["b"]})],
)
def test_parameters_that_mean_nothing_are_refused(check: str, params: dict[str, Any]) -> None:
    with pytest.raises(SchemaInvalide, match=check):
        errors(check, params, AB, {"a": ["1"], "b": ["1"]})
