"""Do the forms of a release agree? Each table has one content, told three times (CSV, Parquet, SQLite), and a description of it.

The build asks before a release is shown, and `verify` at any later time.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PanicException, PolarsError

from pipeline.release import database, datapackage, fingerprints, scdl, tables
from pipeline.schema import SchemaError, TableSchema, from_descriptor


def problems(folder: Path) -> list[str]:
    """Tables whose forms differ, keys that are doubled or lead nowhere, descriptions that do not match; empty when all agree."""
    try:
        package = json.loads((folder / datapackage.FILE).read_text(encoding="utf-8"))
        schemas = [from_descriptor(resource["schema"]) for resource in package["resources"]]
        with closing(database.connect(folder / database.FILE)) as connection:
            return [
                *_description_problems(folder, package),
                *(database.problems(connection, schemas) or _tables_problems(folder, schemas, connection)),
            ]
    except (ValueError, KeyError, TypeError, SchemaError) as error:
        return [f"{datapackage.FILE} : illisible ({type(error).__name__})"]
    except OSError as error:
        return [f"{error.filename} : illisible ({error.strerror})"]
    except sqlite3.Error as error:
        return [f"{database.FILE} : illisible ({type(error).__name__})"]


def _description_problems(folder: Path, package: dict[str, Any]) -> Iterator[str]:
    """Files that the package or the inspect file describe otherwise than they are."""
    resources = package["resources"]
    others = [item for part in (package, *resources) for item in part["autres_formats"]]
    for item in [*resources, *others]:
        path = folder / item["path"]
        if item["hash"] != f"sha256:{fingerprints.sha256(path)}" or item["bytes"] != path.stat().st_size:
            yield f"{datapackage.FILE} : {item['path']} n'a pas cette taille ou cette empreinte"
    if json.loads((folder / database.INSPECT_FILE).read_text(encoding="utf-8")) != database.inspect(folder / database.FILE):
        yield f"{database.INSPECT_FILE} : ne décrit pas {database.FILE}"


def _tables_problems(folder: Path, schemas: list[TableSchema], connection: sqlite3.Connection) -> Iterator[str]:
    for schema in schemas:
        try:
            for problem in _table_problems(folder, schema, connection):
                yield f"table « {schema.name} » : {problem}"
        except (PolarsError, PanicException) as error:
            yield f"table « {schema.name} » : illisible ({type(error).__name__})"


def _table_problems(folder: Path, schema: TableSchema, connection: sqlite3.Connection) -> Iterator[str]:
    """The Parquet file is the reference: it alone has every type."""
    reference = pl.read_parquet(folder / tables.parquet_path(schema.name))
    if dict(reference.schema) != schema.polars_schema:
        yield "le Parquet n'a pas les colonnes et les types de son schéma"
        return
    fault = tables.key_fault(reference, schema)
    if fault:
        yield fault
    yield from _csv_problems(tables.read_csv(folder / tables.csv_path(schema.name), schema), tables.as_text(reference, schema))
    yield from _sqlite_problems(connection, schema, reference)
    yield from scdl.problems(folder, schema)


def _csv_problems(found: pl.DataFrame, expected: pl.DataFrame) -> Iterator[str]:
    if found.height != expected.height:
        yield f"{found.height} lignes dans le CSV, {expected.height} dans le Parquet"
    elif columns := _different(found, expected):
        yield f"le CSV et le Parquet diffèrent ({', '.join(columns)})"


def _sqlite_problems(connection: sqlite3.Connection, schema: TableSchema, reference: pl.DataFrame) -> Iterator[str]:
    """Rows, cells, then sums: money is whole cents here, since a sum of REAL depends on the order of its terms."""
    money = [field.name for field in schema.fields if field.is_money]
    rows, cents = database.totals(connection, schema.name, money)
    if rows != reference.height:
        yield f"{rows} lignes dans la base, {reference.height} dans le Parquet"
        return
    expected = database.stored(reference, schema).iter_slices(database.BATCH)
    columns = {name for found, part in zip(database.read(connection, schema), expected, strict=True) for name in _different(found, part)}
    if columns:
        yield f"la base et le Parquet diffèrent ({', '.join(sorted(columns))})"
    for name, total in zip(money, cents, strict=True):
        exact = Decimal(reference[name].sum() or 0)
        if Decimal(total).scaleb(-2) != exact:
            yield f"somme de {name} : {Decimal(total).scaleb(-2)} dans la base, {exact} dans le Parquet"


def _different(found: pl.DataFrame, expected: pl.DataFrame) -> list[str]:
    """Columns whose cells differ."""
    return [name for name in expected.columns if not found[name].equals(expected[name])]
