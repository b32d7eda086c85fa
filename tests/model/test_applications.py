"""An application, reduced to what its count needs, and the rules that applications are judged by."""

from pathlib import Path

import polars as pl
import pytest

from tests.model.delivered import Row, build_model, found

FABRIQUE = "fabrique_de_territoire"


def applications(*rows: Row) -> list[Row]:
    """Applications of wave 1, refused unless they say otherwise, each with a number of its own."""
    return [{"candidature": f"D-{number}", "vague": "1", "decision": "refusee", **row} for number, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("row", "region"),
    [
        ({"commune": "Valbourg", "departement": "10"}, "Grande-Vallée"),
        ({"code_commune": "10001"}, "Grande-Vallée"),
        ({"departement": "20"}, "Grande-Vallée"),
        ({"region": "HAUTE CÔTE"}, "Haute-Côte"),
        ({"region": "Haute-Côte", "departement": "10"}, "Haute-Côte"),  # what is declared is never replaced
        ({"region": "Pays perdu"}, "indéterminée"),
        ({"region": "Pays perdu", "departement": "10"}, "indéterminée"),
        ({"commune": "Homonyme", "departement": "99"}, "indéterminée"),
        ({}, "indéterminée"),
    ],
)
def test_the_region_is_official_or_not_told(tmp_path: Path, row: Row, region: str) -> None:
    assert build_model(tmp_path, {"candidatures": applications(row)})["candidatures"]["region"].to_list() == [region]


def test_nothing_but_what_is_counted_is_handed_on(tmp_path: Path) -> None:
    rows = applications({"territoire": "qpv", "vague": "Vague 3", "decision": "retenue"}, {"vague": "99"}, {})
    model = build_model(tmp_path, {"candidatures": rows})
    assert model["candidatures"].sort("ligne").rows() == [
        ("fdt-03", "indéterminée", "qpv", "retenue", "candidatures-000000000000", 2),
        ("hors-programme-99", "indéterminée", "indéterminée", "refusee", "candidatures-000000000000", 3),
        ("fdt-01", "indéterminée", "indéterminée", "refusee", "candidatures-000000000000", 4),
    ]
    assert found(model, "vague-inconnue") == [("candidatures", 3)]


def test_one_bearer_for_one_place_is_looked_at_and_one_number_twice_is_wrong(tmp_path: Path) -> None:
    place: Row = {"nom_lieu": "Lieu", "porteur": "Porteur", "commune": "Valbourg", "departement": "10"}
    rows = applications(
        place,
        place | {"nom_lieu": "LIEU", "porteur": "porteur"},
        place | {"vague": "2"},
        place | {"nom_lieu": "Autre lieu"},
        place | {"porteur": "Autre porteur"},
        {"nom_lieu": "Sans porteur"},
        {"nom_lieu": "Sans porteur"},
        {"candidature": "D-0", "livraison": "candidatures-ffffffffffff"},
    )
    anomalies = build_model(tmp_path, {"candidatures": rows})["anomalies"].filter(regle="candidature-double")
    assert anomalies.sort("ligne").select("ligne", "champ", "gravite").rows() == [(3, "nom_lieu", "alerte"), (9, "candidature", "erreur")]


def test_an_earlier_application_is_known_and_of_an_earlier_wave(tmp_path: Path) -> None:
    rows = applications(
        {"candidature": "ancienne", "vague": "1"},
        {"candidature": "nouvelle", "vague": "3", "candidature_precedente": "ancienne"},
        {"vague": "3", "candidature_precedente": "perdue"},
        {"vague": "1", "candidature_precedente": "nouvelle"},
        {"vague": "3", "candidature_precedente": "nouvelle"},
        {"candidature": "elle-même", "candidature_precedente": "elle-même"},
    )
    model = build_model(tmp_path, {"candidatures": rows})
    assert found(model, "candidature-precedente-inconnue") == [("candidatures", 4)]
    assert found(model, "candidature-precedente-non-anterieure") == [("candidatures", line) for line in (5, 6, 7)]


def test_counts_are_compared_with_the_official_one_and_with_the_awards(tmp_path: Path) -> None:
    tables: dict[str, list[Row]] = {
        "candidatures": applications(
            *[{"vague": "1", "decision": "retenue"}] * 2, *[{"vague": "2", "decision": "retenue"}] * 2, {"vague": "3"}, {"vague": "4"}
        ),
        "resultats": [{"vague": "1"}, {"vague": "1"}, {"vague": "2"}, {"vague": "1", "categorie": "manufacture_de_proximite"}],
        "vagues": [
            {"vague": "1", "dispositif": FABRIQUE, "nb_candidatures": 2},
            {"vague": "2", "dispositif": FABRIQUE, "nb_candidatures": 3},
            {"vague": "3", "dispositif": FABRIQUE},
            {"vague": "5", "dispositif": FABRIQUE, "nb_candidatures": 9},
        ],
    }
    model = build_model(tmp_path, tables)
    assert found(model, "vague-candidatures-differentes") == [("vagues", 3)]
    assert found(model, "vague-retenues-differentes") == [("candidatures", 4)]


def test_no_private_word_is_in_what_is_handed_on(tmp_path: Path) -> None:
    fields = ("porteur", "contact_nom", "contact_courriel", "contact_telephone", "nom_lieu", "adresse", "description", "commune", "region")
    model = build_model(tmp_path, {"candidatures": applications(dict.fromkeys(fields, "Canari"))})
    assert "Canari" not in str([frame.rows() for name, frame in model.items() if name != "lieux"])
    assert model["candidatures"].height == 1
    assert isinstance(model["candidatures"], pl.DataFrame)
