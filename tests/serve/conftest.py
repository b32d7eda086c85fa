"""The embedded public facts, released by the command as anyone would: what the site is really for."""

from pathlib import Path

import pytest

from tests.conftest import Fabriques


@pytest.fixture(scope="session")
def embedded(fabriques: Fabriques, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of publications that `fabriques run` makes of the embedded facts."""
    folder = tmp_path_factory.mktemp("faits")
    ended = fabriques("run", "--home", "var", "--published", "published", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return folder / "published"
