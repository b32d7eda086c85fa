"""Records of a workbook: one sheet, every row of it as text."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import fastexcel
import polars as pl

from pipeline.ingest import xls
from pipeline.ingest.formats import Format
from pipeline.ingest.header import ENOUGH_LABELS, SEARCHED_RECORDS, Header, Record, Sought, best, find_header
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.shape import LINE, LISTED, Records
from pipeline.ingest.sheet_xml import Unsaid, member_of
from pipeline.ingest.workbook import check_workbook, read_unsaid
from pipeline.ingest.xls_process import IN_SIGHT
from pipeline.schema.records import cells
from pipeline.settings import Settings


class Unread(NamedTuple):
    """A sheet left aside, with the number of its rows that hold something."""

    name: str
    rows: int
    hidden: bool


@dataclass(frozen=True)
class SheetRecords:
    """The records of a sheet, its header and its name. Every row has as many cells, '' where there is none.

    `unread`: the other sheets that hold something, when the choice was ours. `unsaid`: what the reader leaves out of this one.
    """

    records: Records
    header: Header
    sheet: str
    unread: Sequence[Unread] = ()
    unsaid: Unsaid = field(default_factory=Unsaid)


@dataclass(frozen=True)
class _Sheet:
    name: str
    hidden: bool
    rows: pl.DataFrame
    first: Sequence[Record]
    known: int


def read_workbook(path: Path, form: Format, sheet: str | None, sought: Sought, settings: Settings) -> SheetRecords:
    """Records of the sheet named, else of the one in sight that is most like the schema. DeliveryRefused when there is none, or several.

    Rows and columns that are only declared or formatted, past the last filled cell, do not count. The text of a merged cell is in its
    first one. A number keeps no trailing `.0`; a date cell reads `2018-03-23 00:00:00`, a date typed as text stays as typed.
    """
    telling = check_workbook(path, settings) if form == "xlsx" else frozenset()
    likest: _Sheet | None = None
    tables: dict[str, int] = {}
    aside: list[Unread] = []
    hidden_table: str | None = None
    for found in _sheets(path, form, sheet, sought, settings):
        if found.hidden and sheet is None:
            hidden_table = hidden_table or (found.name if found.known >= ENOUGH_LABELS else None)
            aside.append(_left(found))
            continue
        if found.rows.height > 1:
            tables[found.name] = found.known
        if not found.rows.is_empty() and (likest is None or found.known > likest.known):
            left, likest = likest, found
        else:
            left = found
        aside += [_left(left)] if left else []
    if hidden_table and (likest is None or likest.known < ENOUGH_LABELS):
        raise DeliveryRefused(f"seule la feuille masquée « {hidden_table} » ressemble au schéma : l'afficher, ou la nommer par « sheet »")
    if likest is None:
        raise DeliveryRefused("aucun enregistrement dans le classeur : redemander la livraison")
    _check_only([other for other, alike in tables.items() if alike == likest.known >= ENOUGH_LABELS])
    member = member_of(path, likest.name) if telling else None
    return SheetRecords(
        Records(likest.rows, pl.DataFrame(schema=LISTED)),
        find_header(likest.first, sought),
        likest.name,
        [other for other in aside if other.rows],
        read_unsaid(path, member) if member in telling else Unsaid(),
    )


def _left(sheet: _Sheet) -> Unread:
    filled = sheet.rows.filter(pl.any_horizontal(pl.lit(False), pl.exclude("ligne") != ""))
    return Unread(sheet.name, filled.height, sheet.hidden)


def _check_only(alike: Sequence[str]) -> None:
    """DeliveryRefused when another sheet with data is as like the schema: the lines of those not read would be lost in silence."""
    if len(alike) > 1:
        raise DeliveryRefused(
            f"{len(alike)} feuilles ressemblent autant au schéma ({', '.join(alike)}) : en nommer une par « sheet », "
            "et chaque autre dans une entrée de plus"
        )


def _sheets(path: Path, form: Format, sheet: str | None, sought: Sought, settings: Settings) -> Iterator[_Sheet]:
    """The sheet named, else every sheet: one at a time, for they may be large."""
    for name, hidden, sheet_cells in _laid_out(path, form, sheet, settings):
        rows = _rows(sheet_cells)
        first: list[Record] = [(line, cells) for line, *cells in rows.head(max(SEARCHED_RECORDS, sought.row or 0)).iter_rows()]
        yield _Sheet(name, hidden, rows, first, best(first[:SEARCHED_RECORDS], sought.labels)[0])


def _laid_out(path: Path, form: Format, sheet: str | None, settings: Settings) -> Iterator[tuple[str, bool, pl.DataFrame]]:
    """Name, whether it is hidden, and cells as text."""
    if form == "xls":
        with xls.read_sheets(path, settings) as (hidden, folder):
            names = list(hidden)
            for name in _wanted(sheet, names):
                yield name, hidden[name], xls.sheet_at(folder, names.index(name))
        return
    try:
        reader = fastexcel.read_excel(path.read_bytes())
        for name in _wanted(sheet, reader.sheet_names):
            found = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            yield name, found.visible != IN_SIGHT, found.to_polars()
    except fastexcel.FastExcelError:
        raise DeliveryRefused("classeur abîmé ou protégé : le réenregistrer sans mot de passe, en .xlsx") from None


def _wanted(sheet: str | None, names: Sequence[str]) -> Sequence[str]:
    if sheet is None or sheet in names:
        return names if sheet is None else [sheet]
    close = difflib.get_close_matches(sheet, names, n=1)
    advice = f" (vouliez-vous dire « {close[0]} » ?)" if close else ""
    raise DeliveryRefused(f"feuille « {sheet} » absente{advice} ; feuilles du classeur : {', '.join(names)}")


def _rows(sheet: pl.DataFrame) -> pl.DataFrame:
    """(ligne, c0, …) of a sheet; `ligne` is the row of the sheet, from 1."""
    filled = sheet.select(column.name for column in sheet if column.null_count() < sheet.height)
    if filled.width == 0:
        return pl.DataFrame(schema=LINE)
    width = sheet.get_column_index(filled.columns[-1]) + 1
    last = filled.select(pl.any_horizontal(pl.all().is_not_null()).arg_true().max()).item()
    rows = sheet[: last + 1, :width].select(pl.all().fill_null(""))
    rows.columns = cells(width)
    return rows.select(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("ligne"), pl.all())
