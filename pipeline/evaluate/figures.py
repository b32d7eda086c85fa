"""The figures of a warehouse: they are added to it, and written as Parquet."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pipeline import duck

SORT: Mapping[str, str] = MappingProxyType(
    {"rapprochement": "vague", "financements": "financement", "candidatures_comptees": "vague, region, classe"}
)
"""Table, and the name of the SQL file that makes it → the unique key that sorts it: the bytes depend on the rows only."""


def evaluate(database: Path, outdir: Path, *, threads: int | None = None) -> dict[str, Path]:
    """Make the schema `evaluate` of a warehouse anew and write its tables to `<outdir>/<table>.parquet`; say where they are.

    All or nothing in the warehouse: an interrupted run leaves the figures of the last one. `threads` is DuckDB's number of
    threads and changes no result. FileNotFoundError when there is no warehouse.
    """
    if not database.is_file():
        raise FileNotFoundError(f"entrepôt {database.name} absent : exécuter d'abord l'étape « model »")
    with duck.connect(database, threads) as connection:
        connection.execute("BEGIN; DROP SCHEMA IF EXISTS evaluate CASCADE; CREATE SCHEMA evaluate")
        for table in SORT:
            connection.execute((Path(__file__).parent / f"{table}.sql").read_text(encoding="utf-8"))
        connection.execute("COMMIT")
        return {
            table: duck.to_parquet(connection, f"evaluate.{table}", order, outdir / f"{table}.parquet") for table, order in SORT.items()
        }
