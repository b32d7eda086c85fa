"""Accounts by place and year, against an oracle that adds the delivered amounts in plain Python, and against what is published."""

import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import programme
from pipeline.evaluate.figures import evaluate
from pipeline.model.warehouse import build
from pipeline.protect import policy
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import protect
from tests.model.delivered import Row, write
from tests.protect import chain

Tables = dict[str, list[Row]]


def accounts(folder: Path, tables: Tables, figure: str = "financements") -> pl.DataFrame:
    database = folder / "prive" / "entrepot.duckdb"
    build(write(folder / "validate", tables), programme.load(), database, folder / "model")
    return pl.read_parquet(evaluate(database, folder / "evaluate")[figure])


def test_sums_are_wider_than_the_amounts_that_they_add(tmp_path: Path) -> None:
    amounts: list[Row] = [{"convention": "C", "annee": 2024, "montant_engage": "600000000000.00"}] * 2
    assert accounts(tmp_path, {"echeancier": amounts})["engage"].to_list() == [Decimal("1200000000000.00")]


def drawn(seed: int) -> dict[str, list[dict[str, Any]]]:
    """A programme where agreements share commitments, finance one place, several or none, and payments lack years."""
    draw = random.Random(seed)  # noqa: S311
    places = [f"lieu-{number:04}" for number in range(1, 5)]
    agreements = [
        {
            **chain.CONVENTION,
            "idConvention": f"C{draw.randint(1, 6)}",
            "attribution": draw.choice([None, "lieu-0404_fdt-01", *(f"{place}_fdt-01" for place in places)]),
            "dateConvention": f"{draw.randint(2019, 2022)}-05-01",
            "montant": f"{draw.randint(1, 9)}000.50",
            "nomBeneficiaire": "Association",
            "rnaBeneficiaire": "W101000001",
            "numeroEJ": draw.choice([None, *"12345678"]),
        }
        for _ in range(draw.randint(0, 8))
    ]
    return {
        "lieux": [{"lieu": place, "nom": place} for place in places],
        "resultats": [{"lieu": place, "vague": "1", "categorie": "fabrique_de_territoire", "nom_lieu": place} for place in places],
        "conventions": agreements,
        "echeancier": [
            {"convention": f"C{draw.randint(1, 7)}", "annee": draw.randint(2018, 2023), "montant_engage": f"{draw.randint(0, 9)}00.10"}
            for _ in range(draw.randint(0, 8))
        ],
        "versements": [
            {
                "numero_ej": draw.choice("123456789"),
                "exercice": draw.choice([None, *[2019, 2020, 2021, 2022, 2023] * 3]),
                "montant_paye": f"{draw.choice(['-', ''])}{draw.randint(0, 9)}0.01",
            }
            for _ in range(draw.randint(0, 10))
        ],
    }


def oracle(tables: dict[str, list[dict[str, Any]]]) -> dict[tuple[str | None, int | None], tuple[Decimal | None, ...]]:
    """(place, year) → committed, paid, remaining: written from the definitions, over the delivered rows. A table without row is not
    delivered: without payments, nothing is said to remain."""
    awarded = {f"{row['lieu']}_fdt-01": row["lieu"] for row in tables["resultats"]}
    files: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables["conventions"]:
        files[row["idConvention"]].append(row)
    places = {number: {awarded[row["attribution"]] for row in rows if row["attribution"] in awarded} for number, rows in files.items()}
    alone = {number: next(iter(found)) for number, found in places.items() if len(found) == 1}
    committed: dict[Any, Decimal] = defaultdict(Decimal)
    paid: dict[Any, Decimal] = defaultdict(Decimal)
    years = {number: {int(row["dateConvention"][:4]) for row in rows} for number, rows in files.items()}
    for row in tables["echeancier"]:
        committed[alone.get(row["convention"]), row["annee"]] += Decimal(row["montant_engage"])
        years.setdefault(row["convention"], set()).add(row["annee"])
    for row in tables["versements"]:
        held = [line for line in tables["conventions"] if line["numeroEJ"] == row["numero_ej"]]
        line = held[0] if len(held) == 1 else None  # no payee has a SIREN here: a shared commitment leads nowhere
        paid[awarded.get(line["attribution"]) if line else None, row["exercice"]] += Decimal(row["montant_paye"])
        if line and row["exercice"]:
            years[line["idConvention"]].add(row["exercice"])
    doubtful = {place for found in places.values() if len(found) > 1 for place in found} | {place for place, year in paid if year is None}
    rows: dict[Any, tuple[Decimal | None, ...]] = {}
    for place, year in {*committed, *paid}:
        begun = [number for number, only in alone.items() if only == place and year and min(years[number]) <= year]
        totals = [Decimal(files[number][0]["montant"]) for number in begun]
        so_far = sum((amount for (other, when), amount in paid.items() if other == place and when and year and when <= year), Decimal(0))
        known = tables["versements"] and place and year and place not in doubtful and totals
        rows[place, year] = (committed.get((place, year)), paid.get((place, year)), sum(totals) - so_far if known else None)
    return rows


def as_rows(frame: pl.DataFrame, place: str) -> dict[Any, tuple[Decimal | None, ...]]:
    return {row[:2]: row[2:] for row in frame.select(place, "exercice", "engage", "verse", "reste").iter_rows()}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_accounts_are_those_of_the_oracle_and_are_published_as_they_are(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    tables = drawn(seed)
    frames = chain.sources(tmp_path_factory.mktemp("comptes"), {name: rows for name, rows in tables.items() if rows})
    figures = frames["evaluate/financements"].collect()
    assert as_rows(figures, "lieu") == oracle(tables)
    delivered = chain.delivered(frames)
    built = protect(frames, policy.load(), chain.AS_OF, None, delivered)
    published = built.tables["financements"]
    assert published.rows() == figures.rows()
    assert audit(built.tables, built.account, frames, delivered, chain.AS_OF).motifs == ()
    assert published["engage"].sum() == frames["model/echeancier"].collect()["montant_engage"].sum()
    assert published["verse"].sum() == built.tables["versements"]["montant_paye"].sum()


def test_the_draw_reaches_every_case() -> None:
    found = [value for seed in range(40) for value in oracle(drawn(seed)).items()]
    assert any(place and year is None for (place, year), _ in found)
    assert any(place is None for (place, _), _ in found)
    assert sum(remaining is not None for _, (_, _, remaining) in found) > 20
    assert any(place and year and remaining is None for (place, year), (_, _, remaining) in found)


def test_nothing_is_zero_for_want_of_a_source(tmp_path: Path) -> None:
    assert accounts(tmp_path, {}).height == 0
    tables: Tables = {"echeancier": [{"convention": "C", "annee": 2021, "montant_engage": "0.00"}]}
    assert accounts(tmp_path, tables).rows() == [("non-rattache_2021", None, 2021, Decimal(0), None, None, "non_rattache")]


def test_applications_are_counted_by_wave_region_and_class(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"candidature": "1", "vague": "1", "departement": "10", "territoire": "qpv", "decision": "retenue"},
        {"candidature": "2", "vague": "1", "departement": "20", "territoire": "qpv", "decision": "retiree"},
        {"candidature": "3", "vague": "1", "decision": "en_attente"},
        {"candidature": "4", "vague": "10", "departement": "10", "decision": "refusee"},
    ]
    assert accounts(tmp_path, {"candidatures": rows}, "candidatures_comptees").rows() == [
        ("fdt-01", "Grande-Vallée", "qpv", 2, 1),
        ("fdt-01", "indéterminée", "indéterminée", 1, 0),
        ("fdt-10", "Grande-Vallée", "indéterminée", 1, 0),
    ]
