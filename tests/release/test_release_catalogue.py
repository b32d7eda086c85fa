"""What `fabriques release list` and `show` say."""

from pathlib import Path

import pytest

from pipeline.release.build import build
from pipeline.release.catalogue import releases, show
from tests.release.protected import PAYMENTS, write_zone


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    for name, date in (("b", "2024-01-01"), ("ancienne", "2020-01-01"), ("a", "2024-01-01")):
        build(write_zone(folder / name, date=date), folder / "published", name)
    build(write_zone(folder / "fiction", fictif=True), folder / "published", "conte")
    (folder / "published" / ".publication.en-cours").mkdir()
    (folder / "published" / "README.md").write_text("", encoding="utf-8")
    return folder / "published"


def test_releases_are_listed_most_recent_data_first(published: Path) -> None:
    listed = releases(published)
    assert [(item.name, item.date, item.latest) for item in listed] == [
        ("a", "2024-01-01", True),
        ("b", "2024-01-01", False),
        ("ancienne", "2020-01-01", False),
    ]
    assert not any(item.fictif for item in listed)
    assert [(item.name, item.fictif) for item in releases(published / "fictif")] == [("conte", True)]
    assert releases(published / "absent") == []


def test_show_gives_rows_and_checks_the_files(published: Path) -> None:
    shown = show(published, "latest")
    assert (shown.name, shown.latest, shown.problemes) == ("a", True, ())
    assert shown.tables["versements"] == len(PAYMENTS)
    assert shown.tables["recensement"] == 0


def test_a_damaged_release_is_listed_and_shown_as_such(published: Path, tmp_path: Path) -> None:
    made = build(write_zone(tmp_path / "protege"), tmp_path / "published", "abimee")
    (made.path / "datapackage.json").write_text("{", encoding="utf-8")
    assert [(item.name, item.date) for item in releases(tmp_path / "published")] == [("abimee", None)]
    assert show(tmp_path / "published", "abimee").problemes == ("datapackage.json : contenu modifié (empreinte différente)",)


@pytest.mark.parametrize("name", ["fictif", "..", ".publication.en-cours", "README.md", "c", "fictif/conte"])
def test_an_unknown_release_is_one_sentence_with_those_that_exist(published: Path, name: str) -> None:
    with pytest.raises(LookupError) as refused:
        show(published, name)
    assert str(refused.value.args[0]).endswith("Publications : a, b, ancienne.")
