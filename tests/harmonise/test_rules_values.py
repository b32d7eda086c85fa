"""A repair keeps the value: the same day, the same amount, the same digits."""

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum.fr import siret as french_siret

from tests.harmonise.essai import NARROW, NBSP, applied, harmonised


@settings(deadline=None)
@given(st.text(max_size=20))
def test_edges_are_what_unicode_calls_a_space_or_three_invisible_marks(text: str) -> None:
    start, end = 0, len(text)
    while start < end and (text[start].isspace() or text[start] in "\u200b\u2060\ufeff"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "\u200b\u2060\ufeff"):
        end -= 1
    assert applied("espaces", "texte", text) == [text[start:end] or (None if not text else "")]


@settings(deadline=None)
@given(st.text("éèàçÉœ’«»°€ abcdef12", max_size=12), st.sampled_from(["cp1252", "latin-1", "cp850"]))
def test_a_text_decoded_twice_comes_back_and_a_right_one_stays(text: str, encoding: str) -> None:
    twice = "".join(bytes([byte]).decode(encoding, errors="replace") for byte in text.encode())
    right = applied("texte-double", "texte", text)
    assert right == [text or None]
    if "\ufffd" not in twice and text:
        assert applied("texte-double", "texte", twice) == [text]


@settings(deadline=None)
@given(
    st.integers(0, 40), st.integers(0, 14), st.integers(0, 2999), st.sampled_from(["date-jjmmaaaa /", "date-jjmmaaaa -", "date-points ."])
)
def test_a_french_date_becomes_iso_when_the_day_exists(day: int, month: int, year: int, form: str) -> None:
    rule, separator = form.split()
    written, bare = f"{day:02}{separator}{month:02}{separator}{year:04}", f"{day}{separator}{month}{separator}{year:04}"
    exists = year > 0 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    assert applied(rule, "jour", written) == [f"{year:04}-{month:02}-{day:02}" if exists else written]
    assert applied(rule, "jour", bare) == [f"{year:04}-{month:02}-{day:02}" if exists else bare]


@settings(deadline=None)
@given(st.dates(date(1980, 1, 1), date(2049, 12, 31)))
def test_a_serial_is_the_day_that_excel_shows(day: date) -> None:
    """Excel counts from 1899-12-30 once past the 29 February 1900 that it believes in."""
    serial = (day - date(1899, 12, 31)).days + 1
    assert applied("date-serie-excel", "jour", str(serial)) == [day.isoformat()]


MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1)), st.booleans())
def test_a_date_in_words_is_that_day(day: date, capitals: bool) -> None:
    text = f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year:04}"
    assert applied("date-lettres", "jour", text.upper() if capitals else text) == [day.isoformat()]


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 900), st.sampled_from(["%Y/%m/%d", "%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"]))
def test_a_period_keeps_its_two_days(first: date, length: int, form: str) -> None:
    last = first + timedelta(days=length)
    assert harmonised("periode", [f"{first:{form}}_{last:{form}}"]) == [f"{first}/{last}"]


@settings(deadline=None)
@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    st.sampled_from([" ", NBSP, NARROW, ""]),
    st.sampled_from(["", "€", " €", f"{NBSP}€", " EUR", " euros"]),
)
@example(Decimal("1234.00"), " ", " €")
def test_an_amount_keeps_its_value(amount: Decimal, group: str, currency: str) -> None:
    whole, cents = f"{amount:,.2f}".split(".")
    (read,) = applied("montant-francais", "somme", f"{whole.replace(',', group)},{cents}{currency}")
    assert read is not None
    assert re.fullmatch(r"-?[0-9]+\.[0-9]{2}", read)
    assert Decimal(read) == amount


@settings(deadline=None)
@given(st.lists(st.decimals(min_value=0, max_value=10**9, places=2), min_size=1, max_size=6))
def test_an_english_column_is_read_whole_or_not_at_all_for_what_has_two_readings(amounts: list[Decimal]) -> None:
    column = [f"{amount:,.2f}" for amount in amounts] + [f"{int(amount):,}" for amount in amounts]
    proven = any(re.search(r",.*[.,]", cell) for cell in column)
    for cell, read in zip(column, harmonised("somme", column), strict=True):
        two_readings = re.fullmatch("[0-9]{1,3},[0-9]{3}", cell)
        assert read == (cell if two_readings and not proven else cell.replace(",", ""))


@settings(deadline=None)
@given(st.integers(1_000, 999_999))
def test_an_english_thousand_alone_is_left(count: int) -> None:
    assert harmonised("somme", [f"{count:,}", f"{count:,} €"]) == [f"{count:,}", f"{count:,} €"]


@settings(deadline=None)
@given(st.text(f"0123456789 ,.-€()%{NBSP}", max_size=14))
def test_a_changed_amount_has_the_same_digits_in_the_same_order(text: str) -> None:
    for rule in ("montant-francais", "montant-milliers", "montant-anglais"):
        (read,) = applied(rule, "somme", text)
        if read != (text or None):
            assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", read or "")
            assert re.sub("[^0-9]", "", read or "") == re.sub("[^0-9]", "", text)


@settings(deadline=None)
@given(st.decimals(min_value=-(10**11), max_value=10**11, places=6))
def test_a_computed_amount_goes_to_the_nearest_cent_and_to_none_when_two_are_as_near(amount: Decimal) -> None:
    text = f"{amount:.6f}"
    (read,) = applied("montant-centimes", "somme", text)
    assert read is not None
    near = {amount.quantize(Decimal("0.01"), rounding) for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
    tie = abs(amount - amount.quantize(Decimal("0.01"), ROUND_DOWN)) == Decimal("0.005")
    if tie or amount == amount.quantize(Decimal("0.01")):
        assert read == text
    else:
        assert {Decimal(read)} == near


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=100, places=2))
def test_a_percentage_is_a_hundredth(share: Decimal) -> None:
    (read,) = applied("part-signe", "part", f"{share} %")
    assert read is not None
    assert Decimal(read) == share / 100


@settings(deadline=None)
@given(
    st.text("0123456789", min_size=14, max_size=14),
    st.lists(st.tuples(st.integers(0, 14), st.sampled_from(" .'" + NBSP + NARROW)), min_size=1, max_size=6),
)
def test_a_siret_is_found_under_its_spaces(siret: str, spaces: list[tuple[int, str]]) -> None:
    written = siret
    for place, space in spaces:
        written = written[:place] + space + written[place:]
    assert applied("siret-espaces", "siret", written) == [siret]


@settings(deadline=None, max_examples=200)
@given(st.text("0123456789", min_size=13, max_size=13))
@example("5520135400010")
def test_a_zero_is_given_back_only_to_what_stdnum_calls_a_siret(digits: str) -> None:
    (read,) = applied("siret-zero-perdu", "siret", digits)
    if read != digits:
        assert read == "0" + digits
        assert french_siret.is_valid(read)
        assert not read.endswith("00000")


@pytest.mark.parametrize("siret", ["2,18602E+13", "2.18602E+13", "2.1860194600013E13", "2,1860194600013E+13"])
def test_a_siret_in_scientific_notation_is_never_guessed(siret: str) -> None:
    """Left where the SIRET is required, which rejects the line; emptied where a name stands in."""
    assert harmonised("siret", [siret]) == [siret]
    assert harmonised("identifiant", [siret]) == [None]
