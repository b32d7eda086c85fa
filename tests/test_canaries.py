"""A marked value in every private field of every delivery, then a search of every public byte, site included.

The deliveries are the valid examples of the schemas, plus the lines that must be masked, kept back or rejected. That the search can find is
shown on the private zone, where every mark must be, and on a value that is public.
"""

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from pipeline.schema import names
from pipeline.serve.site import Site
from tests import marked_programme
from tests.conftest import Fabriques
from tests.marked_programme import OPENED, PERSON, RESERVED
from tests.public_bytes import occurrences

PUBLIC_VALUE = "Association fictive 12"
MAX_PAGES = 400


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory, fabriques: Fabriques) -> Iterator[tuple[Path, set[str], str]]:
    """A run of the marked programme: its folder, the marks, what it printed."""
    folder = tmp_path_factory.mktemp("canaris")
    marks = marked_programme.write(folder)
    done = fabriques("run", "--sources", "sources.toml", "--au", "2024-06-01", cwd=folder)
    assert done.returncode == 0, done.stderr
    yield folder, marks, done.stdout + done.stderr


def test_the_search_can_find(programme: tuple[Path, set[str], str]) -> None:
    folder, marks, _ = programme
    assert len(marks) > 60
    in_private = {mark for _, mark in occurrences(folder / "var" / "prive" / "harmonise", marks)}
    assert marks - in_private <= {"CanariPersonneUrl", "CanariEmbargoUrl"} | {mark for mark in marks if mark in in_private}
    assert occurrences(folder / "published", {PUBLIC_VALUE})
    assert occurrences(folder / "published", {OPENED})


def test_no_mark_in_a_published_byte(programme: tuple[Path, set[str], str]) -> None:
    folder, marks, _ = programme
    assert occurrences(folder / "published", marks) == []


def test_no_mark_in_a_report_nor_on_the_terminal(programme: tuple[Path, set[str], str]) -> None:
    folder, marks, printed = programme
    assert occurrences(folder / "var" / "rapports", marks) == []
    assert not [mark for mark in marks if mark.casefold() in printed.casefold()]


def test_no_mark_in_an_answer_of_the_site(programme: tuple[Path, set[str], str], tmp_path: Path) -> None:
    folder, marks, _ = programme
    pages = asyncio.run(crawl(folder / "published" / "fictif", tmp_path))
    assert pages > 100
    assert occurrences(tmp_path, {PUBLIC_VALUE})
    assert occurrences(tmp_path, marks) == []


async def crawl(published: Path, into: Path) -> int:
    """Every page that the site links to, and each table as JSON and CSV, written to `into`; how many."""
    transport = httpx.ASGITransport(app=Site(published))
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        endings = [".json?_shape=objects", ".csv?_stream=1", *(f"?_search={word}" for word in (PERSON, RESERVED, "canari"))]
        todo = ["/", *(f"/fabriques/{table}{ending}" for table in names("public") for ending in endings)]
        seen: set[str] = set()
        while todo and len(seen) < MAX_PAGES:
            address = todo.pop(0)
            if address in seen:
                continue
            seen.add(address)
            answer = await client.get(address)
            if "_search" not in address:  # a page of results repeats the words that were asked for
                (into / f"{len(seen)}").write_bytes(answer.content)
            elif answer.status_code == httpx.codes.OK:
                assert "0 rows" in answer.text or "0 ligne" in answer.text, address
            if answer.headers.get("content-type", "").startswith("text/html"):
                found = re.findall(r'href="([^"#]+)"', answer.text)
                links = (urlsplit(urljoin(f"http://site{address}", unescape(link))) for link in found)
                inside = (link for link in links if link.netloc == "site" and not {"_sort", "_search"} & set(re.split("[=&]", link.query)))
                todo += [link._replace(scheme="", netloc="").geturl() for link in inside]
    return len(seen)


def test_fiction_stays_apart(programme: tuple[Path, set[str], str]) -> None:
    folder, _, _ = programme
    published = folder / "published"
    assert [path.name for path in published.iterdir()] == ["fictif"]
    assert (published / "fictif" / "latest").is_symlink()


def test_private_zone_is_closed(programme: tuple[Path, set[str], str]) -> None:
    folder, _, _ = programme
    for zone in ("livraisons", "prive", "protege", "rapports"):
        assert (folder / "var" / zone).stat().st_mode & 0o777 == 0o700
