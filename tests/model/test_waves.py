"""Waves: the programme's, completed by what is delivered; a label that it does not know stays apart and under embargo."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline import programme
from tests.model.delivered import build_model, found

FABRIQUE, MANUFACTURE = "fabrique_de_territoire", "manufacture_de_proximite"


def test_without_a_delivery_the_waves_of_the_programme_are_there_and_their_figures_are_not(tmp_path: Path) -> None:
    waves = build_model(tmp_path, {})["vagues"]
    rules = programme.load()
    assert waves["vague"].to_list() == sorted(wave.slug for wave in rules.waves)
    for row in waves.iter_rows(named=True):
        wave = rules.wave(row["vague"])
        assert (row["libelle"], row["dispositif"], row["ordinal"]) == (wave.libelle, wave.dispositif, wave.ordinal)
        closings = tuple(day for day in (row["date_cloture"], row["date_cloture_2"]) if day)
        assert (closings, row["date_annonce"], row["embargo_jusqu_au"]) == (wave.clotures, wave.annonce, wave.embargo_until)
    figures = ("candidatures", "laureats", "laureats_numeriques", "cumul_lieux", "montant", "source_url", "note", "livraison", "ligne")
    assert waves.select(pl.col(figures).is_null().all()).row(0) == (True,) * len(figures)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    waves = [
        {"vague": "1", "dispositif": FABRIQUE, "date_annonce": "2020-02-04", "nb_laureats": 80, "montant": "1234567.89"},
        {"vague": "fdt-03", "dispositif": FABRIQUE, "date_annonce": "2019-01-01", "nb_candidatures": 260},
        {"vague": "Vague 4", "dispositif": FABRIQUE, "date_annonce": "2021-01-02", "nb_laureats": 1},
        {"vague": " vague  4", "dispositif": FABRIQUE, "nb_laureats": 99},
        {"vague": "1", "dispositif": MANUFACTURE, "nb_laureats": 20},
        {"vague": "11", "dispositif": FABRIQUE, "date_annonce": "2026-01-01", "nb_laureats": 7},
    ]
    results = [
        {"vague": "11", "nom_lieu": "A"},
        {"vague": "vague 4", "nom_lieu": "B", "date_annonce": "2021-01-01"},
        {"vague": "FDT 04", "nom_lieu": "C"},
        {"vague": "1", "nom_lieu": "D", "categorie": MANUFACTURE},
        {"nom_lieu": "E"},
        {"vague": "12 bis", "nom_lieu": "F"},
    ]
    conventions = [{"vague": "1", "montant": "1"}, {"vague": "13", "montant": "1"}, {"montant": "1"}]
    folder = tmp_path_factory.mktemp("vagues")
    return build_model(folder, {"vagues": waves, "resultats": results, "conventions": conventions})


def test_what_is_delivered_comes_first_and_never_brings_the_embargo_forward(model: dict[str, pl.DataFrame]) -> None:
    waves = {row["vague"]: row for row in model["vagues"].iter_rows(named=True)}
    rules = programme.load()
    first = waves["fdt-01"]
    assert (first["date_annonce"], first["laureats"], str(first["montant"])) == (date(2020, 2, 4), 80, "1234567.89")
    assert first["embargo_jusqu_au"] == date(2020, 2, 4), "a later announcement puts the embargo off"
    third = waves["fdt-03"]
    assert (third["date_annonce"], third["candidatures"], third["laureats"]) == (date(2019, 1, 1), 260, None)
    assert third["embargo_jusqu_au"] == rules.wave("fdt-03").embargo_until, "an earlier one does not"
    assert third["date_cloture"] == rules.wave("fdt-03").clotures[0]
    assert waves["fdt-04"]["laureats"] == 1, "the first line is kept"


def test_the_doubled_wave_the_unknown_ones_and_the_dates_are_anomalies(model: dict[str, pl.DataFrame]) -> None:
    assert found(model, "vague-double") == [("vagues", 5)]
    assert found(model, "vague-inconnue") == [("conventions", 3), ("resultats", 2), ("resultats", 7), ("vagues", 6), ("vagues", 7)]
    assert found(model, "vague-divergence-avec-programme") == [("vagues", 2), ("vagues", 3)]
    assert found(model, "vague-annonce-avant-cloture") == [("vagues", 3)]
    assert found(model, "vague-plus-de-laureats-que-l-officiel") == [("vagues", 4)]
    assert found(model, "categorie-contraire-a-la-vague") == [("resultats", 5)]


def test_a_wave_outside_the_programme_has_no_embargo_date_so_that_nothing_of_it_can_be_published(model: dict[str, pl.DataFrame]) -> None:
    outside = model["vagues"].filter(pl.col("vague").str.starts_with("hors-programme-"))
    assert outside["vague"].to_list() == [f"hors-programme-{name}" for name in ("11", "12-bis", "13", "manufacture_de_proximite-fdt-01")]
    assert outside["embargo_jusqu_au"].to_list() == [None] * 4
    assert outside.filter(pl.col("vague") == "hors-programme-11")["laureats"].item() == 7
    assert model["vagues"].height == len(programme.load().waves) + 4


def test_lines_name_their_wave_by_its_key(model: dict[str, pl.DataFrame]) -> None:
    awards = model["attributions"].sort("ligne")
    assert awards["vague"].to_list() == ["hors-programme-11", "fdt-04", "fdt-04", "fdt-01", None, "hors-programme-12-bis"]
    assert awards["date_annonce"].to_list()[1:3] == [date(2021, 1, 1), date(2021, 1, 2)], "a line's own date, else its wave's"
    assert awards["dispositif"].to_list() == [FABRIQUE] * 3 + [MANUFACTURE] + [FABRIQUE] * 2
    assert model["conventions"].sort("ligne")["vague"].to_list() == ["fdt-01", "hors-programme-13", None]


def test_a_wave_above_its_ceiling_is_to_be_explained(tmp_path: Path) -> None:
    ceiling = programme.load().ceilings[0]
    for laureates, anomalies in ((ceiling.laureats_max, []), (ceiling.laureats_max + 1, [("vagues", 2)])):
        waves = [{"vague": ceiling.vagues[0], "dispositif": FABRIQUE, "nb_laureats": laureates}]
        assert found(build_model(tmp_path / str(laureates), {"vagues": waves}), "vague-plafond-depasse") == anomalies


@pytest.mark.parametrize("livraison", ["vagues-00000000000a", "vagues-ffffffffffff"])
def test_any_line_that_puts_the_day_off_does_whatever_the_content_of_its_file(tmp_path: Path, livraison: str) -> None:
    waves = [
        {"vague": "1", "dispositif": FABRIQUE, "date_annonce": "2020-02-04", "livraison": "vagues-777777777777"},
        {"vague": "1", "dispositif": FABRIQUE, "date_annonce": "2031-05-06", "livraison": livraison},
    ]
    model = build_model(tmp_path, {"vagues": waves})
    assert model["vagues"].filter(pl.col("vague") == "fdt-01")["embargo_jusqu_au"].item() == date(2031, 5, 6)
