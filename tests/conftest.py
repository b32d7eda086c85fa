"""What several tests need: running the command as a user would, and finding the real files."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests import controls

ROOT = Path(__file__).resolve().parent.parent

Fabriques = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files; the test is skipped where it is absent."""
    folder = Path(os.environ.get("FABRIQUES_DONNEES_REELLES", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("FABRIQUES_DONNEES_REELLES names no folder: the real files are not here")
    return folder


@pytest.fixture(scope="session")
def fabriques() -> Fabriques:
    """Run `fabriques` in a process of its own, away from the checkout."""

    def run(*arguments: object, cwd: Path, env: dict[str, str] | None = None, timeout: float = 120) -> "subprocess.CompletedProcess[str]":
        command: Sequence[str] = [sys.executable, "-m", "pipeline", *map(str, arguments)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FABRIQUES_")}
        return subprocess.run(
            command,
            cwd=cwd,
            env=clean | {"PYTHONPATH": str(ROOT)} | (env or {}),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--controls", action="store_true", help="list the negative controls: each protection taken away, and what blocked")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--controls") and controls.SEEN:
        terminalreporter.section("negative controls")
        for line in controls.listed():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def blocks() -> controls.Blocks:
    """Require a block of a negative control, and list it."""
    return controls.blocks
