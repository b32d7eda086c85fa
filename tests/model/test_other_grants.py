"""Grants of other funders: as they are, with what they lack of SCDL, and who is proved to be a legal person."""

import json
from pathlib import Path

import polars as pl
import pytest
from frictionless import Resource, Schema
from stdnum.fr import siret

from pipeline.schema import schemas_dir
from tests.model.delivered import Row, build_model

COMPLETE: dict[str, object] = {
    "nomAttribuant": "Région fictive",
    "idAttribuant": "00000002600013",
    "dateConvention": "2024-02-01",
    "nomBeneficiaire": "Association fictive 12",
    "idBeneficiaire": "00000001800010",
    "objet": "Atelier",
    "montant": "12.00",
    "nature": "aide en numéraire",
    "conditionsVersement": "unique",
    "datesPeriodeVersement": "2024-03-01",
    "notificationUE": False,
    "pourcentageSubvention": 1.0,
}
# Each line differs from a complete one by these cells.
VARIANTS: list[dict[str, object]] = [
    {},
    *({name: None} for name in COMPLETE if name not in ("montant", "idBeneficiaire")),
    {"idAttribuant": "000000026"},
    {"idBeneficiaire": "000000018"},
    {"nature": "aide en nature;aide en numéraire"},
    {"nature": "numéraire"},
    {"objet": "x" * 256},
    {"objet": "x" * 257},
    {"conditionsVersement": "x" * 257},
    {"datesPeriodeVersement": "2024-03-01/2025-03-01"},
    {"datesPeriodeVersement": "mars 2024"},
    {"pourcentageSubvention": 0.01},
    {"pourcentageSubvention": 0.0},
    {"pourcentageSubvention": 100.0},
    dict.fromkeys((name for name in COMPLETE if name != "montant"), None) | {"exercice": 2020},
]


def grants(folder: Path, *rows: Row) -> pl.DataFrame:
    return build_model(folder, {"subventions": rows})["subventions"].sort("livraison", "ligne")


def test_what_a_line_lacks_is_what_frictionless_finds_missing(tmp_path: Path) -> None:
    """SCDL's own schema, with the form of the two identifiers that its checks ask for."""
    descriptor = json.loads((schemas_dir() / "scdl" / "subventions-2.1.1.json").read_text(encoding="utf-8"))
    for field in descriptor["fields"]:
        if field["name"] == "idBeneficiaire":
            field["constraints"] = {"required": True, "pattern": r"^\d{14}$"}  # no line here has a RNA number in its place
    names = [field["name"] for field in descriptor["fields"]]
    rows = [COMPLETE | variant for variant in VARIANTS]
    cells = [[_as_delivered(row.get(name)) for name in names] for row in rows]
    report = Resource(data=[names, *cells], schema=Schema.from_descriptor(descriptor)).validate(limit_errors=10_000)
    expected: list[set[str]] = [set() for _ in rows]
    for error in report.tasks[0].errors:
        expected[error.row_number - 2].add(error.field_name)
    missing = grants(tmp_path, *rows)["champs_scdl_manquants"].fill_null("").to_list()
    assert [set(text.split("|")) - {""} for text in missing] == expected
    assert expected[0] == set() and len(expected[-1]) == 11


def _as_delivered(value: object) -> str:
    return "" if value is None else {True: "oui", False: "non"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def test_a_rna_number_stands_for_the_beneficiary_but_not_for_a_siren(tmp_path: Path) -> None:
    rows = [COMPLETE | {"rnaBeneficiaire": "W000000012", "idBeneficiaire": number} for number in (None, "000000018", "00000001800010")]
    assert grants(tmp_path, *rows)["champs_scdl_manquants"].to_list() == [None, "idBeneficiaire", None]


def test_a_siret_whose_keys_are_wrong_is_lacking(tmp_path: Path) -> None:
    """By stdnum, but for the rounded ones and the zeros, which it takes and which identify nobody."""
    known = ["73282932000074", "35600000000048", "35600000049837"]
    wrong = ["73282932000075", "73282933000074", "35600000000049", "35600000049838"]
    empty = ["00000000000000", "00000036400000", "35181600000000"]
    assert all(map(siret.is_valid, [*known, *empty[:2]])) and not any(map(siret.is_valid, wrong))
    rows = [COMPLETE | {field: number} for field in ("idAttribuant", "idBeneficiaire") for number in (*known, *wrong, *empty)]
    rows += [COMPLETE | {"rnaBeneficiaire": "W000000012", "idBeneficiaire": wrong[0]}]
    found = grants(tmp_path, *rows)["champs_scdl_manquants"].to_list()
    bad = len(wrong + empty)
    assert found == [*[None] * 3, *["idAttribuant"] * bad, *[None] * 3, *["idBeneficiaire"] * (bad + 1)]


def test_lines_with_a_rna_number_only_lack_nothing(tmp_path: Path) -> None:
    """Not one identifier in the whole table."""
    alone = COMPLETE | {"rnaBeneficiaire": "W000000012", "idBeneficiaire": None, "idAttribuant": None}
    assert grants(tmp_path, alone)["champs_scdl_manquants"].to_list() == ["idAttribuant"]


def test_nothing_is_filled_but_the_year_that_the_date_says(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"montant": "1.00", "dateConvention": "2021-12-31"},
        {"montant": "-2.00", "exercice": 2020, "dateConvention": "2021-01-02"},
    ]
    model = grants(tmp_path, *rows)
    assert model["exercice"].to_list() == [2021, 2020]
    assert {name for name in model.columns if model[name].null_count() < 2} == {
        *("subvention", "montant", "dateConvention", "exercice", "statut_beneficiaire", "champs_scdl_manquants", "livraison", "ligne")
    }


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"nomBeneficiaire": "A", "rnaBeneficiaire": "W000000012"}, "personne_morale"),
        ({"nomBeneficiaire": "A", "idBeneficiaire": "210000018"}, "personne_morale"),
        ({"nomBeneficiaire": "A", "formeJuridiqueBeneficiaire": "association"}, "personne_morale"),
        ({"nomBeneficiaire": "A", "formeJuridiqueBeneficiaire": "entrepreneur individuel"}, "personne_physique"),
        ({"nomBeneficiaire": "A", "idBeneficiaire": "00000001800010"}, "non_etabli"),
        ({"nomBeneficiaire": "Association A"}, "non_etabli"),
        ({}, "sans_porteur"),
    ],
)
def test_a_beneficiary_is_a_legal_person_on_evidence_only(tmp_path: Path, row: Row, status: str) -> None:
    assert grants(tmp_path, {"montant": "1.00", **row})["statut_beneficiaire"].to_list() == [status]


def test_evidence_of_the_registry_counts_and_a_person_declared_anywhere_wins(tmp_path: Path) -> None:
    registry: list[Row] = [{"lieu": "lieu-0001", "siren": "000000018", "statut_porteur": "personne_morale", "preuve_statut": "Sirene"}]
    grant: Row = {"montant": "1.00", "nomBeneficiaire": "A", "idBeneficiaire": "00000001800010"}
    model = build_model(tmp_path / "a", {"lieux": registry, "subventions": [grant]})
    assert model["subventions"]["statut_beneficiaire"].to_list() == ["personne_morale"]
    person = grant | {"formeJuridiqueBeneficiaire": "artiste"}
    model = build_model(tmp_path / "b", {"lieux": registry, "subventions": [grant, person]})
    assert model["subventions"]["statut_beneficiaire"].to_list() == ["personne_physique"] * 2


def test_ids_are_unique_and_do_not_depend_on_the_delivery(tmp_path: Path) -> None:
    same: Row = {"montant": "1.00", "nomBeneficiaire": "A", "exercice": 2020}
    first = grants(tmp_path / "a", same, same, same | {"montant": "2.00"})["subvention"].to_list()
    assert len(set(first)) == 3
    assert first[1] == f"{first[0]}-2"
    other = grants(tmp_path / "b", same | {"livraison": "subventions-ffffffffffff", "ligne": 99})["subvention"].to_list()
    assert other == first[:1]
