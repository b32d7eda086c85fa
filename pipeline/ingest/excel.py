"""Records of a workbook: one sheet, every row of it as text."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import fastexcel
import polars as pl

from pipeline.ingest import xls
from pipeline.ingest.formats import Format
from pipeline.ingest.header import ENOUGH_LABELS, SEARCHED_RECORDS, Header, Record, Sought, best, find_header
from pipeline.ingest.merged import Span, member_of
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.shape import LINE, LISTED, Records
from pipeline.ingest.workbook import check_workbook, merged_spans
from pipeline.schema.records import cells
from pipeline.settings import Settings


@dataclass(frozen=True)
class SheetRecords:
    """The records of a sheet, its header and its name. Every row has as many cells, '' where there is none.

    `unread`: the other sheets that hold something, when the choice was ours, and how many rows of each. `merged`: cells over several rows.
    """

    records: Records
    header: Header
    sheet: str
    unread: Mapping[str, int] = field(default_factory=dict)
    merged: Sequence[Span] = ()


@dataclass(frozen=True)
class _Sheet:
    known: int
    name: str
    rows: pl.DataFrame
    first: Sequence[Record]


def read_workbook(path: Path, form: Format, sheet: str | None, sought: Sought, settings: Settings) -> SheetRecords:
    """Records of the sheet named, else of the one most like the schema. DeliveryRefused when there is none, or several.

    Rows and columns that are only declared or formatted, past the last filled cell, do not count. The text of a merged cell is in its
    first one. A number keeps no trailing `.0`; a date cell reads `2018-03-23 00:00:00`, a date typed as text stays as typed.
    """
    with_merged = check_workbook(path, settings) if form == "xlsx" else frozenset()
    likest: _Sheet | None = None
    tables: dict[str, int] = {}
    filled: dict[str, int] = {}
    for name, sheet_cells in _sheets(path, form, sheet, settings):
        rows = _rows(sheet_cells)
        first: list[Record] = [(line, cells) for line, *cells in rows.head(max(SEARCHED_RECORDS, sought.row or 0)).iter_rows()]
        known = best(first[:SEARCHED_RECORDS], sought.labels)[0]
        filled[name] = rows.filter(pl.any_horizontal(pl.lit(False), pl.exclude("ligne") != "")).height
        if rows.height > 1:
            tables[name] = known
        if not rows.is_empty() and (likest is None or known > likest.known):
            likest = _Sheet(known, name, rows, first)
    if likest is None:
        raise DeliveryRefused("aucun enregistrement dans le classeur : redemander la livraison")
    _check_only([other for other, alike in tables.items() if alike == likest.known >= ENOUGH_LABELS])
    member = member_of(path, likest.name) if with_merged else None
    return SheetRecords(
        Records(likest.rows, pl.DataFrame(schema=LISTED)),
        find_header(likest.first, sought),
        likest.name,
        {name: count for name, count in filled.items() if count and name != likest.name},
        merged_spans(path, member) if member in with_merged else (),
    )


def _check_only(alike: Sequence[str]) -> None:
    """DeliveryRefused when another sheet with data is as like the schema: the lines of those not read would be lost in silence."""
    if len(alike) > 1:
        raise DeliveryRefused(
            f"{len(alike)} feuilles ressemblent autant au schéma ({', '.join(alike)}) : en nommer une par « sheet », "
            "et chaque autre dans une entrée de plus"
        )


def _sheets(path: Path, form: Format, sheet: str | None, settings: Settings) -> Iterator[tuple[str, pl.DataFrame]]:
    """Name and cells, as text, of the sheet named, else of every sheet: one at a time, for they may be large."""
    if form == "xls":
        with xls.read_sheets(path, settings) as (names, folder):
            for name in _wanted(sheet, names):
                yield name, xls.sheet_at(folder, names.index(name))
        return
    try:
        reader = fastexcel.read_excel(path.read_bytes())
        for name in _wanted(sheet, reader.sheet_names):
            yield name, reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
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
