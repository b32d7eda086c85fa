"""Dagster's view of the stage: DuckDB does the work in one place, since it has one writer."""

from collections.abc import Iterator

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


@dg.asset_check(asset=["model", "attributions"], blocking=True)
def aucune_attribution_perdue(execution: Execution) -> dg.AssetCheckResult:
    """Every accepted result line is one award, and no award came from nowhere."""
    lines, awards = (
        _table(execution, stage, table).select("livraison", "ligne").sort("livraison", "ligne").collect()
        for stage, table in (("validate", "resultats"), ("model", "attributions"))
    )
    return dg.AssetCheckResult(
        passed=lines.equals(awards),
        metadata={"lignes": lines.height, "attributions": awards.height},
        description=None if lines.equals(awards) else "Les attributions ne reprennent pas exactement les lignes de résultats acceptées.",
    )


@dg.asset_check(asset=["model", "versements"], blocking=True)
def aucun_euro_perdu(execution: Execution) -> dg.AssetCheckResult:
    """Attached or not, payments sum to what was delivered."""
    delivered, modelled_ = (
        _table(execution, stage, "versements").select(pl.len(), pl.sum("montant_paye")).collect().row(0) for stage in ("validate", "model")
    )
    return dg.AssetCheckResult(
        passed=delivered == modelled_,
        metadata={"lignes": int(delivered[0])},
        description=None if delivered == modelled_ else "Le total des versements a changé entre la livraison et le modèle.",
    )
