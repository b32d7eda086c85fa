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
    "candidatures": "Ce que le compte des candidatures demande : vague, région, classe de territoire, décision ; aucune identité.",
    "conventions": "Conventions de subvention, avec le statut du bénéficiaire.",
    "echeancier": "Montants engagés par convention et par année, avec le lieu de la convention ; « non rattaché » sinon.",
    "versements": "Paiements de l'État, rattachés à leur convention par le numéro d'EJ ; « non rattaché » sinon.",
    "suivi": "Ce que chaque lieu dit d'une année, fusions du registre suivies.",
    "subventions": "Subventions d'autres financeurs, avec le statut du bénéficiaire et ce qui leur manque pour suivre le schéma SCDL.",
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


@dg.asset_check(asset=["model", "candidatures"], blocking=True)
def aucune_candidature_perdue(execution: Execution) -> dg.AssetCheckResult:
    """Every accepted application is counted once."""
    delivered, modelled_ = (
        _table(execution, stage, "candidatures").select("livraison", "ligne").sort("livraison", "ligne").collect()
        for stage in ("validate", "model")
    )
    return dg.AssetCheckResult(
        passed=delivered.equals(modelled_),
        metadata={"lignes": delivered.height},
        description=None if delivered.equals(modelled_) else "Le modèle ne reprend pas exactement les candidatures acceptées.",
    )


def _no_euro_lost(table: str, amount: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=["model", table], name="aucun_euro_perdu", blocking=True)
    def aucun_euro_perdu(execution: Execution) -> dg.AssetCheckResult:
        """Attached or not, the amounts sum to what was delivered."""
        delivered, modelled_ = (
            _table(execution, stage, table).select(pl.len(), pl.sum(amount)).collect().row(0) for stage in ("validate", "model")
        )
        return dg.AssetCheckResult(
            passed=delivered == modelled_,
            metadata={"lignes": int(delivered[0])},
            description=None if delivered == modelled_ else f"Le total de « {table} » a changé entre la livraison et le modèle.",
        )

    return aucun_euro_perdu


no_payment_lost = _no_euro_lost("versements", "montant_paye")
no_commitment_lost = _no_euro_lost("echeancier", "montant_engage")
no_grant_lost = _no_euro_lost("subventions", "montant")
