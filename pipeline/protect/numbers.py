"""Telephone and bank numbers and NIR in public texts, as the audit finds them: by their arithmetic where the builder goes by their form."""

import re
from collections.abc import Iterator

import polars as pl

DIGITS = 9  # a cell with fewer holds no such number
_SEPARATORS = re.compile(r"[\s.\-–—_·•]+")
_ASIDE = re.compile(r"https?://\S+|www\.\S+|\b\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}\b|\b\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}\b")
_PHONE = re.compile(r"(?:^|[\s(:;,])0[1-9](?:[\s.\-–—_]{0,3}\d\d){4}(?![^\W_])")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?:[ .\-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_NIR = re.compile(r"(?<![^\W_])[12](?:[ .\-]?[0-9AB]){14}(?![^\W_])", re.IGNORECASE)


def told(cells: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """(place, what it holds) for each cell of free text that holds one. `cells`: place, cell."""
    doubtful = cells.filter(pl.col("cell").str.count_matches(r"\d") >= DIGITS)
    for place, cell in doubtful.iter_rows():
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
