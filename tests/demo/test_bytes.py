"""Same seed, same bytes; another seed, other people; `--rows` changes nothing but what it says."""

import hashlib
from pathlib import Path

import pytest

from tests import oracle
from tests.conftest import Fabriques

ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "4242"}
ROWS = 20_001


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory, fabriques: Fabriques) -> Path:
    folder = tmp_path_factory.mktemp("lignes")
    assert fabriques("demo", "demo", "--rows", ROWS, cwd=folder).returncode == 0
    return folder / "demo"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, fabriques: Fabriques) -> Path:
    folder = tmp_path_factory.mktemp("autre")
    assert fabriques("demo", "demo", "--seed", 2, cwd=folder).returncode == 0
    return folder / "demo"


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_elsewhere(demo: Path, tmp_path: Path, fabriques: Fabriques) -> None:
    assert fabriques("demo", "un dossier, là-bas", cwd=tmp_path, env=ELSEWHERE).returncode == 0
    first = digests(demo)
    assert len(first) > 40
    assert digests(tmp_path / "un dossier, là-bas") == first


def test_another_seed_gives_other_people(demo: Path, other: Path) -> None:
    mine, theirs = ({(row["nature"], row["valeur"]) for row in oracle.truth(one, "personnes")} for one in (demo, other))
    for kind in ("nom", "courriel", "texte", "personne_physique"):
        assert not {row for row in mine & theirs if row[0] == kind}
    shared = [row for row in mine & theirs if row[0] == "telephone"]
    assert len(shared) < 0.1 * len([row for row in mine if row[0] == "telephone"])
    assert oracle.truth(demo, "vagues") == oracle.truth(other, "vagues")


def test_rows_is_the_number_of_lines_of_payments_and_grants(larger: Path) -> None:
    counted = [row for row in oracle.truth(larger, "livraisons") if row["table"] in ("versements", "subventions")]
    assert sum(int(row["recues"]) for row in counted) == ROWS
    payments = sum(int(row["recues"]) for row in counted if row["table"] == "versements")
    assert abs(2 * payments - ROWS) <= 1


def test_rows_changes_neither_another_table_nor_an_account(demo: Path, larger: Path) -> None:
    usual, more = digests(demo), digests(larger)
    changed = {name for name in usual if usual[name] != more[name]}
    assert usual.keys() == more.keys()
    assert changed <= {"verite/livraisons.csv", *(name for name in usual if name.startswith(("versements-", "subventions-region")))}
    assert "versements-2022.csv" in changed
