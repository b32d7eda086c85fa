import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import siret as reference

from pipeline.identifiants import is_in_scientific_notation, is_rounded_siret, is_siret, siren_of_siret

DIGITS = "0123456789"


def values_of(expression: pl.Expr, *values: str | None) -> list[object]:
    return pl.DataFrame({"v": values}, schema={"v": pl.String}).select(expression).to_series().to_list()


@st.composite
def siret_with_true_check_digits(draw: st.DrawFn) -> str:
    """Random digits almost never pass Luhn twice: build SIRET that do."""
    eight = draw(st.text(DIGITS, min_size=8, max_size=8))
    siren = eight + luhn.calc_check_digit(eight)
    four = draw(st.text(DIGITS, min_size=4, max_size=4))
    return siren + four + luhn.calc_check_digit(siren + four)


LA_POSTE = st.text(DIGITS, min_size=5, max_size=5).map(lambda end: "356000000" + end)
SIRETS = st.one_of(siret_with_true_check_digits(), LA_POSTE, st.text(DIGITS, min_size=14, max_size=14))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("73282932000074", True),
        ("73282932000075", False),  # last digit wrong
        ("35600000000048", True),  # La Poste, head office: Luhn
        ("35600000049837", True),  # La Poste, a post office: digit sum
        ("35600000000049", False),
        ("00000000000000", False),  # passes Luhn, means "unknown"
        ("732829320 00074", False),  # harmonise removes spaces, validate refuses them
        ("73282932000074\n", False),
        ("７３２８２９３２０００００７４", False),  # full-width digits
        ("7328293200007", False),
        ("", False),
        (None, None),
    ],
)
def test_known_sirets(value: str | None, expected: bool | None) -> None:
    assert values_of(is_siret("v"), value) == [expected]


@given(st.lists(SIRETS, min_size=1, max_size=100))
def test_agrees_with_stdnum(values: list[str]) -> None:
    assert values_of(is_siret("v"), *values) == [reference.is_valid(value) and value != "0" * 14 for value in values]


@given(siret_with_true_check_digits(), st.integers(0, 13), st.integers(1, 9))
def test_a_changed_digit_is_seen(siret: str, position: int, shift: int) -> None:
    changed = siret[:position] + str((int(siret[position]) + shift) % 10) + siret[position + 1 :]
    assert values_of(is_siret("v"), changed) == [reference.is_valid(changed) and changed != "0" * 14]


def test_rounded_siret_is_seen_even_where_luhn_holds() -> None:
    rounded = next(
        siren + "00000" for siren in (f"{n:09d}" for n in range(100_000_000, 100_001_000)) if reference.is_valid(siren + "00000")
    )
    assert values_of(is_siret("v"), rounded) == [True]
    values = (rounded, "73282932000074", "7328293200000", "73282932000000.0", "00000", "", None)
    assert values_of(is_rounded_siret("v"), *values) == [True, False, False, False, False, False, None]


def test_scientific_notation_is_seen_whatever_the_decimal_mark() -> None:
    values = ("2,18602E+13", "2.1860194600013E13", "2E+13", "21860194600013", "E13", "2,18602E", "FR2E13", "", None)
    assert values_of(is_in_scientific_notation("v"), *values) == [True, True, True, False, False, False, False, False, None]


def test_a_check_takes_an_expression_as_well_as_a_name() -> None:
    spaced = pl.DataFrame({"v": ["732 829 320 00074"]})
    assert spaced.select(is_siret(pl.col("v").str.replace_all(" ", ""))).item()


def test_siren_of_siret() -> None:
    assert values_of(siren_of_siret("v"), "73282932000074", "732829320", "732829320x0074", "", None) == [
        "732829320",
        None,
        None,
        None,
        None,
    ]
