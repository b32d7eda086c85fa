import stat
from pathlib import Path

import pydantic
import pytest

from pipeline.settings import Settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_zones_are_under_the_home_and_closed_to_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "a" / "home")
    settings.private_dirs()
    zones = [settings.livraisons, settings.prive, settings.protege, settings.rapports, settings.reception]
    assert [mode(zone) for zone in (settings.home, *zones)] == [0o700] * 6
    assert {zone.parent for zone in (*zones, settings.verrou)} == {settings.home}


def test_a_zone_left_open_is_closed_but_a_shared_home_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "prive").mkdir(parents=True)
    home.chmod(0o755)
    (home / "prive").chmod(0o755)
    Settings(home=home).private_dirs()
    assert (mode(home), mode(home / "prive")) == (0o755, 0o700)


def test_the_environment_gives_what_arguments_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FABRIQUES_HOME", "ailleurs")
    monkeypatch.setenv("FABRIQUES_MAX_COLUMNS", "7")
    assert (Settings().home, Settings().max_columns) == (Path("ailleurs"), 7)
    assert Settings(home=Path("ici")).home == Path("ici")


def test_a_bound_of_zero_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError):
        Settings(max_bytes=0)
