"""Dagster's view of the stage: each table split by its contract, the reports, and the checks that stop a release."""

from collections.abc import Iterator, Mapping

import dagster as dg
import polars as pl

from pipeline import schema
from pipeline.storage import Execution, columns, frame_columns
from pipeline.validate.account import Known
from pipeline.validate.complete import complete
from pipeline.validate.delivered import unchanged, valid_as_delivered
from pipeline.validate.fiction import fictional, without
from pipeline.validate.ignored import ignored_columns
from pipeline.validate.judgement import MOTIFS, judge
from pipeline.validate.reports import write_reports
from pipeline.validate.summary import ACCEPTED, LIVRAISONS, QUALITE, Verdicts, summarise

TABLES = schema.names("deliveries")
CARRIED = {"livraison": "String", "ligne": "UInt32"}
COMMON = {
    "livraisons": (
        "Ce que chaque livraison est devenue : lignes reçues, valides telles quelles, acceptées, rejetées, cellules modifiées.",
        LIVRAISONS,
    ),
    "qualite": ("Par livraison, étape, règle et champ : combien de lignes. Jamais une valeur.", QUALITE),
    "motifs": ("Pourquoi chaque ligne rejetée l'est : une ligne par erreur, sans la valeur.", MOTIFS),
}


def _outs() -> dict[str, dg.AssetOut]:
    tables = {
        name: dg.AssetOut(
            key=["validate", name],
            io_manager_key="prive",
            kinds={"polars", "parquet"},
            description=f"{schema.load('deliveries', name).title} : lignes acceptées, typées.",
            metadata=columns(schema.load("deliveries", name), carried=CARRIED),
        )
        for name in TABLES
    }
    common = {
        f"_{name}": dg.AssetOut(
            key=["validate", name], io_manager_key="prive", kinds={"polars"}, description=text, metadata=frame_columns(types)
        )
        for name, (text, types) in COMMON.items()
    }
    return tables | common


@dg.multi_asset(
    name="valider",
    group_name="validate",
    outs=_outs(),
    ins={
        "recues": dg.AssetIn(["ingest", "livraisons"]),
        "enregistrements": dg.AssetIn(["ingest", "enregistrements"]),
        "registre": dg.AssetIn(["harmonise", "registre"]),
        "refus": dg.AssetIn(["harmonise", "refus"]),
        "colonnes": dg.AssetIn(["harmonise", "colonnes"]),
        "regles": dg.AssetIn(["harmonise", "regles"]),
        "encodages": dg.AssetIn(["ingest", "encodages"]),
        **{name: dg.AssetIn(["harmonise", name]) for name in TABLES},
    },
)
def validated(
    execution: Execution,
    recues: pl.LazyFrame,
    registre: pl.LazyFrame,
    refus: pl.LazyFrame,
    **read: pl.LazyFrame,
) -> Iterator[dg.Output[pl.LazyFrame]]:
    """Accepted lines by table, the reasons of the others, and a report on each delivery."""
    declared = recues.drop_nulls("periode").select("table", "livraison", "periode").collect()
    judged = {name: judge(name, read[name], _periods(declared, name)) for name in TABLES}
    accepted = {name: verdict.accepted for name, verdict in judged.items()}
    motifs = pl.concat([verdict.motifs for verdict in judged.values()]).lazy()
    refusals = pl.concat([refus.collect(), *_fiction(recues, accepted)])
    accepted = {name: without(lines, refusals) for name, lines in accepted.items()}
    repaired = registre.select(pl.col("livraison").unique()).collect()["livraison"]
    same = {name: unchanged(name, verdict, repaired) for name, verdict in judged.items()}
    delivered = _delivered(recues, refusals, read["enregistrements"], read["colonnes"], same)
    summary = summarise(recues, refusals.lazy(), registre, Verdicts(accepted, motifs, delivered, complete(read, accepted)))
    sentences = dict(read["regles"].collect().iter_rows())
    known = Known(ignored_columns(read["colonnes"], recues), read["encodages"].collect(), sentences)
    write_reports(execution.settings.rapports, recues, summary, motifs, known)
    for name, lines in accepted.items():
        yield dg.Output(lines, name)
    yield dg.Output(summary.livraisons.lazy(), "_livraisons")
    yield dg.Output(summary.qualite.lazy(), "_qualite")
    yield dg.Output(motifs, "_motifs")


def _delivered(
    recues: pl.LazyFrame, refusals: pl.DataFrame, records: pl.LazyFrame, colonnes: pl.LazyFrame, same: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Lines valid as delivered, of the deliveries that no step refused; `same`: the counts of those that nothing changed."""
    readable = recues.filter(pl.col("refus").is_null(), ~pl.col("livraison").is_in(refusals["livraison"].implode())).collect()
    columns, known = colonnes.collect(), pl.concat(same.values()).join(readable, on="livraison", how="semi")
    changed = readable.join(known, on="livraison", how="anti")
    return pl.concat([known, *(valid_as_delivered(name, changed, records, columns) for name in TABLES)])


def _periods(declared: pl.DataFrame, table: str) -> dict[str, str]:
    """Delivery → the period that it declares, for the deliveries of one table that do."""
    return dict(declared.filter(pl.col("table") == table).select("livraison", "periode").iter_rows())


def _fiction(recues: pl.LazyFrame, accepted: Mapping[str, pl.LazyFrame]) -> list[pl.DataFrame]:
    """The deliveries of a factual run that hold fiction."""
    if recues.select(pl.col("fictif").any()).collect().item():
        return []
    return [fictional(name, lines) for name, lines in accepted.items()]


@dg.asset_check(asset=["validate", "livraisons"], blocking=True)
def aucune_ligne_perdue(livraisons: pl.LazyFrame) -> dg.AssetCheckResult:
    """Lines received are the accepted and the rejected ones."""
    wrong = livraisons.filter(pl.col("lignes_recues") != pl.col("lignes_acceptees") + pl.col("lignes_rejetees")).collect()
    sentences = [f"Livraison « {name} » : des lignes ne sont ni acceptées ni rejetées." for name in wrong["fichier"]]
    return dg.AssetCheckResult(passed=not sentences, description="\n".join(sentences) or None)


@dg.asset_check(asset=["validate", "livraisons"], blocking=True)
def livraisons_utilisables(livraisons: pl.LazyFrame) -> dg.AssetCheckResult:
    """No delivery is refused, and none has more rejected lines than its threshold."""
    unusable = livraisons.filter(pl.col("etat") != ACCEPTED).select("fichier", "motif").collect()
    sentences = [motif if motif.startswith("Livraison « ") else f"Livraison « {name} » : {motif}" for name, motif in unusable.iter_rows()]
    return dg.AssetCheckResult(passed=not sentences, description="\n".join(sentences) or None)
