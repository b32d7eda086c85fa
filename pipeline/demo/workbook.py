"""A workbook of one sheet whose bytes depend on its cells only: the least of Office Open XML (ECMA-376), entries stored and undated.

No library of the run-time lock writes workbooks (Polars does it through `xlsxwriter`, which is not there); so few kinds of cells need none.
"""

import datetime as dt
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | int | Decimal | dt.date | None

_EPOCH = dt.date(1899, 12, 30)
_UNDATED = (1980, 1, 1, 0, 0, 0)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Cell format 1 is a date (built-in number format 14).
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"/><xf xfId="0" numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write(path: Path, sheet: str, rows: Sequence[Sequence[Cell]]) -> None:
    """Write the rows as the only sheet. A date becomes a date cell, a number a number cell; None writes no cell."""
    title = escape(sheet, {'"': "&quot;"})
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    body = "".join(f'<row r="{number}">{_cells(number, row)}</row>' for number, row in enumerate(rows, start=1))
    parts = _PARTS | {
        "xl/workbook.xml": book,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _UNDATED)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, _XML + content)


def _cells(number: int, row: Sequence[Cell]) -> str:
    return "".join(_cell(f"{_letters(index)}{number}", cell) for index, cell in enumerate(row) if cell not in (None, ""))


def _cell(reference: str, cell: Cell) -> str:
    if isinstance(cell, dt.date):
        return f'<c r="{reference}" s="1"><v>{(cell - _EPOCH).days}</v></c>'
    if isinstance(cell, int | Decimal):
        return f'<c r="{reference}"><v>{cell}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(cell or "")}</t></is></c>'


def _letters(index: int) -> str:
    letters = ""
    while index >= 0:
        letters, index = chr(ord("A") + index % 26) + letters, index // 26 - 1
    return letters
