"""Accepted lines as `validate` hands them on, written from plain rows: what the tests of model and evaluate start from."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipeline import programme, schema
from pipeline.model.warehouse import build

TABLES = schema.names("deliveries")
KEY = {"livraison": pl.String(), "ligne": pl.UInt32()}
LIVRAISONS = {
    "livraison": pl.String(),
    "table": pl.String(),
    "fichier": pl.String(),
    "sha256": pl.String(),
    "editeur": pl.String(),
    "licence": pl.String(),
    "date": pl.Date(),
    "mode": pl.String(),
    "periode": pl.String(),
    "entree": pl.String(),
    "fictif": pl.Boolean(),
    "enregistrements": pl.UInt32(),
    "lignes_recues": pl.UInt32(),
    "lignes_valides_telles_quelles": pl.UInt32(),
    "lignes_acceptees": pl.UInt32(),
    "lignes_rejetees": pl.UInt32(),
    "cellules_modifiees": pl.UInt32(),
    "seuil_rejet": pl.Float64(),
    "etat": pl.String(),
    "motif": pl.String(),
}
Row = Mapping[str, object]

# A country of two départements. Deux-Rives has two communes of one name, which the real code does not: only a code tells them apart.
COMMUNES = (
    ("10001", "Saint-Élie", "10", "76", 1200, "COM"),
    ("10002", "L'Île-d'Œuf", "10", "76", 300, "COM"),
    ("10003", "Valbourg", "10", "76", 90_000, "COM"),
    ("10103", "Valbourg 1er Arrondissement", "10", "76", 40_000, "ARM"),
    ("10004", "Vieux-Pré", "10", "76", None, "COMD"),
    ("20001", "Saint-Élie", "20", "76", 50, "COM"),
    ("20002", "Homonyme", "20", "76", 10, "COM"),
    ("20003", "Homonyme", "20", "76", 20, "COM"),
)
REFERENCE = {
    "communes": pl.DataFrame(COMMUNES, schema=["code", "nom", "departement", "region", "population", "type"], orient="row"),
    "departements": pl.DataFrame({"code": ["10", "20"], "nom": ["Aubelle", "Deux-Rives"], "region": ["76", "76"]}),
    "regions": pl.DataFrame({"code": ["76", "77"], "nom": ["Grande-Vallée", "Haute-Côte"]}),
}


def write(
    folder: Path,
    tables: Mapping[str, Sequence[Row]],
    reference: Mapping[str, pl.DataFrame] = REFERENCE,
    deliveries: Sequence[Row] = (),
) -> dict[str, Path]:
    """The inputs of `build`. A table that is not in `tables` has no source; a row may give its own `livraison` and `ligne`.

    `ligne` is by default the row's number plus one, `livraison` is `<table>-000000000000`. `deliveries` are the rows of the other
    deliveries: `livraison`, `table`, and their `mode`, `date`, `periode`, `entree`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frames = {table: frame(table, tables.get(table, ())) for table in TABLES}
    frames["livraisons"] = pl.DataFrame(
        [_delivery({"livraison": f"{table}-000000000000", "table": table}) for table in tables] + [_delivery(row) for row in deliveries],
        schema=LIVRAISONS,
    )
    paths = {table: folder / f"{table}.parquet" for table in (*frames, *reference)}
    for table, content in {**frames, **reference}.items():
        content.write_parquet(paths[table])
    return paths


def _delivery(row: Row) -> Row:
    return {"fichier": f"{row['livraison']}.csv", "etat": "acceptée", "mode": "remplace", "entree": row["livraison"], **row}


def frame(table: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Rows with the columns and types of `validate/<table>`; what a row does not give is null, an amount may be a text."""
    columns = schema.load("deliveries", table).polars_schema
    filled = [
        {"livraison": f"{table}-000000000000", "ligne": number + 2} | {name: _typed(row[name], columns.get(name)) for name in row}
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=KEY | columns)


def read_csv(path: Path) -> list[dict[str, str | None]]:
    """The records of a clean CSV, an empty cell as None, by the `csv` module: nothing of the pipeline is in it."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [{name: cell or None for name, cell in record.items()} for record in csv.DictReader(lines)]


def _typed(value: object, dtype: pl.DataType | None) -> object:
    if not isinstance(value, str) or dtype is None:
        return value
    if dtype.is_decimal():
        return Decimal(value)
    if dtype == pl.Date():
        return date.fromisoformat(value)
    if dtype.is_numeric():
        return float(value) if dtype.is_float() else int(value)
    return value == "true" if dtype == pl.Boolean() else value


def build_model(
    folder: Path,
    tables: Mapping[str, Sequence[Row]],
    reference: Mapping[str, pl.DataFrame] = REFERENCE,
    deliveries: Sequence[Row] = (),
) -> dict[str, pl.DataFrame]:
    """The tables of the model made from these rows, with the rules of the programme as they ship."""
    inputs = write(folder / "validate", tables, reference, deliveries)
    written = build(inputs, programme.load(), folder / "prive" / "entrepot.duckdb", folder / "model")
    return {table: pl.read_parquet(path) for table, path in written.items()}


def found(model: Mapping[str, pl.DataFrame], rule: str) -> list[tuple[str, int]]:
    """(table, line) of each anomaly of a rule, sorted."""
    rows = model["anomalies"].filter(pl.col("regle") == rule).select("table", "ligne")
    return sorted(rows.iter_rows())
