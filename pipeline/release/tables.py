"""A table in its two file forms, CSV and Parquet: same rows, same order, same bytes for the same content.

The CSV is exact, for machines: what it holds equals the Parquet, cell for cell. Cells that a spreadsheet would take for a formula are
therefore not rewritten here (a negative payment starts with « - »); the LISEZMOI says how to import the file as text.
"""

from pathlib import Path

import polars as pl

from pipeline.release.errors import ReleaseError
from pipeline.schema import Field, TableSchema

ROW_GROUP = 100_000  # without it Polars cuts row groups along its threads' chunks, and bytes differ between machines
AT_THE_ROOT = frozenset({"livraisons", "qualite"})  # about the release rather than in it: read first, by a stable path


def csv_path(name: str) -> str:
    """Where a table's CSV is, relative to the release."""
    return f"{name}.csv" if name in AT_THE_ROOT else f"csv/{name}.csv"


def parquet_path(name: str) -> str:
    """Where a table's Parquet file is, relative to the release."""
    return f"parquet/{name}.parquet"


def conform(frame: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """The table sorted by its key. ReleaseError unless its columns, types and key are the schema's and nothing required is missing."""
    if dict(frame.schema) != schema.polars_schema or tuple(frame.columns) != schema.field_names:
        raise ReleaseError(f"Table « {schema.name} » : colonnes ou types différents de ceux de son schéma public. Relancez la protection.")
    if not schema.primary_key:
        raise ReleaseError(f"Table « {schema.name} » : son schéma public n'a pas de clé primaire pour fixer l'ordre des lignes.")
    missing = [field.name for field in schema.fields if field.required and frame[field.name].has_nulls()]
    if missing:
        raise ReleaseError(f"Table « {schema.name} » : champ obligatoire vide ({', '.join(missing)}). Relancez la protection.")
    texts = [field.name for field in schema.fields if field.type == "string"]
    empty = [name for name in texts if (frame[name] == "").any()]
    if empty:
        raise ReleaseError(
            f"Table « {schema.name} » : texte vide au lieu d'une valeur absente ({', '.join(empty)}). Relancez la protection."
        )
    fault = key_fault(frame, schema)
    if fault:
        raise ReleaseError(f"Table « {schema.name} » : {fault}.")
    return frame.sort(schema.primary_key)


def key_fault(frame: pl.DataFrame, schema: TableSchema) -> str | None:
    """What is wrong with a table's primary key, in French; None when it is whole and unique."""
    key = list(schema.primary_key)
    if any(frame[name].has_nulls() for name in key):
        return f"clé primaire ({', '.join(key)}) vide sur au moins une ligne"
    doubled = frame.height - frame.select(key).n_unique()
    return f"clé primaire ({', '.join(key)}) répétée sur {doubled} ligne(s)" if doubled else None


def write_csv(frame: pl.DataFrame, schema: TableSchema, path: Path) -> None:
    """Comma, UTF-8 without BOM, LF, ISO dates, point decimals, money with its cents, empty cell = unknown."""
    path.parent.mkdir(exist_ok=True)
    as_text(frame, schema).write_csv(path)


def write_parquet(frame: pl.DataFrame, path: Path, fictif: bool) -> None:
    """zstd, typed, fixed row groups; the file itself says whether it is fiction."""
    path.parent.mkdir(exist_ok=True)
    frame.write_parquet(path, compression="zstd", row_group_size=ROW_GROUP, metadata={"fictif": str(fictif).lower()})


def as_text(frame: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """The cells as the CSV writes them; only numbers that are no amounts stay numbers, since one number has several writings."""
    return frame.with_columns(_written(field) for field in schema.fields)


def read_csv(path: Path, schema: TableSchema) -> pl.DataFrame:
    """A release's CSV in the form of `as_text`. A Polars error when its columns are not the schema's or a number is none."""
    frame = pl.read_csv(path, schema=schema.text_schema, missing_columns="raise", extra_columns="raise")
    return frame.with_columns(pl.col(field.name).cast(pl.Float64()) for field in schema.fields if field.dtype == pl.Float64())


def _written(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    if field.type == "boolean":
        true, false = (field.descriptor.get(key, [default])[0] for key, default in (("trueValues", "true"), ("falseValues", "false")))
        return pl.when(column).then(pl.lit(true)).when(~column).then(pl.lit(false)).alias(field.name)
    return column if field.dtype == pl.Float64() else column.cast(pl.String())
