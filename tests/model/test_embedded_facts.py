"""The public facts that ship with the package, counted again with the `csv` module."""

import unicodedata
from collections import Counter
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

import pipeline.data
from pipeline import programme
from pipeline.data.shipped import REFERENCES, reference
from tests.model.delivered import build_model, found, read_csv

FACTS = Path(pipeline.data.__file__).parent / "faits"
FILES = {
    "resultats": "laureats_fabriques.csv",
    "lieux": "lieux.csv",
    "vagues": "vagues.csv",
    "indicateurs_publies": "indicateurs_publies.csv",
}
MANUFACTURE = "manufacture_de_proximite"
SLUGS = {
    **{str(number): f"fdt-{number:02}" for number in range(1, 11)},
    "MP-1": "mp-01",
    "MP-2": "mp-02",
    "MP-3": "mp-03",
    "MP-2024": "mp-2024",
}

Records = list[dict[str, str | None]]


@pytest.fixture(scope="module")
def facts() -> dict[str, Records]:
    return {table: read_csv(FACTS / name) for table, name in FILES.items()}


@pytest.fixture(scope="module")
def model(facts: dict[str, Records], tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    return build_model(tmp_path_factory.mktemp("faits"), facts, {name: reference(name).collect() for name in REFERENCES})


def test_each_line_is_an_award_of_a_place_of_its_own(facts: dict[str, Records], model: dict[str, pl.DataFrame]) -> None:
    assert len(facts["resultats"]) == model["attributions"].height == 58
    assert model["attributions"]["lieu"].n_unique() == 58
    assert model["attributions"]["lieu"].null_count() == 0
    assert found(model, "attribution-sans-lieu") == []


def test_fabriques_and_manufactures_are_counted_apart(facts: dict[str, Records], model: dict[str, pl.DataFrame]) -> None:
    crafts = sum(record["categorie"] == MANUFACTURE for record in facts["resultats"])
    assert (len(facts["resultats"]) - crafts, crafts) == (46, 12)
    schemes = Counter(model["lieux"]["dispositif"])
    assert schemes == {"fabrique_de_territoire": 46, MANUFACTURE: 12}
    assert Counter(model["attributions"]["categorie"]) == Counter(record["categorie"] for record in facts["resultats"])


def test_awards_by_wave(facts: dict[str, Records], model: dict[str, pl.DataFrame]) -> None:
    expected = Counter(SLUGS.get(record["vague"] or "") for record in facts["resultats"])
    assert Counter(model["attributions"]["vague"]) == expected
    assert expected[None] == 24


def test_the_two_unnamed_places_of_montpellier_stay_two(model: dict[str, pl.DataFrame]) -> None:
    assert model["lieux"].filter(pl.col("code_commune") == "34172")["lieu"].to_list() == ["lieu-0011", "lieu-0012"]


def test_every_named_commune_is_found_in_the_official_code(facts: dict[str, Records], model: dict[str, pl.DataFrame]) -> None:
    def plain(name: str) -> str:
        letters = unicodedata.normalize("NFD", name.casefold())
        return "".join(letter for letter in letters if letter.isalnum())

    codes: dict[tuple[str, str], set[str]] = {}
    for code, name, departement, kind in reference("communes").select("code", "nom", "departement", "type").collect().iter_rows():
        if kind in ("COM", "ARM"):
            codes.setdefault((departement, plain(name)), set()).add(code)
    for record, award in zip(facts["resultats"], model["attributions"].sort("ligne").iter_rows(named=True), strict=True):
        candidates = codes.get((record["departement"] or "", plain(record["commune"] or "")), set())
        assert award["code_commune"] == (next(iter(candidates)) if len(candidates) == 1 else None)
        assert award["region"] == record["region"]
    named = sum(bool(record["commune"]) for record in facts["resultats"])
    assert model["attributions"]["code_commune"].count() == named
    assert found(model, "commune-introuvable") == []


def test_places_and_awards_of_the_official_history_differ(model: dict[str, pl.DataFrame]) -> None:
    """300 + 82 + 25 places are 407, while awards sum to 462: relabelled places have two."""
    waves = model["vagues"].filter(pl.col("dispositif") == "fabrique_de_territoire")
    assert waves["laureats"].sum() == 462
    assert waves.filter(pl.col("vague") == "fdt-10")["cumul_lieux"].item() == 407


def test_the_only_anomalies_are_those_of_the_figures_themselves(facts: dict[str, Records], model: dict[str, pl.DataFrame]) -> None:
    rules = programme.load()
    ceilings = {slug: ceiling.laureats_max for ceiling in rules.ceilings for slug in ceiling.vagues}
    expected = []
    for line, record in enumerate(facts["vagues"], start=2):
        wave = rules.wave(SLUGS[record["vague"] or ""])
        if int(record["nb_laureats"] or 0) > ceilings.get(wave.slug, 10**6):
            expected.append(("vague-plafond-depasse", line))
        if record["date_annonce"] and wave.annonce and record["date_annonce"] != wave.annonce.isoformat():
            expected.append(("vague-divergence-avec-programme", line))
    assert sorted(model["anomalies"].select("regle", "ligne").iter_rows()) == sorted(expected)
    not_evaluated = model["regles"].filter(pl.col("etat") == "non évaluée")["tables"]
    assert {table for tables in not_evaluated for table in tables.split(", ")} & {"conventions", "versements", "recensement"}


def test_contradictory_figures_are_all_kept_under_ids_of_their_own(facts: dict[str, Records], model: dict[str, pl.DataFrame]) -> None:
    def digest(record: dict[str, str | None]) -> str:
        parts = (record["indicateur"], record["annee"], record["valeur"], record["source_url"])
        return sha256("|".join(part or "" for part in parts).encode()).hexdigest()[:12]

    expected = [digest(record) for record in facts["indicateurs_publies"]]
    assert model["indicateurs_publies"].sort("ligne")["id_indicateur"].to_list() == expected
    assert len(set(expected)) == 99
