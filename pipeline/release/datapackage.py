"""The release's Data Package (v2): what it holds, from whom, under which licence, with which schemas and hashes."""

import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.release import database, scdl, tables
from pipeline.release.fingerprints import WrittenFile
from pipeline.release.manifest import Delivery, Manifest
from pipeline.schema import TableSchema

FILE = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
LICENCE = {"name": "etalab-2.0", "title": "Licence Ouverte 2.0", "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence"}
TITLE = "Fabriques de Territoire : lauréats, conventions et versements"
FICTION_NOTICE = "Données fictives : aucun lieu, aucun organisme et aucun montant de cette publication n'existe."
DESCRIPTION = (
    "Données publiques du programme « Nouveaux lieux, nouveaux liens » : lieux, attributions par vague, conventions, versements, "
    "et ce que chaque livraison est devenue. Ce qui n'a pas de source est « non disponible » : une case vide n'est jamais un zéro."
)


def titled(title: str, fictif: bool) -> str:
    """A title that says so when what it names is fiction."""
    return f"[FICTIF] {title}" if fictif else title


def descriptor(
    manifest: Manifest, files: Mapping[str, WrittenFile], schemas: Sequence[TableSchema], name: str, digest: str
) -> dict[str, Any]:
    """The descriptor of the release made of `files`. `name` is its version and `digest`, that of its content, makes its identifier."""
    notice = f"{FICTION_NOTICE} " if manifest.fictif else ""
    return {
        "$schema": PROFILE,
        "name": "fabriques-de-territoire-fictif" if manifest.fictif else "fabriques-de-territoire",
        "id": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "title": titled(TITLE, manifest.fictif),
        "description": notice + DESCRIPTION,
        "version": name,
        "created": f"{manifest.day.isoformat()}T00:00:00Z",
        "fictif": manifest.fictif,
        "au": manifest.au.isoformat(),
        "licenses": [LICENCE],
        "contributors": _contributors(manifest),
        "sources": [_source(delivery) for delivery in manifest.livraisons],
        "provenance": {
            "fabriques": manifest.paquet,
            "polars": pl.__version__,
            "sqlite": sqlite3.sqlite_version,
            "politique_sha256": manifest.politique_sha256,
        },
        "resources": [_resource(schema, files, manifest) for schema in schemas],
        "autres_formats": [
            {"title": "Toutes les tables, base SQLite", **_file(files, database.FILE, "sqlite", "application/vnd.sqlite3")},
        ],
    }


def _resource(schema: TableSchema, files: Mapping[str, WrittenFile], manifest: Manifest) -> dict[str, Any]:
    notice = f"{FICTION_NOTICE} " if manifest.fictif else ""
    return {
        "name": schema.name,
        "type": "table",
        "title": titled(schema.title, manifest.fictif),
        "description": notice + schema.description,
        **_file(files, tables.csv_path(schema.name), "csv", "text/csv"),
        "encoding": "utf-8",
        "lignes": manifest.tables[schema.name].lignes,
        "autres_formats": [
            _file(files, tables.parquet_path(schema.name), "parquet", "application/vnd.apache.parquet"),
            *_scdl(schema, files, manifest.fictif),
        ],
        "schema": dict(schema.descriptor),
    }


def _scdl(schema: TableSchema, files: Mapping[str, WrittenFile], fictif: bool) -> list[dict[str, Any]]:
    """The export of the complete lines, with the address of the schema that it respects, where the release has one."""
    path = scdl.path(schema.name)
    if path not in files:
        return []
    about = {"encoding": "utf-8", "schema": scdl.contract()["path"]}
    return [{"title": titled(scdl.TITLE, fictif), **_file(files, path, "csv", "text/csv"), **about}]


def _file(files: Mapping[str, WrittenFile], path: str, form: str, mediatype: str) -> dict[str, Any]:
    written = files[path]
    return {"path": path, "format": form, "mediatype": mediatype, "bytes": written.size, "hash": f"sha256:{written.sha256}"}


def _source(delivery: Delivery) -> dict[str, str]:
    """A source of the package; keys beyond `title` and `version` are ours, empty ones left out."""
    given = {
        "title": f"{delivery.editeur}, {delivery.fichier}" if delivery.editeur else delivery.fichier,
        "version": delivery.date.isoformat() if delivery.date else None,
        "livraison": delivery.livraison,
        "table": delivery.table,
        "licence": delivery.licence,
        "sha256": delivery.sha256,
    }
    return {key: value for key, value in given.items() if value is not None}


def _contributors(manifest: Manifest) -> list[dict[str, Any]]:
    """Who produced the deliveries, then this chain. Roles are DataCite's."""
    publishers = sorted({delivery.editeur for delivery in manifest.livraisons if delivery.editeur})
    chain = {"title": f"Projet Fabriques, chaîne de publication {manifest.paquet}", "roles": ["DataCurator"]}
    return [*({"title": publisher, "roles": ["Producer"]} for publisher in publishers), chain]
