"""Dagster's view of the stage: DuckDB does the work in one place, since it has one writer."""

from collections.abc import Iterator
from decimal import Decimal

import dagster as dg
import polars as pl

from pipeline import programme
from pipeline.data.geography import REFERENCE_DIR
from pipeline.model.warehouse import DELIVERED, REFERENCE, SORT, build
from pipeline.storage import Execution, row_count

WAREHOUSE = "entrepot.duckdb"
DESCRIPTIONS = {
    "lieux": "Un lieu par identifiant du registre : ce qu'il est, où il est, qui le porte.",
    "attributions": "Un lieu dans une vague : ce que chaque annonce a donné.",
    "vagues": "Les vagues : ce que les livraisons et les règles du programme en disent.",
    "conventions": "Conventions de subvention, avec le statut du bénéficiaire.",
    "versements": "Paiements de l'État, rattachés à leur convention par le numéro d'EJ ; « non rattaché » sinon.",
    "recensement": "Recensement des tiers-lieux de 2019.",
    "indicateurs_publies": "Chiffres publiés sur le programme, sources contradictoires comprises.",
    "lignes_remplacees": "Lignes acceptées qu'une livraison ultérieure a remplacées ou corrigées, et laquelle.",
    "livraisons_effectives": "Par livraison, combien de lignes acceptées valent encore et combien ont été remplacées.",
    "anomalies": "Ce que disent les règles qui demandent deux tables.",
    "regles": "Ces règles, et si elles ont pu être évaluées.",
}
INPUTS = {table: ["validate", table] for table in DELIVERED}


@dg.multi_asset(
    name="modeliser",
    group_name="model",
    specs=[
        dg.AssetSpec(["model", table], deps=[dg.AssetKey(key) for key in INPUTS.values()], kinds={"duckdb"}, description=text)
        for table, text in DESCRIPTIONS.items()
    ],
)
def modelled(execution: Execution) -> Iterator[dg.MaterializeResult[None]]:
    """Places, awards, waves, agreements and payments put in relation."""
    prive = execution.settings.prive
    inputs = {table: prive.joinpath(*key).with_suffix(".parquet") for table, key in INPUTS.items()}
    inputs |= {table: REFERENCE_DIR / f"{table}.parquet" for table in REFERENCE}
    written = build(inputs, programme.load(), prive / WAREHOUSE, prive / "model")
    for table in SORT:
        yield dg.MaterializeResult(asset_key=["model", table], metadata={"dagster/row_count": row_count(written[table])})


def _table(execution: Execution, stage: str, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(execution.settings.prive / stage / f"{table}.parquet")


@dg.asset_check(asset=["model", "livraisons_effectives"], blocking=True)
def aucune_ligne_remplacee_perdue(execution: Execution) -> dg.AssetCheckResult:
    """Of every delivery, the accepted lines are the effective and the replaced ones."""
    accepted = _table(execution, "validate", "livraisons").select("livraison", "fichier", "lignes_acceptees")
    counts = accepted.join(_table(execution, "model", "livraisons_effectives"), on="livraison", how="left", maintain_order="left")
    whole = pl.col("lignes_effectives") + pl.col("lignes_remplacees") == pl.col("lignes_acceptees")
    wrong = counts.filter(~whole.fill_null(False)).select("fichier").collect()["fichier"]
    sentences = [f"Livraison « {name} » : des lignes acceptées ne sont ni retenues ni remplacées." for name in wrong]
    return dg.AssetCheckResult(passed=not sentences, description="\n".join(sentences) or None)


@dg.asset_check(asset=["model", "attributions"], blocking=True)
def aucune_attribution_perdue(execution: Execution) -> dg.AssetCheckResult:
    """Every accepted result line is one award or was replaced, and no award came from nowhere."""
    awards = _table(execution, "model", "attributions").select("livraison", "ligne")
    replaced = _replaced(execution, "resultats").select("livraison", "ligne")
    lines = _table(execution, "validate", "resultats").select("livraison", "ligne").sort("livraison", "ligne").collect()
    found = pl.concat([awards, replaced]).sort("livraison", "ligne").collect()
    return dg.AssetCheckResult(
        passed=lines.equals(found),
        metadata={"lignes": lines.height, "attributions et lignes remplacées": found.height},
        description=None if lines.equals(found) else "Les attributions ne reprennent pas exactement les lignes de résultats retenues.",
    )


@dg.asset_check(asset=["model", "versements"], blocking=True)
def aucun_euro_perdu(execution: Execution) -> dg.AssetCheckResult:
    """Attached or not, payments sum to what was delivered and not replaced."""
    delivered = _table(execution, "validate", "versements").select("livraison", "ligne", "montant_paye")
    replaced = delivered.join(_replaced(execution, "versements"), on=["livraison", "ligne"], how="semi")
    effective = _table(execution, "model", "versements")
    lines, euros = ([_sums(frame)[place] for frame in (delivered, effective, replaced)] for place in (0, 1))
    whole = lines[0] == lines[1] + lines[2] and euros[0] == euros[1] + euros[2]
    return dg.AssetCheckResult(
        passed=whole,
        metadata={"lignes": lines[0], "dont remplacées": lines[2]},
        description=None if whole else "Le total des versements a changé entre la livraison et le modèle.",
    )


def _replaced(execution: Execution, table: str) -> pl.LazyFrame:
    return _table(execution, "model", "lignes_remplacees").filter(pl.col("table") == table)


def _sums(payments: pl.LazyFrame) -> tuple[int, Decimal]:
    """How many payments, and how much."""
    count, euros = payments.select(pl.len(), pl.sum("montant_paye")).collect().row(0)
    return count, euros or Decimal(0)
