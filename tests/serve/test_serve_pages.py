"""What a reader and a re-user get: French titles, labels, facets, search, whole CSV, JSON open to other sites; every page answers."""

import asyncio
import csv
import html
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import polars as pl
import pytest

from pipeline.schema import load, names
from pipeline.serve import database
from pipeline.serve.instance import SETTINGS
from pipeline.serve.labels import database_metadata
from pipeline.serve.site import Site
from tests.serve.editions import ORIGIN, PLACES, Visit, publish, visiting

AWARDS = 2_350  # more than two pages of the longest size, with ties and empty cells in the column that sorts them


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "published"
    publish(folder, 1, awards=AWARDS)
    return folder


@pytest.fixture(scope="module")
def visit(published: Path) -> Iterator[Visit]:
    with visiting(published) as visit:
        yield visit


def text(answer: httpx.Response) -> str:
    """What a reader reads of a page."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", bare)))


def links(answer: httpx.Response) -> Iterator[str]:
    for found in re.findall(r'(?:href|src|action)="([^"]*)"', answer.text):
        target = urlsplit(html.unescape(found))
        if target.netloc in ("", urlsplit(ORIGIN).netloc) and not found.startswith("#"):
            yield target._replace(scheme="", netloc="", fragment="").geturl()


@pytest.mark.parametrize("name", names("public"))
def test_a_table_page_says_in_french_what_it_shows(visit: Visit, name: str) -> None:
    [page] = visit.ask(f"/fabriques/{name}")
    schema, read = load("public", name), text(page)
    assert f"<h1>{html.escape(schema.title)}</h1>" in page.text.replace("&#39;", "&#x27;")
    assert schema.description in read
    for field in schema.fields:
        assert f"{field.title} : {field.description}" in read
    assert "Licence Ouverte 2.0" in read
    assert "Éditeur 1, edition-1.csv (mise à jour du 4 novembre 2024)" in read
    assert "publication edition-1" in read


def test_units_are_words_and_amounts_are_not_rewritten(visit: Visit) -> None:
    table, filtered = visit.ask("/fabriques/conventions", "/fabriques/conventions?montant__gt=abc")
    assert "Unité : euros." in text(table)
    assert "150000.5" in text(table)
    assert "EUR" not in text(table)
    assert filtered.status_code == 200


@pytest.mark.parametrize("path", ["/", "/fabriques", "/edition-1", "/fabriques/fabriques/lieu-0001", "/fabriques/lieux_et_labels"])
def test_every_kind_of_page_names_its_release_licence_and_day(visit: Visit, path: str) -> None:
    [page] = visit.ask(path)
    read = text(page)
    assert page.headers["publication"] == "edition-1"
    for said in ("publication edition-1", "Licence Ouverte 2.0", "mise à jour du 4 novembre 2024", "Éditeur 1"):
        assert said in read


def test_a_table_without_a_row_is_not_available_rather_than_zero(visit: Visit) -> None:
    empty, filled = visit.ask("/fabriques/recensement", "/fabriques/fabriques")
    assert "« non disponible », ce qui ne veut pas dire zéro" in text(empty)
    assert "ce qui ne veut pas dire zéro" not in text(filled)


def test_declared_facets_and_no_other(published: Path, visit: Visit) -> None:
    [answer] = visit.ask("/fabriques/attributions.json")
    found = answer.json()
    assert set(found["facet_results"]) == set(load("public", "attributions").presentation["facettes"])
    counted = {item["value"]: item["count"] for item in found["facet_results"]["region"]["results"]}
    expected = pl.read_parquet(published / "latest/parquet/attributions.parquet")["region"].value_counts()
    assert counted == dict(expected.drop_nulls().iter_rows())
    assert found["suggested_facets"] == []


def test_a_filter_keeps_only_what_it_says(visit: Visit) -> None:
    [answer] = visit.ask("/fabriques/attributions.json?region=Bretagne&_shape=objects&_size=max")
    assert answer.json()["filtered_table_rows_count"] == len(range(2, AWARDS, 4))
    assert {row["region"] for row in answer.json()["rows"]} == {"Bretagne"}


def test_a_key_leads_to_the_row_it_names_by_its_label(visit: Visit) -> None:
    page, listed = visit.ask("/fabriques/attributions?attribution=label-000000", "/fabriques/attributions.json?_labels=on&_size=1")
    assert f'<a href="/fabriques/fabriques/lieu-0001">{html.escape(PLACES[0])}</a>' in page.text.replace("&#39;", "&#x27;")
    assert listed.json()["rows"][0]["fabrique"].keys() == {"value", "label"}
    [place] = visit.ask("/fabriques/fabriques/lieu-0001")
    assert "/fabriques/attributions?fabrique=lieu-0001" in place.text


@pytest.mark.parametrize(
    ("words", "found"), [("ile", 0), ("ÉTAMPES", 1), ("oeuvrier", 2), ("Œuvrier", 2), ("l'ile", 0), ("étampes fabrique", 1)]
)
def test_search_knows_neither_accents_nor_ligatures(visit: Visit, words: str, found: int) -> None:
    [answer] = visit.ask(f"/fabriques/attributions.json?_search={words}&_shape=array&_size=max")
    assert {row["nom_lieu"] for row in answer.json()} == {PLACES[found]}
    assert len(answer.json()) == len([n for n in range(AWARDS) if n % len(PLACES) == found])


@pytest.mark.parametrize("asked", ["", "?_size=max", "?_labels=on&_size=max", "?_stream=on", "?_dl=on", "?_sort_desc=porteur"])
def test_the_csv_of_a_table_is_whole(published: Path, visit: Visit, asked: str) -> None:
    [answer] = visit.ask(f"/fabriques/attributions.csv{asked}")
    keys = [row["attribution"] for row in csv.DictReader(io.StringIO(answer.text))]
    assert len(keys) == AWARDS
    assert set(keys) == set(pl.read_parquet(published / "latest/parquet/attributions.parquet")["attribution"])


def test_the_csv_of_a_filter_holds_the_rows_of_that_filter(published: Path, visit: Visit) -> None:
    filtered, bounded = visit.ask("/fabriques/attributions.csv?vague=fdt-02", "/fabriques/attributions.csv?_size=7")
    kept = pl.read_parquet(published / "latest/parquet/attributions.parquet").filter(pl.col("vague") == "fdt-02")
    assert {row["attribution"] for row in csv.DictReader(io.StringIO(filtered.text))} == set(kept["attribution"])
    assert len(list(csv.DictReader(io.StringIO(bounded.text)))) == 7


def test_the_csv_link_of_a_page_gives_the_whole_table(visit: Visit) -> None:
    [page] = visit.ask("/fabriques/attributions")
    [link] = {target for target in links(page) if ".csv?" in target}
    [answer] = visit.ask(link)
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == AWARDS


def test_no_csv_stops_at_a_hundred_megabytes() -> None:
    assert SETTINGS["max_csv_mb"] == 0  # Datasette: no limit


@pytest.mark.parametrize(
    "path",
    ["/.json", "/fabriques.json", "/fabriques/attributions.json", "/fabriques/attributions.csv", "/rien.json", "/fabriques/rien.json"],
)
def test_other_sites_may_read_the_data_and_the_errors(visit: Visit, path: str) -> None:
    [answer] = visit.ask(path, headers={"Origin": "https://ailleurs.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "publication" in ",".join(answer.headers.get_list("access-control-expose-headers"))


def test_a_database_can_be_downloaded_and_opened(visit: Visit, tmp_path: Path) -> None:
    for answer in visit.ask("/fabriques.db", "/edition-1.db"):
        (tmp_path / "copie.db").write_bytes(answer.content)
        connection = sqlite3.connect(tmp_path / "copie.db")
        assert connection.execute("select count(*) from attributions").fetchone() == (AWARDS,)
        connection.close()


def test_a_head_request_gives_the_headers_of_the_page(visit: Visit) -> None:
    for answer in visit.ask("/", "/fabriques/attributions", "/fabriques/attributions.json", "/-/static/app.css", method="HEAD"):
        assert answer.status_code == 200
        assert answer.headers["content-type"]


def test_an_error_is_told_in_french(visit: Visit) -> None:
    page, data, wrong = visit.ask("/fabriques/rien", "/fabriques/rien.json", "/fabriques/attributions?_sort=rien")
    assert page.status_code == data.status_code == 404
    assert "Page inconnue" in page.text
    assert data.json() == {"ok": False, "error": data.json()["error"], "status": 404, "title": "Page inconnue"}
    assert wrong.status_code == 400
    assert "Demande refusée" in wrong.text


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # pytest forgets the filter that the site put in an earlier test
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/fabriques?sql=selec", "Seule une requête SELECT est acceptée."),
        ("/fabriques?sql=delete+from+vagues", "Seule une requête SELECT est acceptée."),
        ("/fabriques.csv?sql=select+*+from+pragma_compile_options", "Ce PRAGMA n'est pas accepté."),
        ("/fabriques/vagues?_facet=rien", "Aucune colonne « rien »."),
        ("/fabriques/vagues?_where=rien", "Aucune colonne « rien »."),
        ("/fabriques/vagues?_where=(select+1+from+[{0}])", "Aucune table « {0} »."),
        ("/fabriques/vagues?_sort_desc=<b>", "Tri impossible : aucune colonne « <b> »."),
        ("/fabriques/vagues?_sort=vague&_sort_desc=vague", "Un seul tri à la fois : _sort ou _sort_desc."),
        ("/fabriques/vagues?_col=rien", "Aucune colonne « rien »."),
        ("/fabriques/vagues?_size=beaucoup", "_size doit être un nombre entier positif."),
        ("/fabriques/vagues?_size=1001", "_size ne dépasse pas 1000 lignes. Pour toutes les lignes, prenez le CSV."),
        ("/fabriques/vagues.csv?_stream=1&_next=1", "Le CSV entier n'a pas de page suivante : retirez _next ou _stream."),
        ("/fabriques/vagues?_timelimit=a", "Un paramètre de l'adresse n'a pas la forme attendue."),
        ("/fabriques/vagues?_where=(", 'La base n\'a pas compris la demande. Elle répond : near "order": syntax error'),
    ],
)
def test_a_reader_is_told_in_french_what_is_wrong_with_a_request(visit: Visit, path: str, told: str) -> None:
    [page] = visit.ask(path)
    assert page.status_code == 400
    assert text(page).removeprefix(" ").startswith("Demande refusée Demande refusée ")
    assert told in text(page)
    assert "Traceback" not in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize("path", ["/fabriques.csv", "/edition-1.csv?_shape=array", "/rien.csv", "/.csv"])
def test_the_csv_of_a_whole_database_is_a_page_that_is_not_there(visit: Visit, path: str, caplog: pytest.LogCaptureFixture) -> None:
    [answer] = visit.ask(path)
    assert answer.status_code == 404
    assert "CSV" in answer.text
    assert caplog.text == ""
    assert visit.ask("/fabriques.csv?sql=select+1+as+un")[0].text.split() == ["un", "1"]


def test_a_release_of_many_files_names_its_publishers_and_leads_to_the_files(published: Path) -> None:
    package = json.loads((published / "latest/datapackage.json").read_text(encoding="utf-8"))
    few = database_metadata("fabriques", package)
    assert few["source"] == "Éditeur 1, edition-1.csv (mise à jour du 4 novembre 2024)"
    assert "source_url" not in few
    many = database_metadata("edition.1", package | {"sources": [{"title": f"Éditeur 1, fichier-{n}.csv"} for n in range(33)]})
    for shown in (many, *many["tables"].values(), *many["queries"].values()):
        assert shown["source"] == "Éditeur 1 : 33 fichiers (mise à jour du 4 novembre 2024)"
        assert shown["source_url"] == "/edition~2E1/livraisons"


def test_the_style_sheet_is_linked_and_served(visit: Visit) -> None:
    page, sheet = visit.ask("/fabriques/vagues", "/site.css")
    assert 'href="/site.css"' in page.text
    assert sheet.status_code == 200
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("credentials", [{"Cookie": "ds_actor=faux; ds_messages=faux"}, {"Authorization": "Bearer faux"}])
def test_no_cookie_is_set_and_none_changes_an_answer(visit: Visit, credentials: dict[str, str]) -> None:
    [plain] = visit.ask("/fabriques/fabriques")
    [sent] = visit.ask("/fabriques/fabriques", headers=credentials)
    assert "set-cookie" not in plain.headers
    assert "set-cookie" not in sent.headers
    assert sent.headers["cache-control"] == plain.headers["cache-control"] == "max-age=5"


def test_rows_are_counted_by_the_inspect_file_not_by_queries(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    connect = database.ReleaseDatabase.connect

    def traced(self: database.ReleaseDatabase, write: bool = False) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(self, write)
        connection.set_trace_callback(asked.append)
        return connection

    monkeypatch.setattr(database.ReleaseDatabase, "connect", traced)
    with visiting(published) as visit:
        page, home, front = visit.ask("/fabriques/attributions?_nofacet=1", "/fabriques", "/")
    assert f"{AWARDS:,} rows" in page.text
    assert f"{AWARDS:,} rows" in home.text
    assert front.status_code == 200
    assert asked
    assert [query for query in asked if re.search(r"count\(", query, re.IGNORECASE)] == []


def test_every_link_of_every_page_of_the_tables_leads_somewhere(tmp_path: Path) -> None:
    publish(tmp_path / "published")
    starts = ["/", "/fabriques", "/fabriques/attributions", "/fabriques/fabriques/lieu-0001", "/fabriques/lieux_et_labels"]
    with visiting(tmp_path / "published") as visit:
        pages = visit.ask(*starts)
        assert {page.status_code for page in pages} == {200}
        targets = sorted({link for page in pages for link in links(page) if not unquote(link).endswith(".db")})
        assert len(targets) > 80
        found = zip(targets, visit.ask(*targets, follow_redirects=True), strict=True)
        assert {target: answer.status_code for target, answer in found if answer.status_code != 200} == {}


def test_the_site_is_what_uvicorn_serves(published: Path) -> None:
    async def started() -> list[str]:
        sent: list[str] = []
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> dict[str, str]:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await Site(published)({"type": "lifespan"}, receive, send)
        return sent

    assert asyncio.run(started()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
