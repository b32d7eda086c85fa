import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.ingest.fetch import Location, freeze
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.web import file_name
from pipeline.settings import Settings

BODY = "nom;montant\nL’été;12\n".encode()


class Site(BaseHTTPRequestHandler):
    """A site with the faults of real ones."""

    def do_GET(self) -> None:
        places = {"/file": "file:///etc/hostname", "/ftp": "ftp://127.0.0.1/a.csv", "/ailleurs": "/a.csv", "/boucle": "/boucle"}
        if self.path in places:
            self.send_response(302)
            self.send_header("Location", places[self.path])
            self.end_headers()
        elif self.path.startswith(("/a.csv", "/%C3%A9t%C3%A9.csv", "/court")):
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY) + 10 * (self.path == "/court")))
            self.end_headers()
            self.wfile.write(BODY)
        elif self.path == "/lent":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"a")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def refusal(url: str, settings: Settings) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        freeze(Location("a.csv", url), None, settings)
    assert not list(settings.livraisons.iterdir())
    return str(caught.value)


@pytest.mark.parametrize("path", ["/a.csv", "/a.csv?cle=1", "/ailleurs", "/été.csv"])
def test_a_file_of_the_web_is_frozen_like_another(site: str, settings: Settings, path: str) -> None:
    assert freeze(Location("a.csv", site + path), None, settings).path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/absent.csv", ["127.0.0.1", "HTTP 404"]),
        ("/file", ["HTTP 302"]),
        ("/ftp", ["injoignable"]),
        ("/boucle", ["HTTP 302"]),
        ("/court", ["incomplet"]),
        ("/lent", ["trop lent"]),
    ],
)
def test_what_the_web_may_answer(site: str, settings: Settings, path: str, words: list[str]) -> None:
    hurried = settings.model_copy(update={"url_total_s": 0.5})
    begin = time.monotonic()
    reason = refusal(site + path, hurried)
    assert all(word in reason for word in words), reason
    assert time.monotonic() - begin < 3


def test_a_bound_of_size(site: str, settings: Settings) -> None:
    assert "trop gros" in refusal(f"{site}/a.csv", settings.model_copy(update={"max_bytes": 5}))


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a.csv", "file:///etc/hostname", "s3://seau/a.csv", "data://x"])
def test_other_schemes_are_not_followed(settings: Settings, url: str) -> None:
    assert "http" in refusal(url, settings)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.csv", "http://[::bad/a.csv", "http:///a.csv", "http://127.0.0.1:99999/a.csv"])
def test_an_address_that_leads_nowhere(settings: Settings, url: str) -> None:
    assert "injoignable" in refusal(url, settings)


def test_no_secret_of_an_address_in_the_message(settings: Settings) -> None:
    reason = refusal("http://moi:motdepasse@127.0.0.1:9/a.csv?jeton=secret", settings)
    assert "127.0.0.1" in reason
    assert not any(secret in reason for secret in ("moi:", "motdepasse", "secret"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://exemple.fr/x/a.csv?b=/c.csv#d", "a.csv"),
        ("https://exemple.fr/", "exemple.fr"),
        ("https://exemple.fr/x/..", "exemple.fr"),
        ("https://exemple.fr/x%2Fy%2F..%2Fz.csv", "z.csv"),
        ("https://u:p@exemple.fr", "exemple.fr"),
        ("http://[bad", "adresse"),
    ],
)
def test_the_name_of_an_address(url: str, name: str) -> None:
    assert file_name(url) == name
