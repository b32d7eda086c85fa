"""Release sees `protege/` and `published/` only: it works with all the rest of the home out of its reach."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.release.protected import write_zone

PRIVATE = ("livraisons", "prive", "rapports")
NOBODY = 65534
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
READABLE = 77
CHILD = f"""
import sys
from pathlib import Path
from pipeline.release.build import build
from pipeline.release.catalogue import releases
from pipeline.release.verify import verify
home, published = Path(sys.argv[1]), Path(sys.argv[2])
for zone in {PRIVATE}:
    try:
        list((home / zone).iterdir())
    except PermissionError:
        continue
    sys.exit({READABLE})
release = build(home / "protege", published)
print(verify(release.path), [item.name for item in releases(published)] == [release.name])
"""


def _like_anyone() -> None:
    """Root reads every file: take that from the child, and leave it the rest."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_release_works_with_the_private_zone_unreadable(tmp_path: Path) -> None:
    home = tmp_path / "var"
    write_zone(home / "protege")
    for zone in PRIVATE:
        (home / zone).mkdir()
        (home / zone / "secret.csv").write_text("nom,courriel\n", encoding="utf-8")
        if os.geteuid() == 0:
            os.chown(home / zone, NOBODY, NOBODY)
            (home / zone).chmod(0o700)
        else:
            (home / zone).chmod(0o000)
    command = [sys.executable, "-c", CHILD, str(home), str(tmp_path / "published")]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(command, env=env, cwd="/", preexec_fn=_like_anyone, capture_output=True, text=True, timeout=120, check=False)
    finally:
        for zone in PRIVATE:
            (home / zone).chmod(0o700)
    if done.returncode == READABLE:
        pytest.skip("this user can read what is closed to it: the test would prove nothing")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[] True\n"
