from pathlib import Path

import pytest

from pipeline.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a home of its own, whose zones exist."""
    made = Settings(home=tmp_path / "home", published=tmp_path / "published")
    made.private_dirs()
    return made
