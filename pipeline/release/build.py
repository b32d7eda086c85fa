"""Build a release from the protected zone, then show it: the only way into `published/`."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema as schemas
from pipeline.release import (
    agreement,
    catalogue,
    contract,
    database,
    datapackage,
    documents,
    fiction,
    fingerprints,
    manifest,
    protection,
    scdl,
    swap,
    tables,
)
from pipeline.release.errors import ReleaseError, ReleaseExists
from pipeline.release.fingerprints import WrittenFile
from pipeline.release.manifest import Manifest
from pipeline.schema import SchemaError, TableSchema, from_descriptor


@dataclass(frozen=True)
class Release:
    """A release in its place. `tables` gives the rows of each table; `deja` says that it was there already, byte for byte."""

    name: str
    path: Path
    fictif: bool
    date: str
    tables: Mapping[str, int]
    deja: bool


def build(protege: Path, published: Path, name: str | None = None, *, past: bool = False) -> Release:
    """Release the protected tables under `name`, and point `latest` to it; with `past`, unless `latest` has data of a later day.

    The default name is `<day>-<8 hexadecimals of the content>`: same name, same bytes, whatever code made them.

    ReleaseError (one French sentence) when the manifest, a table, the name or the folder does not allow it; ReleaseExists when the name
    is taken. Whatever happens before the last step, `latest` and the releases already there are untouched.
    """
    try:
        return _build(protege, published, name, past)
    except OSError as error:
        raise ReleaseError(f"Publication impossible : « {error.filename or published} » ({error.strerror}).") from error
    except sqlite3.Error as error:
        raise ReleaseError(f"Publication impossible : la base ne peut pas être écrite ({error.sqlite_errorname}).") from error


def _build(protege: Path, published: Path, name: str | None, past: bool) -> Release:
    inputs = manifest.read(protege)
    folder = published / swap.FICTION if inputs.fictif else published
    if name is not None:
        swap.check_name(name)
    with swap.building(folder) as aside:
        latest = swap.latest_name(folder)
        if name is not None and name == latest and (folder / name).exists():
            raise ReleaseExists(swap.taken(name))
        chosen = _write(protege, inputs, aside, name)
        problems = agreement.problems(aside) or contract.problems(aside)
        if problems:
            raise ReleaseError(f"Publication arrêtée, ses fichiers ne concordent pas : {' ; '.join(problems)}.")
        swap.settle(aside)
        deja = swap.put(aside, folder / chosen)
        day = inputs.day.isoformat()
        if not (past and latest is not None and (catalogue.day(folder / latest) or day) > day):
            swap.point_latest(folder, chosen)
    rows = {table: entry.lignes for table, entry in sorted(inputs.tables.items())}
    return Release(chosen, folder / chosen, inputs.fictif, day, rows, deja)


def _write(protege: Path, inputs: Manifest, aside: Path, name: str | None) -> str:
    """Write every file of the release, the fingerprints last; give its name."""
    released = _schemas(inputs)
    notice = datapackage.FICTION_NOTICE if inputs.fictif else None
    database.write(aside / database.FILE, _tables(protege, inputs, released, aside), notice)
    _put(
        aside,
        {
            database.INSPECT_FILE: fingerprints.to_json(database.inspect(aside / database.FILE)),
            documents.SQL_FILE: documents.open_sql(released, inputs.fictif),
            documents.DICTIONARY_FILE: documents.columns(released, inputs.fictif),
            **protection.files(inputs),
        },
    )
    files = fingerprints.written(aside)
    digest = fingerprints.of_text(fingerprints.announcement(files, _naming(inputs, files, released, "", "")))
    chosen = name or f"{inputs.day.isoformat()}-{digest[:8]}"
    naming = _naming(inputs, files, released, chosen, digest)
    _put(aside, naming | {fingerprints.FILE: fingerprints.announcement(files, naming)})
    return chosen


def _tables(protege: Path, inputs: Manifest, released: Sequence[TableSchema], aside: Path) -> Iterator[tuple[TableSchema, pl.DataFrame]]:
    """Each table, read once, written in its file forms and handed on to the database."""
    for schema in released:
        protected = manifest.table(protege, inputs, schema.name)
        frame = tables.conform(fiction.marked(protected) if inputs.fictif else protected, schema)
        tables.write_csv(frame, schema, aside / tables.csv_path(schema.name))
        tables.write_parquet(frame, aside / tables.parquet_path(schema.name), inputs.fictif)
        scdl.write(frame, schema, aside)
        yield schema, frame


def _schemas(inputs: Manifest) -> list[TableSchema]:
    """Schemas of the released tables, by name, without the keys that lead to a table of which this release has nothing."""
    released = []
    for name in sorted(inputs.tables):
        try:
            schema = schemas.load("public", name)
        except SchemaError as error:
            raise ReleaseError(f"Table « {name} » du manifeste : aucun schéma public de ce nom, elle ne peut pas être publiée.") from error
        if fingerprints.sha256(schemas.schemas_dir() / "public" / name / "schema.json") != inputs.tables[name].schema_sha256:
            raise ReleaseError(f"Table « {name} » : son schéma public a changé depuis la protection. Relancez la protection.")
        hidden = [field.name for field in schema.fields if field.diffusion == "interdite"]
        if hidden:
            raise ReleaseError(f"Table « {name} » : champ(s) de diffusion interdite ({', '.join(hidden)}), elle ne peut pas être publiée.")
        kept = [dict(key) for key in schema.foreign_keys if key["reference"]["resource"] in inputs.tables]
        schema = from_descriptor({**schema.descriptor, "foreignKeys": kept})
        released.append(fiction.declared(schema) if inputs.fictif else schema)
    return released


def _naming(inputs: Manifest, files: Mapping[str, WrittenFile], released: Sequence[TableSchema], name: str, digest: str) -> dict[str, str]:
    """The files that quote the release's name. Without a name and a digest, they count in the digest itself."""
    return {
        documents.README_FILE: documents.readme(inputs, files, released, name),
        datapackage.FILE: fingerprints.to_json(datapackage.descriptor(inputs, files, released, name, digest)),
    }


def _put(aside: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (aside / name).write_text(text, encoding="utf-8", newline="\n")
