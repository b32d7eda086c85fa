"""The same real table delivered as CSV and as a workbook gives the same harmonised lines."""

import csv
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipeline.harmonise import harmonise
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings

TABLE = "subventions"


def lines(folder: Path, file: Path) -> pl.DataFrame:
    """The harmonised lines in order, without what tells the delivery or the place in the file."""
    folder.mkdir()
    settings = Settings(home=folder / "home")
    settings.private_dirs()
    (folder / "sources.toml").write_text(f"[[source]]\ntable = '{TABLE}'\npath = '{file}'\n[source.constantes]\n", encoding="utf-8")
    read = ingest(read_sources(folder / "sources.toml", (TABLE,)), {TABLE: labels(TABLE)}, settings)
    done = harmonise(TABLE, read.livraisons, read.enregistrements, read.irreguliers, read.entetes)
    assert read.livraisons["refus"].to_list() == [None] and done.refus.is_empty()
    return done.table.drop("livraison", "ligne").collect()


@pytest.mark.parametrize(
    ("name", "separator", "encoding"),
    [
        ("loire_atlantique_2008_2018_cd44.csv", ";", "utf-8"),
        ("lot_2017_cd46.csv", ";", "cp1252"),
        ("scdl_exemple_valide.csv", ",", "utf-8"),
    ],
)
def test_as_text_and_as_workbook(real_data: Path, tmp_path: Path, name: str, separator: str, encoding: str) -> None:
    source = real_data / "subventions" / name
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Données")
    with source.open(encoding=encoding, newline="") as file:
        for row in csv.reader(file, delimiter=separator):
            sheet.append([cell or None for cell in row])
    book.save(tmp_path / "classeur.xlsx")
    from_text, from_book = lines(tmp_path / "texte", source), lines(tmp_path / "classeur", tmp_path / "classeur.xlsx")
    assert from_text.height > 10
    assert from_text.equals(from_book)
