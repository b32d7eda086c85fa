"""Killed at any moment, a build leaves the last release as it was, and the next one ends right."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.release import swap
from pipeline.release.build import build
from pipeline.release.catalogue import releases
from pipeline.release.errors import ReleaseError
from pipeline.release.verify import file_problems
from tests.conftest import ROOT
from tests.release.protected import write_zone

# Kills itself (SIGKILL) just before the N-th change to the folder of releases that Python makes; prints how many there were otherwise.
CHILD = """
import os, signal, sys
from pathlib import Path
from pipeline.release.build import build
zone, published, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
CHANGES = {"open", "os.rename", "os.symlink", "os.mkdir", "os.chmod", "os.remove", "os.rmdir", "shutil.rmtree", "sqlite3.connect"}
seen = 0
def count(event, arguments):
    global seen
    if event in CHANGES and any(str(published) in str(argument) for argument in arguments[:2]):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
print("prêt", flush=True)
build(zone, published, "apres")
print(seen)
"""


def fingerprint(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def start(zone: Path, published: Path, last: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CHILD, str(zone), str(published), str(last)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    build(write_zone(tmp_path / "zone_avant"), tmp_path / "published", "avant")
    return tmp_path / "published"


def check_whole_then_finish(published: Path, zone: Path, before: dict[str, str]) -> None:
    """What a reader sees after the kill, then what the next run makes of it."""
    assert fingerprint(published / "avant") == before
    assert (published / "latest").readlink() in {Path("avant"), Path("apres")}
    for release in releases(published):
        assert file_problems(release.path) == []
    if (published / "latest").readlink() == Path("avant"):
        assert build(zone, published, "apres").path.is_dir()
    assert sorted(path.name for path in published.iterdir()) == ["apres", "avant", "latest"]
    assert (published / "latest").readlink() == Path("apres")
    assert fingerprint(published / "avant") == before
    assert file_problems(published / "apres") == []


def steps(tmp_path: Path) -> Iterator[int]:
    """Every change from the rename on, and some of those before."""
    published = tmp_path / "counted"
    build(write_zone(tmp_path / "zone_counted"), published, "avant")
    done, _ = start(write_zone(tmp_path / "zone_counting", au="2025-01-01"), published, -1).communicate(timeout=60)
    total = int(done.split()[-1])
    assert total > 50
    yield from (1, total // 4, total // 2, *range(total - 5, total + 1))


def test_kill_at_each_step(tmp_path: Path) -> None:
    zone = write_zone(tmp_path / "zone", au="2025-01-01")
    left = set()
    for step in steps(tmp_path):
        published = tmp_path / f"published_{step}"
        build(write_zone(tmp_path / f"zone_{step}"), published, "avant")
        before = fingerprint(published / "avant")
        child = start(zone, published, step)
        child.communicate(timeout=60)
        assert child.returncode == -signal.SIGKILL
        left.add(frozenset(path.name for path in published.iterdir()))
        check_whole_then_finish(published, zone, before)
    assert frozenset({"avant", "latest", swap.ASIDE}) in left  # killed while building
    assert frozenset({"avant", "apres", "latest"}) in left  # killed between the rename and the link


def test_kill_at_any_moment(tmp_path: Path) -> None:
    zone = write_zone(tmp_path / "zone", au="2025-01-01")
    for attempt, moment in enumerate((0.02, 0.08, 0.15, 0.25)):
        published = tmp_path / f"published_{attempt}"
        build(write_zone(tmp_path / f"zone_{attempt}"), published, "avant")
        before = fingerprint(published / "avant")
        child = start(zone, published, -1)
        assert child.stdout is not None
        assert child.stdout.readline() == "prêt\n"
        time.sleep(moment)
        child.kill()
        child.communicate(timeout=60)
        check_whole_then_finish(published, zone, before)


def test_an_error_leaves_nothing_behind(tmp_path: Path, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = write_zone(tmp_path / "zone", au="2025-01-01")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "fabriques.db")

    monkeypatch.setattr(swap, "settle", full)
    with pytest.raises(ReleaseError, match="Publication impossible"):
        build(zone, published)
    assert sorted(path.name for path in published.iterdir()) == ["avant", "latest"]
    assert (published / "latest").readlink() == Path("avant")


def test_two_builds_at_once_do_not_mix(tmp_path: Path, published: Path) -> None:
    with swap.building(published), pytest.raises(ReleaseError, match="en cours"):
        build(write_zone(tmp_path / "zone", au="2025-01-01"), published)
    assert build(tmp_path / "zone", published).path.is_dir()


def test_what_is_not_a_link_is_not_replaced(tmp_path: Path, published: Path) -> None:
    (published / "latest").unlink()
    (published / "latest").mkdir()
    with pytest.raises(ReleaseError, match="n'est pas un lien"):
        build(write_zone(tmp_path / "zone", au="2025-01-01"), published)
    assert sorted(path.name for path in published.iterdir()) == ["avant", "latest"]


def test_a_file_instead_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "published").write_text("")
    with pytest.raises(ReleaseError, match="Publication impossible"):
        build(write_zone(tmp_path / "zone"), tmp_path / "published")
