import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.presentation import ABSENT, counted, day, money, number, percentage, short_day

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


def read_back(text: str) -> Decimal:
    """What a French reader understands, by hand: no spaces, a decimal comma."""
    return Decimal(re.sub("[\u202f\u00a0€%]", "", text).replace(",", "."))


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0, None, "0"),
        (999, None, "999"),
        (1234, None, "1\u202f234"),
        (1707978946, None, "1\u202f707\u202f978\u202f946"),
        (-1234, None, "-1\u202f234"),
        (0.5, None, "0,5"),
        (0.1, None, "0,1"),
        (1e21, None, "1\u202f000\u202f000\u202f000\u202f000\u202f000\u202f000\u202f000"),
        (1e-7, None, "0,0000001"),
        (Decimal("1E+3"), None, "1\u202f000"),
        (2.5, 0, "3"),  # halves away from zero, not to the even neighbour
        (-2.5, 0, "-3"),
        (Decimal("0.005"), 2, "0,01"),
        (-0.001, 2, "0,00"),  # no "minus zero"
        (12, 2, "12,00"),
    ],
)
def test_numbers(value: float | Decimal, decimals: int | None, expected: str) -> None:
    assert number(value, decimals) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("-Infinity")])
def test_what_is_no_number_is_refused(value: float | Decimal) -> None:
    with pytest.raises(ValueError, match="nombre"):
        number(value)


def test_money_and_ratios() -> None:
    assert money(Decimal("1234.5")) == "1\u202f234,50\u00a0€"
    assert money(45_000_000, 0) == "45\u202f000\u202f000\u00a0€"
    assert percentage(80 / 312) == "25,6\u00a0%"
    assert percentage(Decimal(1), 0) == "100\u00a0%"
    assert percentage(0) == "0,0\u00a0%"


def test_dates() -> None:
    assert day(date(2020, 1, 1)) == "1er janvier 2020"
    assert day(date(2024, 10, 28)) == "28 octobre 2024"
    assert day(date(2021, 8, 11)) == "11 août 2021"
    assert short_day(date(2024, 2, 3)) == "03/02/2024"
    assert short_day(date(987, 2, 3)) == "03/02/0987"


def test_plural_begins_at_two() -> None:
    counts = (0, 1, 2, -1, 1234)
    assert [counted(count, "ligne") for count in counts] == ["0 ligne", "1 ligne", "2 lignes", "-1 ligne", "1\u202f234 lignes"]
    assert counted(2, "lieu", "lieux") == "2 lieux"
    assert counted(1, "lieu", "lieux") == "1 lieu"


def test_what_is_not_known_is_never_zero() -> None:
    shown = {number(None), money(None), percentage(None), day(None), short_day(None), counted(None, "ligne")}
    assert shown == {ABSENT} == {"non disponible"}


@given(AMOUNTS)
def test_an_amount_reads_back_as_itself(amount: Decimal) -> None:
    shown = money(amount)
    assert read_back(shown) == amount
    assert re.fullmatch("-?[0-9]{1,3}(\u202f[0-9]{3})*,[0-9]{2}\u00a0€", shown)


@given(st.one_of(st.integers(-(10**15), 10**15), st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)))
def test_a_number_keeps_its_own_digits(value: float) -> None:
    assert float(read_back(number(value))) == value


@given(AMOUNTS, st.integers(0, 2))
def test_rounding_is_that_of_a_ledger(amount: Decimal, decimals: int) -> None:
    assert read_back(number(amount, decimals)) == round_by_hand(amount, decimals)


def round_by_hand(amount: Decimal, decimals: int) -> Decimal:
    scale = 10**decimals
    return (amount * scale).to_integral_value(ROUND_HALF_UP) / scale
