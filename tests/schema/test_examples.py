"""frictionless's verdict on the examples: the valid ones pass, the invalid ones break exactly the rules written here."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from frictionless import Dialect, Package, Resource, Schema
from frictionless.formats import CsvControl
from stdnum.fr import siren, siret

from pipeline.schema import schemas_dir

C, T = "constraint-error", "type-error"
SECOND_KEY = (3, None, "primary-key")
BROKEN = {
    "deliveries/resultats": {(3, "date_annonce", T), (4, "categorie", C), (4, "types", C), (5, "siret_porteur", C), (5, "departement", C)}
    | {(6, "note", "missing-cell")},
    "deliveries/lieux": {(3, "rang", C), (3, "lieu", "unique-error"), (4, "lieu", C), (4, "statut_porteur", C), (5, "lieu", C)}
    | {(6, "siren", C), (6, "rna", C)},
    "deliveries/vagues": {(3, "vague", C), (4, "dispositif", C), (5, "date_annonce", T), (5, "nb_laureats", T), (6, "nb_candidatures", C)}
    | {(6, "source_url", C)},
    "deliveries/indicateurs_publies": {(3, "valeur", T), (4, "annee", T), (5, "indicateur", C), (5, "unite", C), (6, "source_url", C)},
    "deliveries/recensement": {(3, "NOM_TL", C), (3, "ID", "unique-error"), (4, "LAT", C), (4, "LONG", T), (5, "METRO", T)},
    "deliveries/conventions": {(3, "idAttribuant", C), (3, "dateConvention", T), (4, "nomBeneficiaire", C), (4, "montant", T)}
    | {(5, "nature", C), (5, "notificationUE", T), (5, "pourcentageSubvention", C)}
    | {(6, "rnaBeneficiaire", C), (6, "datesPeriodeVersement", C), (6, "dateFin", T)},
    "deliveries/versements": {(3, "numero_ej", C), (4, "montant_paye", T), (5, "exercice", T), (5, "date_derniere_operation", T)}
    | {(6, None, "extra-cell")},
    "deliveries/candidatures": {SECOND_KEY, (4, "date_depot", T), (4, "decision", C), (5, "vague", C), (5, "motifs_refus", C)}
    | {(6, "siret_porteur", C), (6, "latitude", C), (6, "code_postal", C)},
    "deliveries/echeancier": {SECOND_KEY, (4, "annee", T), (5, "montant_engage", C), (6, "convention", C)},
    "deliveries/suivi": {SECOND_KEY, (4, "lieu", C), (4, "visiteurs", C), (5, "statut", C), (5, "champs_publiables", C)}
    | {(6, "emplois_etp", T), (6, "partenaires", T)},
    "deliveries/subventions": {(3, "montant", C), (3, "idAttribuant", C), (4, "montant", T), (4, "dateConvention", T)}
    | {(5, "rnaBeneficiaire", C), (5, "notificationUE", T), (6, "exercice", T), (6, "pourcentageSubvention", T)},
    "public/candidatures_agregees": {SECOND_KEY, (4, "vague", C), (4, "classe", C), (5, "region", C), (5, "candidatures", C)}
    | {(6, "laureats", T), (6, "secret", C)},
    "public/financements": {SECOND_KEY, (4, "engage", T), (5, "fabrique", C), (5, "exercice", T), (6, "rattachement", C)},
    "public/suivi": {SECOND_KEY, (4, "fabrique", C), (4, "emplois_etp", T), (5, "visiteurs", C), (5, "statut", C), (6, "ligne", C)},
    "public/subventions": {SECOND_KEY, (4, "id_attribuant", C), (4, "montant", T), (5, "statut_beneficiaire", C)}
    | {(5, "champs_scdl_manquants", C), (6, "notification_ue", T), (6, "rna_beneficiaire", C)},
    "public/anomalies": {SECOND_KEY, (4, "regle", C), (4, "gravite", C), (5, "table", C), (5, "nombre", C), (6, "etat", C)}
    | {(6, "nombre", T)},
    "public/fabriques": {SECOND_KEY, (4, "fabrique", C), (4, "statut_porteur", C), (5, "types", C), (5, "attributions", T)}
    | {(6, "siren", C), (6, "relabellise", T)},
    "public/attributions": {
        SECOND_KEY,
        (4, None, "primary-key"),
        (4, "attribution", C),
        (4, "dispositif", C),
        (5, "date_annonce", T),
        (5, "vague", C),
    }
    | {(6, "ligne", C), (6, "code_region", C)},
    "public/vagues": {SECOND_KEY, (4, "vague", C), (4, "etat_rapprochement", C), (5, "laureats", C), (5, "couverture", T)}
    | {(6, "libelle", C), (6, "date_annonce", T)},
    "public/recensement": {SECOND_KEY, (4, "latitude", C), (4, "site_web", C), (5, "nom", C), (5, "metropole", T)},
    "public/conventions": {SECOND_KEY, (4, "siret_attribuant", C), (4, "montant", T), (5, "statut_beneficiaire", C), (5, "nature", C)}
    | {(6, "pourcentage_subvention", C), (6, "dates_periode_versement", C)},
    "public/versements": {SECOND_KEY, (4, "montant_paye", T), (4, "rattache", T), (5, "exercice", T)} | {(6, "statut_fournisseur", C)},
    "public/indicateurs_publies": {SECOND_KEY, (4, "id_indicateur", C), (4, "valeur", T), (5, "unite", C), (5, "annee", T)},
    "public/livraisons": {
        SECOND_KEY,
        (4, "sha256", C),
        (4, "etat", C),
        (5, "cellules_modifiees", C),
        (6, "date", T),
    },
    "public/qualite": {SECOND_KEY, (4, "champ", C), (5, "lignes", T), (5, "etape", C)},
    "reference/communes": {SECOND_KEY, (4, "code", C), (4, "type", C), (5, "nom", C), (5, "population", T), (6, "departement", C)}
    | {(6, "millesime", T)},
    "reference/departements": {SECOND_KEY, (4, "code", C), (5, "region", C), (5, "nom", C)},
    "reference/regions": {SECOND_KEY, (4, "code", C), (4, "nom", C), (5, "millesime", T)},
}


def descriptor(table: str) -> dict[str, Any]:
    return json.loads((schemas_dir() / table / "schema.json").read_text(encoding="utf-8"))


def resource(table: str, which: str, *, alone: bool) -> Resource:
    """The example as frictionless reads it. A table alone has nothing for its foreign keys to lead to."""
    schema = {key: value for key, value in descriptor(table).items() if not (alone and key == "foreignKeys")}
    dialect = Dialect(controls=[CsvControl(delimiter=",")])
    folder = schemas_dir() / table
    name = Path(table).name
    return Resource(
        name=name,
        path=f"exemple-{which}.csv",
        basepath=str(folder),
        encoding="utf-8",
        dialect=dialect,
        schema=Schema.from_descriptor(schema),
    )


def rows(table: str, which: str) -> list[dict[str, str]]:
    with (schemas_dir() / table / f"exemple-{which}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verdict(report: Any) -> set[tuple[int | None, str | None, str]]:
    assert not report.errors, report.errors
    errors = [error for task in report.tasks for error in task.errors]
    return {(getattr(error, "row_number", None), getattr(error, "field_name", "") or None, error.type) for error in errors}


@pytest.mark.parametrize("table", sorted(BROKEN))
def test_valid_example(table: str) -> None:
    assert verdict(resource(table, "valide", alone=True).validate(limit_errors=1_000_000)) == set()


@pytest.mark.parametrize("table", sorted(BROKEN))
def test_invalid_example_breaks_these_rules_and_no_other(table: str) -> None:
    assert verdict(resource(table, "invalide", alone=True).validate(limit_errors=1_000_000)) == BROKEN[table]
    assert len({rule for _, _, rule in BROKEN[table]}) > 1


def test_no_table_without_a_verdict() -> None:
    assert {f"{path.parent.parent.name}/{path.parent.name}" for path in schemas_dir().glob("*/*/schema.json")} == set(BROKEN)


@pytest.mark.parametrize("kind", ["public"])
def test_valid_examples_hold_together(kind: str) -> None:
    """With every table at hand, foreign keys are checked; a key that leads nowhere is seen."""
    tables = [table for table in BROKEN if table.startswith(kind)]
    package = Package(resources=[resource(table, "valide", alone=False) for table in tables])
    assert verdict(package.validate()) == set()
    orphan = Package(
        resources=[resource(table, "invalide" if table == "public/attributions" else "valide", alone=False) for table in tables]
    )
    assert "foreign-key" in {rule for _, _, rule in verdict(orphan.validate())}


@pytest.mark.parametrize("table", sorted(table for table in BROKEN if table.startswith("deliveries/")))
def test_valid_examples_pass_the_custom_checks(table: str) -> None:
    known = {"french-siret-value": siret.is_valid, "french-siren-value": siren.is_valid}
    known |= {"siret-arrondi": lambda text: not text.endswith("00000"), "siret-notation-scientifique": str.isdigit}
    for check in descriptor(table).get("custom_checks", []):
        for row in rows(table, "valide"):
            if check["name"] == "one-of-required":
                assert row[check["params"]["column1"]] or row[check["params"]["column2"]]
            elif value := row[check["params"]["column"]]:
                assert known[check["name"]](value)


@pytest.mark.parametrize("table", sorted(BROKEN))
@pytest.mark.parametrize("which", ["valide", "invalide"])
def test_examples_are_evidently_fictional(table: str, which: str) -> None:
    text = (schemas_dir() / table / f"exemple-{which}.csv").read_bytes().decode("utf-8")
    assert "\r" not in text
    assert not re.search(r"@[\w-]+\.(?!example\b)\w|https?://(?!(?:[\w-]+\.)*[\w-]+\.example\b)", text)
    assert not re.search(r"(?<![\w-])[1-9]\d{8}(\d{5})?(?![\w-])", re.sub(r"100000012|100000013", "", text)), (
        "a SIREN or SIRET that is not fictional"
    )
