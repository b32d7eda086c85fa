"""The files have the forms that are announced, and say what the truth says of them."""

import csv
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from stdnum.fr import siren, siret

from tests import oracle
from tests.demo.files import SCHEMAS, File, Record, sources


def schema(table: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SCHEMAS / table / "schema.json").read_text(encoding="utf-8"))
    return read


def test_every_file_has_its_entry_and_every_table_its_deliveries(demo: Path, files: dict[str, File]) -> None:
    told = sources(demo)
    assert told["fictif"] is True
    assert {path.name for path in demo.iterdir() if path.suffix in (".csv", ".xlsx")} == set(files)
    tables = Counter(file.table for file in files.values())
    assert set(tables) == {path.name for path in SCHEMAS.iterdir()} - {"recensement"}
    assert {file.entry["mode"] for file in files.values()} == {"remplace", "ajoute", "corrige"}
    assert {file.name: file.entry["periode"] for file in files.values() if "periode" in file.entry} == {
        "candidatures-vague-5-revue.csv": "5",
        "versements-2023.csv": "2023",
    }
    assert all(isinstance(file.entry["date"], date) for file in files.values())


def test_lines_are_as_many_as_told(demo: Path, files: dict[str, File]) -> None:
    rejected = Counter({(row["fichier"], row["ligne"]) for row in oracle.truth(demo, "defauts") if row["etape"] == "validate"})
    by_file = Counter(name for name, _ in rejected)
    found = {file.name: (len(file.records), by_file[file.name]) for file in files.values()}
    assert found == {row["fichier"]: (int(row["recues"]), int(row["rejetees"])) for row in oracle.truth(demo, "livraisons")}


def test_few_lines_are_rejected(demo: Path) -> None:
    """More than 5 % would block a delivery of the programme."""
    assert all(int(row["rejetees"]) <= 0.05 * int(row["recues"]) for row in oracle.truth(demo, "livraisons"))


def test_forms(demo: Path) -> None:
    french = (demo / "candidatures-vague-10.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        french.decode("utf-8")
    text = french.decode("cp1252")
    assert "\r\n" in text and re.search(r";\d\d/\d\d/2024;", text) and re.search(r";\d{2,3}\xa0000,00;", text)
    clean = (demo / "conventions-2024-2026.csv").read_text(encoding="utf-8")
    assert clean.startswith("nomAttribuant,idAttribuant,") and re.search(r",2025-\d\d-\d\d,", clean)
    chorus = (demo / "versements-2024.csv").read_text(encoding="utf-8").split("\n")
    assert chorus[0].startswith('"INF-BUD-53')
    assert chorus[4].endswith('"Exercice comptable";"2024"')
    assert chorus[6].startswith('"Type d\'opération";"Type d\'opération";') and chorus[6].endswith('"EUR"')
    assert re.search(r'"\d\d\.\d\d\.2024";"-?\d+,\d\d"$', chorus[8])


def test_a_workbook_has_a_title_dates_and_a_total(demo: Path) -> None:
    sheet = openpyxl.load_workbook(demo / "resultats-vagues-1-a-9.xlsx").worksheets[0]
    assert "fictives" in sheet["A1"].value and sheet["A3"].value is None and sheet["A4"].value == "N° de vague"
    assert sheet["B5"].is_date and sheet["B5"].value.date() == date(2020, 2, 3)
    grants = openpyxl.load_workbook(demo / "subventions-commune-fictive.xlsx").worksheets[0]
    rows = list(grants.iter_rows(min_row=5, values_only=True))
    assert rows[-1][0] == "Total" and rows[-1][2] == sum(row[2] for row in rows[:-1])


def test_payments_come_several_a_year_and_some_are_taken_back(files: dict[str, File]) -> None:
    paid = [record.cells for record in files["versements-2022.csv"].records]
    assert max(Counter(cells["numero_ej"] for cells in paid).values()) > 2
    assert sum(cells["montant_paye"].startswith("-") for cells in paid) > 5


def clean(demo: Path, file: File) -> list[Record]:
    rejected = {int(row["ligne"]) for row in oracle.truth(demo, "defauts") if row["fichier"] == file.name and row["etape"] == "validate"}
    return [record for record in file.records if record.line not in rejected]


def test_enumerations_and_required_cells_hold_but_where_told(demo: Path, files: dict[str, File]) -> None:
    for file in files.values():
        for field in schema(file.table)["fields"]:
            constraints = field.get("constraints", {})
            values = [record.cells.get(field["name"], "") for record in clean(demo, file)]
            if constraints.get("required"):
                assert all(values), (file.name, field["name"])
            allowed = set(constraints.get("enum", ())) | {""}
            assert "enum" not in constraints or set(values) <= allowed, (file.name, field["name"])


def test_every_rejected_line_is_wrong_as_told(demo: Path, files: dict[str, File]) -> None:
    judged = [row for row in oracle.truth(demo, "defauts") if row["etape"] == "validate"]
    assert len(judged) > 20
    for row in judged:
        file = files[row["fichier"]]
        assert is_wrong(row["regle"], row["champ"], file.at(int(row["ligne"])), file), row


def is_wrong(rule: str, field: str, record: Record, file: File) -> bool:  # noqa: PLR0911
    """Whether a line breaks a rule, told again here in the fewest words."""
    told = schema(file.table)
    cell = record.cells.get(field, "")
    before = [other.cells for other in file.records if other.line < record.line]
    match rule:
        case "required":
            return cell == ""
        case "enum" | "pattern":
            constraints = next(item["constraints"] for item in told["fields"] if item["name"] == field)
            return cell not in constraints["enum"] if rule == "enum" else not re.fullmatch(constraints["pattern"], cell)
        case "minimum":
            return float(cell.replace(",", ".").replace("\xa0", "")) < 0
        case "unique":
            return cell in {cells[field] for cells in before}
        case "primaryKey":
            key = [told["primaryKey"]] if isinstance(told["primaryKey"], str) else told["primaryKey"]
            return [record.cells[name] for name in key] in [[cells[name] for name in key] for cells in before]
        case "french-siret-value":
            return not siret.is_valid(cell)
        case "french-siren-value":
            return not siren.is_valid(cell)
        case "extra-cell":
            return record.width > len(file.header)
        case "one-of-required":
            return any(not any(record.cells.get(name) for name in pair) for pair in pairs(told))
        case "type":
            return not re.fullmatch(r"\d{4}-\d\d-\d\d|-?[\d\xa0]+([.,]\d+)?", cell) and not is_day(cell)
    raise AssertionError(rule)


def pairs(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (check["params"]["column1"], check["params"]["column2"]) for check in told["custom_checks"] if check["name"] == "one-of-required"
    ]


def is_day(cell: str) -> bool:
    try:
        day, month, year = map(int, cell.split("/"))
        return date(year, month, day) is not None
    except ValueError:
        return False


def test_a_defect_of_each_kind_is_planted_at_a_line_that_exists(demo: Path, files: dict[str, File]) -> None:
    defects = oracle.truth(demo, "defauts")
    for row in defects:
        assert files[row["fichier"]].at(int(row["ligne"])), row
    kinds = {row["nature"] for row in defects}
    asked = {
        "identifiant-double", "attribution-sans-lieu", "engagement-inconnu", "correction-sans-objet", "vague-inconnue", "boucle-de-fusions",
        "montant-en-milliers", "siret-faux", "date-impossible", "decision-absente", "cellule-en-trop", "versement-double",
        "echeancier-faux", "montant-hors-bornes", "contact-dans-un-texte",
    }  # fmt: skip
    assert asked <= kinds


def test_every_personal_value_is_where_told(demo: Path, files: dict[str, File]) -> None:
    at = {(file.name, record.line): record for file in files.values() for record in file.records}
    for row in oracle.truth(demo, "personnes"):
        assert at[row["fichier"], int(row["ligne"])].cells[row["champ"]] == row["valeur"]


def test_every_contact_is_told(demo: Path, files: dict[str, File]) -> None:
    told = {row["valeur"] for row in oracle.truth(demo, "personnes")}
    for file in files.values():
        for record in file.records:
            assert {record.cells[name] for name in record.cells if name.startswith("contact_") and record.cells[name]} <= told


def test_the_truth_is_in_plain_tables(demo: Path) -> None:
    for path in (demo / "verite").iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) > 1 and all(len(row) == len(rows[0]) for row in rows), path.name
