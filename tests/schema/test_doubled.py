from itertools import pairwise

from pipeline.schema.doubled import doubled_letters


def test_what_is_read_twice_leads_back_to_one_letter() -> None:
    letters = doubled_letters()
    assert letters["Ã©"] == letters["├®"] == "é"
    assert letters["Ã\xa0"] == "à"
    assert letters["â€™"] == "\u2019"
    assert {"é", "É", "œ", "«", "€", "\u00a0"} <= {*letters.values()}


def test_no_key_begins_another_so_that_a_text_has_one_reading() -> None:
    keys = sorted(doubled_letters())
    assert not [key for key, following in pairwise(keys) if following.startswith(key)]


def test_no_key_is_a_letter_or_a_sign_of_french() -> None:
    assert not {*doubled_letters()} & {*doubled_letters().values()}
    assert all(len(key) > 1 for key in doubled_letters())
