import csv
import tomllib
from dataclasses import FrozenInstanceError, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.data.facts import sources_file
from pipeline.programme import Programme, ProgrammeError, load, read
from pipeline.schema import schemas_dir

FILE = schemas_dir() / "programme.toml"
FABRIQUES = tuple(f"fdt-{n:02d}" for n in range(1, 11))
MANUFACTURES = ("mp-01", "mp-02", "mp-03", "mp-2024")


@pytest.fixture(scope="module")
def published_waves() -> list[dict[str, str]]:
    """The embedded delivery of waves, read by another reader."""
    with (sources_file().parent / "vagues.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def programme() -> Programme:
    return load()


def test_every_rule_of_the_file_is_read_with_its_sources_and_mark(programme: Programme) -> None:
    document = tomllib.loads(FILE.read_text(encoding="utf-8"))
    tables = [entry for value in document.values() for entry in (value if isinstance(value, list) else [value])]
    written = [entry for entry in tables if isinstance(entry, dict)]
    assert len(programme.rules()) == len(written)
    assert all(rule.sources and rule.marque in "VETKX" for rule in programme.rules())
    urls = sorted(source["url"] for entry in written for source in entry["sources"] if "url" in source)
    assert sorted(source.url for rule in programme.rules() for source in rule.sources if source.url) == urls


def test_waves_are_ten_fabriques_and_four_manufactures(programme: Programme) -> None:
    assert tuple(wave.slug for wave in programme.waves) == FABRIQUES + MANUFACTURES
    assert [wave.ordinal for wave in programme.waves] == [*range(1, 11), *range(1, 5)]
    assert {wave.slug[:2]: wave.dispositif for wave in programme.waves} == {
        "fd": "fabrique_de_territoire",
        "mp": "manufacture_de_proximite",
    }


def test_every_published_wave_is_known_with_the_same_dates(programme: Programme, published_waves: list[dict[str, str]]) -> None:
    assert len(published_waves) == len(programme.waves)
    for line in published_waves:
        wave = programme.wave_of_label(line["vague"], line["dispositif"])
        assert wave is not None, line["vague"]
        assert (wave.annonce.isoformat() if wave.annonce else "") == line["date_annonce"]
        assert [day.isoformat() for day in wave.clotures] == ([line["date_limite_depot"]] if line["date_limite_depot"] else [])


def test_figures_of_the_rules_agree_with_the_published_counts(programme: Programme, published_waves: list[dict[str, str]]) -> None:
    laureates = {programme.labels()[line["vague"]]: int(line["nb_laureats"]) for line in published_waves}
    first_eight = sum(laureates[slug] for slug in FABRIQUES[:8])
    assert {quota.total for quota in programme.quotas} == {first_eight} == {300}
    above = {slug for rule in programme.ceilings for slug in rule.vagues if laureates[slug] > rule.laureats_max}
    assert above == {"fdt-06"}  # 35 laureates: official data, hence a warning only
    assert [(target.laureats_vises, laureates[slug]) for target in programme.targets for slug in target.vagues] == [(80, 82)]


def test_the_two_versions_of_the_quota_contradict_each_other_over_a_common_period(programme: Programme) -> None:
    planned, stated = programme.quotas
    assert (planned.hors_grands_centres_urbains, planned.qpv, planned.numeriques) == (150, 120, 30)
    assert (stated.hors_grands_centres_urbains, stated.qpv, stated.numeriques) == (150, 118, 32)
    for quota in programme.quotas:
        assert quota.hors_grands_centres_urbains + quota.qpv + quota.numeriques == quota.total
        assert quota.valide_du <= date(2021, 1, 1) <= (quota.valide_au or date.max)


def test_amounts_by_wave(programme: Programme) -> None:
    rules = {wave.slug: programme.amount_rule(wave) for wave in programme.waves}
    for slug in FABRIQUES[:8]:
        rule = rules[slug]
        assert (rule.total_min, rule.total_max, rule.tranche_max, rule.tranches_max) == (75000, 150000, 50000, 3)
        assert rule.bonus_numerique == Decimal(100000)
        assert rule.confirmee
    ninth = rules["fdt-09"]
    assert (ninth.total_min, ninth.total_max, ninth.tranches_max, ninth.bonus_numerique) == (50000, 50000, 1, None)
    assert not any(rules[slug].confirmee for slug in ("fdt-10", *MANUFACTURES))
    assert {type(rule.total_max) for rule in rules.values()} == {Decimal, type(None)}


def test_publication_rule(programme: Programme) -> None:
    rule = programme.publication
    assert (rule.seuil, rule.delai_mois, rule.mois_cumul, rule.conventions_signees_depuis) == (Decimal(23000), 3, 12, date(2017, 8, 1))


def test_embargo_ends_at_the_announcement_else_when_a_source_counts_the_laureates_else_never(programme: Programme) -> None:
    for wave in programme.waves:
        assert wave.embargo_until == (wave.annonce or wave.annoncee_au_plus_tard)
        assert wave.embargo_until is not None
        assert (wave.annonce is None) == (wave.source_annonce is not None)
    unknown = replace(programme.wave("fdt-02"), annonce=None, annoncee_au_plus_tard=None, source_annonce=None)
    assert unknown.embargo_until is None


def test_announcements_follow_the_order_of_the_waves_and_are_past(programme: Programme) -> None:
    for scheme in programme.schemes:
        announced = [wave.annonce for wave in programme.waves if wave.dispositif == scheme.id and wave.annonce]
        assert announced == sorted(announced)
    assert all(wave.embargo_until <= programme.mise_a_jour for wave in programme.waves if wave.embargo_until)


def test_labels_lead_to_one_wave_each(programme: Programme) -> None:
    labels = programme.labels()
    assert {label: slug for label, slug in labels.items() if label.isdigit()} == {str(n): f"fdt-{n:02d}" for n in range(1, 11)}
    assert (labels["MP-1"], labels["MP-2024"], labels["fdt-10"], labels["Vague 3"]) == ("mp-01", "mp-2024", "fdt-10", "fdt-03")
    assert programme.wave_of_label(" 1 ") == programme.wave("fdt-01")
    assert programme.wave_of_label("1", "manufacture_de_proximite") is None
    assert programme.wave_of_label("11") is None
    with pytest.raises(KeyError):
        programme.wave("fdt-11")


def test_categories_lead_to_a_scheme_and_one_is_digital(programme: Programme) -> None:
    assert programme.scheme_of_category() == {
        "fabrique_de_territoire": "fabrique_de_territoire",
        "fabrique_numerique_de_territoire": "fabrique_de_territoire",
        "manufacture_de_proximite": "manufacture_de_proximite",
    }
    assert [category.id for category in programme.categories if category.numerique] == ["fabrique_numerique_de_territoire"]


def test_a_programme_is_read_once_and_cannot_be_changed(programme: Programme) -> None:
    assert load() is programme
    first: Any = programme.waves[0]
    with pytest.raises(FrozenInstanceError):
        first.slug = "fdt-99"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("mise_a_jour = 2026-11-23", "", "mise_a_jour : clé obligatoire absente"),
        ("mise_a_jour = 2026-11-23", 'mise_a_jour = "2026-11-23"', "mise_a_jour : une date AAAA-MM-JJ sans guillemets est attendue"),
        ("annonce = 2020-10-22", "annnonce = 2020-10-22", "vague n° 3, annnonce : clé inconnue"),
        ('libelles = ["4"]', 'libelles = "4"', "vague n° 4, libelles : une liste est attendue"),
        ('libelles = ["4"]', 'libelles = ["5"]', "libellé de vague « 5 » en double"),
        ('libelles = ["4"]', "libelles = []", "vague n° 4, libelles : au moins 1 élément est attendu"),
        ('slug = "fdt-05"', 'slug = "FDT 5"', "vague n° 5, slug : forme attendue"),
        ("ordinal = 7", 'ordinal = "7"', "vague n° 7, ordinal : un nombre entier est attendu"),
        ("ordinal = 7", "ordinal = 6", "rang de vague « fabrique_de_territoire 6 » en double"),
        ('marque = "V"', 'marque = "Z"', "marque : valeur inconnue, attendu 'V', 'E', 'T', 'K' ou 'X'"),
        ('regle_montant = "fdt-2023"', 'regle_montant = "fdt-2022"', "vague fdt-09 : règle de montant « fdt-2022 » inconnue"),
        ('vagues = ["fdt-03"]', 'vagues = ["fdt-30"]', "plafond-octobre-2020 : vague « fdt-30 » inconnue"),
        ("clotures = [2020-06-30]", "clotures = [2020-06-30, 2020-06-01]", "vague fdt-03 : clôtures doublées ou dans le désordre"),
        ("annonce = 2020-10-22", "annonce = 2020-06-01", "vague fdt-03 : annoncée avant sa clôture"),
        (
            "annonce = 2021-03-30",
            "annoncee_au_plus_tard = 2021-03-30",
            "vague fdt-05 : annoncee_au_plus_tard et source_annonce vont ensemble",
        ),
        ("total_min = 75000", "total_min = 175000", "règle de montant fdt-2019 : total_max inférieur à total_min"),
        ("seuil = 23000", 'seuil = "beaucoup"', "publication, seuil : un montant est attendu"),
        ("seuil = 23000", "seuil = 23000.005", "publication, seuil : au plus 2 décimales"),
        ("seuil = 23000", "seuil = -1", "publication, seuil : un nombre supérieur à 0 est attendu"),
        ("valide_au = 2022-12-31", "valide_au = 2018-12-31", "fin de validité antérieure, 2018-12-31"),
        ('dispositif = "fabrique_de_territoire"', 'dispositif = "fabrique"', "dispositif « fabrique » inconnu"),
        ("[publication]", "[publication", "TOML mal formé, ligne"),
    ],
)
def test_a_wrong_file_is_refused_with_its_fault(tmp_path: Path, before: str, after: str, message: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "programme.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ProgrammeError) as refusal:
        read(path)
    assert str(refusal.value).startswith("programme.toml : ")
    assert message in str(refusal.value)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8").replace("seuil = 23000", "").replace("ordinal = 7", 'ordinal = "7"')
    path = tmp_path / "programme.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProgrammeError, match=r"publication, seuil.*vague n° 7, ordinal"):
        read(path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_bytes(FILE.read_text(encoding="utf-8").encode("utf-16"))
    with pytest.raises(ProgrammeError, match="UTF-8"):
        read(path)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match="fichier absent"):
        read(tmp_path / "programme.toml")
