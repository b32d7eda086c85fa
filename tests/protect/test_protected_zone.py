"""The protected zone: the same bytes for the same rows, nothing but the named tables, a manifest that describes what is there."""

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import policy, zone
from pipeline.protect.audit.decision import Verdict
from pipeline.protect.protect import Protected, protect
from pipeline.protect.statement import statement
from pipeline.schema import names, schemas_dir
from tests.protect import chain

TOLD = {"politique": {"version": "1.0.0", "sha256": "00" * 32}, "masquages": [], "regles": {}, "effectifs": None}
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from datetime import date
import polars as pl
from pipeline.protect import policy, zone
from pipeline.protect.protect import protect, sources_of
rules = policy.load()
sources = {name: pl.scan_parquet(Path(sys.argv[1], f"{name}.parquet")) for name in sources_of(rules)}
zone.write(protect(sources, rules, date(2024, 6, 1)).tables, Path(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Protected:
    return protect(chain.sources(tmp_path_factory.mktemp("zone"), chain.with_embargo()), policy.load(), chain.AS_OF)


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_manifest_describes_the_files(tmp_path: Path, built: Protected) -> None:
    folder = tmp_path / "protege"
    zone.write(built.tables, folder)
    zone.write_manifest(folder, statement(built.account, policy.load()), Verdict(False, ("vagues : motif",)), chain.AS_OF, fictif=True)
    manifest = json.loads((folder / "manifeste.json").read_text(encoding="utf-8"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"manifeste.json", *(f"{name}.parquet" for name in names("public"))}
    for name, entry in manifest["tables"].items():
        assert entry["sha256"] == hashlib.sha256((folder / entry["fichier"]).read_bytes()).hexdigest()
        assert entry["schema_sha256"] == hashlib.sha256((schemas_dir() / "public" / name / "schema.json").read_bytes()).hexdigest()
        assert entry["lignes"] == built.tables[name].height
    assert tuple(manifest["tables"]) == names("public")
    assert {key: manifest[key] for key in ("version", "fictif", "au", "date", "verdict")} == {
        "version": 1,
        "fictif": True,
        "au": "2024-06-01",
        "date": "2024-06-01",
        "verdict": {"ok": False, "motifs": ["vagues : motif"]},
    }
    assert manifest["politique_sha256"] == hashlib.sha256((schemas_dir() / "protection.toml").read_bytes()).hexdigest()
    assert [entry["livraison"] for entry in manifest["livraisons"]] == built.tables["livraisons"]["livraison"].to_list()
    assert zone.read_verdict(folder) == Verdict(False, ("vagues : motif",))


def test_what_is_not_public_any_more_goes(tmp_path: Path, built: Protected) -> None:
    """A table, a manifest and an unfinished file of an earlier run."""
    for name in ("candidatures.parquet", "manifeste.json", "vagues.partiel"):
        (tmp_path / name).write_bytes(b"old")
    zone.write(built.tables, tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == set(names("public"))


def test_a_day_that_no_delivery_declares_is_null(tmp_path: Path, built: Protected) -> None:
    undated = built.tables["livraisons"].with_columns(pl.lit(None, pl.Date).alias("date"))
    zone.write({**built.tables, "livraisons": undated}, tmp_path)
    assert zone.write_manifest(tmp_path, TOLD, Verdict(True, ()), chain.AS_OF, fictif=False)["date"] is None


def test_same_rows_same_bytes(tmp_path: Path) -> None:
    """Other threads, another hash order, another time zone; and the rows of the sources in another order."""
    frames = chain.sources(tmp_path / "chain", chain.with_embargo())
    for order in ("asis", "turned"):
        for name, frame in frames.items():
            path = tmp_path / order / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = frame.collect()
            (rows if order == "asis" else rows.reverse()).write_parquet(path)
    runs = [("asis", "1", "0", "UTC"), ("asis", "2", "7", "Asia/Tokyo"), ("turned", "2", "1", "Europe/Paris")]
    for number, (order, threads, seed, zone_name) in enumerate(runs):
        environment = os.environ | {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": seed, "TZ": zone_name, "PYTHONPATH": str(ROOT)}
        out = tmp_path / f"out{number}"
        subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path / order), str(out)], env=environment, check=True)
    assert sums(tmp_path / "out0") == sums(tmp_path / "out1") == sums(tmp_path / "out2")
