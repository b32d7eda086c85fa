"""Telephone numbers as Validata accepts them: the French numbering plan, and the form only of another country's numbers.

The plan: metadata of libphonenumber 9.0.43 for France (Apache-2.0), which Validata asks through python-phonenumbers. It has the plans of
all countries in a megabyte of tables; without them a foreign number is known by its length, so that one nobody has is accepted here.
"""

import re
import unicodedata

_NATIONAL = re.compile(
    r"(?:26[013-9]|59[1-35-9])\d{6}|(?:[13]\d|2[0-57-9]|4[1-9]|5[0-8])\d{7}"  # fixed
    r"|(?:6(?:[0-24-8]\d|3[0-8]|9[589])|7[3-9]\d)\d{6}"  # mobile
    r"|80\d{7}|836(?:0[0-36-9]|[1-9]\d)\d{4}|8(?:1[2-9]|2[2-47-9]|3[0-57-9]|[569]\d|8[0-35-9])\d{6}|8(?:1[01]|2[0156]|4[024]|84)\d{6}"
    r"|9\d{8}"
)
_SHORT = re.compile(
    r"1(?:0\d\d|1(?:[02459]|6(?:00[06]|11[17])|8\d{3})|[578]|9[167])|2(?:0(?:00|2)0|24)|[3-8]\d{4}|3\d{3}|6(?:1[14]|34)|7(?:0[06]|22|40)"
)
_FOREIGN = re.compile(r"(?!33)[1-9]\d{6,14}")
_BEFORE = re.compile(r"^[^+\d]*")
_AFTER = re.compile(r"(?:_|[^#\w])+$")
_EXTENSION = re.compile(r"(?:;ext=|[ ,]*(?:ext(?:ension)?|x|#)[:. ,]*)\d{1,7}#?$", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[-\u2010-\u2015\u2212\u2053\u223c~ \u00a0\u00ad\u200b\u2060().\[\]/]+")

_LONGEST = 250  # characters, as libphonenumber
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


def is_phone(text: str) -> bool:
    """Whether a text is a French number, long or short, or has the form of an international one."""
    if len(text) > _LONGEST:
        return False
    written = text if text.isascii() else _in_ascii_digits(text)
    bare = _AFTER.sub("", _BEFORE.sub("", written))
    number = _dialled(_PUNCTUATION.sub("", _EXTENSION.sub("", bare)))
    digits = number.lstrip("+")
    if not digits.isascii() or not digits.isdigit():
        return False
    if number != digits or digits.startswith("00"):
        abroad = digits.removeprefix("00") if number == digits else digits
        return _FOREIGN.fullmatch(abroad) is not None or (abroad.startswith("33") and _is_french(abroad[2:]))
    return _is_french(digits) or (digits.startswith("33") and _NATIONAL.fullmatch(digits[2:]) is not None)


def _in_ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in unicodedata.normalize("NFKC", text))


def _is_french(digits: str) -> bool:
    return _NATIONAL.fullmatch(digits.removeprefix("0")) is not None or _SHORT.fullmatch(digits) is not None


def _dialled(number: str) -> str:
    """Three letters or more are those of a keypad; fewer are a slip that is passed over."""
    if sum(char.isalpha() for char in number) < 3:
        return "".join(char for char in number if not char.isalpha())
    return number.lower().translate(_KEYPAD)
