"""Telephone numbers: what `test_validata` compares when its oracle is there, as plain examples."""

import pytest

from pipeline.tableschema.phones import is_phone

NUMBERS = [
    "01 99 00 12 34",
    "tel: 01.99.00.12.34",
    "(01) 99 00 12 34",
    "01/99/00/12/34",
    "+33 (0)1 99 00 12 34",
    "33199001234",
    "199001234",
]
NUMBERS += ["06 12 34 56 78", "0800123456", "09 72 00 00 00", "3631", "15", "116 117", "118 008", "０１９９００１２３４", "٠١٩٩٠٠١٢٣٤"]
NUMBERS += ["01 99 00 12 34 ext 3", "0199001234,", "0800 ABCDEF", "+1 212 555 0123", "0041 44 668 18 00"]
OTHERS = [
    "0408123456",
    "06 39 98 01 23",
    "0700000000",
    "08 43 00 00 00",
    "13",
    "0611",
    "12345",
    "331234",
    "+33 1 99",
    "+331990012345",
    "+0 1234567",
    "+1234567890123456",
]
OTHERS += ["0199001234 / 0639980123", "", "a", "téléphone", "+", "²³", "1" * 20]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    assert is_phone(text)


@pytest.mark.parametrize("text", OTHERS)
def test_texts_that_are_no_number(text: str) -> None:
    assert not is_phone(text)


def test_a_very_long_cell_is_refused_at_once() -> None:
    assert not is_phone(" " * 10_000_000 + "0199001234" + " " * 10_000_000)
