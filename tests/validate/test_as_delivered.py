"""A delivery as it came: nothing that the chain repairs, declares or joins counts as valid."""

from pathlib import Path

import polars as pl
import pytest

from pipeline import schema
from pipeline.harmonise import harmonise
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings
from pipeline.validate import judge, valid_as_delivered

TABLE = "subventions"
HEADER = "nomAttribuant;nomBeneficiaire;dateConvention;montant"


def counts(folder: Path, header: str, lines: list[str], more: str = "") -> tuple[int, int]:
    """Lines valid as delivered, and once harmonised."""
    settings = Settings(home=folder / "home")
    settings.private_dirs()
    (folder / "a.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    (folder / "sources.toml").write_text(f'[[source]]\ntable = "{TABLE}"\npath = "a.csv"\n{more}\n', encoding="utf-8")
    read = ingest(read_sources(folder / "sources.toml", schema.names("deliveries")), {TABLE: labels(TABLE)}, settings)
    done = harmonise(TABLE, read.livraisons, read.enregistrements, read.irreguliers, read.entetes)
    assert done.refus.is_empty()
    delivered = valid_as_delivered(TABLE, read.livraisons, read.enregistrements.lazy(), done.colonnes)
    (count,) = delivered["telles_quelles"]
    return count, judge(TABLE, done.table).accepted.select(pl.len()).collect().item()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Ville;Club;2024-01-02;10.50", "Ville;Club;2024-01-03;10.50"], (2, 2)),
        (["Ville;Club;02/01/2024;10.50", "Ville;Club;2024-01-03;10.50"], (1, 2)),
        (["Ville;Club;2024-01-02;1 000,50"], (0, 1)),
        (["Ville;Club;2024-01-02;10.505"], (0, 0)),
        (["Ville;;2024-01-02;10"], (0, 0)),
        (["Ville;Club;2024-01-02;10;", "Ville;Club;2024-01-02;10"], (1, 1)),
    ],
    ids=["valid", "date", "amount", "third-decimal", "empty", "irregular"],
)
def test_a_cell_that_needs_a_rule_is_not_valid_as_delivered(tmp_path: Path, lines: list[str], expected: tuple[int, int]) -> None:
    assert counts(tmp_path, HEADER, lines) == expected


def test_a_label_that_is_recognised_counts_as_the_field(tmp_path: Path) -> None:
    """The form of the cells is judged, not the words of the header."""
    assert counts(tmp_path, "Nom attribuant;Nom bénéficiaire;Date convention;Montant", ["Ville;Club;2024-01-02;10.50"]) == (1, 1)


def test_what_the_operator_declares_was_not_delivered(tmp_path: Path) -> None:
    header, line = HEADER.removeprefix("nomAttribuant;"), "Club;2024-01-02;10.50"
    assert counts(tmp_path, header, [line], '[source.constantes]\nnomAttribuant = "Ville"') == (0, 1)
