"""`fabriques validate`: one's own files against a schema, as they are, nothing repaired and nothing kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import schema as schemas
from pipeline.ingest.header import Sought
from pipeline.ingest.reading import read_file
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.shape import Records
from pipeline.schema.labels import normalise_label
from pipeline.schema.records import UNKNOWN_ENCODING, cell
from pipeline.settings import Settings
from pipeline.tableschema import SchemaInvalide, validate
from pipeline.tableschema.report import Report

VALID, INVALID, UNREADABLE = 0, 1, 2
RAGGED = {
    "extra-cell": "La ligne a plus de cellules que l'en-tête : mettre entre guillemets les cellules qui contiennent le séparateur",
    "missing-cell": "La ligne a moins de cellules que l'en-tête : ajouter les cellules manquantes, vides s'il le faut",
    UNKNOWN_ENCODING: "La ligne a des octets qu'aucun encodage n'explique : la reprendre, puis réenregistrer le fichier en CSV (UTF-8)",
}


class Unreadable(ValueError):
    """A file or a schema that cannot be read; one French sentence."""


def check_files(files: Sequence[Path], schema: str, form: str, max_errors: int | None) -> tuple[int, str]:
    """The exit code (0 valid, 1 invalid, 2 unreadable) and the report, `text` or `json`. Unreadable when nothing can be said."""
    descriptor = read_schema(schema)
    reports = {file: check(file, descriptor) for file in files}
    code = VALID if all(report.valid for report, _ in reports.values()) else INVALID
    if form == "text":
        return code, "\n".join(f"{file.name}\n{report.to_text(lines)}" for file, (report, lines) in reports.items())
    tasks = [_task(file, report, max_errors) for file, (report, _) in reports.items()]
    errors = sum(task["stats"]["errors"] for task in tasks)
    stats = {"tasks": len(tasks), "errors": errors, "warnings": sum(task["stats"]["warnings"] for task in tasks)}
    whole = {"valid": not errors, "stats": stats, "warnings": [], "errors": [], "tasks": tasks}
    return code, json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def read_schema(schema: str) -> Mapping[str, Any]:
    """A delivery or public table of ours by its name, or a schema.json by its path. Foreign keys need other tables: they are left out."""
    path = Path(schema)
    for kind in ("deliveries", "public"):
        if schema in schemas.names(kind):
            return {name: value for name, value in schemas.load(kind, schema).descriptor.items() if name != "foreignKeys"}
    try:
        descriptor: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        known = ", ".join(schemas.names("deliveries"))
        raise Unreadable(f"Schéma « {schema} » introuvable : donner le chemin d'un schema.json ou l'une des tables {known}.") from None
    except ValueError:
        raise Unreadable(f"Schéma « {path.name} » illisible : ce n'est pas du JSON en UTF-8.") from None
    fields = descriptor.get("fields") if isinstance(descriptor, dict) else None
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        raise Unreadable(f"Schéma « {path.name} » inutilisable : ce n'est pas un Table Schema (une liste « fields » de champs).")
    return {name: value for name, value in descriptor.items() if name != "foreignKeys"}


def check(file: Path, descriptor: Mapping[str, Any]) -> tuple[Report, pl.Series]:
    """The report on one file, and the line of each of its rows. Unreadable when the file or the schema is not."""
    expected = [str(field.get("name", "")) for field in descriptor.get("fields", ())]
    names = frozenset(map(normalise_label, expected))
    settings = Settings()
    try:
        if not file.is_file():
            raise DeliveryRefused("fichier introuvable, ou qui n'est pas un fichier : vérifier le chemin")
        read = read_file(file, None, Sought(names, expected), settings)
        rows = _data(read.records, read.header.width)
        return _judge(rows, read.header.labels, descriptor), rows["ligne"]
    except DeliveryRefused as refusal:
        raise Unreadable(f"Fichier « {file.name} » : {refusal}.") from None
    except SchemaInvalide as error:
        raise Unreadable(f"Schéma inutilisable : {error}.") from None


def _data(records: Records, width: int) -> pl.DataFrame:
    """(ligne, cellules, defaut) of the data records."""
    regular = records.reguliers.select(
        "ligne", "role", pl.concat_list(map(cell, range(width))).alias("cellules"), pl.lit(None, pl.String).alias("defaut")
    )
    return pl.concat([regular, records.irreguliers.select(regular.columns)]).filter(pl.col("role") == "donnees").sort("ligne")


def _judge(rows: pl.DataFrame, labels: Sequence[str], descriptor: Mapping[str, Any]) -> Report:
    if len(set(labels)) < len(labels) or "" in labels:
        raise DeliveryRefused("en-tête avec une colonne sans nom ou deux colonnes du même nom : renommer les colonnes")
    cells = pl.col("cellules")
    table = rows.select(cells.list.get(position, null_on_oob=True).alias(label) for position, label in enumerate(labels))
    report = validate(table.with_columns(pl.all().replace("", None)), descriptor).report
    width = cells.list.len()
    blank_after = cells.list.slice(len(labels)).list.eval(pl.element() != "").list.any().fill_null(False)
    shape = (
        pl.when(pl.col("defaut").is_not_null())
        .then("defaut")
        .when(width < len(labels))
        .then(pl.lit("missing-cell"))
        .when((width > len(labels)) & blank_after)
        .then(pl.lit("extra-cell"))
    )
    ragged = rows.select(type=shape).with_row_index("row").drop_nulls("type")
    found = ragged.with_columns(rule="type", message=pl.col("type").replace_strict(RAGGED, return_dtype=pl.String))
    whole = report.errors.filter(~pl.col("row").is_in(ragged["row"].implode()).fill_null(False))
    errors = pl.concat([whole, found.cast({"row": pl.UInt32})], how="diagonal")
    return replace(report, errors=errors.sort("row", "position", nulls_last=False, maintain_order=True))


def _task(file: Path, report: Report, max_errors: int | None) -> dict[str, Any]:
    task: dict[str, Any] = report.to_descriptor()["tasks"][0] | {"name": file.stem, "place": file.name}
    return task | {"errors": task["errors"][:max_errors]}
