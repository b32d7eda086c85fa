import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from pipeline.ingest.excel import read_workbook
from pipeline.ingest.header import Sought
from pipeline.ingest.records import read_text
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.sheet_xml import unsaid
from pipeline.settings import Settings
from tests.ingest.shapes import in_order

LABELS = frozenset({"nom", "montant", "objet"})
SOUGHT = Sought(LABELS, ("nom", "montant", "objet"))
SETTINGS = Settings()
Sheet = Sequence[Sequence[object]]


def workbook(folder: Path, **sheets: Sheet) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "livraison")
    return folder / "livraison"


def rows(path: Path, sheet: str | None = None) -> list[tuple[int, list[str]]]:
    return in_order(read_workbook(path, "xlsx", sheet, SOUGHT, SETTINGS).records)


def test_every_kind_of_cell_as_text(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        f=[
            ["Nom", "Montant", "Objet"],
            ["A", 12.0, dt.date(2018, 3, 23)],
            ["00012", 1234.5, "2017-08-31"],
            [22860194600000, 0.1, True],
            [None, -3, None],
        ],
    )
    assert rows(path) == [
        (1, ["Nom", "Montant", "Objet"]),
        (2, ["A", "12", "2018-03-23 00:00:00"]),
        (3, ["00012", "1234.5", "2017-08-31"]),
        (4, ["22860194600000", "0.1", "true"]),
        (5, ["", "-3", ""]),
    ]


def test_rows_are_numbered_as_in_the_sheet_and_phantoms_do_not_count(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B3"], sheet["C3"], sheet["B5"], sheet["C5"] = "Nom", "Montant", "A", 1
    sheet["C9"].number_format = "0.00"
    sheet["H5"].number_format = "0.00"
    sheet.row_dimensions[1_048_576].height = 15
    book.save(tmp_path / "a")
    assert rows(tmp_path / "a") == [(1, ["", ""]), (2, ["", ""]), (3, ["Nom", "Montant"]), (4, ["", ""]), (5, ["A", "1"])]


def test_the_same_table_as_csv_and_as_workbook(tmp_path: Path) -> None:
    table = [
        ["Subventions 2024", "", ""],
        ["", "", ""],
        ["Nom", "Objet", "Montant"],
        ["A « b »", "deux\nlignes", "12 350,00 €"],
        ["", "x;y", "00012"],
        ["Total", "", "1"],
    ]
    sheet = read_workbook(workbook(tmp_path, f=[[cell or None for cell in row] for row in table]), "xlsx", None, SOUGHT, SETTINGS)
    quoted = "\n".join(";".join(f'"{cell}"' for cell in row) for row in table)
    (tmp_path / "a.csv").write_text(quoted, encoding="utf-8")
    text = read_text(tmp_path / "a.csv", SOUGHT, SETTINGS)
    assert [cells for _, cells in in_order(sheet.records)] == [cells for _, cells in in_order(text.records)] == table
    assert [line for line, _ in in_order(sheet.records)] == [1, 2, 3, 4, 5, 6], "rows of the sheet"
    assert [line for line, _ in in_order(text.records)] == [1, 2, 3, 4, 6, 7], "lines of the text"


def test_the_sheet_most_like_the_schema_else_the_named_one(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, infos=[["Nom"], ["x"]], vide=[], donnees=[["titre"], ["Objet", "Montant"], ["A", 1]], copie=[["Objet", "Montant"]]
    )
    read = read_workbook(path, "xlsx", None, SOUGHT, SETTINGS)
    assert (read.sheet, read.records.height) == ("donnees", 3)
    assert in_order(read_workbook(path, "xlsx", "infos", replace(SOUGHT, row=1), SETTINGS).records) == [(1, ["Nom"]), (2, ["x"])]


def test_two_sheets_as_like_the_schema_are_not_chosen_from(tmp_path: Path) -> None:
    years = {"2019": [["Objet", "Montant"], ["A", 1]], "2020": [["Objet", "Montant"], ["B", 2]]}
    path = workbook(tmp_path, lisez_moi=[["Nom"], ["x"]], **years)
    with pytest.raises(DeliveryRefused, match=r"2 feuilles ressemblent autant au schéma \(2019, 2020\) : en nommer une par « sheet »"):
        read_workbook(path, "xlsx", None, SOUGHT, SETTINGS)
    assert read_workbook(path, "xlsx", "2020", SOUGHT, SETTINGS).sheet == "2020"


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    path = workbook(tmp_path, Infos=[["Nom"]], Donnees=[["Nom"]])
    with pytest.raises(
        DeliveryRefused, match=r"« Donnes » absente \(vouliez-vous dire « Donnees » \?\) ; feuilles du classeur : Infos, Donnees"
    ):
        rows(path, "Donnes")


def test_nothing_to_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, a=[], b=[])
    for sheet in (None, "b"):
        with pytest.raises(DeliveryRefused, match="aucun enregistrement"):
            rows(path, sheet)


def test_a_damaged_workbook(tmp_path: Path) -> None:
    content = workbook(tmp_path, f=[["Nom", "Montant"]] * 1000).read_bytes()
    for damaged in (content[:-300], content[: len(content) // 2], content[:200] + b"\xff" * 400 + content[600:]):
        (tmp_path / "b").write_bytes(damaged)
        with pytest.raises(DeliveryRefused, match="abîmé"):
            rows(tmp_path / "b")


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_published_unless_it_is_named(tmp_path: Path, state: str) -> None:
    path = workbook(tmp_path, Aides=[["Nom", "Montant"], ["A", 1]], cache=[["Nom", "Objet", "Montant"], ["B", "x", 2]])
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    book["cache"].sheet_state = state
    book.save(path)
    read = read_workbook(path, "xlsx", None, SOUGHT, SETTINGS)
    assert (read.sheet, read.unread) == ("Aides", [("cache", 2, True)])
    assert read_workbook(path, "xlsx", "cache", SOUGHT, SETTINGS).sheet == "cache"
    book["Aides"]["A1"], book["Aides"]["B1"] = "x", "y"
    book.save(path)
    with pytest.raises(DeliveryRefused, match="seule la feuille masquée « cache »"):
        read_workbook(path, "xlsx", None, SOUGHT, SETTINGS)


def test_cells_whose_value_is_missing_are_counted(tmp_path: Path) -> None:
    path = workbook(tmp_path, f=[["Nom", "Montant"], ["A", 1], ["B", "=1+1"], ["#N/A", "=C2"], ["C", 3]])
    assert read_workbook(path, "xlsx", None, SOUGHT, SETTINGS).unsaid[1:] == (3, 3)


_ROWS = (
    '<row r="2"><c r="A2" t="str"><f>IF(1,"")</f><v></v></c><c r="B2"><f>1+1</f><v>2</v></c><c r="C2" s="1"/></row>'
    '<row r="3"><c r="A3"><f t="shared" si="0"/></c><c r="B3" s="1"><f>A1</f><v/></c><c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
)
_SPANS = '<mergeCells count="3"><mergeCell ref="A2:A4"/><mergeCell ref="B1:D1"/><mergeCell ref="AB7:AC9"/></mergeCells>'


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_what_the_xml_of_a_sheet_says_wherever_it_is_cut(prefix: str, size: int) -> None:
    text = (f"<sheetData>{_ROWS}</sheetData>{_SPANS}").replace("<", f"<{prefix}").replace(f"<{prefix}/", f"</{prefix}")
    xml = text.encode()
    found = unsaid(xml[place : place + size] for place in range(0, len(xml), size))
    assert found == (((0, 2, 4), (27, 7, 9)), 3, 3)
