"""The SQLite database that a schema describes, as text: table, indexes, full-text search. Nothing is executed here.

Order for the caller: `create_table`, the rows (inserted in key order, none deleted), `create_indexes`, `create_search`, ANALYZE, VACUUM.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.schema.table import Field, SchemaError, TableSchema

# unicode61 folds accents (« ile » finds « Île ») but keeps ligatures: « oeufs » would not find « Œufs ».
TOKENIZER = "unicode61 remove_diacritics 2"
LIGATURES = (("œ", "oe"), ("Œ", "OE"), ("æ", "ae"), ("Æ", "AE"))


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def create_table(schema: TableSchema) -> str:
    """CREATE TABLE with types, NOT NULL, the primary key and the foreign keys. Money and other numbers are REAL, dates ISO text."""
    lines = [_column(field, schema) for field in schema.fields]
    if schema.primary_key:
        lines.append(f"PRIMARY KEY ({_columns(schema.primary_key)})")
    lines += [_foreign_key(key) for key in schema.foreign_keys]
    return f"CREATE TABLE {quoted(schema.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def indexed_columns(schema: TableSchema) -> tuple[str, ...]:
    """What the site filters, facets, joins or sorts by, in the order of the fields. The primary key has its own index."""
    wanted = {*schema.presentation.get("facettes", ()), schema.presentation.get("tri")}
    wanted |= {column for key in schema.foreign_keys for column in _list(key["fields"])}
    return tuple(name for name in schema.field_names if name in wanted - set(schema.primary_key[:1]))


def create_indexes(schema: TableSchema) -> tuple[str, ...]:
    """One CREATE INDEX for each of `indexed_columns`."""
    return tuple(
        f"CREATE INDEX {quoted(f'idx_{schema.name}_{column}')} ON {quoted(schema.name)} ({quoted(column)})"
        for column in indexed_columns(schema)
    )


def create_search(schema: TableSchema) -> tuple[str, ...]:
    """The full-text table `<table>_fts` over `presentation.recherche`, and the statement that fills it; empty when nothing is searched.

    Datasette finds it by `content="table"`, double quotes only. A text with a ligature is indexed both ways. SchemaError when a
    searched column is not text.
    """
    columns = tuple(schema.presentation.get("recherche", ()))
    if not columns:
        return ()
    for name in columns:
        if schema.field(name).type != "string":
            raise SchemaError(
                f"table « {schema.name} », champ « {name} » : seul un champ texte peut être cherché ; ôtez-le de presentation.recherche"
            )
    index = quoted(f"{schema.name}_fts")
    return (
        f"CREATE VIRTUAL TABLE {index} USING FTS5 ({_columns(columns)}, content={quoted(schema.name)}, tokenize='{TOKENIZER}')",
        f"INSERT INTO {index} (rowid, {_columns(columns)}) SELECT rowid, {', '.join(map(_searched, columns))} FROM {quoted(schema.name)}",
    )


def _column(field: Field, schema: TableSchema) -> str:
    null = " NOT NULL" if field.required or field.name in schema.primary_key else ""
    return f"{quoted(field.name)} {field.sqlite_type}{null}"


def _foreign_key(key: Mapping[str, Any]) -> str:
    target = key["reference"]
    return f"FOREIGN KEY ({_columns(_list(key['fields']))}) REFERENCES {quoted(target['resource'])} ({_columns(_list(target['fields']))})"


def _searched(column: str) -> str:
    text = folded = quoted(column)
    for ligature, letters in LIGATURES:
        folded = f"replace({folded}, '{ligature}', '{letters}')"
    return f"CASE WHEN {folded} = {text} THEN {text} ELSE {text} || ' ' || {folded} END"


def _columns(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)


def _list(names: str | list[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
