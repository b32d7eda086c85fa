"""What goes wrong in real life: one French sentence, a non-zero exit, the other deliveries' reports, the last release untouched."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.data.facts import sources_file
from tests.conftest import ROOT, Fabriques
from tests.test_reproducible import digests


def facts(folder: Path) -> Path:
    """A copy of the embedded facts, to damage; its sources file."""
    shutil.copytree(sources_file().parent, folder)
    return folder / sources_file().name


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, fabriques: Fabriques) -> Path:
    """A home where a good release was made, kept from one bad run to the next: none may touch it."""
    home = tmp_path_factory.mktemp("programme")
    done = fabriques("run", cwd=home)
    assert done.returncode == 0, done.stderr
    return home


def missing(folder: Path) -> None:
    (folder / "vagues.csv").unlink()


def directory(folder: Path) -> None:
    (folder / "vagues.csv").unlink()
    (folder / "vagues.csv").mkdir()


def empty(folder: Path) -> None:
    (folder / "vagues.csv").write_bytes(b"")


def binary(folder: Path) -> None:
    (folder / "vagues.csv").write_bytes(bytes(range(256)) * 64)


def unknown_table(folder: Path) -> None:
    replace(folder / "sources.toml", 'table = "vagues"', 'table = "vague"')


def wrong_sheet(folder: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    with (folder / "vagues.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            book.active.append(row)
    book.active.title = "Vagues"
    book.save(folder / "vagues.xlsx")
    replace(folder / "sources.toml", 'path = "vagues.csv"', 'path = "vagues.xlsx"\nsheet = "Feuille 9"')


def column_missing(folder: Path) -> None:
    replace(folder / "vagues.csv", "vague,dispositif", "autre,dispositif")


def column_doubled(folder: Path) -> None:
    replace(folder / "vagues.csv", "dont_numeriques", "nb_laureats")


def unreachable(folder: Path) -> None:
    replace(folder / "sources.toml", 'path = "vagues.csv"', 'path = "http://127.0.0.1:9/vagues.csv"')


def fiction(folder: Path) -> None:
    replace(folder / "sources.toml", 'table = "vagues"', 'table = "vagues"\nfictif = true')


def hidden_fiction(folder: Path) -> None:
    replace(folder / "laureats_fabriques.csv", "Konk Ar Lab", "Lieu fictif 12")


def too_many_rejected(folder: Path) -> None:
    replace(folder / "vagues.csv", ",80,32,80,", ",quatre-vingts,32,80,")


@pytest.mark.parametrize(
    ("damage", "delivery", "words"),
    [
        (missing, "vagues.csv", ("introuvable",)),
        (directory, "vagues.csv", ("dossier",)),
        (empty, "vagues.csv", ("vide",)),
        (binary, "vagues.csv", ()),
        (unknown_table, "vagues.csv", ("vague", "vagues")),
        (wrong_sheet, "vagues.xlsx", ("Feuille 9", "Vagues")),
        (column_missing, "vagues.csv", ("vague",)),
        (column_doubled, "vagues.csv", ("nb_laureats",)),
        (unreachable, "vagues.csv", ("127.0.0.1",)),
        (fiction, "vagues.csv", ("fictif",)),
        (hidden_fiction, "laureats_fabriques.csv", ("fictives",)),
        (too_many_rejected, "vagues.csv", ("5",)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_bad_delivery_is_told_and_blocks(
    damage: Callable[[Path], None], delivery: str, words: tuple[str, ...], tmp_path: Path, published: Path, fabriques: Fabriques
) -> None:
    before = digests(published / "published")
    sources = facts(tmp_path / "livraisons")
    damage(sources.parent)

    done = fabriques("run", "--sources", sources, cwd=published)

    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stdout + done.stderr
    sentences = [line for line in done.stderr.splitlines() if delivery in line]
    assert len(sentences) == 1, done.stderr
    assert all(word.casefold() in sentences[0].casefold() for word in words), sentences
    assert digests(published / "published") == before
    assert_reports(published / "var" / "rapports", others={"indicateurs_publies.csv", "lieux.csv"})


def assert_reports(folder: Path, others: set[str]) -> None:
    with (folder / "livraisons.csv").open(encoding="utf-8", newline="") as file:
        told = {row["fichier"]: row for row in csv.DictReader(file)}
    assert others <= set(told)
    for name in others:
        row = told[name]
        assert int(row["lignes_recues"]) == int(row["lignes_acceptees"]) + int(row["lignes_rejetees"]) > 0
    assert (folder / "qualite.csv").is_file()
    assert [path for path in folder.glob("*.txt") if "indicateurs_publies" in path.name]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, ("introuvable",)), ("pas du toml =", ("TOML",)), ("", ("source",)), ("[[source]]\n", ("table",))],
    ids=["missing", "not-toml", "empty", "no-table"],
)
def test_a_bad_sources_file_is_told(
    content: str | None, words: tuple[str, ...], tmp_path: Path, published: Path, fabriques: Fabriques
) -> None:
    before = digests(published / "published")
    sources = tmp_path / "sources.toml"
    if content is not None:
        sources.write_text(content, encoding="utf-8")
    done = fabriques("run", "--sources", sources, cwd=published)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stdout + done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert digests(published / "published") == before


def test_an_existing_release_is_never_replaced(published: Path, tmp_path: Path, fabriques: Fabriques) -> None:
    assert fabriques("run", "--release", "deja", "--published", tmp_path / "p", cwd=published).returncode == 0
    before = digests(tmp_path / "p")
    done = fabriques("run", "--release", "deja", "--published", tmp_path / "p", cwd=published)
    assert done.returncode == 2
    assert "deja" in done.stderr and "--release" in done.stderr
    assert digests(tmp_path / "p") == before


@pytest.mark.parametrize("name", ["../ailleurs", "latest", "fictif", "Nom Long", ".cache"])
def test_a_release_name_stays_in_its_folder(name: str, published: Path, fabriques: Fabriques) -> None:
    before = digests(published / "published")
    done = fabriques("run", "--release", name, cwd=published)
    assert done.returncode == 2
    assert name in done.stderr
    assert digests(published / "published") == before


def test_running_again_changes_nothing(published: Path, fabriques: Fabriques) -> None:
    before = digests(published / "published")
    done = fabriques("run", cwd=published)
    assert done.returncode == 0, done.stderr
    assert digests(published / "published") == before


def test_two_runs_at_once_do_not_mix(published: Path, fabriques: Fabriques) -> None:
    import fcntl

    with (published / "var" / "verrou").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = fabriques("run", cwd=published)
    assert done.returncode == 2
    assert "en cours" in done.stderr
    assert "Traceback" not in done.stderr


def test_killed_at_any_moment_the_next_run_ends_right(tmp_path: Path, fabriques: Fabriques) -> None:
    """`kill -9` at moments spread over the run; the release in place never changes until a good run replaces it."""
    assert fabriques("run", cwd=tmp_path).returncode == 0
    latest = tmp_path / "published" / "latest"
    first = (latest.resolve(), digests(latest.resolve()))
    sources = facts(tmp_path / "livraisons")
    replace(sources.parent / "laureats_fabriques.csv", "Konk Ar Lab", "Konk Ar Lab bis")
    replace(sources.parent / "lieux.csv", "Konk Ar Lab", "Konk Ar Lab bis")
    command = [sys.executable, "-m", "pipeline", "run", "--sources", str(sources)]

    begin = time.monotonic()
    whole = fabriques("run", "--sources", sources, "--published", tmp_path / "mesure", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    duration = time.monotonic() - begin
    expected = digests((tmp_path / "mesure" / "latest").resolve())

    for moment in range(1, 11):
        process = subprocess.Popen(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(duration * moment / 11)
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen = (latest.resolve(), digests(latest.resolve()))
        assert seen == first or seen[1] == expected

    done = fabriques("run", "--sources", sources, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert digests(latest.resolve()) == expected
    assert not [path for path in (tmp_path / "published").iterdir() if path.name.startswith(".")]
