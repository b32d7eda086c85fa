"""The command itself, over real HTTP and in a real browser, on the embedded public facts."""

import csv
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import polars as pl
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import ROOT
from tests.serve.editions import point

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
REQUIRED = "FABRIQUES_NAVIGATEUR_REQUIS"


@dataclass(frozen=True)
class Server:
    """A running `fabriques serve`."""

    process: subprocess.Popen[str]
    published: Path
    origin: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.origin}{path}", headers=headers, timeout=30)


@contextmanager
def serving(published: Path) -> Iterator[Server]:
    """`fabriques serve` on a free port of the loopback, in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "pipeline", "serve", "--published", str(published), "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=published.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        _wait(process, port)
        yield Server(process, published, f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def server(embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    published = tmp_path_factory.mktemp("processus") / "published"
    shutil.copytree(embedded, published, symlinks=True)
    with serving(published) as server:
        yield server


def _wait(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not listen")


def released(server: Server, table: str) -> pl.DataFrame:
    return pl.read_parquet(server.published / f"latest/parquet/{table}.parquet")


@pytest.mark.parametrize("path", ["/", "/fabriques", "/fabriques/attributions", "/fabriques/fabriques", "/fabriques/vagues/fdt-01"])
def test_pages_answer(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "mise à jour du " in answer.text
    assert "server" not in answer.headers


def test_a_row_leads_to_its_delivery(server: Server) -> None:
    place = released(server, "fabriques").row(0, named=True)
    answer = server.get(f"/fabriques/fabriques/{place['fabrique']}")
    assert place["livraison"] in answer.text
    assert server.get(f"/fabriques/livraisons/{place['livraison']}").status_code == 200


def test_search_finds_an_accent_that_was_not_typed(server: Server) -> None:
    found = server.get("/fabriques/fabriques.json?_search=ile&_shape=array").json()
    expected = released(server, "fabriques").filter(pl.col("region") == "Île-de-France")
    assert expected.height > 0
    assert {row["fabrique"] for row in found} >= set(expected["fabrique"])


def test_facets_are_those_of_the_files(server: Server) -> None:
    answer = server.get("/fabriques/fabriques.json?region=Bretagne&_facet=premiere_vague", Origin="https://ailleurs.example")
    assert answer.headers["access-control-allow-origin"] == "*"
    kept = released(server, "fabriques").filter(pl.col("region") == "Bretagne")
    assert answer.json()["filtered_table_rows_count"] == kept.height
    counted = {item["value"]: item["count"] for item in answer.json()["facet_results"]["premiere_vague"]["results"]}
    assert counted == dict(kept["premiere_vague"].drop_nulls().value_counts().iter_rows())


def test_a_csv_comes_in_pieces_and_whole(server: Server) -> None:
    with httpx.stream("GET", f"{server.origin}/fabriques/indicateurs_publies.csv", timeout=30) as answer:
        pieces = list(answer.iter_raw())
        assert answer.headers["transfer-encoding"] == "chunked"
    rows = list(csv.DictReader(io.StringIO(b"".join(pieces).decode())))
    keys = [row["id_indicateur"] for row in rows]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(released(server, "indicateurs_publies")["id_indicateur"])


def test_the_database_comes_whole_with_its_length(server: Server) -> None:
    answer = server.get("/fabriques.db")
    assert answer.content == (server.published / "latest/fabriques.db").read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "transfer-encoding" not in answer.headers


def test_a_ready_question_answers(server: Server) -> None:
    [counts] = server.get("/fabriques/lieux_et_labels.json?_shape=array").json()
    assert counts["fabriques_connues"] == released(server, "fabriques").height
    assert (counts["fabriques_officielles"], counts["labels_officiels"]) == (407, 462)  # published facts


@pytest.mark.parametrize(
    ("path", "status"), [("/rien", 404), ("/-/threads", 404), ("/-/databases.json", 404), ("/fabriques?sql=select", 400)]
)
def test_refusals(server: Server, path: str, status: int) -> None:
    answer = server.get(path)
    assert answer.status_code == status
    assert str(server.published) not in answer.text


def test_head_requests_have_no_body(server: Server) -> None:
    for path in ("/fabriques/attributions", "/fabriques/attributions.csv", "/fabriques.db"):
        answer = httpx.head(f"{server.origin}{path}", timeout=30)
        assert answer.status_code == 200
        assert answer.content == b""


def test_bytes_that_are_no_request_do_not_stop_the_server(server: Server) -> None:
    host, port = server.origin.removeprefix("http://").split(":")
    for sent in (
        b"GET /-/thr\xe9ads HTTP/1.1\r\nHost: x\r\n\r\n",
        b"DISPATCH_REQUEST / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            status = connection.recv(4096).split(b" ", 2)[1]
        assert status in (b"400", b"404", b"405")
    assert server.get("/fabriques").status_code == 200


def test_a_new_release_is_served_by_the_same_process(server: Server) -> None:
    before = server.get("/fabriques").headers["publication"]
    shutil.copytree(server.published / before, server.published / ".en-cours")
    assert server.get("/fabriques").headers["publication"] == before
    (server.published / ".en-cours").rename(server.published / "essai-suivant")
    point(server.published, "essai-suivant")
    assert server.get("/fabriques").headers["publication"] == "essai-suivant"
    assert server.get(f"/{before}/vagues").status_code == 200
    point(server.published, before)
    shutil.rmtree(server.published / "essai-suivant")
    assert server.get("/fabriques").headers["publication"] == before
    assert server.get("/essai-suivant/vagues").status_code == 404


@pytest.fixture(scope="module")
def browser_page(server: Server) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page of Debian's Chromium, what it asked for, and what it complained of."""
    if not CHROMIUM.is_file():
        reason = f"{CHROMIUM} is not installed; {REQUIRED}=1 makes this a failure"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(locale="fr-FR")
        page.set_default_timeout(10_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
        yield page, asked, complaints
        browser.close()


def test_a_reader_filters_a_table_in_a_browser(server: Server, browser_page: tuple[Page, list[str], list[str]]) -> None:
    page, asked, complaints = browser_page
    page.goto(f"{server.origin}/fabriques/attributions")
    assert page.locator("h1").inner_text() == "Labels attribués"
    assert page.locator("dl.column-descriptions dt").count() == len(released(server, "attributions").columns)
    choice = page.locator("#facet-region").get_by_role("link", name="Bretagne", exact=True)
    choice.click()
    page.wait_for_url("**region=Bretagne**")
    rows = page.locator("table.rows-and-columns tbody tr")
    assert rows.count() == released(server, "attributions").filter(pl.col("region") == "Bretagne").height > 0
    assert set(page.locator("td.col-region").all_inner_texts()) == {"Bretagne"}
    page.locator("table.rows-and-columns td.col-fabrique a").first.click()
    page.wait_for_url("**/fabriques/fabriques/lieu-*")
    for path in ("/", "/fabriques", "/fabriques/lieux_et_labels"):
        page.goto(f"{server.origin}{path}")
    assert complaints == []
    assert asked
    assert [url for url in asked if not url.startswith(f"{server.origin}/")] == []


def test_no_page_is_wider_than_a_telephone(server: Server, browser_page: tuple[Page, list[str], list[str]]) -> None:
    page, _, _ = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    place = released(server, "fabriques")["fabrique"][0]
    for path in (
        "/",
        "/fabriques",
        "/fabriques/fabriques?_facet=region",
        f"/fabriques/fabriques/{place}",
        "/fabriques/qualite_des_livraisons",
    ):
        page.goto(f"{server.origin}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto(f"{server.origin}/protection.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_server_ends_when_it_is_told_to_and_has_complained_of_nothing(embedded: Path) -> None:
    with serving(embedded) as server:
        assert [server.get(path).status_code for path in ("/fabriques/attributions", "/rien", "/fabriques?_x=1")] == [200, 404, 200]
        server.process.send_signal(signal.SIGINT)
        said, complaints = server.process.communicate(timeout=30)
    assert server.process.returncode in (0, 130, -signal.SIGINT)
    assert "Site : http://127.0.0.1:" in said
    assert complaints in ("", "Interrompu. La dernière publication n'a pas changé.\n")


def test_a_wrong_request_leaves_no_warning_in_the_log(embedded: Path) -> None:
    """Whatever Datasette leaves half done when a facet fails, in HTML as in JSON."""
    wrong = ["?_facet=rien", ".json?_facet=rien", "?_facet_array=nom_lieu", "?_facet_array=rien", "?_where=rien"]
    with serving(embedded) as server:
        assert [server.get(f"/fabriques/attributions{asked}").status_code for asked in wrong] == [400] * len(wrong)
        assert server.get("/fabriques/attributions").status_code == 200
        server.process.send_signal(signal.SIGINT)
        _, complaints = server.process.communicate(timeout=30)
    assert "Warning" not in complaints
    assert "never awaited" not in complaints
