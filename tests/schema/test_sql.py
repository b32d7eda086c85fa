"""The DDL is run by SQLite, and questions are put to what it made."""

import csv
import sqlite3
from collections.abc import Iterator

import pytest

from pipeline.schema import SchemaError, TableSchema, from_descriptor, load, names, schemas_dir
from pipeline.schema.sql import create_indexes, create_search, create_table, indexed_columns, quoted

PUBLIC = names("public")


def fill(connection: sqlite3.Connection, schema: TableSchema) -> None:
    """The valid example's rows, in the column types of the DDL."""
    with (schemas_dir() / "public" / schema.name / "exemple-valide.csv").open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file)
        rows = [[{"": None, "true": 1, "false": 0}.get(row[name], row[name]) for name in schema.field_names] for row in read]
    connection.executemany(f"INSERT INTO {quoted(schema.name)} VALUES ({', '.join('?' * len(schema.fields))})", rows)


@pytest.fixture
def base() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    schemas = [load("public", name) for name in PUBLIC]
    for schema in schemas:
        connection.execute(create_table(schema))
        fill(connection, schema)
        for statement in (*create_indexes(schema), *create_search(schema)):
            connection.execute(statement)
    yield connection
    connection.close()


def found(base: sqlite3.Connection, table: str, words: str) -> int:
    index = quoted(f"{table}_fts")
    return base.execute(f"SELECT count(*) FROM {index} WHERE {index} MATCH ?", (words,)).fetchone()[0]


def test_foreign_keys_hold_and_are_enforced(base: sqlite3.Connection) -> None:
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    assert base.execute('SELECT count(*) FROM "attributions" JOIN "fabriques" USING ("fabrique")').fetchone()[0] == 3
    base.commit()
    base.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        base.execute('UPDATE "conventions" SET "vague" = \'fdt-99\'')


@pytest.mark.parametrize("table", PUBLIC)
def test_columns_types_and_keys(base: sqlite3.Connection, table: str) -> None:
    schema = load("public", table)
    told = base.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    assert [(name, kind) for _, name, kind, *_ in told] == [(field.name, field.sqlite_type) for field in schema.fields]
    assert [name for _, name, *_, rank in sorted(told, key=lambda column: column[5]) if rank] == list(schema.primary_key)
    assert {name for _, name, _, notnull, *_ in told if notnull} == {f.name for f in schema.fields if f.required} | set(schema.primary_key)
    links = {(row[3], row[2], row[4]) for row in base.execute(f"PRAGMA foreign_key_list({quoted(table)})")}
    assert links == {(key["fields"], key["reference"]["resource"], key["reference"]["fields"]) for key in schema.foreign_keys}


def test_a_key_is_unique_and_money_is_a_number(base: sqlite3.Connection) -> None:
    assert base.execute('SELECT DISTINCT typeof("montant") FROM "conventions"').fetchall() == [("real",)]
    assert base.execute('SELECT sum("montant_paye") FROM "versements"').fetchone() == (60749.5,)
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        fill(base, load("public", "qualite"))


@pytest.mark.parametrize("table", PUBLIC)
def test_facets_and_foreign_keys_use_an_index(base: sqlite3.Connection, table: str) -> None:
    schema = load("public", table)
    wanted = {*schema.presentation["facettes"], *(key["fields"] for key in schema.foreign_keys), schema.presentation["tri"]}
    assert set(indexed_columns(schema)) == wanted - {schema.primary_key[0]}
    for column in wanted:
        plan = base.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {quoted(table)} WHERE {quoted(column)} = 'x'").fetchall()
        assert "INDEX" in plan[0][3], column


@pytest.mark.parametrize(("words", "count"), [("lozere", 1), ("LOZÈRE", 1), ("fictif", 2), ('"ile de france"', 1), ("absent", 0)])
def test_search_ignores_accents_and_case(base: sqlite3.Connection, words: str, count: int) -> None:
    assert found(base, "fabriques", words) == count


def test_search_finds_ligatures_written_either_way() -> None:
    schema = from_descriptor(
        {
            "name": "t",
            "title": "T",
            "description": "T",
            "version": "0.1.0",
            "fields": [{"name": "cle", "type": "string"}, {"name": "nom", "type": "string"}],
            "primaryKey": "cle",
            "presentation": {"recherche": ["nom"]},
        }
    )
    connection = sqlite3.connect(":memory:")
    connection.execute(create_table(schema))
    connection.executemany('INSERT INTO "t" VALUES (?, ?)', [("a", "Les Œufs d'or"), ("b", None), ("c", "Ex æquo"), ("d", "Poule")])
    for statement in create_search(schema):
        connection.execute(statement)
    hits = {
        words: [
            row[0]
            for row in connection.execute(
                'SELECT "cle" FROM "t" WHERE rowid IN (SELECT rowid FROM "t_fts" WHERE "t_fts" MATCH ?)', (words,)
            )
        ]
        for words in ("oeufs", "œufs", "aequo", "æquo", "poule", "oe")
    }
    assert hits == {"oeufs": ["a"], "œufs": ["a"], "aequo": ["c"], "æquo": ["c"], "poule": ["d"], "oe": []}


def test_a_number_cannot_be_searched() -> None:
    descriptor = dict(load("public", "vagues").descriptor) | {"presentation": {"recherche": ["montant"]}}
    with pytest.raises(SchemaError, match="montant"):
        create_search(from_descriptor(descriptor))


@pytest.mark.parametrize("kind", ["deliveries", "reference"])
def test_every_other_schema_makes_a_table_too(kind: str) -> None:
    connection = sqlite3.connect(":memory:")
    for name in names(kind):
        connection.execute(create_table(load(kind, name)))
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0] == len(names(kind))
