"""Sums among the data: of the whole table or of a part of it. A grant must not be counted again as part of one."""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.schema.records import cells as names_of

# A label that says nothing but that it is a total; the shape of the record decides.
TOTAL = r"(?i)^(?:sous[\s-]*|grand[\s-]+)?tota(?:l|ux)(?:[\s-]+g[ée]n[ée]ra(?:l|ux))?(?:\s+\d{4})?\s*:?$"
# « Total Culture », « Sous-total sport » : or a company. Only the sum itself proves that it is one.
TOTAL_OF = r"(?i)^[\s*=-]*(?:(?:sous|grand|montant)[\s-]*)?tota(?:l|ux)[^\p{L}]"
_AMOUNT = re.compile(r"[+-]?[\d\s.,]+(?:€|%|eur|euros)?", re.IGNORECASE)
# A SIREN, a SIRET, the number of a commitment: what a sum never bears.
_IDENTIFIER = re.compile(r"\d{9}")
_NARROW = 3
_MOST_CLAIMS = 500
# A sum may begin after any of the last so many totals: sections are nested.
_LEVELS = 20
_HALF_A_CENT = 0.005
# Position → amount.
Amounts = Mapping[int, float]


def has_shape_of_total(cells: Sequence[str], width: int, after_data: bool) -> bool:
    """« Total » is also a company: a total has only amounts beside its label, no identifier, and leaves more than half of its columns
    empty. A table of few columns has none to leave empty: there, it comes after the last line of data."""
    _label, *others = [text for cell in cells if (text := cell.strip())]
    if not all(map(_is_amount, others)):
        return False
    return 2 * (1 + len(others)) < width or (after_data and width <= _NARROW)


def proven_totals(reguliers: pl.DataFrame, role: pl.Series, label: pl.Series, width: int) -> list[int]:
    """Places of the data records whose label claims a total and whose every amount is the sum of the data above, from an earlier total or
    the header on. `label`: first filled cell of each record."""
    claims = ((role == "donnees") & label.str.contains(TOTAL_OF).fill_null(False)).arg_true().head(_MOST_CLAIMS)
    if claims.is_empty():
        return []
    amounts = {place: _amounts(reguliers.row(place)[1 : width + 1]) for place in claims}
    columns = {position for found in amounts.values() for position in found}
    above = {position: _sums(reguliers[names_of(width)[position]], role == "donnees") for position in columns}
    starts = sorted({*claims, *(role == "total").arg_true()})
    proven: list[int] = []
    for place, found in amounts.items():
        before = [start for start in starts if start < place][-_LEVELS:]
        if found and any(_is_sum(place, start, found, above, {other: amounts[other] for other in proven}) for start in (None, *before)):
            proven.append(place)
    return proven


def _is_sum(place: int, start: int | None, found: Amounts, above: Mapping[int, pl.Series], proven: Mapping[int, Amounts]) -> bool:
    """Whether the amounts are what was counted since `start` (None: the header), the totals already proven apart."""
    for position, amount in found.items():
        until, since = above[position][place] - amount, 0.0 if start is None else above[position][start]
        totals = sum(other.get(position, 0.0) for at, other in proven.items() if (start is None or at > start))
        if abs(until - since - totals - amount) >= _HALF_A_CENT:
            return False
    return True


def _amounts(cells: Sequence[str]) -> Amounts:
    """Position → amount of all that the record holds beside its label; nothing when one of them is no amount, or is zero."""
    filled = [(position, cell.strip()) for position, cell in enumerate(cells) if cell.strip()][1:]
    if not all(_is_amount(text) for _, text in filled):
        return {}
    values = _numbers(pl.Series([text for _, text in filled], dtype=pl.String)).to_list()
    found = {position: value for (position, _), value in zip(filled, values, strict=True) if value}
    return found if len(found) == len(filled) else {}


def _is_amount(text: str) -> bool:
    return _AMOUNT.fullmatch(text) is not None and not _IDENTIFIER.search(text)


def _sums(column: pl.Series, counted: pl.Series) -> pl.Series:
    """Sum of the data down to each record."""
    return (_numbers(column).fill_null(0.0) * counted.cast(pl.Float64)).cum_sum()


def _numbers(texts: pl.Series) -> pl.Series:
    bare = pl.col("texte").str.replace_all(r"[\s\p{Zs}€]|(?i:euros?|eur)", "")
    one_sign = (
        pl.when(bare.str.contains(r"\..*,"))
        .then(bare.str.replace_all(".", "", literal=True))
        .when(bare.str.contains(r",.*\."))
        .then(bare.str.replace_all(",", "", literal=True))
        .otherwise(bare)
    )
    return texts.alias("texte").to_frame().select(one_sign.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)).to_series()
