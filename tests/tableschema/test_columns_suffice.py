"""Ordinary cells, right or wrong, are judged by columns alone: a compiler that suspects everything would be right, and slow."""

from typing import Any

import polars as pl
import pytest

from pipeline.tableschema import validate
from pipeline.tableschema.engine import Engine

ORDINARY: list[tuple[dict[str, Any], list[str], list[str]]] = [
    ({"type": "number"}, ["1", "-1.50", "007", "123456789.12345"], ["x", "1,5", "1 000", "12 €"]),
    ({"type": "number", "constraints": {"minimum": 0, "maximum": 12.5}}, ["0", "12.5", "12.50"], ["-0.1", "12.51"]),
    ({"type": "number", "constraints": {"enum": ["1.0", "2"]}}, ["1", "2.00"], ["3"]),
    ({"type": "number", "decimalChar": ",", "groupChar": " ", "constraints": {"minimum": 2}}, ["1 000,5", "2"], ["1.5", "1,5"]),
    ({"type": "number", "bareNumber": False}, ["12.5 €", "€ -3"], ["1 2"]),
    ({"type": "integer", "constraints": {"minimum": 1, "exclusiveMaximum": 10}}, ["1", "09"], ["0", "10", "1.0", "x"]),
    ({"type": "year", "constraints": {"maximum": "2024"}}, ["2024", "0000"], ["2025", "24", "20a4"]),
    ({"type": "date", "constraints": {"minimum": "2020-01-01"}}, ["2024-02-29"], ["2023-02-29", "05/01/2024", "2019-12-31", "x"]),
    ({"type": "date", "format": "%d/%m/%Y"}, ["29/02/2024"], ["29/02/2023", "x"]),
    ({"type": "boolean", "trueValues": ["oui"], "falseValues": ["non"]}, ["oui", "non"], ["Oui", "1"]),
    ({"constraints": {"pattern": r"^W\d{9}$"}}, ["W123456789"], ["W12345678", "w123456789"]),
    ({"constraints": {"pattern": "[^;]+"}}, ["é à"], ["a;b"]),
    ({"constraints": {"minLength": 2, "maxLength": 3, "enum": ["ab", "éàü"]}}, ["ab", "éàü"], ["a", "abcd", "xy"]),
    ({"format": "email"}, ["nom.prenom@ville.example"], ["nom", "a@b@c.fr"]),
    ({"format": "uri"}, ["https://a.fr/b/c.html"], ["a.fr"]),
    ({"type": "datetime"}, ["2024-01-05T12:00:00Z"], ["2024-01-05"]),
    ({"type": "time"}, ["12:00:00"], ["12:00"]),
    ({"type": "yearmonth", "constraints": {"minimum": "2020-01"}}, ["2024-01"], ["2019-12", "202401"]),
    ({"type": "geopoint"}, ["2.3, 48.1"], ["2.3"]),
    ({"type": "list", "constraints": {"maxLength": 2}}, ["a,b"], ["a,b,c"]),
    ({"type": "object"}, [], ["[1]", "x"]),
]


@pytest.mark.parametrize(("field", "right", "wrong"), ORDINARY, ids=[str(field) for field, _, _ in ORDINARY])
def test_ordinary_cells_need_columns_only(
    monkeypatch: pytest.MonkeyPatch, field: dict[str, Any], right: list[str], wrong: list[str]
) -> None:
    monkeypatch.setattr("pipeline.tableschema.engine.admitted", lambda _contract: None)
    monkeypatch.setattr(Engine, "_frictionless", lambda _self: pytest.fail("a cell was suspect"))
    errors = validate(pl.DataFrame({"un": [*right, *wrong]}), {"fields": [{"name": "un", **field}]}).report.errors
    assert sorted(set(errors["row"])) == list(range(len(right), len(right) + len(wrong)))


@pytest.mark.parametrize("kind", ["string", "number", "integer", "date", "year", "boolean"])
def test_ordinary_keys_need_columns_only(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    cells = {"string": "é", "number": "01.50", "integer": "-07", "date": "2024-01-05", "year": "2024", "boolean": "true"}
    monkeypatch.setattr(Engine, "_frictionless", lambda _self: pytest.fail("a key was unknown"))
    schema = {"fields": [{"name": "un", "type": kind, "constraints": {"unique": True}}]}
    errors = validate(pl.DataFrame({"un": [cells[kind], "", cells[kind]]}), schema).report.errors
    assert errors.filter(pl.col("rule") == "unique")["row"].to_list() == [2]
