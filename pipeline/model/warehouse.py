"""The warehouse: a DuckDB file where accepted lines become the model, and the Parquet tables that leave it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

from pipeline import duck
from pipeline.model import parameters, rules, succession
from pipeline.programme import Programme

DELIVERED = (
    "livraisons",
    "resultats",
    "lieux",
    "vagues",
    "candidatures",
    "conventions",
    "echeancier",
    "versements",
    "suivi",
    "subventions",
    "recensement",
    "indicateurs_publies",
)
REFERENCE = ("communes", "departements", "regions")

SCRIPTS = (
    "sources_presentes",
    "normalisation",
    "vagues",
    "localites",
    "registre",
    "placements",
    "formes_juridiques",
    "personnes",
    "attributions",
    "lieux",
    "candidatures",
    "conventions",
    "echeancier",
    "versements",
    "suivi",
    "subventions",
    "recensement",
    "indicateurs_publies",
)
"""The SQL files, in the order in which they need one another."""

SORT: Mapping[str, str] = MappingProxyType(
    {
        "lieux": "lieu",
        "attributions": "attribution",
        "vagues": "vague",
        "candidatures": "livraison, ligne",
        "conventions": "convention",
        "echeancier": "livraison, ligne",
        "versements": "versement",
        "suivi": "livraison, ligne",
        "subventions": "subvention",
        "recensement": "livraison, ligne",
        "indicateurs_publies": "id_indicateur",
        "lignes_remplacees": "livraison, ligne",
        "livraisons_effectives": "livraison",
        "anomalies": "ALL",
        "regles": "regle",
    }
)
"""Table of the model → what its rows are sorted by in Parquet: a total order, so that the bytes depend on the rows only."""


def build(inputs: Mapping[str, Path], programme: Programme, database: Path, outdir: Path, *, threads: int | None = None) -> dict[str, Path]:
    """Build the warehouse at `database` and write each table of the model to `<outdir>/<table>.parquet`; say where they are.

    `inputs` gives a Parquet file for each table of DELIVERED (accepted lines of every delivery, typed; 0 rows where there is none) and
    of REFERENCE; the schema `livre` of the warehouse holds the effective ones. The file is built aside and swapped in by one rename: an
    interrupted run leaves the last warehouse as it was.
    `threads` is DuckDB's number of threads and changes no result. KeyError for an input that is not given.
    """
    paths = {table: inputs[table] for table in (*DELIVERED, *REFERENCE)}
    database.parent.mkdir(parents=True, exist_ok=True)
    aside = database.with_name(f"{database.stem}.construction{database.suffix}")
    for leftover in (aside, aside.with_name(f"{aside.name}.wal")):
        leftover.unlink(missing_ok=True)
    with duck.connect(aside, threads) as connection:
        connection.begin()
        _load(connection, paths)
        succession.settle(connection, [table for table in DELIVERED if table != "livraisons"])
        connection.execute(_sql("programme"))
        parameters.write(connection, programme)
        for script in SCRIPTS:
            connection.execute(_sql(script))
        rules.judge(connection)
        written = {
            table: duck.to_parquet(connection, f"model.{table}", order, outdir / f"{table}.parquet") for table, order in SORT.items()
        }
        connection.commit()
    aside.replace(database)
    return written


def _sql(script: str) -> str:
    return (Path(__file__).parent / f"{script}.sql").read_text(encoding="utf-8")


def _load(connection: duckdb.DuckDBPyConnection, paths: Mapping[str, Path]) -> None:
    for schema in ("livre", "reference", "programme", "travail", "model"):
        connection.execute(f"CREATE SCHEMA {schema}")
    for table, path in paths.items():
        schema = "reference" if table in REFERENCE else "livre"
        connection.execute(f"CREATE TABLE {schema}.{table} AS FROM read_parquet(?)", [str(path)])
