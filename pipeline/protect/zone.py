"""The protected zone on disk: one Parquet file a public table, and `manifeste.json`, without which nothing in it may be released.

The manifest is removed first and written last: an interrupted run leaves a zone that release refuses. Its form, in canonical JSON:

    version            1
    fictif             true when the deliveries are fictional
    au                 the day the tables are as of (AAAA-MM-JJ)
    date               the latest day that a public delivery declares; null when none does
    paquet             version of the package
    politique_sha256   of schemas/protection.toml
    verdict            {ok, motifs}: what the audit decided, reasons in French
    protection         what was hidden and why (`statement`)
    livraisons         [{livraison, table, fichier, sha256, editeur, licence, date}]: the deliveries that may be named, sorted
    tables             name → {fichier, sha256, lignes, schema_sha256}
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import __version__
from pipeline.protect.audit.decision import Verdict
from pipeline.schema import load, schemas_dir

MANIFEST = "manifeste.json"
ROW_GROUP = 100_000  # without it Polars cuts row groups along its threads' chunks, and bytes differ between machines
PRIVATE = 0o700
NAMED = ("livraison", "table", "fichier", "sha256", "editeur", "licence", "date")


def write(tables: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, Path]:
    """Write the tables, sorted by their keys, in place of whatever files the folder held, manifest included; name → path."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(PRIVATE)
    paths = {name: folder / f"{name}.parquet" for name in sorted(tables)}
    for stranger in set(folder.iterdir()) - set(paths.values()):
        if not stranger.is_dir():
            stranger.unlink()
    for name, path in paths.items():
        aside = path.with_suffix(".partiel")
        tables[name].sort(load("public", name).primary_key).write_parquet(aside, compression="zstd", row_group_size=ROW_GROUP)
        aside.replace(path)
    return paths


def write_manifest(folder: Path, told: Mapping[str, Any], verdict: Verdict, as_of: dt.date, fictif: bool) -> dict[str, Any]:
    """Describe the tables that `write` left in the folder, with the statement and the audit's verdict. The manifest as written."""
    tables = {path.stem: path for path in sorted(folder.glob("*.parquet"))}
    deliveries = pl.read_parquet(tables["livraisons"]).select(NAMED).sort("livraison")
    day = deliveries["date"].max()
    manifest = {
        "version": 1,
        "fictif": fictif,
        "au": as_of.isoformat(),
        "date": day.isoformat() if isinstance(day, dt.date) else None,
        "paquet": __version__,
        "politique_sha256": told["politique"]["sha256"],
        "verdict": {"ok": verdict.ok, "motifs": list(verdict.motifs)},
        "protection": dict(told),
        "livraisons": [{name: _plain(value) for name, value in row.items()} for row in deliveries.iter_rows(named=True)],
        "tables": {name: _entry(name, path) for name, path in tables.items()},
    }
    aside = folder / f"{MANIFEST}.partiel"
    aside.write_text(json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    aside.replace(folder / MANIFEST)
    return manifest


def read_verdict(folder: Path) -> Verdict:
    """The verdict that the manifest holds."""
    verdict = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["verdict"]
    return Verdict(verdict["ok"], tuple(verdict["motifs"]))


def _entry(name: str, path: Path) -> dict[str, Any]:
    schema = schemas_dir() / "public" / name / "schema.json"
    rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    return {"fichier": path.name, "sha256": _sha256(path), "lignes": rows, "schema_sha256": _sha256(schema)}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
