"""Datasette opens a release as it is: its database, its inspect file, its Data Package."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from datasette.inspect import inspect_hash

from pipeline.release.build import build
from pipeline.schema.datasette import metadata
from tests.release.protected import write_zone


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    return build(write_zone(folder / "protege"), folder / "published").path


def answers(release: Path, *paths: str) -> list[Any]:
    async def ask() -> list[Any]:
        described = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
        inspected = json.loads((release / "inspect.json").read_text(encoding="utf-8"))
        site = Datasette(
            [],
            immutables=[str(release / "fabriques.db")],
            inspect_data=inspected,
            metadata=metadata(described, "fabriques"),
            settings={"suggest_facets": False},
        )
        await site.invoke_startup()
        return [await site.client.get(path) for path in paths]

    return asyncio.run(ask())


def test_inspect_says_what_datasette_would_compute(release: Path) -> None:
    inspected = json.loads((release / "inspect.json").read_text(encoding="utf-8"))["fabriques"]
    assert inspected["hash"] == inspect_hash(release / "fabriques.db")
    [listed] = answers(release, "/-/databases.json")
    assert listed.json()[0]["hash"] == inspected["hash"]
    assert inspected["tables"]["conventions"] == {"count": 4}


def test_pages_of_every_kind_answer(release: Path) -> None:
    row, table, facet, search, stream, home = answers(
        release,
        "/fabriques/fabriques/lieu-0001",
        "/fabriques/conventions?montant__gt=1",
        "/fabriques/fabriques.json?_facet=region&_shape=objects",
        "/fabriques/fabriques.json?_search=ile&_shape=array",
        "/fabriques/versements.csv?_stream=on",
        "/",
    )
    assert {answer.status_code for answer in (row, table, facet, search, stream, home)} == {200}
    assert "Œuf-en-Ternois" in row.text
    assert facet.json()["facet_results"]["region"]["results"][0]["count"] == 1
    assert {found["fabrique"] for found in search.json()} == {"lieu-0002", "lieu-0003"}
    assert stream.text.splitlines()[0].startswith("versement,convention,")
    assert len(stream.text.splitlines()) == 4


def test_a_foreign_key_shows_the_label_of_the_row_it_leads_to(release: Path) -> None:
    [page] = answers(release, "/fabriques/attributions")
    assert page.status_code == 200
    assert 'href="/fabriques/fabriques/lieu-0003"' in page.text
    assert "=SOMME(A1:A2)" in page.text
