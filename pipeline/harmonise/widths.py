"""Records with more cells than their header: a separator inside a cell that no quotes protect. Joined again in one way, or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.ledger import entries_of
from pipeline.harmonise.rules.rule import SPACES, Described
from pipeline.harmonise.shapes import has_form, in_form

CENTS = Described(
    id="largeur-montant",
    sentence="Un montant coupé en deux par sa virgule décimale, dans un fichier à virgules sans guillemets, est recollé.",
    reason="Un nombre entier à la française suivi d'une cellule de deux chiffres est un seul montant, à la place du montant.",
    example=('["24 975","00"]', "24 975,00"),
)
ONLY_WAY = Described(
    id="largeur-unique",
    sentence="Un texte coupé par une virgule sans guillemets est recollé quand une seule façon de recoller la ligne respecte le schéma.",
    reason="Sinon la ligne est rejetée, et le nombre de façons possibles est dit.",
    example=('["unique","après bilan"]', "unique,après bilan"),
)
# More cells in excess than that: the ways are not counted, the record is left.
MAX_EXCESS = 12
_SLICE = 60_000
_WHOLE = rf"^{SPACES}*[-\u2212]?[1-9][0-9]{{0,2}}(?:{SPACES}[0-9]{{3}})+{SPACES}*$"
_TWO_DIGITS = "^[0-9]{2}$"
# What a comma may leave of a number, beside the rest of it: standing alone it has two readings.
_FRAGMENT, _DIGITS = "^[0-9]{1,3}$", rf"^{SPACES}*[-\u2212]?[0-9][0-9.\p{{Zs}}]*$"
_PADDED, _ENDS_IN_DIGIT = "^0[0-9]{1,2}$", rf"[0-9]{SPACES}*$"


class Repaired(NamedTuple):
    """`rows`: ligne, cellules (as many as the header has columns). `registre`: ligne, colonne, regle, avant (the cells as read, in JSON),
    apres. `left`: ligne, recollages, the number of ways of joining that respect the schema (null: not counted, too many cells or too few).
    """

    rows: pl.DataFrame
    registre: list[pl.DataFrame]
    left: pl.DataFrame


ROWS: Mapping[str, pl.DataType] = {"ligne": pl.UInt32(), "cellules": pl.List(pl.String())}
LEFT: Mapping[str, pl.DataType] = {"ligne": pl.UInt32(), "recollages": pl.UInt64()}


@dataclass(frozen=True)
class _Layout:
    """The header of a delivery: for each column the field that it feeds, and what stands between two cells."""

    fields: tuple[str | None, ...]
    contract: Contract
    separator: str

    def is_numeric(self, field: str | None) -> bool:
        return field is not None and self.contract.forms[field].type in ("number", "integer")


def repair(ragged: pl.DataFrame, fields: Sequence[str | None], contract: Contract, separator: str = ",") -> Repaired:
    """Join the cells of records that have more of them than the header has columns.

    `ragged`: ligne, cellules. `fields`: for each column of the header, the field that it feeds, or None. A way of joining respects the
    schema when each cell, once harmonised, has the form of its field: type, pattern, closed list; an empty cell always does, but nothing is
    joined to one at its edge. Check digits, bounds and lengths are left out: a wrong value must not make a wrong joining look like the only
    one. A record with exactly one way is repaired; the named lexical evidence (`CENTS`) rules out the ways in which the two digits would be
    the whole amount, and is enough where
    the amount is all that was cut. Memory: bounded by slices of the records.
    """
    layout = _Layout(tuple(fields), contract, separator)
    excess = pl.col("cellules").list.len().cast(pl.Int64) - len(fields)
    records = ragged.select("ligne", pl.col("cellules").list.eval(pl.element().fill_null("")), excess=excess)
    parts = [part for many in range(1, MAX_EXCESS + 1) for part in _sliced(records.filter(pl.col("excess") == many), many, layout)]
    beyond = records.filter(~pl.col("excess").is_between(1, MAX_EXCESS)).select("ligne", recollages=pl.lit(None, pl.UInt64))
    return Repaired(
        pl.concat([pl.DataFrame(schema=ROWS), *(part.rows for part in parts)]).sort("ligne"),
        [entry for part in parts for entry in part.registre],
        pl.concat([pl.DataFrame(schema=LEFT), beyond, *(part.left for part in parts)]).sort("ligne"),
    )


def _sliced(records: pl.DataFrame, excess: int, layout: _Layout) -> Iterator[Repaired]:
    """By slices, because each cell is read in as many joinings as there are spans."""
    height = max(1, 2 * _SLICE // ((excess + 1) * (excess + 2)))
    return (_same_width(records.slice(start, height), excess, layout) for start in range(0, records.height, height))


def _same_width(records: pl.DataFrame, excess: int, layout: _Layout) -> Repaired:
    readings = [_readings(records, column, excess, layout) for column in range(len(layout.fields))]
    reached, finished = _reached(readings, excess), _finished(readings, excess)
    total = reached[-1][excess]
    only = total == 1
    # On the only way, the cells already in excess after each column: the one state that is both reached and finished.
    spent = [sum((at[d] * then[d] * d for d in range(1, excess + 1)), start=total * 0) for at, then in zip(reached, finished, strict=True)]
    nothing = pl.Series([None], dtype=pl.Int64).new_from_index(0, records.height)
    amount = _amount_cut(records, readings, layout).set(total > 0, None) if excess == 1 else nothing
    known = only | amount.is_not_null()
    spent = [used.zip_with(only, (amount <= column).cast(pl.UInt64).fill_null(0)) for column, used in enumerate(spent)]
    frame = records.select("ligne", "cellules", *(used.cast(pl.Int64).alias(f"_{column}") for column, used in enumerate(spent)))
    rows, entries = _joined(frame.filter(known), layout)
    return Repaired(rows, entries, records.select("ligne", recollages=total).filter(~known))


def _amount_cut(records: pl.DataFrame, readings: Sequence["Readings"], layout: _Layout) -> pl.Series:
    """The column of the amount that its decimal comma cut in two, in records of one cell too many; null where there is none.

    The evidence is enough by itself, so one other cell may be out of form: it will be told as such, in its column.
    """
    found = pl.Series([None], dtype=pl.Int64).new_from_index(0, records.height)
    spots = pl.repeat(0, records.height, dtype=pl.UInt32, eager=True)
    for place, field in enumerate(layout.fields):
        if not layout.is_numeric(field):
            continue
        whole, cents = (pl.col("cellules").list.get(at) for at in (place, place + 1))
        evident = records.select(whole.str.contains(_WHOLE) & cents.str.contains(_TWO_DIGITS)).to_series()
        sides = [readings[column][(0, 0) if column < place else (1, 1)] == 0 for column in range(len(layout.fields)) if column != place]
        astray = sum((side.cast(pl.UInt32) for side in sides), start=spots * 0)
        here = evident & (readings[place][0, 1] > 0) & (astray <= 1)
        found, spots = found.set(here, place), spots + here.cast(pl.UInt32)
    return found.set(spots > 1, None)


# For one column: (excess before it, excess after it) → how many readings the cells between give, record by record.
Readings = Mapping[tuple[int, int], pl.Series]


def _readings(records: pl.DataFrame, column: int, excess: int, layout: _Layout) -> Readings:
    """0 where the cells joined have not the form of the field, 1 where they have, 2 where they also look like a piece of a number."""
    spans = [(start, end) for start in range(excess + 1) for end in range(start, excess + 1)]
    field = layout.fields[column]
    whole = {span: records.select(_both_sides(column, *span)).to_series() for span in spans}
    if field is None or not has_form(field, layout.contract):
        return whole
    cells = pl.col("cellules")
    texts = [
        records.select(cells.list.slice(column + start, end - start + 1).list.join(layout.separator)).to_series() for start, end in spans
    ]
    fits = in_form(pl.concat(texts), field, layout.contract)
    slices = [fits.slice(rank * records.height, records.height).cast(pl.UInt64) * whole[span] for rank, span in enumerate(spans)]
    if not layout.is_numeric(field):
        return dict(zip(spans, slices, strict=True))
    alone = {start: records.select(_alone(column + start)).to_series() for start in range(excess + 1)}
    return {(start, end): fit * alone[start] if start == end else fit for (start, end), fit in zip(spans, slices, strict=True)}


def _both_sides(column: int, start: int, end: int) -> pl.Expr:
    """1 where the cells may have been one: what cuts a text leaves a piece of it on each side, not an empty cell."""
    if start == end:
        return pl.repeat(1, pl.len(), dtype=pl.UInt64)
    first, last = (pl.col("cellules").list.get(column + at).str.strip_chars() for at in (start, end))
    return ((first != "") & (last != "")).cast(pl.UInt64)


def _alone(place: int) -> pl.Expr:
    """Readings of a lone cell as a whole number: none when it is the cents of the amount before it, two when it may be part of another."""
    cell, after = (pl.col("cellules").list.get(at, null_on_oob=True).fill_null("") for at in (place, place + 1))
    before = pl.col("cellules").list.get(place - 1).fill_null("") if place else pl.lit("")
    cents = before.str.contains(_WHOLE) & cell.str.contains(_TWO_DIGITS)
    piece = (cell.str.contains(_FRAGMENT) & before.str.contains(_DIGITS)) | (cell.str.contains(_DIGITS) & after.str.contains(_FRAGMENT))
    padded = cell.str.contains(_PADDED) & before.str.contains(_ENDS_IN_DIGIT)
    return pl.when(cents).then(0).when(piece | padded).then(2).otherwise(1).cast(pl.UInt64)


def _reached(readings: Sequence[Readings], excess: int) -> list[list[pl.Series]]:
    """After each column, for each excess used: how many ways lead there."""
    none = readings[0][0, 0] * 0
    state = [none + 1, *[none] * excess]
    states = []
    for column in readings:
        state = [sum((state[start] * column[start, end] for start in range(end + 1)), start=none) for end in range(excess + 1)]
        states.append(state)
    return states


def _finished(readings: Sequence[Readings], excess: int) -> list[list[pl.Series]]:
    """After each column, for each excess used: how many ways lead from there to the end of the record."""
    none = readings[0][0, 0] * 0
    state = [*[none] * excess, none + 1]
    states = [state]
    for column in reversed(readings[1:]):
        state = [sum((column[start, end] * state[end] for end in range(start, excess + 1)), start=none) for start in range(excess + 1)]
        states.append(state)
    return states[::-1]


def _joined(records: pl.DataFrame, layout: _Layout) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The cells of each record joined as `_0`, `_1`… say (excess used after each column), and an entry for each joined cell."""
    ends = [pl.col(f"_{column}") for column in range(len(layout.fields))]
    starts = [pl.lit(0, pl.Int64), *ends[:-1]]
    spans = [
        pl.col("cellules").list.slice(start + column, end - start + 1) for column, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    rows = records.select("ligne", cellules=pl.concat_list(span.list.join(layout.separator) for span in spans))
    entries = []
    for field, span in zip(layout.fields, spans, strict=True):
        if field is None:
            continue
        cut = records.select("ligne", cells=span).filter(pl.col("cells").list.len() > 1)
        for rule, part in zip((CENTS, ONLY_WAY), _by_evidence(cut, layout.is_numeric(field)), strict=True):
            if not part.is_empty():
                before = part.select(pl.struct("cells").struct.json_encode().str.slice(len('{"cells":')).str.head(-1)).to_series()
                after = part["cells"].list.join(layout.separator)
                entries.append(entries_of(part["ligne"], field, rule.id, before, after))
    return rows, entries


def _by_evidence(cut: pl.DataFrame, numeric: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The joined cells that are a whole amount and its cents, and the others."""
    whole, cents = pl.col("cells").list.first().str.contains(_WHOLE), pl.col("cells").list.last().str.contains(_TWO_DIGITS)
    evident = whole & cents & (pl.col("cells").list.len() == 2) & pl.lit(numeric)
    return cut.filter(evident), cut.filter(~evident)
