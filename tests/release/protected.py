"""A protected zone made by hand, as `protect` would leave one: public tables as Parquet and their manifest."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.schema import load, names, schemas_dir

LIVRAISON = "resultats-0a1b2c3d4e5f"
VAGUES = [("fdt-01", "Vague 1"), ("fdt-03", "Vague d'Étampes, « trois »")]
PLACES = [
    {"fabrique": "lieu-0003", "nom": "=SOMME(A1:A2)", "commune": "L'Île-d'Yeu", "region": "Pays de la Loire"},
    {"fabrique": "lieu-0001", "nom": 'Le « L@bo », dit "l\'atelier"', "commune": "Œuf-en-Ternois", "region": "Hauts-de-France"},
    {"fabrique": "lieu-0002", "nom": "@Deux\nlignes", "commune": "Saint-Ouen", "region": "Île-de-France"},
]
AMOUNTS = ["150000.00", "0.10", "0.20", "99999999999.99"]
PAYMENTS = ["50000.00", "-1250.50", "0.07"]

PROTECTION = {
    "politique": {"version": "1.0.0", "sha256": "00" * 32},
    "masquages": [
        {"table": "fabriques", "etape": "lignes", "champ": None, "regle": "autre_dispositif", "nombre": 12},
        {"table": "fabriques", "etape": "classes", "champ": "porteur", "regle": "identite", "nombre": 1200},
    ],
    "regles": {
        "autre_dispositif": {"motif": "Autre dispositif", "marque": "K", "sources": [{"titre": "Choix <du> projet"}]},
        "identite": {"motif": "Identité masquée", "marque": "V", "sources": [{"titre": "CRPA", "url": "https://www.legifrance.gouv.fr/"}]},
    },
    "effectifs": None,
}


def frames() -> dict[str, pl.DataFrame]:
    """Small tables with what breaks a careless writer: commas, quotes, line ends, formulas, ligatures, cents, empty cells."""
    origin = {"livraison": LIVRAISON, "ligne": 2}
    rows: dict[str, list[dict[str, Any]]] = {
        "livraisons": [_livraison()],
        "qualite": [{"livraison": LIVRAISON, "regle": "date", "champ": "*", "lignes": 2, "etape": "harmonisation"}],
        "vagues": [
            {"vague": key, "libelle": label, "dispositif": "fabrique_de_territoire", "ordinal": 1, "etat_rapprochement": "non disponible"}
            | {"couverture": 0.3333, "montant": Decimal("9000000.00")}
            for key, label in VAGUES
        ],
        "fabriques": [
            {**place, **origin, "statut_porteur": "sans_porteur", "attributions": 1, "relabellise": None if n else True}
            for n, place in enumerate(PLACES)
        ],
        "attributions": [
            {"attribution": f"{place['fabrique']}_fdt-03", "fabrique": place["fabrique"], "nom_lieu": place["nom"], "vague": "fdt-03"}
            | {"dispositif": "fabrique_de_territoire", "region": place["region"], "date_annonce": date(2020, 10, 22), **origin}
            for place in PLACES
        ],
        "conventions": [
            {"convention": f"c-{n}", "nom_attribuant": "Préfecture fictive", "siret_attribuant": "00000002600013", "vague": "fdt-03"}
            | {
                "date_convention": date(2024, 2, 1),
                "statut_beneficiaire": "non_etabli",
                "montant": Decimal(amount),
                "notification_ue": n == 0,
            }
            | {"nature": "aide en numéraire", "pourcentage_subvention": 0.1 + n / 10, **origin}
            for n, amount in enumerate(AMOUNTS)
        ],
        "versements": [
            {"versement": f"v-{n}", "convention": "c-0", "rattache": True, "exercice": 2024, "montant_paye": Decimal(amount)}
            | {"numero_ej": "2100000012", "statut_fournisseur": "non_etabli", **origin}
            for n, amount in enumerate(PAYMENTS)
        ],
    }
    return {name: pl.DataFrame(rows.get(name, []), schema=load("public", name).polars_schema, orient="row") for name in names("public")}


def write_zone(folder: Path, tables: dict[str, pl.DataFrame] | None = None, **changes: Any) -> Path:
    """A protected zone in `folder`; `changes` replace keys of its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    written = frames() if tables is None else tables
    for name, frame in written.items():
        frame.write_parquet(folder / f"{name}.parquet")
    manifest = {
        "version": 1,
        "fictif": False,
        "au": "2024-12-31",
        "date": "2024-11-04",
        "paquet": "0.1.0",
        "politique_sha256": "00" * 32,
        "verdict": {"ok": True, "motifs": []},
        "protection": PROTECTION,
        "livraisons": [
            {key: _livraison()[key] for key in ("livraison", "table", "fichier", "sha256", "editeur", "licence")} | {"date": "2024-11-04"}
        ],
        "tables": {name: _entry(folder, name, frame) for name, frame in written.items()},
    }
    (folder / "manifeste.json").write_text(json.dumps(manifest | changes, ensure_ascii=False), encoding="utf-8")
    return folder


def many_rows(rows: int) -> dict[str, pl.DataFrame]:
    """The same tables, the payments in great number and out of order."""
    tables = frames()
    one = tables["versements"].head(1).drop("versement", "montant_paye")
    key = pl.int_range(rows, eager=True).alias("n")
    cents = ((key * 7919) % 1_000_003 - 500_000).cast(pl.Decimal(14, 2)) / 100
    repeated = one.join(key.reverse().to_frame(), how="cross").with_columns(
        versement=pl.format("v-{}", pl.col("n").cast(pl.String).str.zfill(9)), montant_paye=cents.cast(pl.Decimal(14, 2))
    )
    return {**tables, "versements": repeated.select(load("public", "versements").field_names)}


def _livraison() -> dict[str, Any]:
    counts = {
        "enregistrements": 4,
        "lignes_recues": 3,
        "lignes_acceptees": 3,
        "lignes_rejetees": 0,
        "cellules_modifiees": 2,
        "lignes_remplacees": 1,
        "lignes_valides_telles_quelles": 2,
    }
    named = {
        "livraison": LIVRAISON,
        "table": "resultats",
        "fichier": "résultats, 2024.csv",
        "sha256": "0a" * 32,
        "editeur": "Éditeur d'essai",
    }
    return {**named, "licence": "etalab-2.0", "date": date(2024, 11, 4), "etat": "acceptée", **counts}


def _entry(folder: Path, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    return {
        "fichier": f"{name}.parquet",
        "sha256": hashlib.sha256((folder / f"{name}.parquet").read_bytes()).hexdigest(),
        "lignes": frame.height,
        "schema_sha256": hashlib.sha256((schemas_dir() / "public" / name / "schema.json").read_bytes()).hexdigest(),
    }
