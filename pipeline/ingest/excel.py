"""Records of a workbook: one sheet, every row of it as text."""

import difflib
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from pipeline.ingest.header import SEARCHED_RECORDS, Header, Record, Sought, best, find_header
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.shape import LINE, LISTED, Records
from pipeline.ingest.workbook import check_workbook
from pipeline.schema.records import cells
from pipeline.settings import Settings


@dataclass(frozen=True)
class SheetRecords:
    """The records of a sheet, its header and its name. Every row has as many cells, '' where there is none."""

    records: Records
    header: Header
    sheet: str


def read_workbook(path: Path, sheet: str | None, sought: Sought, settings: Settings) -> SheetRecords:
    """Records of the sheet named, else of the one most like the schema. DeliveryRefused when there is none to read.

    Rows and columns that are only declared or formatted, past the last filled cell, do not count. The text of a merged cell is in its
    first one. A number keeps no trailing `.0`; a date cell reads `2018-03-23 00:00:00`, a date typed as text stays as typed.
    """
    check_workbook(path, settings)
    try:
        reader = fastexcel.read_excel(path.read_bytes())
        names = reader.sheet_names
        wanted = names if sheet is None else [_named(sheet, names)]
        sheets = {name: _rows(reader, name) for name in wanted}
    except fastexcel.FastExcelError:
        raise DeliveryRefused("classeur abîmé ou protégé : le réenregistrer sans mot de passe, en .xlsx") from None
    first = {name: _first_records(rows, sought) for name, rows in sheets.items()}
    found = max(sheets, key=lambda name: (best(first[name][:SEARCHED_RECORDS], sought.labels)[0], -wanted.index(name)), default=None)
    if found is None or sheets[found].is_empty():
        raise DeliveryRefused("aucun enregistrement dans le classeur : redemander la livraison")
    return SheetRecords(Records(sheets[found], pl.DataFrame(schema=LISTED)), find_header(first[found], sought), found)


def _first_records(rows: pl.DataFrame, sought: Sought) -> list[Record]:
    return [(line, cells) for line, *cells in rows.head(max(SEARCHED_RECORDS, sought.row or 0)).iter_rows()]


def _named(sheet: str, names: list[str]) -> str:
    if sheet in names:
        return sheet
    close = difflib.get_close_matches(sheet, names, n=1)
    advice = f" (vouliez-vous dire « {close[0]} » ?)" if close else ""
    raise DeliveryRefused(f"feuille « {sheet} » absente{advice} ; feuilles du classeur : {', '.join(names)}")


def _rows(reader: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    """(ligne, c0, …) of a sheet; `ligne` is the row of the sheet, from 1."""
    sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    filled = sheet.select(column.name for column in sheet if column.null_count() < sheet.height)
    if filled.width == 0:
        return pl.DataFrame(schema=LINE)
    width = sheet.get_column_index(filled.columns[-1]) + 1
    last = filled.select(pl.any_horizontal(pl.all().is_not_null()).arg_true().max()).item()
    rows = sheet[: last + 1, :width].select(pl.all().fill_null(""))
    rows.columns = cells(width)
    return rows.select(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("ligne"), pl.all())
