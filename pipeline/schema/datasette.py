"""Datasette's metadata, from the Data Package of a release: what a reader sees beside the rows.

Units are said in words in the column descriptions. Datasette's own `units` are left out on purpose: 0.65 rewrites an amount with a
metric prefix (150 000 € shows as « 150.0 kEUR ») and answers 500 to `?montant__gt=abc`.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.schema.table import TableSchema, from_descriptor
from pipeline.schema.wording import described

PAGE_SIZE = 50


def metadata(package: Mapping[str, Any], database: str) -> dict[str, Any]:
    """Metadata of one instance that serves the release described by `package` as `database`.

    Titles, descriptions, labels, facets and sort of each table; licence, sources and date of last update, each where Datasette shows it.
    """
    common = _origin(package)
    tables = {schema.name: _table(schema, resource, common) for resource, schema in _described(package)}
    return {
        "title": package["title"],
        "description": package.get("description", ""),
        **common,
        "databases": {database: {"title": package["title"], "description": _edition(package), **common, "tables": tables}},
    }


def _described(package: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], TableSchema]]:
    """The resources that have a schema, one a table: the same table may come in several formats."""
    found: dict[str, tuple[Mapping[str, Any], TableSchema]] = {}
    for resource in package["resources"]:
        if "schema" in resource:
            schema = from_descriptor(resource["schema"])
            found.setdefault(schema.name, (resource, schema))
    return list(found.values())


def _table(schema: TableSchema, resource: Mapping[str, Any], common: Mapping[str, str]) -> dict[str, Any]:
    seen = schema.presentation
    table = {
        "title": resource.get("title", schema.title),
        "description": resource.get("description", schema.description),
        **common,
        **_sources(resource),
        "columns": {field.name: described(field) for field in schema.fields},
        "size": PAGE_SIZE,
    }
    given = {"label_column": seen.get("libelle"), "facets": list(seen.get("facettes", ())), "sort": seen.get("tri")}
    return table | {key: value for key, value in given.items() if value}


def _origin(package: Mapping[str, Any]) -> dict[str, str]:
    """Licence, source and « about » of a package, as Datasette shows them: one link each."""
    origin: dict[str, str] = {}
    if licences := package.get("licenses"):
        origin |= {"license": licences[0].get("title", licences[0].get("name", "")), "license_url": licences[0].get("path", "")}
    origin |= _sources(package)
    if homepage := package.get("homepage"):
        origin |= {"about": "Le projet", "about_url": homepage}
    return {key: value for key, value in origin.items() if value}


def _sources(descriptor: Mapping[str, Any]) -> dict[str, str]:
    """All sources by name, the link of the first that has one."""
    sources = descriptor.get("sources", ())
    if not sources:
        return {}
    titles = dict.fromkeys(source["title"] for source in sources if "title" in source)
    link = next((source["path"] for source in sources if "path" in source), "")
    return {"source": " ; ".join(titles)} | ({"source_url": link} if link else {})


def _edition(package: Mapping[str, Any]) -> str:
    """Which release this is and when its data were last updated, ready to be cited."""
    release = f"Publication {package['version']}. " if "version" in package else ""
    updated = f"Dernière mise à jour des données : {package['created'][:10]}. " if "created" in package else ""
    return f"{release}{updated}{package.get('description', '')}".strip()
