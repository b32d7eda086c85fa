"""Same protected tables, same bytes: whatever the folder, the time zone, the locale, the umask, the threads and the order of hashes."""

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb

from tests.conftest import ROOT
from tests.release.protected import many_rows, write_zone

CHILD = "import os, sys; from pathlib import Path; os.umask(int(sys.argv[3], 8)); from pipeline.release.build import build;"
CHILD += "print(build(Path(sys.argv[1]), Path(sys.argv[2])).name)"


def picture(release: Path) -> dict[str, tuple[int, str]]:
    """Path → mode and sha256 (a folder has none)."""
    return {
        path.relative_to(release).as_posix(): (
            stat.S_IMODE(path.stat().st_mode),
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in (release, *release.rglob("*"))
    }


def test_two_builds_elsewhere_give_the_same_bytes(tmp_path: Path) -> None:
    tables = many_rows(101_000)  # two row groups
    pictures, names = [], []
    for place, umask, env in (
        ("ici", "000", {"TZ": "Europe/Paris", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "POLARS_MAX_THREADS": "1"}),
        ("un dossier, là-bas", "077", {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4242", "POLARS_MAX_THREADS": "7"}),
    ):
        zone = write_zone(tmp_path / place / "protege", tables)
        command = [sys.executable, "-c", CHILD, str(zone), str(tmp_path / place / "published"), umask]
        done = subprocess.run(
            command, env=os.environ | env | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=True, cwd=tmp_path
        )
        names.append(done.stdout.strip())
        pictures.append(picture((tmp_path / place / "published" / "latest").resolve()))
    parquet = tmp_path / "ici" / "published" / "latest" / "parquet" / "versements.parquet"
    groups = duckdb.sql(
        f"SELECT row_group_num_rows FROM parquet_metadata('{parquet}') WHERE column_id = 0 ORDER BY row_group_id"
    ).fetchall()
    assert groups == [(100_000,), (1_000,)]  # not along the threads' chunks
    assert len(set(names)) == 1
    assert len(pictures[0]) > 25
    assert pictures[0] == pictures[1]
    assert {mode for mode, content in pictures[0].values() if content} == {0o644}
    assert {mode for mode, content in pictures[0].values() if not content} == {0o755}
