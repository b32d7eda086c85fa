"""The figures of a warehouse: they are added to it, and written as Parquet."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

SORT: Mapping[str, str] = MappingProxyType({"rapprochement": "vague"})
"""Table, and the name of the SQL file that makes it → the unique key that sorts it: the bytes depend on the rows only."""

ROW_GROUP = 100_000

Settings = dict[str, str | bool | int | float | list[str]]

# Nothing is fetched from the network, and no SQL file can change that.
CLOSED = MappingProxyType[str, bool](
    {"autoinstall_known_extensions": False, "autoload_known_extensions": False, "lock_configuration": True}
)


def evaluate(database: Path, outdir: Path, *, threads: int | None = None) -> dict[str, Path]:
    """Make the schema `evaluate` of a warehouse anew and write its tables to `<outdir>/<table>.parquet`; say where they are.

    All or nothing in the warehouse: an interrupted run leaves the figures of the last one. `threads` is DuckDB's number of
    threads and changes no result. FileNotFoundError when there is no warehouse.
    """
    if not database.is_file():
        raise FileNotFoundError(f"entrepôt {database.name} absent : exécuter d'abord l'étape « model »")
    outdir.mkdir(parents=True, exist_ok=True)
    settings: Settings = {**CLOSED, **({} if threads is None else {"threads": threads})}
    with duckdb.connect(database, config=settings) as connection:
        connection.execute("BEGIN; DROP SCHEMA IF EXISTS evaluate CASCADE; CREATE SCHEMA evaluate")
        for table in SORT:
            connection.execute((Path(__file__).parent / f"{table}.sql").read_text(encoding="utf-8"))
        connection.execute("COMMIT")
        return {table: _copy(connection, table, outdir) for table in SORT}


def _copy(connection: duckdb.DuckDBPyConnection, table: str, outdir: Path) -> Path:
    path, aside = outdir / f"{table}.parquet", outdir / f".{table}.parquet"
    connection.execute(
        f"COPY (FROM evaluate.{table} ORDER BY {SORT[table]}) TO $path (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})",
        {"path": str(aside)},
    )
    return aside.replace(path)
