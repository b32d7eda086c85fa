"""From the cells of one delivery, aligned with its header, to the fields of the schema in their canonical form."""

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.derivations import derived
from pipeline.harmonise.headers import Column
from pipeline.harmonise.ledger import declared, repaired
from pipeline.harmonise.rules import EDGES

# A line that fills two columns of which it should fill one: which value is meant is not for us to say.
EXCLUSIVE_CELLS = "exclusive-cells"


def sought(columns: Sequence[Column], cells: str = "cellules") -> dict[str, pl.Expr]:
    """Field → its cell in the list of cells of a record, for each field that the header gives. Of columns that exclude each other, the
    filled one: see `conflict`.
    """
    return {
        field: _cell(places[0], cells) if len(places) == 1 else pl.coalesce(_filled(place, cells) for place in places)
        for field, places in _places(columns).items()
    }


def conflict(columns: Sequence[Column], cells: str = "cellules") -> pl.Expr:
    """True where a record fills two columns that exclude each other."""
    several = [places for places in _places(columns).values() if len(places) > 1]
    counts = [pl.sum_horizontal(_filled(place, cells).is_not_null() for place in places) for places in several]
    return pl.any_horizontal(pl.lit(False), *(count > 1 for count in counts))


def harmonised(
    delivered: pl.DataFrame, constants: Mapping[str, str], contract: Contract
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The fields of the schema as canonical text (null: empty), after `ligne` and `defaut`, and the ledger's entries.

    `delivered` is one whole delivery: ligne, defaut, then a text column for each field that its header gives. Where `defaut` is set the
    cells are not to be trusted: all the fields of the line are null.
    """
    trusted = delivered["defaut"].is_null()
    made: list[pl.Series] = []
    entries: list[pl.DataFrame] = []
    for field in contract.schema.fields:
        chain, form = contract.rules_of(field), contract.forms[field.name]
        if field.name in delivered.columns:
            cells = delivered.select(pl.when(trusted).then(field.name).alias(field.name)).to_series()
            series, changes = repaired(cells, delivered["ligne"], form, chain)
        elif field.name in constants:
            value, changes = declared(constants[field.name], form, chain)
            series = delivered.select(pl.when(trusted).then(pl.lit(value, pl.String)).alias(field.name)).to_series()
        else:
            series, changes = pl.Series(field.name, [None], pl.String).new_from_index(0, delivered.height), []
        made.append(series)
        entries += changes
    table, moves = derived(pl.DataFrame([delivered["ligne"], delivered["defaut"], *made]), contract.schema)
    return table, [*entries, *moves]


def _places(columns: Sequence[Column]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for column in columns:
        if column.champ is not None and column.position is not None:
            places.setdefault(column.champ, []).append(column.position)
    return places


def _cell(position: int, cells: str) -> pl.Expr:
    return pl.col(cells).list.get(position, null_on_oob=True)


def _filled(position: int, cells: str) -> pl.Expr:
    cell = _cell(position, cells)
    return pl.when(cell.str.contains(f"[^{EDGES}]")).then(cell)
