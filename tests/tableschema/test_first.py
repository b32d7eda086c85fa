"""The first look settles cells by cheaper questions: each is compared with the full rule, and with what it remembers in the way."""

import calendar
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.fr import siret

from pipeline.tableschema import check_columns, contract, forms, patterns
from pipeline.tableschema.engine import Engine
from tests.tableschema.tables import EVERY, PATTERNS

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "fonds", "constraints": {"required": True, "pattern": r"^\d{14}$"}},
        {"name": "nature", "constraints": {"enum": ["oui", "non", "peut-être"]}},
        {"name": "taux", "type": "number", "constraints": {"maximum": 1}},
        {"name": "libre"},
    ],
    "missingValues": ["", "NA"],
    "custom_checks": [
        {"name": "french-siret-value", "params": {"column": "fonds"}},
        {"name": "siret-strict", "params": {"column": "libre"}},
        {"name": "one-of-required", "params": {"column1": "nature", "column2": "taux"}},
        {"name": "compare-columns-value", "params": {"column": "taux", "op": "<=", "column2": "nature"}},
    ],
}
GOOD, BAD = "73282932000074", "73282932000075"
CELLS = [
    [GOOD, GOOD, BAD, "", "x", None],
    ["oui", "non", "NA", "", "autre", None],
    ["0.5", "1", "2", "", "x", None],
    [GOOD, BAD, "", "NA", None],
]
LABELS = [field["name"] for field in SCHEMA["fields"]]


def judged(slices: list[list[tuple[str | None, ...]]]) -> list[tuple[Any, ...]]:
    engine = Engine(contract.read(SCHEMA), LABELS)
    for rows in slices:
        engine.judge(pl.DataFrame(rows, schema={f"c{index}": pl.String for index in range(4)}, orient="row"))
    found = engine.finish()
    kinds = list(found.kinds)
    return sorted((row, kinds[kind].rule, kinds[kind].field or "") for row, kind, _ in found.frame().rows())


constant = st.tuples(*(st.sampled_from(cells[:2]) for cells in CELLS)).map(lambda row: [row] * 3)
varied = st.lists(st.tuples(*map(st.sampled_from, CELLS)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(constant, st.lists(st.one_of(constant, varied), max_size=5))
def test_what_a_slice_taught_changes_no_verdict(first: list[tuple[str | None, ...]], others: list[list[tuple[str | None, ...]]]) -> None:
    """All rows in one slice have nothing to remember: the same errors, wherever the slices are cut."""
    slices = [first, *others]
    assert judged(slices) == judged([[row for rows in slices for row in rows]])


def test_a_column_of_one_value_is_compared_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(contract.read(SCHEMA), LABELS)
    lines = pl.DataFrame({"c0": [GOOD] * 2, "c1": ["oui"] * 2, "c2": ["0.5"] * 2, "c3": [GOOD] * 2})
    engine.judge(lines)
    monkeypatch.setattr(engine._first, "_questions", {name: pl.lit(False).alias(name) for name in ("c0", "c1", "c2", "k0", "k1")})
    assert engine.look(lines) == {}
    assert set(engine.look(lines.with_columns(c0=pl.lit(BAD)))) == {"c0", "k0"}


def test_every_day_of_the_calendar_is_a_date_and_nothing_else_is() -> None:
    months = [(month, day) for month in range(14) for day in range(33)]
    for years in (range(1700), range(1700, 2400), range(2400, 10_000, 7)):
        texts = [f"{year:04}-{month:02}-{day:02}" for year in years for month, day in months]
        expected = [
            year > 0 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1] for year in years for month, day in months
        ]
        assert pl.DataFrame({"t": texts}).select(forms.is_date(pl.col("t"))).to_series().to_list() == expected
    odd = ["24-01-05", "2024-1-5", "2024-01-5", "2024/01/05", " 2024-01-05", "2024-01-05 ", "2024-01-05\n", "+2024-01-05", "２024-01-05"]
    assert not pl.DataFrame({"t": odd}).select(forms.is_date(pl.col("t")).any()).item()


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(st.sampled_from(PATTERNS), st.from_regex(r"(\[\^?(\\[dDsSwW]|[a-c]|é){1,3}\]|\\[dDsSwW]|.|a){1,3}[*?]?")),
    st.text() | st.sampled_from(EVERY),
)
def test_a_pattern_that_surely_holds_holds_in_python(pattern: str, text: str) -> None:
    try:
        holds, fails = patterns.holds(pattern), patterns.fails(pattern)
        matches = re.compile(f"^{pattern}$").match(text) is not None
    except (patterns.Untranslatable, re.error):
        return
    sure, broken = pl.DataFrame({"t": [text]}).select(holds(pl.col("t")).alias("sure"), fails(pl.col("t")).alias("broken")).row(0)
    assert matches or not sure
    assert broken is None or broken is not matches
    if text.isascii():
        assert sure is matches


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.from_regex(r"(356000000)?[0-9]{5,14}", fullmatch=True),
            st.from_regex(r"[+-]?[0-9]{12,15}", fullmatch=True),
            st.sampled_from(EVERY),
        )
    )
)
def test_a_siret_that_surely_holds_holds_in_stdnum(texts: list[str]) -> None:
    """Numbers completed by their check digits among them, or nearly none would hold."""
    texts = [
        *texts,
        *(f"{text[:8]}{first}{text[9:13]}{last}" for text in texts if len(text) == 14 for first in range(10) for last in range(10)),
    ]
    sure = (
        pl.DataFrame({"t": pl.Series(texts, dtype=pl.String)}).select(check_columns.surely_siret(pl.col("t")).fill_null(False)).to_series()
    )
    for text, told in zip(texts, sure, strict=True):
        plain = re.fullmatch("[1-9][0-9]{13}", text) is not None and not text.startswith("3560")
        assert told is (plain and siret.is_valid(text))
    full = pl.DataFrame({"t": pl.Series(texts, dtype=pl.String)}).select(check_columns.siret(pl.col("t"))).to_series()
    assert [told for told in full if told is not None] == [
        siret.is_valid(text) for text, told in zip(texts, full, strict=True) if told is not None
    ]
