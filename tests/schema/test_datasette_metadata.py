"""The metadata is given to a real Datasette and its pages are read: JSON alone does not show what HTML breaks on."""

import asyncio
import csv
import html
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from pipeline.schema import load, names, schemas_dir
from pipeline.schema.datasette import metadata
from pipeline.schema.sql import create_indexes, create_search, create_table, quoted

TABLES = names("public")
PACKAGE: dict[str, Any] = {
    "title": "Publication fictive",
    "description": "Données fictives.",
    "version": "2024-11-04-abc",
    "created": "2024-11-04T00:00:00Z",
    "licenses": [{"name": "etalab-2.0", "title": "Licence Ouverte 2.0", "path": "https://licence.example/"}],
    "sources": [{"title": "Éditeur fictif, resultats.csv"}, {"title": "Autre éditeur", "path": "https://editeur.example/"}],
    "resources": [
        {
            "name": f"{name}{suffix}",
            "title": f"Table {name}",
            "description": load("public", name).description,
            "schema": load("public", name).descriptor,
        }
        for name in TABLES
        for suffix in ("", "-parquet")
    ],
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("site") / "fabriques.db"
    with sqlite3.connect(path) as connection:
        for schema in (load("public", name) for name in TABLES):
            connection.execute(create_table(schema))
            with (schemas_dir() / "public" / schema.name / "exemple-valide.csv").open(encoding="utf-8", newline="") as file:
                rows = [[row[name] or None for name in schema.field_names] for row in csv.DictReader(file)]
            connection.executemany(f"INSERT INTO {quoted(schema.name)} VALUES ({', '.join('?' * len(schema.fields))})", rows)
            for statement in (*create_indexes(schema), *create_search(schema)):
                connection.execute(statement)
    connection.close()
    return path


def pages(database: Path, *addresses: str) -> list[tuple[int, str]]:
    async def get() -> list[tuple[int, str]]:
        site = Datasette([], immutables=[str(database)], metadata=metadata(PACKAGE, "fabriques"), settings={"suggest_facets": False})
        await site.invoke_startup()
        answers = [await site.client.get(address) for address in addresses]
        return [(answer.status_code, html.unescape(answer.text)) for answer in answers]

    return asyncio.run(get())


@pytest.mark.parametrize("table", TABLES)
def test_a_table_page_says_what_its_columns_mean(database: Path, table: str) -> None:
    ((status, page),) = pages(database, f"/fabriques/{table}")
    assert status == 200
    assert f"<h1>Table {table}</h1>" in page
    for field in load("public", table).fields:
        assert field.description in page, field.name
    assert "Licence Ouverte 2.0" in page
    assert "Éditeur fictif, resultats.csv ; Autre éditeur" in page


@pytest.mark.parametrize("table", TABLES)
def test_facets_are_the_declared_ones(database: Path, table: str) -> None:
    ((_, answer),) = pages(database, f"/fabriques/{table}.json?_size=1")
    assert list(json.loads(answer)["facet_results"]) == load("public", table).presentation["facettes"]


def test_amounts_stay_whole_and_their_unit_is_said(database: Path) -> None:
    answers = pages(database, "/fabriques/conventions", "/fabriques/conventions/2024-FICTIF-012", "/fabriques/vagues")
    assert [status for status, _ in answers] == [200, 200, 200]
    text = " ".join(page for _, page in answers)
    assert re.search(r"col-montant[^>]*>150000\.0<", text)
    assert "kEUR" not in text
    assert "Unité : euros." in text


def test_a_filter_that_is_no_number_is_no_server_error(database: Path) -> None:
    ((status, _),) = pages(database, "/fabriques/conventions?montant__gt=dix")
    assert status == 200


def test_search_and_labels_work(database: Path) -> None:
    (_, found), (_, missed), (_, linked) = pages(
        database,
        "/fabriques/fabriques.json?_search=lozere&_shape=array",
        "/fabriques/fabriques.json?_search=absent&_shape=array",
        "/fabriques/attributions",
    )
    assert "lieu-0012" in found
    assert missed.strip() == "[]"
    assert '<a href="/fabriques/vagues/fdt-03">Vague 3 (octobre 2020)</a>' in linked


def test_home_says_release_and_date(database: Path) -> None:
    ((_, page),) = pages(database, "/fabriques")
    assert "Publication 2024-11-04-abc." in page
    assert "Dernière mise à jour des données : 2024-11-04." in page


def test_a_package_that_says_little_is_enough() -> None:
    bare = metadata({"title": "T", "resources": [{"name": "x"}]}, "d")
    assert bare["databases"]["d"]["tables"] == {}
    assert "license" not in bare
