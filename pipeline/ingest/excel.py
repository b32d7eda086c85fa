"""Records of a workbook: one sheet, every row of it as text."""

import difflib
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from pipeline.ingest.header import Labels, best
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.workbook import check_workbook
from pipeline.settings import Settings


@dataclass(frozen=True)
class SheetRecords:
    """`frame`: ligne (row of the sheet, from 1), cellules (text of each cell, '' where there is none; as many in every row)."""

    frame: pl.DataFrame
    sheet: str


def read_workbook(path: Path, sheet: str | None, labels: Labels, settings: Settings) -> SheetRecords:
    """Records of the sheet named, else of the one most like the schema. DeliveryRefused when there is none to read.

    Rows and columns that are only declared or formatted, past the last filled cell, do not count; nor do the columns before the
    first one. A number keeps no trailing `.0`; a date cell reads `2018-03-23 00:00:00`, a date typed as text stays as typed.
    """
    check_workbook(path, settings)
    try:
        reader = fastexcel.read_excel(path.read_bytes())
        names = reader.sheet_names
        wanted = names if sheet is None else [_named(sheet, names)]
        frames = {name: _rows(reader, name) for name in wanted}
    except fastexcel.FastExcelError:
        raise DeliveryRefused("classeur abîmé ou protégé : le réenregistrer en .xlsx sans mot de passe") from None
    found = max(frames, key=lambda name: (best(frames[name], labels)[0], -wanted.index(name)), default=None)
    if found is None or frames[found].is_empty():
        raise DeliveryRefused("aucun enregistrement dans le classeur : redemander la livraison")
    return SheetRecords(frames[found], found)


def _named(sheet: str, names: list[str]) -> str:
    if sheet in names:
        return sheet
    close = difflib.get_close_matches(sheet, names, n=1)
    advice = f" (vouliez-vous dire « {close[0]} » ?)" if close else ""
    raise DeliveryRefused(f"feuille « {sheet} » absente{advice} ; feuilles du classeur : {', '.join(names)}")


def _rows(reader: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    filled = sheet.select(column.name for column in sheet if column.null_count() < sheet.height)
    if filled.width == 0:
        return pl.DataFrame(schema={"ligne": pl.UInt32, "cellules": pl.List(pl.String)})
    width = sheet.get_column_index(filled.columns[-1]) + 1
    last = filled.select(pl.any_horizontal(pl.all().is_not_null()).arg_true().max()).item()
    rows = sheet[: last + 1, :width].select(pl.all().fill_null(""))
    return rows.select(ligne=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32), cellules=pl.concat_list(pl.all()))
