"""From the cells of one delivery, aligned with its header, to the fields of the schema in their canonical form."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.derivations import derived
from pipeline.harmonise.headers import Column
from pipeline.harmonise.ledger import declared, repaired
from pipeline.harmonise.merged import Spans, filled_down
from pipeline.harmonise.rules import EDGES
from pipeline.schema.records import cell

# A line that fills two columns of which it should fill one: which value is meant is not for us to say.
EXCLUSIVE_CELLS = "exclusive-cells"


def harmonised(
    records: pl.DataFrame,
    columns: Sequence[Column],
    constants: Mapping[str, str],
    contract: Contract,
    merged: Spans = MappingProxyType({}),
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The fields of the schema as canonical text (null: empty), after `ligne`, `defaut` and `recollages`, and the ledger's entries.

    `records` is one whole delivery: those three, then c0, c1, … under the `columns` of its header. Where `defaut` is set, or where columns
    that exclude each other are both filled, the cells are not to be trusted: all the fields of the line are null. `merged`: the cells that
    run over several lines.
    """
    places = _places(columns)
    defects = records.select(pl.coalesce("defaut", pl.when(_conflict(places)).then(pl.lit(EXCLUSIVE_CELLS))).alias("defaut")).to_series()
    trusted = defects.is_null()
    made: list[pl.Series] = []
    entries: list[pl.DataFrame] = []
    for field in contract.schema.fields:
        chain, form = contract.rules_of(field), contract.forms[field.name]
        if field.name in places:
            cells = records.select(pl.when(trusted).then(_cell(places[field.name])).alias(field.name)).to_series()
            cells, fillings = filled_down(cells, records["ligne"], _span(columns, field.name, merged), field)
            series, changes = repaired(cells, records["ligne"], form, chain)
            changes = [*fillings, *changes]
        elif field.name in constants:
            value, changes = declared(constants[field.name], form, chain)
            series = records.select(pl.when(trusted).then(pl.lit(value, pl.String)).alias(field.name)).to_series()
        else:
            series, changes = pl.Series(field.name, [None], pl.String).new_from_index(0, records.height), []
        made.append(series)
        entries += changes
    table, moves = derived(pl.DataFrame([records["ligne"], defects, records["recollages"], *made]), contract.schema)
    return table, [*entries, *moves]


def _span(columns: Sequence[Column], field: str, merged: Spans) -> pl.DataFrame | None:
    """The merged cells of the one column that gives a field."""
    positions = [column.position for column in columns if column.champ == field and column.position is not None]
    return merged.get(positions[0]) if len(positions) == 1 else None


def _places(columns: Sequence[Column]) -> dict[str, list[str]]:
    """Field → the columns that give it: one, or those that exclude each other."""
    places: dict[str, list[str]] = {}
    for column in columns:
        if column.champ is not None and column.position is not None:
            places.setdefault(column.champ, []).append(cell(column.position))
    return places


def _cell(places: Sequence[str]) -> pl.Expr:
    return pl.col(places[0]) if len(places) == 1 else pl.coalesce(_filled(place) for place in places)


def _conflict(places: Mapping[str, Sequence[str]]) -> pl.Expr:
    counts = [pl.sum_horizontal(_filled(place).is_not_null() for place in several) for several in places.values() if len(several) > 1]
    return pl.any_horizontal(pl.lit(False), *(count > 1 for count in counts))


def _filled(place: str) -> pl.Expr:
    return pl.when(pl.col(place).str.contains(f"[^{EDGES}]")).then(place)
