import re

import polars as pl
from frformat import CodeCommuneInsee, Millesime
from hypothesis import given
from hypothesis import strategies as st

from pipeline.identifiants import is_commune_code, is_rna


def verdicts(expression: pl.Expr, *values: str | None) -> list[bool | None]:
    return pl.DataFrame({"v": values}, schema={"v": pl.String}).select(expression).to_series().to_list()


def test_known_rna() -> None:
    values = ("W751234567", "W000000001", "w751234567", "W75123456", "W7512345678", " W751234567", "W751234567\n", "", None)
    assert verdicts(is_rna("v"), *values) == [True, True, False, False, False, False, False, False, None]


@given(st.from_regex(r"W?[0-9]{7,10}"))
def test_rna_agrees_with_a_full_match(value: str) -> None:
    assert verdicts(is_rna("v"), value) == [re.fullmatch(r"W\d{9}", value, re.ASCII) is not None]


def test_commune_forms() -> None:
    right = ("01001", "2A004", "2B033", "75056", "95680", "97105", "98818", "21231")
    wrong = ("1001", "00001", "20004", "2C004", "2a004", "96001", "99100", "750566", "75 056", "75056\n", "", "7505O")
    assert verdicts(is_commune_code("v"), *right, *wrong, None) == [True] * len(right) + [False] * len(wrong) + [None]


def test_every_commune_of_the_official_code_has_the_form() -> None:
    official = CodeCommuneInsee(Millesime.M2024)
    prefixes = [*(f"{n:02d}" for n in range(100)), "2A", "2B"]
    codes = [code for prefix in prefixes for n in range(1000) if official.is_valid(code := f"{prefix}{n:03d}")]
    assert len(codes) > 34_000
    assert all(verdicts(is_commune_code("v"), *codes))
