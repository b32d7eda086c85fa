"""Same deliveries, same bytes: whatever the folder, the time zone, the locale, the number of threads and the order of hashes."""

import hashlib
from pathlib import Path

from tests.conftest import Fabriques


def digests(release: Path) -> dict[str, str]:
    return {
        str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*"))
        if path.is_file()
    }


def test_two_runs_elsewhere_give_the_same_bytes(tmp_path: Path, fabriques: Fabriques) -> None:
    places = {
        "ici": {"TZ": "Europe/Paris", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
        "un dossier, là-bas": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "4242"},
    }
    releases = []
    for place, env in places.items():
        folder = tmp_path / place
        folder.mkdir()
        done = fabriques("run", cwd=folder, env=env)
        assert done.returncode == 0, done.stderr
        releases.append((folder / "published" / "latest").resolve())
    assert releases[0].name == releases[1].name
    first, second = map(digests, releases)
    assert len(first) > 20
    assert first == second
