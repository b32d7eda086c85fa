"""What each record is: data, header, preamble, blank or total. Every record has one role, so that their counts add up."""

import re

import polars as pl

ROLES = ("donnees", "entete", "preambule", "vide", "total")

_TOTAL = r"(?i)^(?:sous[\s-]*|grand[\s-]+)?tota(?:l|ux)(?:[\s-]+g[ée]n[ée]ra(?:l|ux))?(?:\s+\d{4})?\s*:?$"
_AMOUNT = re.compile(r"[+-]?[\d\s.,]+(?:€|%|eur|euros)?", re.IGNORECASE)
# A SIREN, a SIRET, the number of a commitment: what a sum never bears.
_IDENTIFIER = re.compile(r"\d{9}")
_NARROW = 3


def with_roles(records: pl.DataFrame, header: int) -> pl.DataFrame:
    """Add `role` to `records` (ligne, cellules) whose header is at index `header`.

    A record equal to the header, further down, is a header again (pages printed one after the other).
    """
    cells = records["cellules"]
    label = first_filled(cells)
    repeated = cells == pl.Series([cells[header].to_list()], dtype=cells.dtype)
    index = pl.int_range(pl.len())
    told = records.with_columns(label.alias("libelle"), repeated.alias("repete")).with_columns(
        role=pl.when(pl.col("libelle").is_null())
        .then(pl.lit("vide"))
        .when(index < header)
        .then(pl.lit("preambule"))
        .when((index == header) | pl.col("repete"))
        .then(pl.lit("entete"))
        .when(pl.col("libelle").str.contains(_TOTAL))
        .then(pl.lit("total"))
        .otherwise(pl.lit("donnees"))
    )
    role = _without_false_totals(told, width=len(cells[header]))
    return records.with_columns(role.alias("role"))


def first_filled(cells: pl.Series) -> pl.Series:
    """First cell of each record that is not blank, stripped; null for a blank record."""
    first = cells.list.first().str.strip_chars()
    unknown = (first == "").arg_true()
    if unknown.is_empty():
        return first
    stripped = pl.element().str.strip_chars()
    filled = cells.gather(unknown).list.eval(stripped.filter(stripped != "")).list.first()
    return first.scatter(unknown, filled)


def _without_false_totals(told: pl.DataFrame, width: int) -> pl.Series:
    """« Total » is also a company: a total has only amounts beside its label, no identifier, and leaves more than half of its columns
    empty. A table of few columns has none to leave empty: there, it comes after the last line of data."""
    role = told["role"]
    claimed = (role == "total").arg_true()
    if claimed.is_empty():
        return role
    last_data = (role == "donnees").arg_true().max()
    false_totals = [
        index
        for index, cells in zip(claimed, told["cellules"].gather(claimed), strict=True)
        if not _is_total(cells.to_list(), width, after_data=last_data is None or index > last_data)
    ]
    return role.scatter(false_totals, "donnees")


def _is_total(cells: list[str], width: int, after_data: bool) -> bool:
    _label, *others = [text for cell in cells if (text := cell.strip())]
    if not all(_AMOUNT.fullmatch(other) and not _IDENTIFIER.search(other) for other in others):
        return False
    return 2 * (1 + len(others)) < width or (after_data and width <= _NARROW)
