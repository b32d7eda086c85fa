"""A run's tables, as ingest and harmonise hand them on, for the summary and the reports."""

from datetime import date
from typing import Any

import polars as pl

from pipeline.validate import Judged, Summary, Verdicts, judge_by, summarise
from pipeline.validate.delivered import COUNTED
from tests.validate.contract import lines, schema

CANARY = "C4NARI"
LEDGER = {"livraison": pl.String, "ligne": pl.UInt32, "colonne": pl.String, "regle": pl.String, "avant": pl.String, "apres": pl.String}
REFUS = {"livraison": pl.String, "refus": pl.String}


def delivery(livraison: str, donnees: int, **known: Any) -> dict[str, Any]:
    return {
        "livraison": livraison,
        "table": "essai",
        "fichier": f"{livraison}.csv",
        "sha256": "0" * 64,
        "editeur": "Éditeur",
        "licence": "etalab-2.0",
        "date": date(2024, 10, 28),
        "mode": "remplace",
        "periode": None,
        "entree": livraison,
        "fictif": False,
        "enregistrements": donnees + 2,
        "donnees": donnees,
        "entetes": 1,
        "preambules": 0,
        "vides": 1,
        "totaux": 0,
        "notes": 0,
        "seuil_rejet": 0.05,
        "refus": None,
        **known,
    }


def deliveries(*rows: dict[str, Any]) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema_overrides={"refus": pl.String, "sha256": pl.String, "periode": pl.String})


def ledger(*rows: tuple[Any, ...]) -> pl.LazyFrame:
    return pl.LazyFrame(list(rows), schema=LEDGER, orient="row")


def refusals(*rows: tuple[str, str]) -> pl.LazyFrame:
    return pl.LazyFrame(list(rows), schema=REFUS, orient="row")


def as_delivered(*rows: tuple[str, int]) -> pl.DataFrame:
    """How many lines of each delivery are valid as delivered."""
    return pl.DataFrame(list(rows), schema=dict(COUNTED), orient="row")


def run() -> tuple[pl.LazyFrame, Judged, Summary]:
    """Four deliveries: 19 of 20 lines accepted, 2 of 3, refused by harmonise, refused by ingest."""
    good = lines(*({"code": f"{CANARY}-{row}", "nom": CANARY, "montant": "douze" if row == 7 else "12"} for row in range(20)))
    bad = lines({"nom": None, "montant": CANARY, "code": CANARY}, {"nom": CANARY}, {"nom": CANARY}, livraison="essai-2")
    received = deliveries(
        delivery("essai-1", 20),
        delivery("essai-2", 3),
        delivery("essai-3", 5),
        delivery("essai-4", 0, enregistrements=0, entetes=0, vides=0, sha256=None, refus="Livraison illisible.", editeur=None, date=None),
    )
    register = ledger(
        ("essai-1", 0, "nom", "constante-declaree", None, CANARY),
        ("essai-1", 2, "jour", "date", CANARY, "x"),
        ("essai-1", 2, "jour", "espaces", "x", CANARY),
        ("essai-1", 3, "jour", "date", CANARY, "x"),
    )
    judged = judge_by(schema(), pl.concat([good, bad]))
    refused = refusals(("essai-3", "Colonne « nom » absente."))
    valid = as_delivered(("essai-1", 17), ("essai-2", 2), ("essai-3", 4))
    return received, judged, summarise(received, refused, register, Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), valid))
