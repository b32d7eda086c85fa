"""Dagster's view of the stage: names, dependencies and columns, nothing else."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipeline import schema
from pipeline.harmonise.deliveries import COLUMNS, REFUSALS, harmonise
from pipeline.harmonise.documentation import sentences
from pipeline.harmonise.ledger import ENTRIES
from pipeline.storage import columns, frame_columns

TABLES = schema.names("deliveries")
CARRIED = {"livraison": "String", "ligne": "UInt32", "defaut": "String", "recollages": "UInt64"}
COMMON = {
    "registre": ("Registre privé : chaque cellule modifiée, par quelle règle, avant et après.", ENTRIES),
    "colonnes": ("Ce que chaque colonne de chaque livraison a été reconnue être.", COLUMNS),
    "regles": ("Les règles de remise en forme, chacune en une phrase.", {"regle": pl.String(), "phrase": pl.String()}),
    "refus": ("Livraisons dont les colonnes ne permettent pas la lecture, avec la raison.", REFUSALS),
}


def _outs() -> dict[str, dg.AssetOut]:
    tables = {
        name: dg.AssetOut(
            key=["harmonise", name],
            io_manager_key="prive",
            kinds={"polars", "parquet"},
            description=f"{schema.load('deliveries', name).title} : lignes reçues, en texte, sous la forme du schéma.",
            metadata=columns(schema.load("deliveries", name), text=True, carried=CARRIED),
        )
        for name in TABLES
    }
    common = {
        f"_{name}": dg.AssetOut(
            key=["harmonise", name], io_manager_key="prive", kinds={"polars"}, description=text, metadata=frame_columns(types)
        )
        for name, (text, types) in COMMON.items()
    }
    return tables | common


@dg.multi_asset(
    name="harmoniser",
    group_name="harmonise",
    outs=_outs(),
    ins={name: dg.AssetIn(["ingest", name]) for name in ("livraisons", "enregistrements", "irreguliers", "entetes")},
)
def harmonised(
    livraisons: pl.LazyFrame, enregistrements: pl.LazyFrame, irreguliers: pl.LazyFrame, entetes: pl.LazyFrame
) -> Iterator[dg.Output[pl.LazyFrame]]:
    """Every delivery table under its schema's names and forms, with the ledger of what changed."""
    done = {name: harmonise(name, livraisons, enregistrements, irreguliers, entetes) for name in TABLES}
    for name, result in done.items():
        yield dg.Output(result.table, name)
    yield dg.Output(pl.concat([result.registre for result in done.values()]), "_registre")
    yield dg.Output(pl.concat([result.colonnes for result in done.values()]).lazy(), "_colonnes")
    yield dg.Output(pl.LazyFrame(list(sentences().items()), schema=["regle", "phrase"], orient="row"), "_regles")
    yield dg.Output(pl.concat([result.refus for result in done.values()]).lazy(), "_refus")
