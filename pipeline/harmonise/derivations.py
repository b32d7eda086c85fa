"""What one cell of a line says about another cell of the same line: the year given where a day was asked for."""

from collections.abc import Iterator

import polars as pl

from pipeline.harmonise.ledger import entries_of
from pipeline.harmonise.rules.rule import Described
from pipeline.schema import Field, TableSchema

YEAR_ALONE = Described(
    id="annee-seule",
    sentence="Une année seule, dans la colonne de la date, est rangée dans la colonne de l'année ; la date reste vide.",
    reason="Une année ne dit pas un jour : elle n'est jamais changée en date. Si la colonne de l'année dit autre chose, rien n'est changé.",
    example=("2014", None),
)
_YEAR = "^(?:19|20)[0-9]{2}$"


def derived(table: pl.DataFrame, schema: TableSchema) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """`table` (ligne, then text columns) with each year moved where the schema takes a year in place of a day (`one-of-required`)."""
    entries: list[pl.DataFrame] = []
    for day, year in _either(schema):
        same = pl.col(year.name).is_null() | (pl.col(year.name) == pl.col(day.name))
        bare = table.select((pl.col(day.name).str.contains(_YEAR) & same).fill_null(False)).to_series()
        if not bare.any():
            continue
        moved = table.select("ligne", day.name, year.name).filter(bare)
        empty = moved.filter(pl.col(year.name).is_null())
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, moved.height)
        entries += [
            entries_of(moved["ligne"], day.name, YEAR_ALONE.id, moved[day.name], nothing),
            entries_of(empty["ligne"], year.name, YEAR_ALONE.id, empty[year.name], empty[day.name]),
        ]
        table = table.with_columns(
            pl.when(bare).then(day.name).otherwise(year.name).alias(year.name), pl.when(~bare).then(day.name).alias(day.name)
        )
    return table, entries


def _either(schema: TableSchema) -> Iterator[tuple[Field, Field]]:
    """The pairs (day, year) of which the schema asks for one."""
    fields = {field.name: field for field in schema.fields}
    for check in schema.descriptor.get("custom_checks", ()):
        if check["name"] == "one-of-required":
            pair = [fields[check["params"][column]] for column in ("column1", "column2")]
            days, years = ([field for field in pair if field.type == kind] for kind in ("date", "year"))
            yield from zip(days, years, strict=False)
