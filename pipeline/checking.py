"""`fabriques validate`: one's own files against a schema, as they are, nothing repaired and nothing kept."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from pipeline import schema as schemas
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.tableschema import SchemaInvalide
from pipeline.tableschema import contract as contracts
from pipeline.tableschema.files import Checked, FileUnreadable, check

VALID, INVALID, UNREADABLE = 0, 1, 2
ADDRESS = ("http://", "https://")
SCHEMA_BYTES = 4 << 20
SPOOLED = 32 << 20
LONG_FILE = 20 << 20  # bytes from which progress is worth telling
SAMPLES = 5


class Unreadable(ValueError):
    """A file or a schema that cannot be read; one French sentence."""


class Outcome(NamedTuple):
    """`code`: 0 valid, 1 invalid, 2 unreadable. `unread`: one sentence a file that could not be read; the others are in `checked`."""

    code: int
    checked: list[Checked]
    unread: list[str]


def check_files(files: Sequence[Path], schema: str, *, values: bool = False) -> Outcome:
    """Judge each file; `values` keeps a few faulty cells to be shown. Unreadable when the schema cannot be used."""
    checked, unread = [], []
    try:
        contract = contracts.read(read_schema(schema))
        for file in files:
            try:
                checked.append(_check(file, contract, SAMPLES if values else 0))
            except FileUnreadable as error:
                unread.append(f"Fichier « {file.name} » : {error}.")
    except SchemaInvalide as error:
        raise Unreadable(f"Schéma inutilisable : {error}.") from None
    code = VALID if all(one.report.valid for one in checked) else INVALID
    return Outcome(UNREADABLE if unread else code, checked, unread)


def written(checked: Sequence[Checked], form: str, max_errors: int | None) -> Iterator[str]:
    """The pieces of the report: `form` is text, json or html. `max_errors` limits what is listed, never what is counted."""
    from pipeline.tableschema import render  # noqa: PLC0415
    from pipeline.tableschema.frictionless_report import report_json  # noqa: PLC0415

    reports = [one.report for one in checked]
    if form == "json":
        return report_json(reports, max_errors)
    return render.page(reports, max_errors) if form == "html" else render.text(reports, max_errors)


def explanation(checked: Sequence[Checked]) -> Iterator[str]:
    """For each rule of each column of each file, who judges it."""
    for one in checked:
        yield f"{one.report.place}\n"
        for field, rule, columns in one.explained:
            yield f"    {field}, {rule} : {'en colonnes, le reste par frictionless' if columns else 'par frictionless'}\n"


def read_schema(schema: str) -> Mapping[str, Any]:
    """A table of ours by its name, or a schema.json by its path or its address."""
    for kind in ("deliveries", "public"):
        if schema in schemas.names(kind):
            return schemas.load(kind, schema).descriptor
    name = Path(schema).name
    try:
        descriptor = json.loads(_downloaded(schema) if schema.lower().startswith(ADDRESS) else Path(schema).read_bytes())
    except DeliveryRefused as refusal:
        raise Unreadable(f"Schéma illisible : {refusal}.") from None
    except OSError:
        known = ", ".join(schemas.names("deliveries"))
        raise Unreadable(f"Schéma « {schema} » introuvable : donner le chemin d'un schema.json ou l'une des tables {known}.") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"Schéma « {name} » illisible : ce n'est pas du JSON en UTF-8.") from None
    fields = descriptor.get("fields") if isinstance(descriptor, dict) else None
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        raise Unreadable(f"Schéma « {name} » inutilisable : ce n'est pas un Table Schema (une liste « fields » de champs).")
    checked: dict[str, Any] = descriptor
    return checked


def _downloaded(address: str) -> bytes:
    from pipeline.ingest.web import download  # noqa: PLC0415 - with the settings, 0.1 s that a schema by its path need not wait for
    from pipeline.settings import Settings  # noqa: PLC0415

    parts: list[bytes] = []
    with download(address, Settings()) as read:
        while part := read(1 << 16):
            parts.append(part)
            if sum(map(len, parts)) > SCHEMA_BYTES:
                raise DeliveryRefused("fichier trop grand pour un schéma : vérifier l'adresse")
    return b"".join(parts)


def _check(file: Path, contract: contracts.Contract, samples: int) -> Checked:
    with _opened(file) as (stream, size):
        progress = _progress(file.name, size) if size >= LONG_FILE and sys.stderr.isatty() else None
        checked = check(stream, contract, samples=samples, progress=progress, name=file.stem or "table", place=file.name)
        if progress is not None:
            sys.stderr.write("\r\033[K")
        return checked


@contextmanager
def _opened(file: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The file, or the whole of standard input, and its size in bytes."""
    if str(file) == "-":
        with tempfile.SpooledTemporaryFile(max_size=SPOOLED) as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
            size = spool.tell()
            spool.seek(0)
            yield spool, size
        return
    if not file.is_file():
        raise FileUnreadable("fichier introuvable, ou qui n'est pas un fichier : vérifier le chemin")
    try:
        with file.open("rb") as stream:
            yield stream, file.stat().st_size
    except PermissionError:
        raise FileUnreadable("lecture refusée : vérifier les droits du fichier") from None


def _progress(name: str, size: int) -> Callable[[int], None]:
    def told(read: int) -> None:
        sys.stderr.write(f"\r{name} : {min(99, 100 * read // size)} %")
        sys.stderr.flush()

    return told
