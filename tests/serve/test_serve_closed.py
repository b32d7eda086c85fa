"""What the site does not answer: pages about the machine, paths, writing, queries without end."""

import asyncio
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import datasette.app
import httpx
import pytest

from pipeline.serve import requests
from pipeline.serve.site import Site
from tests.serve.editions import Visit, publish, visiting

SPELLINGS = (
    *(
        "/-/{}",
        "/-/{}.json",
        "/-/{}/",
        "/-/{}?_x=1",
        "//-/{}",
        "/%2D/{}",
        "/~2D/{}",
        "/-%2F{}",
        "/-//{}",
        "/./-/{}",
        "/-/./{}",
        "/fabriques/../-/{}",
    ),
    *("/-/static/../{}", "/-/static/..%2F{}", "/-/{}.JSON", "/-/{}%2Ejson", "/-/{}%00", "/-/{}%0A", "/-/{};x", "/-/{}#x"),
)
KNOWN_ROUTES = (
    *("actor", "allow-debug", "auth-token", "config", "databases", "logout", "messages"),
    *("patterns", "permissions", "plugins", "settings", "threads", "versions"),
)
# What only these pages say, and what the machine is called.
TELLTALE = ("num_sql_threads", "fts_versions", "compile_options", "is_memory", "num_tasks", "Debug", "Log out", "root_token")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("closed") / "published"
    publish(folder)
    return folder


@pytest.fixture(scope="module")
def visit(published: Path) -> Iterator[Visit]:
    with visiting(published) as visit:
        yield visit


def telltales(published: Path) -> list[str]:
    """Paths of this machine, and its name."""
    installed = Path(datasette.app.__file__).parent
    paths = [published, published.parent, installed, installed.parent, Path(sys.prefix), Path.cwd(), Path.home()]
    return [*(str(path) for path in paths if len(str(path)) > 3), "site-packages", "Traceback", f"//{socket.gethostname()}"]


def test_the_pages_closed_here_are_all_those_that_datasette_has() -> None:
    """A page that a new version adds is closed by default; this says that the list tried below is whole."""
    routes = [pattern.pattern for pattern, _ in datasette.app.Datasette([])._routes()]
    own = {route.removeprefix("/-/").split("(")[0].split("$")[0].split(".json")[0] for route in routes if route.startswith("/-/")}
    assert own == {*KNOWN_ROUTES, "static/", "metadata"}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_pages_about_the_machine_are_closed_however_they_are_spelt(visit: Visit, published: Path, spelling: str) -> None:
    for name in (*KNOWN_ROUTES, *(name.title() for name in KNOWN_ROUTES)):
        [answer] = visit.ask(spelling.format(name), follow_redirects=True)
        assert answer.status_code == 404, spelling.format(name)
        assert [word for word in (*TELLTALE, *telltales(published)) if word in answer.text] == []


@pytest.mark.parametrize("raw", [b"/-/threads", b"/-/threads.json", b"//-/threads", b"/%2d/threads", b"/-/\xe9", b"*", b""])
def test_they_are_closed_to_a_client_that_sends_anything(published: Path, raw: bytes) -> None:
    """Without the client's own tidying of addresses."""

    async def status() -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            await asyncio.Event().wait()

        site = Site(published)
        scope = {"type": "http", "method": "GET", "path": raw.decode("latin-1"), "raw_path": raw, "query_string": b"", "headers": []}
        await site(scope, receive, send)
        await site.close()
        return int(sent[0]["status"])

    assert asyncio.run(status()) == 404


@pytest.mark.parametrize("path", ["/-/static/app.css", "/-/static/table.js", "/-/metadata", "/-/metadata.json"])
def test_what_is_about_the_data_stays_open(visit: Visit, published: Path, path: str) -> None:
    [answer] = visit.ask(path)
    assert answer.status_code == 200
    assert [word for word in telltales(published) if word in answer.text] == []


def test_neither_memory_nor_private_databases_are_there(visit: Visit) -> None:
    paths = ["/_internal", "/_internal.json", "/_internal/databases", "/_internal.db", "/_memory", "/_memory?sql=select+1", "/:memory:"]
    assert {answer.status_code for answer in visit.ask(*paths, follow_redirects=True)} == {404}


@pytest.mark.parametrize(
    "path",
    [
        "/fabriques.json?sql=select+*+from+pragma_database_list",
        "/fabriques?sql=select+*+from+PRAGMA_database_list()",
        "/fabriques.csv?sql=with+f(p)+as+(select+file+from+pragma_database_list)+select+p,hex(p)+from+f",
        "/fabriques.json?sql=select+1+from+rien",
        "/fabriques?sql=select+%22",
        "/fabriques.json?sql=select+load_extension('x')",
        "/fabriques/attributions?_trace=1",
        "/fabriques/attributions.csv?_trace=1&_size=1",
        "/fabriques/attributions?_context=1",
        "/fabriques/attributions?_sort=rien",
        "/fabriques/attributions?_timelimit=abc",
        "/fabriques/attributions?ligne__gt=99999999999999999999999",
        "/fabriques/attributions?_where=rien",
        "/fabriques/attributions?_next=%00",
        "/fabriques/attributions?_search=%22",
        "/fabriques/attributions.rien",
        "/fabriques/attributions/rien",
        "/fabriques/rien/1",
        "/fabriques/attributions/label-000001.blob?_blob_column=nom_lieu",
        "/-/static/rien.css",
        "/rien/%2e%2e/%2e%2e/etc/passwd",
        "/fabriques.json",
        "/.json",
    ],
)
def test_no_answer_shows_a_path_of_the_machine(visit: Visit, published: Path, path: str) -> None:
    [answer] = visit.ask(path, follow_redirects=True)
    assert answer.status_code in (200, 400, 404)
    shown = answer.text + str(answer.headers)
    assert [word for word in telltales(published) if word in shown or word.encode().hex().upper() in shown] == []


def test_a_file_that_vanishes_under_an_open_page_is_an_error_without_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path / "published")
    database = tmp_path / "published/edition-1/fabriques.db"
    with visiting(tmp_path / "published") as visit:
        assert visit.ask("/fabriques.db")[0].status_code == 200
        with monkeypatch.context() as between:  # the look at the folder and the answer
            between.setattr(visit.site, "_is_past", lambda: False)
            database.unlink()
            answers = visit.ask("/fabriques.db", "/fabriques/attributions", "/edition-1.json?sql=select+1+from+vagues")
            assert [answer.status_code for answer in answers] == [500, 400, 400]
            assert [answer.text for answer in answers if str(tmp_path) in answer.text] == []
        assert visit.ask("/fabriques.db")[0].status_code == 503
    assert not database.exists()  # SQLite makes the file that it does not find, unless told not to


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "DATA", "AS_CSV", "DISPATCH_REQUEST", "RENDER"])
def test_the_site_is_only_read(visit: Visit, method: str) -> None:
    [answer] = visit.ask("/fabriques/attributions", method=method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "sql",
    [
        "delete from attributions",
        "insert into attributions (attribution) values ('x')",
        "select 1; delete from attributions",
        "with x as (select 1) delete from attributions",
        "with x as (select 1) insert into vagues (vague) values ('x')",
        "attach database ':memory:' as autre",
        "pragma query_only = 0",
        "select * from pragma_journal_mode('delete')",
        "vacuum",
        "create table x (a)",
    ],
)
def test_a_query_can_only_read(visit: Visit, published: Path, sql: str) -> None:
    before = (published / "latest/fabriques.db").read_bytes()
    [answer] = visit.ask(f"/fabriques.json?sql={quote_plus(sql)}")
    assert answer.status_code == 400
    assert answer.json()["ok"] is False
    assert (published / "latest/fabriques.db").read_bytes() == before
    assert sorted(path.name for path in (published / "latest/").glob("fabriques.db*")) == ["fabriques.db"]


def test_any_query_that_reads_is_answered(visit: Visit) -> None:
    sql = "select region, count(*) as labels from attributions group by region order by region"
    [answer] = visit.ask(f"/fabriques.json?sql={quote_plus(sql)}&_shape=array")
    assert answer.json() == [{"region": region, "labels": 15} for region in (None, "Bretagne", "Occitanie", "Pays de la Loire")]


def test_a_query_without_end_is_stopped_and_said_so(visit: Visit) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n"
    started = time.monotonic()
    page, data = visit.ask(f"/fabriques?sql={quote_plus(endless)}", f"/fabriques.json?sql={quote_plus(endless)}")
    assert time.monotonic() - started < 2 * 1.5 + 5
    assert page.status_code == data.status_code == 400
    assert "elle a été arrêtée" in page.text
    assert "elle a été arrêtée" in data.json()["error"]


@pytest.mark.parametrize("sql", ["select zeroblob(500000000)", "select hex(zeroblob(1000000))"])
def test_a_query_cannot_fill_the_memory_with_one_cell(visit: Visit, sql: str) -> None:
    [answer] = visit.ask(f"/fabriques.json?sql={quote_plus(sql)}")
    assert answer.status_code == 400
    assert "too big" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "closed"),
    [
        ("/fabriques", False),
        ("/-", True),
        ("/--/x", False),
        ("/-x/threads", False),
        ("/fabriques/-/x", False),
        ("/-/static/app.css", False),
    ],
)
def test_only_datasettes_own_pages_are_closed(path: str, closed: bool) -> None:
    assert requests.is_closed(path) is closed


def test_an_error_in_the_site_itself_is_told_without_its_cause(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/chemin/secret/de/la/machine")

    monkeypatch.setattr(datasette.app.Datasette, "table_metadata", broken, raising=True)
    page, data = visit.ask("/fabriques/attributions", "/fabriques/attributions.json")
    assert page.status_code == data.status_code == 500
    assert "secret" not in page.text + data.text
    assert "Le site n'a pas pu répondre" in data.json()["error"]
    assert isinstance(data, httpx.Response)
