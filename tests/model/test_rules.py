"""The rules that need two tables: all of them can speak, keep silent, or say that they cannot judge."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline import programme
from pipeline.model import rules
from pipeline.model.warehouse import build
from tests.model.delivered import TABLES, build_model, write

RULES = {rule.id: rule for rule in rules.load()}
CANARY = "canari-prive@exemple.example"
FABRIQUE, MANUFACTURE = "fabrique_de_territoire", "manufacture_de_proximite"
PAYMENT: dict[str, object] = {"poste_ej": "1", "numero_dp": "1", "poste_dp": "1", "societe": CANARY, "exercice": 2021}

APPLICATION: dict[str, object] = dict.fromkeys(
    ("porteur", "forme_juridique", "contact_nom", "contact_courriel", "nom_lieu", "adresse", "description"), CANARY
)

# Every rule is broken at least once here; each free text carries the canary.
TEXT = {"nom_lieu": CANARY, "porteur": CANARY, "forme_juridique": CANARY, "note": CANARY, "types": CANARY, "region": CANARY}
DEFECTS: dict[str, list[dict[str, object]]] = {
    "resultats": [
        {**TEXT, "vague": "1", "commune": CANARY, "departement": "10"},
        {**TEXT, "vague": CANARY, "lieu": "lieu-0001"},
        {"vague": "5", "lieu": "lieu-0001"},
        {"vague": "5", "lieu": "lieu-0001"},
        {"vague": "5", "lieu": "lieu-0001", "categorie": MANUFACTURE},
        {"vague": "9", "lieu": "lieu-0004"},
    ],
    "candidatures": [
        {**APPLICATION, "candidature": CANARY, "vague": "5", "decision": "retenue", "commune": CANARY, "departement": "10"},
        {**APPLICATION, "candidature": CANARY, "vague": "5", "decision": "refusee", "livraison": "candidatures-ffffffffffff"},
        {**APPLICATION, "candidature": "B", "vague": "5", "decision": "refusee", "candidature_precedente": f"{CANARY} perdue"},
        {**APPLICATION, "candidature": "C", "vague": "4", "decision": "refusee", "candidature_precedente": "B"},
    ],
    "lieux": [
        {"lieu": "lieu-0001", "nom": CANARY, "porteur": CANARY, "preuve_statut": CANARY},
        {"lieu": "lieu-0001", "livraison": "lieux-ffffffffffff"},
        {"lieu": "lieu-0002", "fusionne_dans": "lieu-0002"},
        {"lieu": "lieu-0003", "fusionne_dans": "lieu-0404"},
        {"lieu": "lieu-0004"},
        {"lieu": "lieu-0005", "nom": CANARY, "livraison": "lieux-cccccccccccc"},
        {"lieu": "lieu-0005", "nom": CANARY, "livraison": "lieux-cccccccccccc"},
    ],
    "vagues": [
        {"vague": "5", "dispositif": FABRIQUE, "nb_laureats": 1, "nb_candidatures": 99},
        {
            "vague": "6",
            "dispositif": FABRIQUE,
            "nb_laureats": 9999,
            "date_annonce": "2019-01-01",
            "date_limite_depot": "2019-02-01",
            "note": CANARY,
        },
        {"vague": "6", "dispositif": FABRIQUE},
    ],
    "conventions": [
        {"nomBeneficiaire": CANARY, "objet": CANARY, "vague": "1", "attribution": f"{CANARY}_fdt-09", "numeroEJ": "1", "montant": "1.00"},
        {"idConvention": CANARY, "numeroEJ": "1", "montant": "10.00", "montantBase": "1.00"},
        {"idConvention": "C", "numeroEJ": "2", "montant": "10.00"},
        {"idConvention": "K", "vague": "1", "montant": "150.00"},
    ],
    "echeancier": [
        {"convention": CANARY, "annee": 2021, "montant_engage": "3.00"},
        {"convention": f"{CANARY} perdue", "annee": 2021, "montant_engage": "3.00"},
        {"convention": CANARY, "annee": 2021, "montant_engage": "3.00", "livraison": "echeancier-ffffffffffff"},
        {"convention": "K", "annee": 2021, "montant_engage": "900000.00"},
    ],
    "suivi": [
        {"lieu": "lieu-0404", "annee": 2023, "horaires_ouverture": CANARY, "commentaire": CANARY, "contact_nom": CANARY},
        {"lieu": "lieu-0004", "annee": 2001, "horaires_ouverture": CANARY},
        {"lieu": "lieu-0004", "annee": 2001, "livraison": "suivi-ffffffffffff"},
    ],
    "subventions": [{"nomAttribuant": CANARY, "nomBeneficiaire": CANARY, "objet": CANARY, "montant": "1.00"}],
    "versements": [
        {"numero_ej": "1", "fournisseur_paye": CANARY, "montant_paye": "1.00"},
        {"numero_ej": "2", "montant_paye": "10.01"},
        {"numero_ej": "3", "designation_structure": CANARY, "montant_paye": "1.00"},
        *[{**PAYMENT, "numero_ej": "2", "montant_paye": "0.00"}] * 2,
    ],
    "recensement": [{"ID": "1", "NOM_TL": CANARY, "MAIL": CANARY, "CONTACT": CANARY, "INSEECOM": "0"}],
    "indicateurs_publies": [],
}
CORRECTION = {"livraison": "lieux-cccccccccccc", "table": "lieux", "mode": "corrige", "date": date(2024, 1, 1)}


def test_each_rule_has_its_query_and_each_query_its_rule() -> None:
    assert {path.stem for path in (rules.FOLDER / "regles").iterdir()} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_compares_and_how_serious_it_is(rule: rules.Rule) -> None:
    assert rule.gravite in ("erreur", "alerte", "information")
    assert rule.tables and set(rule.tables) <= set(TABLES)
    assert rule.judged and set(rule.judged) <= set(rule.tables)
    assert rule.titre and rule.source


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    return build_model(tmp_path_factory.mktemp("regles"), DEFECTS, deliveries=[CORRECTION])


def test_every_rule_can_find_something(broken: dict[str, pl.DataFrame]) -> None:
    counts = dict(broken["regles"].select("regle", "anomalies").iter_rows())
    assert [rule for rule in RULES if not counts[rule]] == []
    found = broken["anomalies"].group_by("regle").len().sort("regle")
    assert dict(found.iter_rows()) == counts


def test_an_anomaly_leads_to_a_delivered_line_and_field(broken: dict[str, pl.DataFrame]) -> None:
    for row in broken["anomalies"].iter_rows(named=True):
        delivered = DEFECTS[row["table"]]
        assert row["livraison"].startswith(row["table"])
        assert 2 <= row["ligne"] < len(delivered) + 2
        assert row["table"] in RULES[row["regle"]].judged
        assert row["message"].endswith((".", "»."))


def test_no_message_repeats_a_delivered_value(broken: dict[str, pl.DataFrame]) -> None:
    for table in ("anomalies", "regles"):
        assert CANARY not in str(broken[table].rows())


def test_without_source_a_rule_is_not_evaluated_and_nothing_is_found(tmp_path: Path) -> None:
    model = build_model(tmp_path, {})
    assert model["regles"]["regle"].to_list() == list(RULES)
    assert set(model["regles"]["etat"]) == {"non évaluée"}
    assert model["regles"]["anomalies"].null_count() == len(RULES)
    assert model["anomalies"].height == 0


def test_an_empty_source_is_judged_and_found_faultless(tmp_path: Path) -> None:
    model = build_model(tmp_path, {table: [] for table in TABLES})
    assert set(model["regles"]["etat"]) == {"évaluée"}
    assert set(model["regles"]["anomalies"]) == {0}


def test_a_refused_delivery_is_no_source(tmp_path: Path) -> None:
    inputs = write(tmp_path, {"vagues": [], "recensement": []})
    refused = pl.when(pl.col("table") == "recensement").then(pl.lit("refusée")).otherwise("etat").alias("etat")
    pl.read_parquet(inputs["livraisons"]).with_columns(refused).write_parquet(inputs["livraisons"])
    written = build(inputs, programme.load(), tmp_path / "entrepot.duckdb", tmp_path / "model")
    states = dict(pl.read_parquet(written["regles"]).select("regle", "etat").iter_rows())
    assert (states["vague-double"], states["recensement-commune-hors-cog"]) == ("évaluée", "non évaluée")


def test_results_without_registry_are_not_reproached_with_having_no_place(tmp_path: Path) -> None:
    model = build_model(tmp_path, {"resultats": [{"vague": "99", "nom_lieu": "A"}]})
    states = dict(model["regles"].select("regle", "etat").iter_rows())
    assert (states["attribution-sans-lieu"], states["versement-ej-inconnu"]) == ("non évaluée", "non évaluée")
    assert (states["vague-inconnue"], states["commune-introuvable"]) == ("évaluée", "évaluée"), "one table is enough for these"
