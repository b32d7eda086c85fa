"""The release's SQLite database: made from the released tables in one go, then only read.

SQLite has neither dates, booleans nor decimals: dates are ISO text, booleans 0 or 1, money is REAL rounded to cents. Bytes are the same
for the same tables and the same SQLite library.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.release import fingerprints
from pipeline.schema import TableSchema, sql

FILE = "fabriques.db"
INSPECT_FILE = "inspect.json"
NOTICE_TABLE = "_avertissement"
PAGE_SIZE = 4096
BATCH = 50_000
_POLARS = {"TEXT": pl.String(), "INTEGER": pl.Int64(), "REAL": pl.Float64()}


def write(path: Path, content: Iterable[tuple[TableSchema, pl.DataFrame]], notice: str | None) -> None:
    """Write the tables, sorted as they are given, with keys, indexes and full-text search. `notice`: a table that warns of fiction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in (f"page_size = {PAGE_SIZE}", "encoding = 'UTF-8'", "journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        for schema, frame in content:
            _write_table(connection, schema, frame)
        if notice is not None:
            connection.execute(f"CREATE TABLE {NOTICE_TABLE} (texte TEXT NOT NULL)")
            connection.execute(f"INSERT INTO {NOTICE_TABLE} VALUES (?)", (notice,))
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("VACUUM")


def stored(frame: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """The rows as SQLite holds them."""
    return frame.with_columns(_stored(field.name, field.type) for field in schema.fields)


def read(connection: sqlite3.Connection, schema: TableSchema) -> Iterator[pl.DataFrame]:
    """A table as SQLite holds it, in the order it was written, by batches of `BATCH` rows."""
    columns = ", ".join(map(sql.quoted, schema.field_names))
    types = {field.name: _POLARS[field.sqlite_type] for field in schema.fields}
    cursor = connection.execute(f"SELECT {columns} FROM {sql.quoted(schema.name)} ORDER BY rowid")
    while rows := cursor.fetchmany(BATCH):
        yield pl.DataFrame(rows, schema=types, orient="row")


def totals(connection: sqlite3.Connection, table: str, money: Sequence[str]) -> tuple[int, tuple[int, ...]]:
    """Rows of a table, and the sum of each money column in whole cents."""
    sums = "".join(f", coalesce(sum(CAST(round({sql.quoted(name)} * 100) AS INTEGER)), 0)" for name in money)
    rows, *cents = connection.execute(f"SELECT count(*){sums} FROM {sql.quoted(table)}").fetchone()
    return rows, tuple(cents)


def connect(path: Path) -> sqlite3.Connection:
    """Open a released database without being able to change it or to leave a file beside it. sqlite3.Error when it is none."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)


def inspect(path: Path) -> dict[str, Any]:
    """What Datasette would otherwise compute when it opens the database: its hash, its size, the rows of each table."""
    with closing(connect(path)) as connection:
        counts = {name: {"count": _count(connection, name)} for name in _tables(connection)}
    facts = {"hash": fingerprints.sha256(path), "size": path.stat().st_size, "file": path.name, "tables": counts}
    return {path.stem: facts}


def problems(connection: sqlite3.Connection, schemas: Sequence[TableSchema]) -> list[str]:
    """What SQLite itself finds wrong, in French: damaged pages, tables missing or added, references that lead nowhere."""
    if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
        return [f"{FILE} : structure endommagée"]
    expected = {schema.name for schema in schemas}
    shadow = {name for schema in schemas for name in _search_tables(schema)}
    present = set(_tables(connection)) - shadow - {NOTICE_TABLE, "sqlite_stat1", "sqlite_stat4"}
    found = [f"{FILE} : table « {name} » manquante" for name in sorted(expected - present)]
    found += [f"{FILE} : table « {name} » en trop" for name in sorted(present - expected)]
    broken = sorted({(row[0], row[2]) for row in connection.execute("PRAGMA foreign_key_check")})
    found += [f"{FILE} : table « {child} », au moins une ligne renvoie à une ligne absente de « {parent} »" for child, parent in broken]
    return found


def _write_table(connection: sqlite3.Connection, schema: TableSchema, frame: pl.DataFrame) -> None:
    connection.execute(sql.create_table(schema))
    marks = ", ".join("?" * len(schema.fields))
    for batch in stored(frame, schema).iter_slices(BATCH):
        connection.executemany(f"INSERT INTO {sql.quoted(schema.name)} VALUES ({marks})", batch.rows())
    search = sql.create_search(schema)
    for statement in (*sql.create_indexes(schema), *search):
        connection.execute(statement)
    if search:
        index = sql.quoted(f"{schema.name}_fts")
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")


def _stored(name: str, kind: str) -> pl.Expr:
    column = pl.col(name)
    match kind:
        case "number":
            return column.cast(pl.Float64)  # of a decimal: the nearest double of its cents
        case "date":
            return column.dt.to_string("iso")
        case "boolean" | "integer" | "year":
            return column.cast(pl.Int64)
        case _:
            return column


def _tables(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def _count(connection: sqlite3.Connection, name: str) -> int:
    counted: int = connection.execute(f"SELECT count(*) FROM {sql.quoted(name)}").fetchone()[0]
    return counted


def _search_tables(schema: TableSchema) -> Iterator[str]:
    if schema.presentation.get("recherche"):
        index = f"{schema.name}_fts"
        yield from (index, *(f"{index}_{part}" for part in ("config", "content", "data", "docsize", "idx")))
