"""Whole files as funders write them, from their bytes to their fields: no line is shifted, lost or made up; what has two readings stays."""

import datetime as dt
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pipeline.harmonise import harmonise
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings
from tests.harmonise.essai import NBSP

TABLE = "subventions"
# line → what it says: beneficiary, amount, year or day; the defect of a line that no column can be trusted of.
Lines = dict[int, tuple[str | None, ...] | str]
HEAD = "Nom attribuant;Nom bénéficiaire;Montant;Exercice;Objet\n"
A, B = "Ville;A;1;2020;x\n", "Ville;B;2;2020;y\n"
AB: Lines = {2: ("A", "1", "2020"), 3: ("B", "2", "2020")}
DAYS = "nomAttribuant;nomBeneficiaire;montant;dateConvention\n"

TEXTS: dict[str, tuple[bytes, Lines, dict[str, int]]] = {
    "CP850": ((HEAD + f"Ville;Été;1{NBSP}234,50;2020;Fête à l'école\n").encode("cp850"), {2: ("Été", "1234.50", "2020")}, {}),
    "tabulations et BOM": ((HEAD + A + B).replace(";", "\t").encode("utf-8-sig"), AB, {}),
    "barres": ((HEAD + A + B).replace(";", "|").encode(), AB, {}),
    "fins de ligne mêlées": (
        (HEAD.replace("\n", "\r\n") + A + B.replace("\n", "\r") + A).encode(),
        AB | {4: ("A", "1", "2020")},
        {},
    ),
    "encodages ligne à ligne": (
        (HEAD + A.replace("A", "Été")).encode() + B.replace("B", "Été").encode("cp1252"),
        {2: ("Été", "1", "2020"), 3: ("Été", "2", "2020")},
        {},
    ),
    "première colonne vide": ("".join(f";{line}\n" for line in (HEAD + A + B).splitlines()).encode(), AB, {}),
    "séparateurs en fin de ligne": ((HEAD + A + B).replace("\n", ";;\n").encode(), AB, {}),
    "séparateurs en fin de données": ((HEAD + (A + B).replace("\n", ";;\n")).encode(), AB, {}),
    "en-tête répété": ((HEAD + A + HEAD + B).encode(), {2: ("A", "1", "2020"), 4: ("B", "2", "2020")}, {"entete": 2}),
    "textes en formules": (
        b'Nom attribuant;Nom b\xe9n\xe9ficiaire;Montant;Exercice\n="V";="A";="1";="2020"\n"=""V""";"=""B""";"=""2""";"=""2020"""\n',
        AB,
        {},
    ),
    "unité dans le libellé": (
        (HEAD.replace("Montant", '"Montant\n(en €)"') + A).encode(),
        {3: ("A", "1", "2020")},
        {},
    ),
    "en-tête répété en capitales": ((HEAD + A + HEAD.upper() + B).encode(), {2: ("A", "1", "2020"), 4: ("B", "2", "2020")}, {"entete": 2}),
    "deux tableaux bout à bout": (
        (
            HEAD + A + "Nom bénéficiaire;Nom attribuant;Montant;Exercice;Objet\nB;Ville;2;2020;y\n;;;;\nC;Ville;3;2020;z\n" + HEAD + A
        ).encode(),
        {2: ("A", "1", "2020"), 4: "other-header", 6: "other-header", 8: ("A", "1", "2020")},
        {"entete": 3, "vide": 1},
    ),
    "deux tableaux de largeurs différentes": (
        (HEAD + A + "Montant;Nom bénéficiaire;Exercice\n2;B;2020\n" + HEAD + A).encode(),
        {2: ("A", "1", "2020"), 4: "other-header", 6: ("A", "1", "2020")},
        {"entete": 3},
    ),
    "totaux de sections": (
        (HEAD + A + "Total Culture;;1;;\n" + B + "Total Direct;B;2;2020;y\nTotal Sport;;4;;\n").encode(),
        {2: ("A", "1", "2020"), 4: ("B", "2", "2020"), 5: ("B", "2", "2020")},
        {"total": 2},
    ),
    "en-tête sur deux lignes": (
        f"Nom;Nom;Montant;Exercice;Objet\nattribuant;bénéficiaire;de la subvention;;\n{A}".encode(),
        {3: ("A", "1", "2020")},
        {"entete": 2},
    ),
    "titre, total, note": (
        f"Aides de 2020;;;;\n;;;;\n{HEAD}{A}Sous-total;;1;;\n{B}Total général;;3;;\n;;;;\n* hors taxes;;;;\n".encode(),
        {4: ("A", "1", "2020"), 6: ("B", "2", "2020")},
        {"preambule": 1, "vide": 2, "total": 2, "note": 1, "entete": 1},
    ),
    "ligne sep=": (f"sep=;\n{HEAD}{A}".encode(), {3: ("A", "1", "2020")}, {"preambule": 1}),
    "ligne trop courte": ((HEAD + "Ville;A;1;2020\n" + B).encode(), {2: "missing-cell", 3: ("B", "2", "2020")}, {}),
    "cellule sur deux lignes": (
        b'nomAttribuant,nomBeneficiaire,montant,exercice,objet\nV,"A\nB","1 234,50",2020,"x, y"\nV,C,2,2020,z\n',
        {2: ("A\nB", "1234.50", "2020"), 4: ("C", "2", "2020")},
        {},
    ),
    "guillemet isolé": (
        (HEAD + 'Ville;"A;1;2020;x\n' + B + 'Ville;"C;3;2020;z\n' + A).encode(),
        {2: "stray-quote", 5: ("A", "1", "2020")},
        {},
    ),
    "virgule décimale nue": (
        b"nomAttribuant,nomBeneficiaire,montant,exercice,objet\nV,A,1 234,50,2020,x\nV,B,12,50,2020,y\nV,C,12,2020,a, b\n",
        {2: ("A", "1234.50", "2020"), 3: "extra-cell", 4: ("C", "12", "2020")},
        {},
    ),
    "milliers anglais": (
        b'nomAttribuant,nomBeneficiaire,montant,exercice\nV,A,"1,234",2020\nV,B,"1,234,567.80",2020\n',
        {2: ("A", "1234", "2020"), 3: ("B", "1234567.80", "2020")},
        {},
    ),
    "points de milliers": (
        b"nomAttribuant;nomBeneficiaire;montant;exercice\nV;A;1.234,56;2020\nV;B;1.234;2020\n",
        {2: ("A", "1234.56", "2020"), 3: ("B", "1.234", "2020")},
        {},
    ),
    "montants écrits": (
        (HEAD + "V;A;1 234,50 €;2020;\nV;B;(500,00);2020;\nV;C;-;2020;\nV;D;€ 12;2020;\nV;E;-5,5;2020.0;\n").encode(),
        {
            2: ("A", "1234.50", "2020"),
            3: ("B", "(500,00)", "2020"),
            4: ("C", "-", "2020"),
            5: ("D", "12", "2020"),
            6: ("E", "-5.5", "2020"),
        },
        {},
    ),
    "dates à points": (
        (DAYS + "V;A;1;03.12.2020\nV;B;2;31.12.2020\n").encode(),
        {2: ("A", "1", "2020-12-03"), 3: ("B", "2", "2020-12-31")},
        {},
    ),
    "mois en tête": (
        (DAYS + "V;A;1;12/31/2020\nV;B;2;01/02/2020\n").encode(),
        {2: ("A", "1", "12/31/2020"), 3: ("B", "2", "01/02/2020")},
        {},
    ),
    "dates sans zéros": (
        (DAYS + "V;A;1;3/1/2020\nV;B;2;31/12/2020\nV;C;3;3/12/20\n").encode(),
        {2: ("A", "1", "2020-01-03"), 3: ("B", "2", "2020-12-31"), 4: ("C", "3", "3/12/20")},
        {},
    ),
    "mois en tête, sans zéros": (
        (DAYS + "V;A;1;3/15/2020\nV;B;2;3/1/2020\n").encode(),
        {2: ("A", "1", "3/15/2020"), 3: ("B", "2", "3/1/2020")},
        {},
    ),
    "texte décodé deux fois": (
        (HEAD + A.replace("A", "Fête d’été".encode().decode("cp1252"))).encode(),
        {2: ("Fête d’été", "1", "2020")},
        {},
    ),
}

ROW = ["V", "A", 12.5, dt.date(2020, 12, 3)]
LABELS = ["Nom attribuant", "Nom bénéficiaire", "Montant", "Date de convention"]
BOOKS: dict[str, tuple[list[list[object]], list[str], Lines]] = {
    "titre, fusion, total": (
        [
            ["Aides 2020"],
            [],
            ["Nom attribuant", "Bénéficiaire", None, "Montant", "Exercice"],
            ["V", "A", None, 12.5, 2020],
            ["Total", None, None, 12.5],
        ],
        ["A1:E1", "B3:C3"],
        {4: ("A", "12.5", "2020")},
    ),
    "cellules date et textes": (
        [LABELS, ROW, ["V", "B", "1 200,00 €", "03/12/2020"], ["V", "C", 1, dt.datetime.fromisoformat("2020-12-03T10:30")]],
        [],
        {2: ("A", "12.5", "2020-12-03"), 3: ("B", "1200.00", "2020-12-03"), 4: ("C", "1", "2020-12-03 10:30:00")},
    ),
    "colonne vide d'abord": ([[None, *LABELS], [None, *ROW]], [], {2: ("A", "12.5", "2020-12-03")}),
    "cellules fusionnées en hauteur": (
        [LABELS, ROW, ["V", None, 2, dt.date(2020, 12, 4)]],
        ["B2:B3"],
        {2: ("A", "12.5", "2020-12-03"), 3: ("A", "2", "2020-12-04")},
    ),
    "montant fusionné en hauteur": (
        [LABELS, ROW, ["V", "B", None, None], ["V", None, 2, None]],
        ["C2:C3", "D2:D4", "B3:B4"],
        {2: ("A", "12.5", "2020-12-03"), 3: ("B", None, "2020-12-03"), 4: ("B", "2", "2020-12-03")},
    ),
    "en-tête fusionné sur les données": (
        [LABELS, ["V", "A", 1, None], ["V", "B", 2, None], [None, None, None, None], ["V", None, 3, None]],
        ["D1:D2", "B3:B4"],
        {2: ("A", "1", None), 3: ("B", "2", None), 5: (None, "3", None)},
    ),
}


def read(folder: Path, name: str) -> tuple[dict[int, tuple[str | None, ...] | str], dict[str, int]]:
    """What each line says once harmonised, and how many records have each role."""
    settings = Settings(home=folder / "home")
    settings.private_dirs()
    (folder / "sources.toml").write_text(f"[[source]]\ntable = '{TABLE}'\npath = '{name}'\n", encoding="utf-8")
    tables = ingest(read_sources(folder / "sources.toml", (TABLE,)), {TABLE: labels(TABLE)}, settings)
    assert tables.livraisons["refus"].to_list() == [None]
    done = harmonise(TABLE, tables.livraisons, tables.enregistrements, tables.irreguliers, tables.entetes)
    assert done.refus.is_empty()
    told = done.table.select("ligne", "defaut", "nomBeneficiaire", "montant", pl.coalesce("dateConvention", "exercice")).collect()
    roles = pl.concat([tables.enregistrements["role"], tables.irreguliers["role"]]).value_counts().rows()
    return {line: defect or tuple(said) for line, defect, *said in told.iter_rows()}, dict(roles)


@pytest.mark.parametrize("habit", TEXTS)
def test_a_text_says_what_it_says(tmp_path: Path, habit: str) -> None:
    content, expected, roles = TEXTS[habit]
    (tmp_path / "a.csv").write_bytes(content)
    said, found = read(tmp_path, "a.csv")
    assert said == expected
    assert found == {"entete": 1} | roles | {"donnees": len(expected)}


@pytest.mark.parametrize("epoch", [openpyxl.utils.datetime.CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
@pytest.mark.parametrize("habit", BOOKS)
def test_a_workbook_says_what_it_says(tmp_path: Path, habit: str, epoch: dt.datetime) -> None:
    rows, merged, expected = BOOKS[habit]
    book = openpyxl.Workbook()
    book.epoch = epoch
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(tmp_path / "a.xlsx")
    said, found = read(tmp_path, "a.xlsx")
    assert said == expected
    assert sum(found.values()) == len(rows) and found["donnees"] == len(expected)


def test_a_merged_cell_is_told_line_by_line(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Notes"], LABELS, ["V", " A ", 1, "3/1/2020"], ["V", None, 2, None], ["V", None, 3, None]):
        book.active.append(row)
    book.active.merge_cells("B3:B5")
    book.active.merge_cells("D3:D4")
    book.create_sheet("lisez-moi").append(["x"])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "sources.toml").write_text(f"[[source]]\ntable = '{TABLE}'\npath = 'a.xlsx'\n", encoding="utf-8")
    settings = Settings(home=tmp_path / "home")
    settings.private_dirs()
    tables = ingest(read_sources(tmp_path / "sources.toml", (TABLE,)), {TABLE: labels(TABLE)}, settings)
    entries = harmonise(TABLE, tables.livraisons, tables.enregistrements, tables.irreguliers, tables.entetes).registre.collect()
    told = entries.filter(pl.col("regle") == "cellule-fusionnee").select("ligne", "colonne", "avant", "apres").rows()
    name, day = "nomBeneficiaire", "dateConvention"
    assert sorted(told) == [(4, day, None, "3/1/2020"), (4, name, None, " A "), (5, name, None, " A ")]
    assert (4, day, "date-jjmmaaaa", "3/1/2020", "2020-01-03") in entries.select("ligne", "colonne", "regle", "avant", "apres").rows()
