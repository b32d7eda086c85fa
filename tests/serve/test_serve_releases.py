"""Which release answers: none yet, the latest, an old one; a new one without a cut, each answer wholly from one."""

import asyncio
import gc
import json
import re
import shutil
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from tests.serve.editions import browsing, point, publish, visiting

EDITION = re.compile(r"(?:Association de l(?:'|&#39;)édition|Éditeur) (\d+)")
NAMED = re.compile(r"[Pp]ublication edition-(\d+)")
# One page of each kind that shows rows, each of which tells its edition.
PAGES = (
    "/fabriques/attributions",
    "/fabriques/attributions.json",
    "/fabriques/fabriques.json?_shape=array",
    "/fabriques/fabriques/lieu-0001",
    "/fabriques/livraisons.csv",
    "/fabriques/attributions.csv",
    "/fabriques/qualite_des_livraisons",
)


def editions(answer: httpx.Response) -> set[str]:
    """Every edition that an answer shows: in its header, its rows, its description."""
    read = json.dumps(answer.json(), ensure_ascii=False) if "json" in answer.headers["content-type"] else answer.text
    return {answer.headers["publication"].removeprefix("edition-"), *EDITION.findall(read), *NAMED.findall(read)}


def open_files(folder: Path) -> int:
    """Descriptors of this process on a file under `folder`, removed files included."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found += str(folder) in str(descriptor.readlink())
        except OSError:  # the descriptor of the listing itself
            continue
    return found


def alive(folder: Path) -> int:
    """Datasettes over releases of `folder` that nothing has freed."""
    gc.collect()
    found = (item for item in gc.get_objects() if isinstance(item, Datasette))
    return sum(any(str(folder) in str(database.path) for database in datasette.databases.values()) for datasette in found)


def test_each_page_shows_one_edition_so_that_two_could_be_told_apart(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 7)
    with visiting(published) as visit:
        for path, answer in zip(PAGES, visit.ask(*PAGES), strict=True):
            assert answer.status_code == 200, path
            assert editions(answer) == {"7"}, path
            assert "7" in answer.text, path


def test_without_a_release_the_site_says_so_then_answers_when_there_is_one(tmp_path: Path) -> None:
    published = tmp_path / "published"
    with visiting(published) as visit:
        [before] = visit.ask("/fabriques/attributions")
        published.mkdir()
        [empty] = visit.ask("/")
        publish(published)
        [after] = visit.ask("/fabriques/attributions")
    assert before.status_code == empty.status_code == 503
    assert before.text.startswith("Aucune publication lisible pour le moment.")
    assert before.headers["access-control-allow-origin"] == "*"
    assert after.status_code == 200


def test_a_fictional_folder_is_served_the_same_and_stays_apart(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 1)
    publish(published, 2, fictif=True)
    with visiting(published) as fact, visiting(published / "fictif") as fiction:
        [real] = fact.ask("/fabriques/attributions")
        [made_up] = fiction.ask("/fabriques/attributions")
        assert editions(real) == {"1"}
        assert editions(made_up) == {"2"}
        assert "[FICTIF] Labels attribués" in made_up.text
        assert "FICTIF" not in real.text
        assert [answer.status_code for answer in fact.ask("/edition-2", "/fictif")] == [404, 404]
        assert [answer.status_code for answer in fiction.ask("/edition-2", "/edition-1")] == [200, 404]


def test_each_kept_release_keeps_its_address(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 1, name="edition-1")
    publish(published, 2, name="edition-2")
    with visiting(published) as visit:
        latest, first, second = visit.ask(*(f"/{name}/attributions" for name in ("fabriques", "edition-1", "edition-2")))
        assert [editions(answer) for answer in (latest, first, second)] == [{"2"}, {"1"}, {"2"}]
        publish(published, 3)
        latest, first = visit.ask("/fabriques/attributions", "/edition-1/attributions")
        assert [editions(answer) for answer in (latest, first)] == [{"3"}, {"1"}]
        listed = visit.ask("/.json")[0].json()
        assert sorted(listed) == ["edition-1", "edition-2", "edition-3", "fabriques"]


def test_a_release_is_described_by_itself_whatever_the_schemas_have_become(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 1)
    publish(published, 2)
    described = json.loads((published / "edition-1/datapackage.json").read_text(encoding="utf-8"))
    table = next(resource for resource in described["resources"] if resource["name"] == "vagues")
    table["title"] = "Vagues d'autrefois"
    table["schema"]["fields"][1] |= {"title": "Nom d'alors", "unit": "mots"}
    table["schema"]["presentation"]["facettes"] = ["ordinal"]
    (published / "edition-1/datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    with visiting(published) as visit:
        old, new = visit.ask("/edition-1/vagues", "/fabriques/vagues")
        for said in ("Vagues d&#39;autrefois", "Nom d&#39;alors", "Unité : mots.", 'id="facet-ordinal"'):
            assert said in old.text
            assert said not in new.text


@pytest.mark.parametrize("target", ["latest", "rien", "/", "edition-1/fabriques.db"])
def test_a_link_that_leads_to_no_release_is_no_release(tmp_path: Path, target: str) -> None:
    published = tmp_path / "published"
    publish(published, 1)
    (published / "latest").unlink()
    (published / "latest").symlink_to(target)
    with visiting(published) as visit:
        assert visit.ask("/fabriques")[0].status_code == 503


def test_a_name_with_a_point_has_an_address_of_its_own(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 1, name="2024.11_a-b")
    with visiting(published) as visit:
        page, answer, data = visit.ask("/fabriques", "/2024~2E11_a-b/attributions", "/2024~2E11_a-b/attributions.json")
        assert 'href="/2024~2E11_a-b"' in page.text
        assert answer.status_code == data.status_code == 200
        assert answer.headers["publication"] == "2024.11_a-b"


def test_what_is_being_built_or_is_no_release_is_left_out(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 1)
    shutil.copytree(published / "edition-1", published / ".publication.en-cours")
    (published / ".publication.en-cours/fabriques.db").write_bytes(b"moitie")
    (published / "brouillon").mkdir()
    (published / "LISEZMOI.md").write_text("rien")
    with visiting(published) as visit:
        assert sorted(visit.ask("/.json")[0].json()) == ["edition-1", "fabriques"]


@pytest.mark.parametrize("damage", ["{", "{}", "[]", '{"version": 1, "created": "2024"}'])
def test_a_kept_release_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str) -> None:
    published = tmp_path / "published"
    publish(published, 1)
    publish(published, 2)
    (published / "edition-1/datapackage.json").write_text(damage)
    with visiting(published) as visit:
        assert sorted(visit.ask("/.json")[0].json()) == ["edition-2", "fabriques"]
        assert "edition-1" in caplog.text
        (published / "edition-2/datapackage.json").unlink()
        [served] = visit.ask("/fabriques/attributions")
        assert editions(served) == {"2"}  # it was opened whole
    with visiting(published) as visit:
        [refused] = visit.ask("/fabriques/attributions")
        assert refused.status_code == 503
        assert str(tmp_path) not in refused.text


def test_a_release_removed_while_it_is_served(tmp_path: Path) -> None:
    published = tmp_path / "published"
    for edition in (1, 2):
        publish(published, edition)
    with visiting(published) as visit:
        assert [answer.status_code for answer in visit.ask("/edition-1/vagues", "/fabriques/vagues")] == [200, 200]
        shutil.rmtree(published / "edition-1")
        assert [answer.status_code for answer in visit.ask("/edition-1/vagues", "/fabriques/vagues")] == [404, 200]
        shutil.rmtree(published / "edition-2")
        assert [answer.status_code for answer in visit.ask("/fabriques/vagues", "/")] == [503, 503]
        assert list(published.iterdir()) == [published / "latest"]  # nothing made in the place of what is gone
        publish(published, 3)
        assert [answer.status_code for answer in visit.ask("/fabriques/vagues")] == [200]


def test_a_release_put_again_under_the_same_name_is_another_one(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 1, name="edition-5")
    with visiting(published) as visit:
        assert editions(visit.ask("/fabriques/livraisons.csv")[0]) == {"5", "1"}
        shutil.rmtree(published / "edition-5")
        (published / "latest").unlink()
        publish(published, 6, name="edition-5")
        assert editions(visit.ask("/fabriques/livraisons.csv")[0]) == {"5", "6"}


def test_a_folder_with_a_strange_name_is_served(tmp_path: Path) -> None:
    published = tmp_path / "pub 100% #1?été" / "published"
    publish(published)
    with visiting(published) as visit:
        assert [answer.status_code for answer in visit.ask("/fabriques/attributions", "/edition-1.db")] == [200, 200]


def test_readers_during_swaps_get_whole_answers_and_nothing_is_left_open(tmp_path: Path) -> None:
    published = tmp_path / "published"
    for edition in (1, 2, 3):
        publish(published, edition, awards=120)

    async def scenario() -> tuple[list[tuple[int, frozenset[str]]], list[int], list[int], list[int]]:
        answers: list[tuple[int, frozenset[str]]] = []
        files, datasettes, threads = [], [], []
        async with browsing(published) as (_, client):
            done = asyncio.Event()

            async def read(offset: int) -> None:
                turn = offset
                while not done.is_set():
                    answer = await client.get(PAGES[turn % len(PAGES)])
                    answers.append((answer.status_code, frozenset(editions(answer))))
                    turn += 1

            readers = [asyncio.create_task(read(offset)) for offset in range(4)]
            for swap in range(20):
                seen = len(answers)
                point(published, f"edition-{swap % 3 + 1}")
                while len(answers) < seen + 8:
                    await asyncio.sleep(0.01)
                files.append(open_files(published))
                threads.append(threading.active_count())
                datasettes.append(alive(published))
            done.set()
            await asyncio.gather(*readers)
        return answers, files, threads, datasettes

    answers, files, threads, datasettes = asyncio.run(scenario())
    assert {status for status, _ in answers} == {200}
    assert {len(shown) for _, shown in answers} == {1}, Counter(answers)
    assert {edition for _, shown in answers for edition in shown} == {"1", "2", "3"}
    assert max(files) <= 2 * 4 * 4  # two instances at once, four threads, four databases
    assert max(files[10:]) <= max(files[:10]) + 4
    assert max(threads[10:]) <= max(threads[:10]) + 4
    assert max(datasettes) <= 4
    assert open_files(published) == 0
    assert alive(published) == 0


def test_a_long_answer_ends_on_the_release_it_began_with(tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(published, 2)
    publish(published, 1, awards=6_000)

    async def scenario() -> tuple[str, str]:
        pieces: list[bytes] = []
        meanwhile: list[str] = []
        async with browsing(published) as (site, client):

            async def send(message: Any) -> None:
                pieces.append(message.get("body", b""))
                if len(pieces) == 500:  # a piece is a line: more than five pages of a thousand are still to be read
                    point(published, "edition-2")
                    meanwhile.append((await client.get("/fabriques/vagues")).headers["publication"])

            path = "/fabriques/attributions.csv"
            scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": []}
            await site(scope, _nothing, send)
            while alive(published) > 1:  # the old one closes once its last answer has ended
                await asyncio.sleep(0.01)
        return meanwhile[0], b"".join(pieces).decode()

    meanwhile, whole = asyncio.run(asyncio.wait_for(scenario(), timeout=60))
    assert meanwhile == "edition-2"
    assert set(EDITION.findall(whole)) == {"1"}
    assert len(whole.splitlines()) == 6_001


async def _nothing() -> Any:
    await asyncio.Event().wait()
