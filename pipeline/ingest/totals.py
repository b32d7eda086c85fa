"""Sums among the data: of the whole table or of a part of it. A grant must not be counted again as part of one."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from pipeline.schema.records import cells as names_of

# A label that says nothing but that it is a total; the shape of the record decides.
TOTAL = r"(?i)^(?:sous[\s-]*|grand[\s-]+)?tota(?:l|ux)(?:[\s-]+g[ée]n[ée]ra(?:l|ux))?(?:\s+\d{4})?\s*:?$"
# « Total Culture », « Sous-total sport » : or a company. Only the sum itself proves that it is one.
TOTAL_OF = r"(?i)^[\s*=-]*(?:(?:sous|grand|montant)[\s-]*)?tota(?:l|ux)(?:[^\p{L}]|$)"
_LABEL = re.compile(r"[\s*=-]*(?:(?:sous|grand|montant)[\s-]*)?tota(?:l|ux)(?![^\W\d_])", re.IGNORECASE)
_AMOUNT = re.compile(r"[+-]?[\d\s.,]+(?:€|%|eur|euros)?", re.IGNORECASE)
# A SIREN, a SIRET, the number of a commitment: what a sum never bears.
_IDENTIFIER = re.compile(r"\d{9}")
_NARROW = 3
_MOST_CLAIMS = 500
# A sum may begin after any of the last so many totals: sections are nested.
_LEVELS = 20
_HALF_A_CENT = 0.005
# Columns of words in which a label of total is sought, and records from which they are known.
_LABELLED, _SAMPLE = 2, 1_000
_TWO = 2


def has_shape_of_total(cells: Sequence[str], width: int, after_data: bool) -> bool:
    """« Total » is also a company: a total has only amounts beside its label, no identifier, and leaves more than half of its columns
    empty. A table of few columns has none to leave empty: there, it comes after the last line of data."""
    _label, *others = [text for cell in cells if (text := cell.strip())]
    if not all(map(_is_amount, others)):
        return False
    return 2 * (1 + len(others)) < width or (after_data and width <= _NARROW)


def proven_totals(reguliers: pl.DataFrame, role: pl.Series, label: pl.Series, width: int) -> list[int]:
    """Places of the data records that claim to be a total, and whose every amount is the sum of the data above, from an earlier total or
    the header on. `label`: first filled cell of each record."""
    data = role == "donnees"
    claimed = label.str.contains(TOTAL_OF).fill_null(False)
    for name in _worded(reguliers, names_of(width)):
        claimed |= reguliers[name].str.contains(TOTAL_OF)
    places = (data & claimed).arg_true().head(_MOST_CLAIMS).to_list()
    if not places:
        return []
    where = data.arg_true()
    before_each = where.search_sorted(pl.Series(places, dtype=where.dtype))  # how many records of data are above
    claims = {
        place: _claim(reguliers, place, where[count - 1] if count else None, width)
        for place, count in zip(places, before_each, strict=True)
    }
    columns = {position for claim in claims.values() for position in claim.amounts}
    sums = {position: _sums(reguliers[names_of(width)[position]], data) for position in columns}
    seen = _Seen(claims, sums, data.cast(pl.UInt32).cum_sum())
    starts = sorted({*places, *(role == "total").arg_true()})
    proven: list[int] = []
    for place, claim in claims.items():
        before = [start for start in starts if start < place][-_LEVELS:]
        if claim.amounts and any(_is_sum(place, start, proven, seen) for start in (None, *before)):
            proven.append(place)
    return proven


class _Claim(NamedTuple):
    """`amounts`: position → amount of what must be a sum. `carried`: whether other cells repeat the record above (its funder, its year),
    so that one line could be a company's grant like another."""

    amounts: Mapping[int, float] = MappingProxyType({})
    carried: bool = False


def _claim(reguliers: pl.DataFrame, place: int, last: int | None, width: int) -> _Claim:
    """What a record claims; `last`: place of the data above it."""
    cells = [cell.strip() for cell in reguliers.row(place)[1 : width + 1]]
    filled = [position for position, cell in enumerate(cells) if cell]
    label = next((position for position in filled if _LABEL.match(cells[position])), filled[0])
    rest = [position for position in filled if position != label]
    if label == filled[0] and all(_is_amount(cells[position]) for position in rest):
        return _Claim(_amounts(cells, rest))
    above = [] if last is None else [cell.strip() for cell in reguliers.row(last)[1 : width + 1]]
    own = [position for position in rest if not above or cells[position] != above[position]]
    return _Claim(_amounts(cells, own), carried=True) if all(_is_amount(cells[position]) for position in own) else _Claim()


class _Seen(NamedTuple):
    """`sums`: of each column where a claim has an amount, what is counted down to each record; `counts`: how many records that is."""

    claims: Mapping[int, _Claim]
    sums: Mapping[int, pl.Series]
    counts: pl.Series


def _is_sum(place: int, start: int | None, proven: Sequence[int], seen: _Seen) -> bool:
    """Whether the amounts are what was counted since `start` (None: the header), the totals already proven apart."""
    within = [at for at in proven if start is None or at > start]
    claim = seen.claims[place]
    lines = seen.counts[place] - 1 - (0 if start is None else seen.counts[start]) - len(within)
    if claim.carried and lines < _TWO:
        return False
    for position, amount in claim.amounts.items():
        until, since = seen.sums[position][place] - amount, 0.0 if start is None else seen.sums[position][start]
        totals = sum(seen.claims[at].amounts.get(position, 0.0) for at in within)
        if abs(until - since - totals - amount) >= _HALF_A_CENT:
            return False
    return True


def _worded(reguliers: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """The first columns that are mostly words, the first column apart: a label of total stands in one of them."""
    sample, names = reguliers.head(_SAMPLE), names[1:]
    words = sample.select(pl.col(names).str.contains(r"^[^0-9]*\p{L}[^0-9]*$").sum()).row(0) if sample.height else ()
    return [name for name, count in zip(names, words, strict=False) if 2 * count > sample.height][:_LABELLED]


def _amounts(cells: Sequence[str], places: Sequence[int]) -> dict[int, float]:
    """Position → amount; nothing when there is none, or when one of them is zero: it would prove nothing."""
    values = _numbers(pl.Series([cells[position] for position in places], dtype=pl.String)).to_list()
    found = {position: value for position, value in zip(places, values, strict=True) if value}
    return found if len(found) == len(places) else {}


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
