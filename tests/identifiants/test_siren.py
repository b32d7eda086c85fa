import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import siren as reference

from pipeline.identifiants import is_public_body_siren, is_siren

DIGITS = "0123456789"
TRUE_SIRENS = st.text(DIGITS, min_size=8, max_size=8).map(lambda eight: eight + luhn.calc_check_digit(eight))


def verdicts(expression: pl.Expr, *values: str | None) -> list[bool | None]:
    return pl.DataFrame({"v": values}, schema={"v": pl.String}).select(expression).to_series().to_list()


@given(st.lists(st.one_of(TRUE_SIRENS, st.text(DIGITS, min_size=9, max_size=9)), min_size=1, max_size=100))
def test_agrees_with_stdnum(values: list[str]) -> None:
    assert verdicts(is_siren("v"), *values) == [reference.is_valid(value) and value != "0" * 9 for value in values]


@given(st.text(max_size=12).filter(lambda text: not (len(text) == 9 and text.isascii() and text.isdigit())))
def test_what_is_not_nine_digits_is_refused(text: str) -> None:
    assert verdicts(is_siren("v"), text) == [False]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("130025265", True),  # DINUM, a State service
        ("213105554", True),  # Toulouse, a commune
        ("243500139", True),  # Rennes Métropole
        ("213105555", False),  # check digit wrong
        ("732829320", False),  # a company
        ("1", False),
        ("", False),
        (None, None),
    ],
)
def test_public_bodies(value: str | None, expected: bool | None) -> None:
    assert verdicts(is_public_body_siren("v"), value) == [expected]


@given(TRUE_SIRENS)
def test_a_public_body_has_a_true_siren_that_starts_with_1_or_2(siren: str) -> None:
    assert verdicts(is_public_body_siren("v"), siren) == [siren[0] in "12"]
