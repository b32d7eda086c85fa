"""One demo for the tests of the generator, made by the command, and its files as a person reads them."""

from pathlib import Path

import pytest

from tests.conftest import Fabriques
from tests.demo.files import File, read_all


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, fabriques: Fabriques) -> Path:
    folder = tmp_path_factory.mktemp("programme")
    done = fabriques("demo", "demo", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "demo"


@pytest.fixture(scope="session")
def files(demo: Path) -> dict[str, File]:
    return read_all(demo)
