import polars as pl
import pytest

from pipeline.schema.vocabulary import read_vocabulary
from pipeline.validate.ignored import ignored_columns, phrases
from tests.validate.contract import schema

COLUMNS = {"livraison": pl.String, "position": pl.UInt16, "libelle": pl.String, "champ": pl.String, "regle": pl.String}
VOCABULARY = read_vocabulary(
    schema([{"name": name, "title": title, "type": "string"} for name, title in (("commune", "Commune"), ("departement", "Département"))]),
    {"alias": {"Ville du lieu": "commune"}},
)


def columns(*rows: tuple[str, int | None, str, str | None, str]) -> pl.LazyFrame:
    return pl.LazyFrame(list(rows), schema=COLUMNS, orient="row")


def tables(**named: str) -> pl.LazyFrame:
    return pl.LazyFrame({"livraison": list(named), "table": list(named.values())})


@pytest.mark.parametrize(
    ("label", "phrase"),
    [
        ("Comune", "« Comune » : vouliez-vous dire « Commune » ?"),
        ("ville_du_lieux", "« ville_du_lieux » : vouliez-vous dire « Ville du lieu » ?"),
        ("Couleur", "« Couleur »"),
        ("Montant 2024", "« Montant 2024 »"),
        ("Deux\n lignes\x1b", "« Deux lignes »"),
        ("courriel dupont@exemple.example", "colonne 3"),
        ("06 12 34 56 78", "colonne 3"),
        ("Mme 75011", "colonne 3"),
        ("mot " * 20, "colonne 3"),
    ],
)
def test_an_ignored_column_in_words(label: str, phrase: str) -> None:
    assert phrases([(2, label)], (), VOCABULARY) == [phrase]


def test_columns_without_label_are_told_by_their_position() -> None:
    found = phrases([(0, ""), (1, "Couleur"), (3, " - "), (4, "")], (), VOCABULARY)
    assert found == ["« Couleur »", "3 colonnes sans libellé (position 1, 4 à 5)"]


def test_a_field_that_has_its_column_is_not_suggested() -> None:
    assert phrases([(2, "Comune")], ("commune",), VOCABULARY) == ["« Comune »"]


def test_by_delivery() -> None:
    found = columns(
        ("a", 0, "vague", "vague", "exact"),
        ("a", 1, "Comune", None, "ignoree"),
        ("a", None, "inconnue", None, "constante"),
        ("b", 0, "vague", "vague", "exact"),
        ("c", 0, "Madame Dupont", None, "ignoree"),
        ("c", None, "vague", "vague", "constante"),
    )
    told = ignored_columns(found, tables(a="resultats", b="vagues", c="vagues"))
    assert told == {"a": ["« Comune » : vouliez-vous dire « Commune » ?"]}
