"""Dagster's view of the stage: DuckDB does the work in one place, since it has one writer."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

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
    _report(prive, execution.settings.rapports)
    for table in SORT:
        yield dg.MaterializeResult(asset_key=["model", table], metadata={"dagster/row_count": row_count(written[table])})


def _report(prive: Path, reports: Path) -> None:
    """The anomalies line by line, for the operator: rule, severity, where, and what to do. No value of a cell."""
    files = pl.scan_parquet(prive / "validate" / "livraisons.parquet").select("livraison", "fichier")
    found = pl.scan_parquet(prive / "model" / "anomalies.parquet").join(files, on="livraison", how="left")
    columns = ("regle", "gravite", "table", "fichier", "ligne", "champ", "message")
    found.select(columns).sort(columns, nulls_last=True).collect().write_csv(reports / "anomalies.csv")


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
    return _same_lines(
        execution, "resultats", "attributions", "Les attributions ne reprennent pas exactement les lignes de résultats acceptées."
    )


@dg.asset_check(asset=["model", "candidatures"], blocking=True)
def aucune_candidature_perdue(execution: Execution) -> dg.AssetCheckResult:
    """Every accepted application is counted once or was replaced."""
    return _same_lines(execution, "candidatures", "candidatures", "Le modèle ne reprend pas exactement les candidatures acceptées.")


def _same_lines(execution: Execution, table: str, modelled_: str, sentence: str) -> dg.AssetCheckResult:
    """The accepted lines of a table are, one by one, the rows of its model and the replaced lines."""
    accepted, effective, replaced = (
        frame.select("livraison", "ligne")
        for frame in (_table(execution, "validate", table), _table(execution, "model", modelled_), _replaced(execution, table))
    )
    lines, found = (frame.sort("livraison", "ligne").collect() for frame in (accepted, pl.concat([effective, replaced])))
    same = lines.equals(found)
    return dg.AssetCheckResult(passed=same, metadata={"lignes": lines.height}, description=None if same else sentence)


def _no_euro_lost(table: str, amount: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=["model", table], name="aucun_euro_perdu", blocking=True)
    def aucun_euro_perdu(execution: Execution) -> dg.AssetCheckResult:
        """Attached or not, the amounts sum to what was delivered and not replaced."""
        accepted = _table(execution, "validate", table).select("livraison", "ligne", amount)
        replaced = accepted.join(_replaced(execution, table), on=["livraison", "ligne"], how="semi")
        (lines, euros), *others = (_sum(frame, amount) for frame in (accepted, _table(execution, "model", table), replaced))
        whole = (lines, euros) == (sum(count for count, _ in others), sum((total for _, total in others), Decimal(0)))
        return dg.AssetCheckResult(
            passed=whole,
            metadata={"lignes": lines},
            description=None if whole else f"Le total de « {table} » a changé entre la livraison et le modèle.",
        )

    return aucun_euro_perdu


def _sum(rows: pl.LazyFrame, amount: str) -> tuple[int, Decimal]:
    count, total = rows.select(pl.len(), pl.sum(amount)).collect().row(0)
    return count, total or Decimal(0)


def _replaced(execution: Execution, table: str) -> pl.LazyFrame:
    return _table(execution, "model", "lignes_remplacees").filter(pl.col("table") == table)


no_payment_lost = _no_euro_lost("versements", "montant_paye")
no_commitment_lost = _no_euro_lost("echeancier", "montant_engage")
no_grant_lost = _no_euro_lost("subventions", "montant")
