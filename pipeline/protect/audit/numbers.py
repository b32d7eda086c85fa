"""Telephone and bank numbers and NIR in public texts, as the audit finds them: by their arithmetic where the builder goes by their form."""

import re
from collections.abc import Iterator

import polars as pl

DIGITS = 9  # a cell with fewer holds no such number
_ANY = r"(?:[^\w,;:%€°()]|_)"  # between two digits of one number: neither what parts a list nor a unit
_SEPARATORS = re.compile(r"[\W_]+")
_ASIDE = re.compile(
    r"\S*(?:://|www\.|\.(?:com|fr|org|net)/)\S*|\b\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}\b|\b\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}\b", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?:^|[\W_])0[1-9](?:(?:\d\d){4}|(?:(?:[^\w,;:%€°]|_){1,3}\d\d){4})(?![^\W_])"
    r"|(?:\+|(?<!\w)00) ?33(?:[ .()/\-]{0,3}\d){9,10}(?![^\W_])|\+ ?(?:3[0-24-9]|4[013-9])(?:[ .()/\-]{0,3}\d){8,10}(?![^\W_])"
)
_ACCOUNT = re.compile(rf"(?:\b|_|(?<=IBAN))[A-Z]{{2}}\d{{2}}(?:{_ANY}{{0,2}}[A-Z0-9]){{11,30}}", re.IGNORECASE)
_NIR = re.compile(rf"(?:(?<![^\W_])|(?<=NIR))[12](?:{_ANY}?[0-9AB]){{14}}(?![^\W_])", re.IGNORECASE)


def told(cells: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """(place, what it holds) for each cell of free text that holds one. `cells`: place, cell, read."""
    doubtful = cells.filter(pl.col("cell").str.count_matches(r"\d") >= DIGITS)
    for place, cell in doubtful.select("place", "cell").iter_rows():
        text = _ASIDE.sub(" ; ", cell)
        if _PHONE.search(text):
            yield place, "un numéro de téléphone"
        if any(_is_account(match[0]) for match in _ACCOUNT.finditer(text)):
            yield place, "des coordonnées bancaires"
        if any(_is_nir(match[0]) for match in _NIR.finditer(text)):
            yield place, "un numéro de sécurité sociale"


def _is_account(text: str) -> bool:
    """Whether the text begins with an IBAN: what follows it may look like more of it."""
    from stdnum import iban  # noqa: PLC0415 - only a doubtful cell needs it

    compact = _SEPARATORS.sub("", text)
    return any(iban.is_valid(compact[:length]) for length in range(15, len(compact) + 1))


def _is_nir(text: str) -> bool:
    from stdnum.fr import nir  # noqa: PLC0415 - only a doubtful cell needs it

    return bool(nir.is_valid(_SEPARATORS.sub("", text)))


def called(cells: pl.DataFrame, phones: list[str], free: list[str]) -> list[str]:
    """Where one of the telephone numbers (ten digits) is a cell, or stands in a free text, two signs at most between its digits."""
    doubtful = cells.filter(pl.col("cell").str.count_matches("[0-9]") >= DIGITS)
    digits = pl.col("cell").str.replace_all(r"\D", "").str.replace(r"^(?:00)?330?([1-9]\d{8})$", "0${1}")
    inside = pl.col("cell").str.replace_all(r"[^\p{L}\p{N}]{3,}", "|").str.replace_all(r"[^\p{L}\p{N}|]", "")
    held = pl.col("place").is_in(free) & inside.str.contains_any(phones) if phones else pl.lit(False)
    return doubtful.filter(digits.is_in(phones) | held)["place"].unique().sort().to_list()
