"""The export in the national format: what it holds is checked by frictionless against the pinned schema, and by hand."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import polars as pl
import pytest

from pipeline.release.build import Release, build
from pipeline.release.verify import verify
from pipeline.schema import load, schemas_dir
from tests.release.protected import write_zone

NAME = "Compagnie fictive"
GRANT: dict[str, Any] = {
    "subvention": "a",
    "nom_attribuant": "Ville fictive",
    "id_attribuant": "00000001800010",
    "date_convention": date(2024, 1, 2),
    "exercice": 2024,
    "nom_beneficiaire": NAME,
    "id_beneficiaire": "00000002600013",
    "statut_beneficiaire": "personne_morale",
    "objet": "Saison, lieu « A »",
    "montant": Decimal("1500.50"),
    "nature": "aide en numéraire",
    "conditions_versement": "unique",
    "dates_periode_versement": "2024-01-02/2024-12-31",
    "notification_ue": False,
    "pourcentage_subvention": 0.8,
    "livraison": "subventions-000000000000",
    "ligne": 2,
}
INCOMPLETE: list[dict[str, Any]] = [
    {"id_beneficiaire": None, "champs_scdl_manquants": "idBeneficiaire"},
    {"statut_beneficiaire": "personne_physique"},
    {"statut_beneficiaire": "personne_physique", "nom_beneficiaire": None, "id_beneficiaire": None, "objet": None, "ligne": None},
    {"statut_beneficiaire": "non_etabli"},
    {"id_beneficiaire": "00000002600014"},
    {"id_beneficiaire": "00000036400000"},
    {"objet": "o" * 257},
]


def released(folder: Path, *rows: dict[str, Any]) -> Release:
    schema = load("public", "subventions")
    known = [{**GRANT, "subvention": f"s{rank}", **row} for rank, row in enumerate(rows)]
    frame = pl.DataFrame([{name: row.get(name) for name in schema.field_names} for row in known], schema=schema.polars_schema)
    return build(write_zone(folder / "protege", {"subventions": frame}), folder / "published")


def test_frictionless_accepts_the_export_under_the_pinned_schema(tmp_path: Path) -> None:
    release = released(tmp_path, {}, *INCOMPLETE, {"montant": Decimal(7)})
    pinned = json.loads((schemas_dir() / "scdl" / "subventions-2.1.1.json").read_text(encoding="utf-8"))
    pinned.pop("custom_checks")
    exported = release.path / "scdl" / "subventions.csv"
    resource = frictionless.Resource(
        path=exported.name, basepath=str(exported.parent), encoding="utf-8", schema=frictionless.Schema.from_descriptor(pinned)
    )
    report = resource.validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type"])
    with exported.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == [field["name"] for field in pinned["fields"]]
    assert [dict(zip(header, row, strict=True))["montant"] for row in rows] == ["1500.50", "7.00"]
    assert dict(zip(header, rows[0], strict=True)) | {"montant": ""} == {
        **dict.fromkeys(header, ""),
        "nomAttribuant": "Ville fictive",
        "idAttribuant": "00000001800010",
        "dateConvention": "2024-01-02",
        "nomBeneficiaire": NAME,
        "idBeneficiaire": "00000002600013",
        "objet": "Saison, lieu « A »",
        "nature": "aide en numéraire",
        "conditionsVersement": "unique",
        "datesPeriodeVersement": "2024-01-02/2024-12-31",
        "notificationUE": "non",
        "pourcentageSubvention": "0.8",
    }


@pytest.mark.parametrize("row", INCOMPLETE)
def test_without_a_complete_line_there_is_no_export_and_it_is_said(tmp_path: Path, row: dict[str, Any]) -> None:
    release = released(tmp_path, row)
    assert not (release.path / "scdl").exists()
    assert "Pas d'export SCDL pour « Subventions" in (release.path / "LISEZMOI.md").read_text(encoding="utf-8")
    assert verify(release.path) == []


def test_the_export_is_described_fingerprinted_and_told(tmp_path: Path) -> None:
    release = released(tmp_path, {})
    package = json.loads((release.path / "datapackage.json").read_text(encoding="utf-8"))
    (resource,) = package["resources"]
    described = resource["autres_formats"][1]
    assert described["path"] == "scdl/subventions.csv"
    assert described["schema"].endswith("/v2.1.1/schema.json")
    prints = json.loads((release.path / "empreintes.json").read_text(encoding="utf-8"))
    assert described["hash"] == f"sha256:{prints['scdl/subventions.csv']}"
    assert "`scdl/subventions.csv`" in (release.path / "LISEZMOI.md").read_text(encoding="utf-8")
    assert verify(release.path) == []
