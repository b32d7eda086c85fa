"""The deliveries follow the official history: what was announced is what they count."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from pipeline.data.facts import sources_file
from tests import oracle
from tests.demo.files import File, Record

CLEAN = ("resultats-vagues-1-a-9.xlsx", "resultats-vague-10.csv")


@pytest.fixture(scope="module")
def awards(demo: Path, files: dict[str, File]) -> list[Record]:
    """The lines of results of the ten waves of Fabriques as they stand once corrected, those planted beside the history left out."""
    planted = {(row["fichier"], int(row["ligne"])) for row in oracle.truth(demo, "defauts")}
    key = ("vague", "nom_lieu", "porteur", "commune")
    found = {}
    for name in (*CLEAN, "resultats-corrections.csv"):
        for record in files[name].records:
            if (name, record.line) not in planted and record.cells["categorie"].startswith("fabrique"):
                found[tuple(record.cells[field] for field in key)] = record
    return list(found.values())


def test_407_places_and_462_awards(awards: list[Record], demo: Path) -> None:
    public = [row for row in oracle.truth(demo, "lieux") if row["public"] == "oui"]
    assert len(awards) == 462
    assert len(public) == 407
    assert sum(record.cells["nature"] == "relabellisation" for record in awards) == 55
    assert Counter(record.cells["nature"] for record in awards if record.cells["vague"] == "10") == {"nouvelle": 25, "relabellisation": 55}


def test_laureates_of_each_wave(awards: list[Record], files: dict[str, File]) -> None:
    with sources_file().with_name("vagues.csv").open(encoding="utf-8", newline="") as file:
        official = {row["vague"]: row for row in csv.DictReader(file) if row["dispositif"] == "fabrique_de_territoire"}
    counted = Counter(record.cells["vague"] for record in awards)
    assert counted == {label: int(row["nb_laureats"]) for label, row in official.items()}
    told = {record.cells["vague"]: record.cells for record in files["vagues.csv"].records}
    for label, row in official.items():
        assert told[label]["nb_laureats"] == row["nb_laureats"]
        assert told[label]["cumul_laureats"] == row["cumul_laureats"]
        is_invented = not row["nb_candidatures"]
        assert ("inventé" in told[label]["note"]) == is_invented
        assert is_invented or told[label]["nb_candidatures"] == row["nb_candidatures"]


def test_32_digital_all_of_the_first_wave(awards: list[Record]) -> None:
    digital = [record for record in awards if record.cells["categorie"] == "fabrique_numerique_de_territoire"]
    assert len(digital) == 32
    assert {record.cells["vague"] for record in digital} == {"1"}


def test_territories_are_those_announced(awards: list[Record]) -> None:
    def until(wave: int) -> Counter[str]:
        return Counter(record.cells["territoire"] for record in awards if int(record.cells["vague"]) <= wave)

    assert until(1) == {"qpv": 80}
    assert until(3) == {"qpv": 102, "hors_grands_centres_urbains": 68}
    assert until(8) == {"qpv": 150, "hors_grands_centres_urbains": 150}
    last = Counter(record.cells["territoire"] for record in awards if record.cells["vague"] == "10")
    assert (round(100 * last["qpv"] / 80), round(100 * last["rural_frr"] / 80)) == (42, 50)


def test_applications_of_waves_3_and_10_are_official_and_the_others_marked(demo: Path) -> None:
    waves = {row["vague"]: row for row in oracle.truth(demo, "vagues")}
    assert (waves["fdt-03"]["candidatures"], waves["fdt-10"]["candidatures"]) == ("260", "312")
    invented = {wave for wave, row in waves.items() if row["candidatures_inventees"] == "oui"}
    assert invented == {f"fdt-{number:02d}" for number in (1, 2, 4, 5, 6, 7, 8, 9, 11)}
    counted = Counter[str]()
    for row in oracle.truth(demo, "effectifs"):
        counted[row["vague"]] += int(row["candidatures"])
    assert counted == {wave: int(row["candidatures"]) for wave, row in waves.items() if row["candidatures"]}


def test_manufactures_are_apart(files: dict[str, File], demo: Path) -> None:
    manufactures = [row for row in oracle.truth(demo, "vagues") if row["vague"].startswith("mp-")]
    assert sum(int(row["laureats"]) for row in manufactures) == 12
    assert not [
        record for name, file in files.items() if file.table == "candidatures" for record in file.records if "MP" in record.cells["vague"]
    ]
