"""Which place and which wave a result line speaks of."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.model.delivered import build_model, found

WAVE_1, WAVE_3, WAVE_10, CRAFT_1 = "fdt-01", "fdt-03", "fdt-10", "mp-01"
OLD_PAGE, NEW_PAGE = "https://exemple.example/ancienne", "https://exemple.example/nouvelle"
Frames = dict[str, pl.DataFrame]

REGISTRY: list[dict[str, object]] = [
    {"lieu": "lieu-0001", "nom": "L'Œuvrière", "commune": "Saint-Élie", "departement": "10"},
    {"lieu": "lieu-0002", "porteur": "Commune de Valbourg", "commune": "Valbourg", "departement": "10"},
    {"lieu": "lieu-0003", "nom": "Nouveau nom", "noms_anterieurs": "Ancien nom|Tout premier nom", "departement": "20"},
    {"lieu": "lieu-0004", "commune": "Montville", "departement": "10", "rang": 1},
    {"lieu": "lieu-0005", "commune": "Montville", "departement": "10", "rang": 2},
    {"lieu": "lieu-0006", "nom": "Jumeau", "departement": "10"},
    {"lieu": "lieu-0007", "nom": "JUMEAU", "departement": "10"},
    {"lieu": "lieu-0008", "nom": "Doublon", "departement": "10", "fusionne_dans": "lieu-0001"},
    {"lieu": "lieu-0009", "nom": "Atelier", "departement": "20"},
    {"lieu": "lieu-0010", "note": "rien ne désigne ce lieu"},
]
UNNAMED = {"commune": "Montville", "departement": "10", "categorie": "fabrique_numerique_de_territoire"}
RESULTS: list[tuple[str | None, dict[str, object]]] = [
    ("lieu-0001", {"vague": "1", "nom_lieu": "l’oeuvriere", "commune": "SAINT ELIE", "departement": "10"}),
    ("lieu-0002", {"vague": "1", "porteur": "commune  de valbourg", "commune": "Valbourg", "departement": "10"}),
    ("lieu-0003", {"vague": "1", "nom_lieu": "Tout-premier nom", "departement": "20"}),
    ("lieu-0004", {"vague": "1", **UNNAMED}),
    ("lieu-0005", {"vague": "1", **UNNAMED}),
    (None, {"vague": "1", **UNNAMED}),  # a third one, which the registry does not have
    ("lieu-0004", {"vague": "10", **UNNAMED, "nature": "relabellisation"}),  # ranks start again in another wave
    (None, {"vague": "1", "nom_lieu": "Jumeau", "departement": "10"}),  # two places answer
    ("lieu-0001", {"vague": "3", "nom_lieu": "Doublon", "departement": "10"}),  # merged
    ("lieu-0002", {"vague": "3", "lieu": "lieu-0002", "nom_lieu": "Un nom que personne ne connaît"}),
    (None, {"vague": "3", "lieu": "lieu-9999", "nom_lieu": "L'Œuvrière", "commune": "Saint-Élie", "departement": "10"}),
    (None, {"vague": "3", "nom_lieu": "L'Œuvrière", "commune": "Saint-Élie", "departement": "20"}),  # another département
    (None, {"vague": "3", "nom_lieu": "L'Œuvrière", "departement": "10"}),  # an absent commune is not any commune
    (None, {"vague": "3", "note": "rien ne désigne ce lieu"}),
    ("lieu-0003", {"vague": "1", "lieu": "lieu-0003"}),  # a second award of the same wave
    ("lieu-0009", {"nom_lieu": "Atelier", "departement": "20", "source_url": "https://exemple.example/a"}),
    ("lieu-0009", {"vague": "MP-1", "lieu": "lieu-0009"}),
    ("lieu-0008", {"vague": "MP-1", "lieu": "lieu-0008", "categorie": "manufacture_de_proximite"}),
    ("lieu-0004", {"vague": "4", **UNNAMED}),
    ("lieu-0004", {"vague": "4", **UNNAMED, "livraison": "resultats-ffffffffffff"}),  # ranks start again in another delivery
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    rows = [row for _, row in RESULTS]
    return build_model(tmp_path_factory.mktemp("lieux"), {"resultats": rows, "lieux": REGISTRY})


@pytest.fixture(scope="module")
def award(model: Frames) -> Callable[[int], dict[str, object]]:
    """The award made of the n-th result, from 0."""
    return lambda number: model["attributions"].row(by_predicate=pl.col("ligne") == number + 2, named=True)


@pytest.mark.parametrize("number", range(len(RESULTS)))
def test_each_result_meets_the_place_that_it_designates(award: Callable[[int], dict[str, object]], number: int) -> None:
    expected = RESULTS[number][0]
    assert award(number)["lieu"] == ("lieu-0001" if expected == "lieu-0008" else expected)


def test_every_result_is_an_award_even_without_place(model: Frames) -> None:
    assert model["attributions"].height == len(RESULTS)
    without_place = [number + 2 for number, (place, _) in enumerate(RESULTS) if place is None]
    assert found(model, "attribution-sans-lieu") == [("resultats", line) for line in without_place]


def test_an_award_is_named_after_its_place_and_its_wave(award: Callable[[int], dict[str, object]]) -> None:
    assert award(0)["attribution"] == f"lieu-0001_{WAVE_1}"
    assert award(6)["attribution"] == f"lieu-0004_{WAVE_10}"
    assert award(14)["attribution"] == f"lieu-0003_{WAVE_1}_2"
    assert award(15)["attribution"] == "lieu-0009_vague-inconnue"
    assert award(5)["attribution"] == "ligne-resultats-000000000000-7"


def test_a_second_award_of_a_place_in_a_wave_is_an_anomaly(model: Frames) -> None:
    assert found(model, "attribution-double") == [("resultats", 16), ("resultats", 21)]


def test_two_unnamed_places_of_a_town_stay_two(model: Frames) -> None:
    awards = model["attributions"].filter(pl.col("commune") == "Montville", pl.col("vague") == WAVE_1)
    assert sorted(awards["lieu"].drop_nulls()) == ["lieu-0004", "lieu-0005"]


def test_scheme_comes_from_the_category_or_the_wave_and_a_category_not_read_stays_so(award: Callable[[int], dict[str, object]]) -> None:
    assert (award(0)["categorie"], award(0)["dispositif"]) == (None, "fabrique_de_territoire")
    assert (award(15)["categorie"], award(15)["dispositif"]) == (None, "fabrique_de_territoire")
    assert (award(16)["categorie"], award(16)["dispositif"]) == (None, "manufacture_de_proximite")


def test_a_place_sums_up_its_awards(model: Frames) -> None:
    places = {row["lieu"]: row for row in model["lieux"].iter_rows(named=True)}
    assert "lieu-0008" not in places, "a merged place is no longer a place"
    first = places["lieu-0001"]
    assert (first["premiere_vague"], first["derniere_vague"], first["attributions"], first["relabellise"]) == (WAVE_1, WAVE_3, 3, True)
    relabelled = places["lieu-0004"]
    assert (relabelled["premiere_vague"], relabelled["derniere_vague"], relabelled["relabellise"]) == (WAVE_1, WAVE_10, True)
    assert places["lieu-0005"]["relabellise"] is None, "one award whose nature is not told says nothing"
    mixed = places["lieu-0009"]
    assert (mixed["dispositif"], mixed["premiere_vague"], mixed["attributions"]) == ("fabrique_de_territoire", None, 2)
    assert mixed["source_url"] == "https://exemple.example/a"
    orphan = places["lieu-0006"]
    assert (orphan["attributions"], orphan["dispositif"], orphan["statut_porteur"]) == (0, None, "sans_porteur")
    assert found(model, "registre-lieu-orphelin") == [("lieux", 7), ("lieux", 8), ("lieux", 11)]


def test_what_the_registry_leaves_empty_comes_from_the_latest_award_that_says_it(tmp_path: Path) -> None:
    results: list[dict[str, object]] = [
        {"vague": "9", "lieu": "lieu-0001", "nom_lieu": "Nom récent", "territoire": "qpv", "types": "fablab", "source_url": NEW_PAGE},
        {"vague": "2", "lieu": "lieu-0001", "nom_lieu": "Nom ancien", "commune": "Valbourg", "departement": "10", "porteur": "Ancien"},
        {"vague": "4", "lieu": "lieu-0001", "departement": "20", "territoire": "autre", "porteur": "Récent", "source_url": OLD_PAGE},
        {"vague": "1", "lieu": "lieu-0002", "nom_lieu": "Nom livré", "commune": "Valbourg", "porteur": "Livré", "nature": "nouvelle"},
    ]
    registry: list[dict[str, object]] = [
        {"lieu": "lieu-0001"},
        {"lieu": "lieu-0002", "nom": "Nom relu", "porteur": "Relu", "departement": "20"},
    ]
    places = build_model(tmp_path, {"resultats": results, "lieux": registry})["lieux"].rows(named=True)
    latest, reviewed = places
    assert (latest["nom"], latest["classe_officielle"], latest["types"]) == ("Nom récent", "qpv", "fablab")
    assert (latest["porteur"], latest["commune"], latest["departement"]) == ("Récent", None, "20"), "bearer and location each from one line"
    assert (latest["premiere_vague"], latest["derniere_vague"]) == ("fdt-02", "fdt-09"), "fdt-02 and fdt-04 have no date"
    assert latest["source_url"] == OLD_PAGE, "the page of the first label that has one"
    assert (reviewed["nom"], reviewed["porteur"], reviewed["commune"], reviewed["departement"]) == ("Nom relu", "Relu", None, "20")
    assert reviewed["relabellise"] is False
