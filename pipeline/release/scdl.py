"""The grants once more, in the national exchange format (SCDL « subventions » 2.1.1): the lines that this format accepts, and no other.

Made from the public tables only: what is masked in them is masked here, and such a line is not complete.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline import schema as schemas
from pipeline.release import tables
from pipeline.schema import TableSchema
from pipeline.tableschema import validate

TABLES = ("conventions", "subventions")
TITLE = "Lignes complètes, au format SCDL « subventions » 2.1.1"
# Where a public table names the identifier by what it is.
_OTHER_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"conventions": {"id_attribuant": "siret_attribuant", "id_beneficiaire": "siret_beneficiaire"}}
)
_LACKS = "champs_scdl_manquants"
_STATUS, _LEGAL_PERSON = "statut_beneficiaire", "personne_morale"
_ROUNDED = r"^[0-9]{9}00000$"


def path(table: str) -> str:
    """Where the export of a table is, relative to the release."""
    return f"scdl/{table}.csv"


@cache
def contract() -> dict[str, Any]:
    """The pinned schema of the format."""
    descriptor: dict[str, Any] = json.loads((schemas.schemas_dir() / "scdl" / "subventions-2.1.1.json").read_text(encoding="utf-8"))
    return descriptor


def complete(frame: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """The complete lines of a public table of grants, as text under the names of the format and in its order.

    A line is complete when its beneficiary is a legal person and the pinned schema accepts it. It accepts rounded SIRET that pass Luhn;
    here they make a line incomplete.
    """
    told = pl.lit(True) if _LACKS not in frame.columns else pl.col(_LACKS).is_null()
    public = frame.filter(told, pl.col(_STATUS) == _LEGAL_PERSON)
    lines = public.select(_written(field, _column(field["name"], schema.name)) for field in contract()["fields"])
    sound = ~pl.any_horizontal(pl.col("idAttribuant", "idBeneficiaire").str.contains(_ROUNDED).fill_null(False))
    return validate(lines.filter(sound), contract()).accepted.collect()


def write(frame: pl.DataFrame, schema: TableSchema, folder: Path) -> None:
    """Write the export of a table into a release: comma, UTF-8 without BOM, LF. No file when the table has none, or no complete line."""
    if schema.name not in TABLES:
        return
    lines = complete(frame, schema)
    if not lines.is_empty():
        target = folder / path(schema.name)
        target.parent.mkdir(exist_ok=True)
        lines.write_csv(target)


def problems(folder: Path, schema: TableSchema) -> Iterator[str]:
    """What is wrong with the export of a table, from the release alone: its lines are the complete ones of the Parquet file."""
    if schema.name not in TABLES:
        return
    expected = complete(pl.read_parquet(folder / tables.parquet_path(schema.name)), schema)
    exported = folder / path(schema.name)
    if exported.is_file() == expected.is_empty():
        yield "l'export SCDL n'est pas là où il doit être"
    elif not expected.is_empty() and not pl.read_csv(exported, infer_schema=False).equals(expected):
        yield "l'export SCDL n'a pas les lignes complètes de la table"


def _written(field: Mapping[str, Any], column: str) -> pl.Expr:
    """The cells as the format has them: « oui » and « non », not `true` and `false`."""
    value = pl.col(column)
    if field["type"] != "boolean":
        return value.cast(pl.String).alias(field["name"])
    (true,), (false,) = field["trueValues"], field["falseValues"]
    return pl.when(value).then(pl.lit(true)).when(~value).then(pl.lit(false)).alias(field["name"])


def _column(name: str, table: str) -> str:
    """The column of a public table that holds a field of the format: `notificationUE` → `notification_ue`."""
    column = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return _OTHER_NAMES.get(table, {}).get(column, column)
