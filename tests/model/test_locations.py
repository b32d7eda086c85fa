"""Communes looked up in the official code: found when there is one answer, else left empty and said."""

from pathlib import Path

import pytest

from tests.model.delivered import build_model, found

Found = tuple[str | None, str | None, str | None, str | None]

# Line → (commune, its code, département, région); the reference is in delivered.py.
LINES: list[tuple[dict[str, str], Found, bool]] = [
    ({"commune": "saint elie", "departement": "10"}, ("Saint-Élie", "10001", "10", "Grande-Vallée"), False),
    ({"commune": "Saint-Élie", "departement": "20"}, ("Saint-Élie", "20001", "20", "Grande-Vallée"), False),
    ({"commune": "L’ILE D’OEUF", "departement": "10"}, ("L'Île-d'Œuf", "10002", "10", "Grande-Vallée"), False),
    (
        {"commune": "Valbourg 1er arrondissement", "departement": "10"},
        ("Valbourg 1er Arrondissement", "10103", "10", "Grande-Vallée"),
        False,
    ),
    ({"commune": "Homonyme", "departement": "20"}, ("Homonyme", None, "20", "Grande-Vallée"), True),
    ({"commune": "Homonyme", "code_commune": "20003"}, ("Homonyme", "20003", "20", "Grande-Vallée"), False),
    ({"commune": "Saint-Élie"}, ("Saint-Élie", None, None, None), True),  # two départements have one: none is guessed
    ({"commune": "Nulle-Part", "departement": "10"}, ("Nulle-Part", None, "10", "Grande-Vallée"), True),
    ({"commune": "Vieux-Pré", "departement": "10"}, ("Vieux-Pré", None, "10", "Grande-Vallée"), True),  # a former commune
    ({"commune": "Saint-Élie", "departement": "10", "code_commune": "99999"}, ("Saint-Élie", "10001", "10", "Grande-Vallée"), False),
    ({"code_commune": "99999"}, (None, None, None, None), True),
    ({"departement": "20", "region": "Haute-Côte"}, (None, None, "20", "Haute-Côte"), False),  # delivered: not replaced
    ({"departement": "30"}, (None, None, "30", None), False),
    ({}, (None, None, None, None), False),
]


def test_communes_departements_and_regions(tmp_path: Path) -> None:
    model = build_model(tmp_path, {"resultats": [said for said, _, _ in LINES]})
    awards = model["attributions"].sort("ligne")
    assert awards.select("commune", "code_commune", "departement", "region").rows() == [expected for _, expected, _ in LINES]
    assert found(model, "commune-introuvable") == [("resultats", line + 2) for line, (_, _, lost) in enumerate(LINES) if lost]
    assert awards["nom_departement"].to_list()[:2] == ["Aubelle", "Deux-Rives"]
    assert awards["code_region"].to_list()[11:13] == ["77", None]


@pytest.mark.parametrize(("commune", "population"), [("Saint-Élie", 1200), ("Nulle-Part", None)])
def test_a_place_has_the_population_of_its_commune(tmp_path: Path, commune: str, population: int | None) -> None:
    place = {"lieu": "lieu-0001", "nom": "A", "commune": commune, "departement": "10"}
    model = build_model(tmp_path, {"lieux": [place], "resultats": [{"vague": "1", **place}]})
    assert model["lieux"]["population_commune"].to_list() == [population]
    assert found(model, "commune-introuvable") == ([] if population else [("lieux", 2), ("resultats", 2)])


def test_the_census_says_whether_its_commune_still_exists(tmp_path: Path) -> None:
    codes = ["10001", "10103", "10004", "0", None]
    rows = [{"ID": str(number), "NOM_TL": "L@bo", "INSEECOM": code} for number, code in enumerate(codes)]
    model = build_model(tmp_path, {"recensement": rows})
    assert model["recensement"]["commune_cog"].to_list() == [True, True, False, False, None]
    assert model["recensement"]["INSEECOM"].to_list() == codes
    assert found(model, "recensement-commune-hors-cog") == [("recensement", 4), ("recensement", 5)]
