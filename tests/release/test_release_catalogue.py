"""What `fabriques release list` and `show` say."""

import re
import shutil
from pathlib import Path

import pytest

from pipeline.release.build import build
from pipeline.release.catalogue import releases, show
from tests.conftest import ROOT, Fabriques
from tests.release.protected import PAYMENTS, write_zone


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    for name, date in (("a", "2024-01-01"), ("ancienne", "2020-01-01"), ("c", "2024-01-01"), ("b", "2024-01-01")):
        build(write_zone(folder / name, date=date), folder / "published", name)
    build(write_zone(folder / "fiction", fictif=True), folder / "published", "conte")
    (folder / "published" / ".publication.en-cours").mkdir()
    (folder / "published" / "README.md").write_text("", encoding="utf-8")
    return folder / "published"


def test_releases_are_listed_most_recent_data_first_then_the_latest(published: Path) -> None:
    listed = releases(published)
    assert [(item.name, item.date, item.latest) for item in listed] == [
        ("b", "2024-01-01", True),
        ("a", "2024-01-01", False),
        ("c", "2024-01-01", False),
        ("ancienne", "2020-01-01", False),
    ]
    assert not any(item.fictif for item in listed)
    assert [(item.name, item.fictif) for item in releases(published / "fictif")] == [("conte", True)]
    assert releases(published / "absent") == []


def test_show_gives_rows_and_checks_the_files(published: Path) -> None:
    shown = show(published, "latest")
    assert (shown.name, shown.latest, shown.problemes) == ("b", True, ())
    assert shown.tables["versements"] == len(PAYMENTS)
    assert shown.tables["recensement"] == 0


def test_a_damaged_release_is_listed_and_shown_as_such(published: Path, tmp_path: Path) -> None:
    made = build(write_zone(tmp_path / "protege"), tmp_path / "published", "abimee")
    (made.path / "datapackage.json").write_text("{", encoding="utf-8")
    assert [(item.name, item.date) for item in releases(tmp_path / "published")] == [("abimee", None)]
    assert show(tmp_path / "published", "abimee").problemes == ("datapackage.json : contenu modifié (empreinte différente)",)


@pytest.mark.parametrize("name", ["fictif", "..", ".publication.en-cours", "README.md", "d", "fictif/conte", "/", "rien/", "é" * 300 + "/"])
def test_an_unknown_release_is_one_sentence_with_those_that_exist(published: Path, name: str) -> None:
    with pytest.raises(LookupError) as refused:
        show(published, name)
    assert str(refused.value.args[0]).endswith(f"« {name} » inconnue dans « {published} ». Publications : b, a, c, ancienne.")


@pytest.mark.parametrize("path", ["fictif/latest", "fictif/conte", "fictif/conte/", "fictif/../fictif/latest"])
def test_a_release_is_shown_by_its_path_too(published: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """From where the reader is, as in any command; the folder of publications may be another, or none."""
    monkeypatch.chdir(published.parent)
    shown = show(published / "absent", f"published/{path}")
    assert (shown.name, shown.fictif, shown.latest, shown.problemes) == ("conte", True, True, ())
    assert show(published, str(published / "ancienne")).date == "2020-01-01"


@pytest.mark.parametrize("path", ["fictif/rien", "fictif", "fictif/", "fictif/boucle"])
def test_a_path_that_leads_to_no_release_says_which_are_beside(published: Path, tmp_path: Path, path: str) -> None:
    shutil.copytree(published / "fictif", tmp_path / "fictif", symlinks=True)
    (tmp_path / "fictif/boucle").symlink_to("boucle")
    with pytest.raises(LookupError) as refused:
        show(published, str(tmp_path / path) + "/" * path.endswith("/"))
    assert str(refused.value.args[0]).endswith(f"inconnue dans « {tmp_path / 'fictif'} ». Publications : conte.")


def test_a_folder_that_is_no_release_is_not_shown_as_one(published: Path, tmp_path: Path) -> None:
    (tmp_path / "dossier").mkdir()
    for path in (tmp_path / "dossier", published / ".publication.en-cours", published):
        with pytest.raises(LookupError):
            show(published, str(path))


def test_the_commands_list_and_show(published: Path, fabriques: Fabriques) -> None:
    listed = fabriques("release", "list", "--published", str(published), cwd=published.parent)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["b", "a", "c", "ancienne"]
    shown = fabriques("release", "show", "published/fictif/latest", cwd=published.parent)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("Publication conte (données fictives), la dernière\n")
    refused = fabriques("release", "show", "published/fictif/conter", cwd=published.parent)
    assert refused.returncode != 0
    assert "Publications : conte." in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_folder_tells_all_that_a_release_holds(published: Path) -> None:
    """Both ways, by names that stand for all tables; these made-up grants have no complete line, so no SCDL file of theirs is here."""
    told = re.findall(r"^\| (`[^|]+`) \|", (ROOT / "published" / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    held = {path.relative_to(published / "b").as_posix() for path in (published / "b").rglob("*") if path.is_file()}
    named = {re.sub(r"/\w+", "/<table>", path) for path in held}
    assert {name for cell in told for name in re.findall(r"`([^`]+)`", cell)} == named | {"scdl/<table>.csv"}
