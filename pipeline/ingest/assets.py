"""Dagster's view of the stage: its tables, what must hold of them, and the inbox that starts a run."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl

from pipeline import schema
from pipeline.data.facts import sources_file
from pipeline.ingest.deliveries import COUNTS, ENCODAGES, ENTETES, LIVRAISONS, ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.records import ENREGISTREMENTS, IRREGULIERS
from pipeline.schema.vocabulary import labels
from pipeline.storage import Execution, HomeLock, frame_columns

JOB = "programme"
TABLES = {
    "livraisons": ("Une ligne par fichier livré : d'où il vient, ce qu'il contient, pourquoi il est refusé s'il l'est.", LIVRAISONS),
    "enregistrements": (
        "Les enregistrements qui ont autant de cellules que l'en-tête, en texte, une colonne par position (c0, c1…), avec leur rôle.",
        ENREGISTREMENTS,
    ),
    "irreguliers": ("Tous les autres enregistrements, avec leur rôle et la liste de leurs cellules.", IRREGULIERS),
    "entetes": ("Les libellés de colonne de chaque livraison.", ENTETES),
    "encodages": ("Les livraisons qui ne sont pas toutes en UTF-8 : combien de lignes dans chaque encodage.", ENCODAGES),
}


@dg.multi_asset(
    name="lire",
    group_name="ingest",
    outs={
        name: dg.AssetOut(
            key=["ingest", name], io_manager_key="prive", kinds={"polars", "parquet"}, description=text, metadata=frame_columns(types)
        )
        for name, (text, types) in TABLES.items()
    },
)
def ingested(execution: Execution, verrou: HomeLock) -> Iterator[dg.Output[pl.LazyFrame]]:
    """Every delivery that the sources file names, frozen and read as text."""
    settings = execution.settings
    tables = schema.names("deliveries")
    sources = read_sources(settings.sources or sources_file(), tables).known_at(settings.au)
    read = ingest(sources, {table: labels(table) for table in tables}, settings)
    for name in TABLES:
        yield dg.Output(getattr(read, name).lazy(), name)


@dg.asset_check(
    asset=["ingest", "livraisons"],
    additional_ins={name: dg.AssetIn(["ingest", name]) for name in ("enregistrements", "irreguliers")},
    blocking=True,
)
def aucun_enregistrement_perdu(livraisons: pl.LazyFrame, enregistrements: pl.LazyFrame, irreguliers: pl.LazyFrame) -> dg.AssetCheckResult:
    """Records read are the sum of the roles, and as many are handed on."""
    roles = pl.sum_horizontal(*COUNTS)
    handed = pl.concat([enregistrements.select("livraison"), irreguliers.select("livraison")]).group_by("livraison").agg(remis=pl.len())
    wrong = (
        livraisons.join(handed, on="livraison", how="left")
        .filter((pl.col("enregistrements") != roles) | (pl.col("enregistrements") != pl.col("remis").fill_null(0)))
        .select("fichier")
        .collect()["fichier"]
        .to_list()
    )
    return dg.AssetCheckResult(
        passed=not wrong,
        description="\n".join(f"Livraison « {name} » : des enregistrements ont été perdus à la lecture." for name in wrong) or None,
    )


@dg.sensor(job_name=JOB, minimum_interval_seconds=30)
def reception(execution: Execution) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A sources file put in `<home>/reception/` starts a run, and again when it or a file beside it changes."""
    inbox = execution.settings.reception
    found = sorted(inbox.glob("*.toml")) if inbox.is_dir() else []
    if not found:
        yield dg.SkipReason(f"aucun fichier de sources dans « {inbox} »")
    for sources in found:
        config = execution.given | {"sources": str(sources)}
        yield dg.RunRequest(run_key=f"{sources.name}-{_fingerprint(inbox)}", run_config={"resources": {"execution": {"config": config}}})


def _fingerprint(inbox: Path) -> str:
    """Changes when a file of the inbox is added, removed or rewritten; reads names, sizes and dates only."""
    states = [(path.relative_to(inbox).as_posix(), path.stat()) for path in sorted(inbox.rglob("*")) if path.is_file()]
    told = "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
