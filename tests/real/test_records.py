"""Invariant 1 on real files: every record is read once, at its line, with one role. Counted here with `csv` and openpyxl alone.

The roles of each file were counted by hand; the header is sought among the labels of all of them at once.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipeline.ingest.deliveries import COUNTS, Tables, ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.labels import normalise_label
from pipeline.settings import Settings

# File → separator, header line, data records, blank records.
TEXTS = {
    "CGET_TiersLieux_2019.csv": (",", 1, 1512, 0),
    "arrondissements.csv": (",", 1, 333, 0),
    "collectivites_outremer.csv": (",", 1, 94, 0),
    "communes.csv": (",", 1, 37544, 0),
    "densite.csv": (",", 1, 34875, 0),
    "departements.csv": (",", 1, 101, 0),
    "epci.csv": (",", 1, 1255, 0),
    "indicateurs_publies.csv": (",", 1, 99, 0),
    "laureats_fabriques.csv": (",", 1, 58, 0),
    "qpv_2024.csv": (",", 1, 1684, 0),
    "qpv_2024_par_commune.csv": (",", 1, 824, 0),
    "regions.csv": (",", 1, 18, 0),
    "vagues.csv": (",", 1, 14, 0),
    "subventions/aude_2024_cd11_rapport_erreurs_import.csv": (",", 1, 535, 0),
    "subventions/chorus_infbud53_gabarit_paiements.csv": (";", 7, 1, 0),
    "subventions/dilcrah_2019_anonymise.csv": (";", 1, 4, 0),
    "subventions/etalab_format_exemple.csv": (",", 1, 2, 0),
    "subventions/loire_atlantique_2008_2018_cd44.csv": (";", 1, 18148, 0),
    "subventions/lot_2017_cd46.csv": (";", 1, 13, 21),
    "subventions/maine_et_loire_2004_2016_cd49_associations.csv": (";", 1, 11843, 0),
    "subventions/poitiers_2017_ville_associations.csv": (";", 1, 562, 0),
    "subventions/rennes_2019_ville_bp_associations.csv": (",", 1, 362, 0),
    "subventions/scdl_exemple_invalide_erreurs_colonnes.csv": (",", 1, 29, 0),
    "subventions/scdl_exemple_valide.csv": (",", 1, 29, 0),
    "subventions/somme_20180302_cd80_conventions.csv": (";", 1, 41, 0),
    "subventions/vendee_2017_cd85_conventions.csv": (",", 1, 23, 0),
    "subventions/vendee_201901_cd85_conventions.csv": (",", 1, 6, 1),
    "subventions/vendee_201904_cd85_conventions.csv": (",", 1, 4, 1),
    "subventions/vendee_201906_cd85_conventions.csv": (",", 1, 35, 1),
}
ENCODINGS = {
    "densite.csv": "utf-8 (BOM)",
    "lot_2017_cd46.csv": "windows-1252",
    "somme_20180302_cd80_conventions.csv": "windows-1252 (BOM utf-8)",
    "vendee_2017_cd85_conventions.csv": "windows-1252",
}
# File → sheet, header row, data records, footnotes.
WORKBOOKS = {
    "mayenne_2018_cd53.xlsx": ("Feuil1", 1, 175, 0),
    "sarthe_2017_cd72_associations.xlsx": ("Table 1", 2, 1657, 4),
    "etat_dotations_investissement_2019_dgcl_anct.xlsx": ("Projets_dotations_investissement_2019", 1, 24811, 0),
}
SARTHE = ("Nom de l'organisme bénéficiaire", "Adresse de l'organisme")


def decoded(path: Path) -> str:
    """UTF-8 when the whole file is, else Windows-1252: no file at hand mixes them."""
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def independent(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """(first physical line, cells) of each record."""
    reader = csv.reader(io.StringIO(decoded(path), newline=""), delimiter=separator)
    first = 1
    for row in reader:
        yield first, row or [""]
        first = reader.line_num + 1


def of_sheet(path: Path, sheet: str) -> list[list[object]]:
    """Rows of a sheet down to the last one that holds something, columns from the first to the last that do."""
    cells = [list(row) for row in openpyxl.load_workbook(path, read_only=True)[sheet].iter_rows(values_only=True, max_row=100_000)]
    while all(cell is None for cell in cells[-1]):
        cells.pop()
    width = 1 + max(column for row in cells for column, cell in enumerate(row) if cell is not None)
    return [[*row, *[None] * width][:width] for row in cells]


@pytest.fixture(scope="module")
def tables(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Every real file read in one run, as one table whose labels are those of all of them."""
    folder = tmp_path_factory.mktemp("reel")
    settings = Settings(home=folder / "home")
    settings.private_dirs()
    headers = [
        cells for name, (separator, line, _, _) in TEXTS.items() for at, cells in independent(real_data / name, separator) if at == line
    ]
    workbook = openpyxl.load_workbook(real_data / "subventions/mayenne_2018_cd53.xlsx", read_only=True).worksheets[0]
    headers += [SARTHE, [str(cell) for cell in next(workbook.iter_rows(values_only=True, max_row=1))]]
    labels = frozenset(normalise_label(cell) for header in headers for cell in header) - {""}
    patterns = [real_data / "*.csv", real_data / "subventions/*"]
    (folder / "sources.toml").write_text(
        "".join(f"[[source]]\ntable = 't'\npath = '{pattern}'\nmode = 'ajoute'\n" for pattern in patterns), encoding="utf-8"
    )
    return ingest(read_sources(folder / "sources.toml", ("t",)), {"t": labels}, settings)


def delivery(tables: Tables, name: str) -> tuple[dict[str, object], pl.DataFrame]:
    row = tables.livraisons.row(by_predicate=pl.col("fichier") == Path(name).name, named=True)
    regular, irregular = (frame.filter(livraison=row["livraison"]) for frame in (tables.enregistrements, tables.irreguliers))
    width = tables.entetes.filter(livraison=row["livraison"]).height
    straight = regular.select("ligne", "role", cellules=pl.concat_list(f"c{position}" for position in range(width)))
    assert regular.select(pl.exclude("livraison", "ligne", "role", *(f"c{position}" for position in range(width)))).drop_nulls().is_empty()
    assert not (irregular["cellules"].list.len() == width).any() and irregular["defaut"].drop_nulls().is_empty()
    return row, pl.concat([straight, irregular.select("ligne", "role", "cellules")]).sort("ligne")


def test_every_file_is_here_and_read(tables: Tables) -> None:
    assert set(tables.livraisons["fichier"]) == {Path(name).name for name in (*TEXTS, *WORKBOOKS)}
    assert tables.livraisons["refus"].null_count() == tables.livraisons.height
    assert tables.livraisons.filter(pl.col("enregistrements") != pl.sum_horizontal(*COUNTS)).is_empty()
    assert tables.livraisons["enregistrements"].sum() == tables.enregistrements.height + tables.irreguliers.height
    lines = [frame.select("livraison", "ligne") for frame in (tables.enregistrements, tables.irreguliers)]
    assert pl.concat(lines).is_unique().all()


@pytest.mark.parametrize("name", TEXTS)
def test_the_records_of_a_text_are_those_of_the_csv_module(tables: Tables, real_data: Path, name: str) -> None:
    separator, header, data, blank = TEXTS[name]
    expected = list(independent(real_data / name, separator))
    row, records = delivery(tables, name)
    assert records.select("ligne", "cellules").rows() == expected
    assert (row["separateur"], row["encodage"]) == (separator, ENCODINGS.get(Path(name).name, "utf-8"))
    assert (row["enregistrements"], row["donnees"], row["vides"], row["entetes"], row["totaux"]) == (len(expected), data, blank, 1, 0)
    assert row["preambules"] == len(expected) - data - blank - 1
    assert records.filter(role="entete")["ligne"].to_list() == [header]
    labels = dict(expected)[header]
    assert tables.entetes.filter(livraison=row["livraison"])["libelle"].to_list() == [label.strip() for label in labels]
    blanks = [line for line, cells in expected if not any(cell.strip() for cell in cells)]
    assert records.filter(role="vide")["ligne"].to_list() == blanks


@pytest.mark.parametrize("name", WORKBOOKS)
def test_the_records_of_a_workbook_are_those_of_openpyxl(tables: Tables, real_data: Path, name: str) -> None:
    sheet, header, data, notes = WORKBOOKS[name]
    expected = of_sheet(real_data / "subventions" / name, sheet)
    row, records = delivery(tables, name)
    assert (row["feuille"], row["enregistrements"]) == (sheet, len(expected))
    assert records["ligne"].to_list() == list(range(1, len(expected) + 1))
    assert (row["donnees"], row["entetes"], row["preambules"], row["notes"]) == (data, 1, header - 1, notes)
    assert records.filter(role="entete")["ligne"].to_list() == [header]
    assert records.filter(role="note")["ligne"].to_list() == list(range(len(expected) - notes + 1, len(expected) + 1))
    for cells, rows in zip(records["cellules"].to_list(), expected, strict=True):
        assert len(cells) == len(rows)
        assert [cell == "" for cell in cells] == [value is None or not str(value).strip() for value in rows]
        assert all(cell.strip() == value.strip() for cell, value in zip(cells, rows, strict=True) if isinstance(value, str))


def test_the_chorus_header_is_the_last_of_its_three_lines(tables: Tables) -> None:
    row, records = delivery(tables, "chorus_infbud53_gabarit_paiements.csv")
    labels = tables.entetes.filter(livraison=row["livraison"])["libelle"].to_list()
    assert {"N° EJ", "Code taxe 1", "EUR"} <= set(labels) and len(labels) == 15
    assert records["role"].to_list() == ["preambule"] * 6 + ["entete", "donnees"]
    assert records["cellules"][-1][-1] == "1,00"
