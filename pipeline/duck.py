"""DuckDB as the relational stages use it: closed to the network, one writer, Parquet whose bytes depend on its rows only."""

from pathlib import Path
from types import MappingProxyType

import duckdb

ROW_GROUP = 100_000

# Nothing is fetched from the network, and no SQL file can change that.
CLOSED = MappingProxyType({"autoinstall_known_extensions": False, "autoload_known_extensions": False, "lock_configuration": True})


def connect(database: Path, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection to the file `database`, made if absent. `threads` is DuckDB's number of threads and changes no result."""
    config: dict[str, str | bool | int | float | list[str]] = {**CLOSED, **({} if threads is None else {"threads": threads})}
    return duckdb.connect(database, config=config)


def to_parquet(connection: duckdb.DuckDBPyConnection, table: str, order: str, path: Path) -> Path:
    """Write a table, in a total order, aside and then at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    connection.execute(
        f"COPY (FROM {table} ORDER BY {order}) TO $path (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})",
        {"path": str(aside)},
    )
    return aside.replace(path)
