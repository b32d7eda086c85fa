"""The blocking checks of the model, each shown to refuse a line, an award or a euro that is neither in force nor replaced."""

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline import programme
from pipeline.model import assets
from pipeline.model.warehouse import build
from pipeline.settings import Settings
from pipeline.storage import Execution
from tests.model.delivered import LIVRAISONS, write

OLD, NEW, FIX = (f"{{}}-{letter * 12}" for letter in "abc")
PAID = [("1", "10.00", OLD), ("2", "20.00", OLD), ("2", "21.00", FIX), ("3", "30.00", FIX)]
AWARDED = [("A", OLD), ("B", OLD), ("A", NEW)]
CHECKS = (assets.aucune_ligne_remplacee_perdue, assets.aucune_attribution_perdue, assets.no_payment_lost)


@pytest.fixture
def execution(tmp_path: Path) -> Execution:
    """A home where model has run: results replaced by a second delivery, payments corrected by another."""
    prive = tmp_path / "var" / "prive"
    rows = {
        "versements": [{"numero_ej": ej, "montant_paye": euros, "livraison": name.format("versements")} for ej, euros, name in PAID],
        "resultats": [{"vague": "1", "nom_lieu": place, "livraison": name.format("resultats")} for place, name in AWARDED],
    }
    counts = Counter(row["livraison"] for group in rows.values() for row in group)
    told = [
        {"livraison": OLD.format("versements"), "table": "versements", "mode": "remplace", "date": date(2024, 1, 1)},
        {"livraison": FIX.format("versements"), "table": "versements", "mode": "corrige", "date": date(2024, 2, 1)},
        {"livraison": OLD.format("resultats"), "table": "resultats", "mode": "remplace", "date": date(2024, 1, 1)},
        {"livraison": NEW.format("resultats"), "table": "resultats", "mode": "remplace", "date": date(2024, 2, 1)},
    ]
    declared = [{**row, "etat": "acceptée", "entree": row["livraison"], "lignes_acceptees": counts[str(row["livraison"])]} for row in told]
    inputs = write(prive / "validate", rows)
    pl.DataFrame(declared, schema=LIVRAISONS).write_parquet(inputs["livraisons"])
    build(inputs, programme.load(), prive / "entrepot.duckdb", prive / "model")
    return Execution.of(Settings(home=tmp_path / "var", published=tmp_path / "published"))


def passed(execution: Execution) -> list[bool]:
    return [bool(check(execution).passed) for check in CHECKS]


def test_accepted_lines_are_in_force_or_replaced(execution: Execution) -> None:
    assert passed(execution) == [True, True, True]
    model = execution.settings.prive / "model"
    assert pl.read_parquet(model / "versements.parquet")["montant_paye"].sum() == 61
    assert pl.read_parquet(model / "attributions.parquet").height == 1


@pytest.mark.parametrize(
    ("table", "lost", "verdict"),
    [
        ("versements", pl.col("numero_ej") == "3", [True, True, False]),
        ("attributions", pl.col("nom_lieu") == "A", [True, False, True]),
        ("lignes_remplacees", pl.col("table") == "versements", [True, True, False]),
        ("lignes_remplacees", pl.col("table") == "resultats", [True, False, True]),
        ("livraisons_effectives", pl.col("lignes_remplacees") > 0, [False, True, True]),
    ],
)
def test_a_line_that_is_neither_is_seen(execution: Execution, table: str, lost: pl.Expr, verdict: list[bool]) -> None:
    path = execution.settings.prive / "model" / f"{table}.parquet"
    rows = pl.read_parquet(path)
    assert rows.filter(lost).height
    rows.filter(~lost).write_parquet(path)
    assert passed(execution) == verdict


def test_an_amount_that_changed_is_seen(execution: Execution) -> None:
    path = execution.settings.prive / "model" / "versements.parquet"
    pl.read_parquet(path).with_columns((pl.col("montant_paye") * 2).cast(pl.Decimal(14, 2))).write_parquet(path)
    assert passed(execution) == [True, True, False]


def test_a_replaced_line_still_in_force_is_seen(execution: Execution) -> None:
    """Counted twice: once as replaced, once as it stands."""
    path = execution.settings.prive / "model" / "versements.parquet"
    rows = pl.read_parquet(path)
    pl.concat([rows, rows.head(1)]).write_parquet(path)
    assert passed(execution) == [True, True, False]
