"""Reference geography: made once from the npm package `@etalab/decoupage-administratif`, then shipped and read.

    npm pack @etalab/decoupage-administratif@6.0.0      (then unpack it)
    python -m pipeline.data.geography package/

Same package, same bytes. What is taken and dropped is told in `schemas/reference/*/schema.json`.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline.data.shipped import REFERENCE_DIR, REFERENCES

__all__ = ["REFERENCE_DIR", "GeographyError", "build"]

PACKAGE = "@etalab/decoupage-administratif"
# The package's own table of versions (its README): major version → year of the Code officiel géographique.
VINTAGES = MappingProxyType({"6": 2026, "5": 2025, "4": 2024, "3": 2023, "2": 2022, "1": 2021})
TYPES = MappingProxyType(
    {"commune-actuelle": "COM", "commune-deleguee": "COMD", "commune-associee": "COMA", "arrondissement-municipal": "ARM"}
)
OVERSEAS_COLLECTIVITY = "com"  # the package gives them a region of their own code; they belong to none


class GeographyError(ValueError):
    """A folder that is not the expected package; the message says what to give."""


def build(package: Path, outdir: Path = REFERENCE_DIR) -> dict[str, pl.DataFrame]:
    """Write the three tables and `SOURCE.toml` from an unpacked npm package; give the tables back.

    GeographyError (one French sentence) when the folder is not that package, or a version whose year is not known.
    """
    manifest = _manifest(package)
    version = str(manifest["version"])
    year = VINTAGES.get(version.split(".", maxsplit=1)[0])
    if manifest["name"] != PACKAGE or year is None:
        raise GeographyError(
            f"« {package} » : paquet {manifest['name']} {version}, attendu {PACKAGE}, versions {', '.join(sorted(VINTAGES))}."
        )
    raw = {name: json.loads((package / "data" / f"{name}.json").read_bytes()) for name in REFERENCES}
    tables = {
        "communes": _communes(raw["communes"], year),
        "departements": _departements(raw["departements"], year),
        "regions": _regions(raw["regions"], year),
    }
    outdir.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(outdir / f"{name}.parquet", compression="zstd", compression_level=22, statistics=False, row_group_size=1 << 20)
    (outdir / "SOURCE.toml").write_text(_source(version, year, package, tables), encoding="utf-8")
    return tables


def _manifest(package: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((package / "package.json").read_bytes())
    except FileNotFoundError:
        raise GeographyError(f"« {package} » : pas de package.json ; donnez le dossier du paquet npm {PACKAGE}, déplié.") from None
    return found


def _communes(records: Sequence[dict[str, Any]], year: int) -> pl.DataFrame:
    rows = {
        "code": [r["code"] for r in records],
        "nom": [r["nom"] for r in records],
        "departement": [r["departement"] for r in records],
        "region": [_region(r) for r in records],
        "population": [r.get("population") for r in records],
        "type": [TYPES[r["type"]] for r in records],
        "commune_parente": [r.get("chefLieu") or r.get("commune") for r in records],
    }
    return _typed(rows, year).sort("code", "type")


def _departements(records: Sequence[dict[str, Any]], year: int) -> pl.DataFrame:
    rows = {
        "code": [r["code"] for r in records],
        "nom": [r["nom"] for r in records],
        "region": [_region(r) for r in records],
        "chef_lieu": [r["chefLieu"] for r in records],
    }
    return _typed(rows, year).sort("code")


def _regions(records: Sequence[dict[str, Any]], year: int) -> pl.DataFrame:
    kept = [r for r in records if r["zone"] != OVERSEAS_COLLECTIVITY]
    rows = {"code": [r["code"] for r in kept], "nom": [r["nom"] for r in kept], "chef_lieu": [r["chefLieu"] for r in kept]}
    return _typed(rows, year).sort("code")


def _region(record: dict[str, Any]) -> str | None:
    return None if record["zone"] == OVERSEAS_COLLECTIVITY else record["region"]


def _typed(columns: dict[str, list[Any]], year: int) -> pl.DataFrame:
    types = {name: pl.Int64() if name == "population" else pl.String() for name in columns}
    return pl.DataFrame(columns, schema=types).with_columns(millesime=pl.lit(year, pl.Int32()))


def _source(version: str, year: int, package: Path, tables: dict[str, pl.DataFrame]) -> str:
    lines = [
        "# Written by `python -m pipeline.data.geography`.",
        f'paquet = "{PACKAGE}"',
        f'version = "{version}"',
        f'adresse = "https://github.com/etalab/decoupage-administratif/tree/v{version}"',
        f"cog = {year}",
        'licence_code = "MIT"',
        'licence_donnees = "Licence Ouverte (Etalab)"',
        'origine = "Insee : Code officiel géographique et populations légales"',
    ]
    for name, table in tables.items():
        digest = hashlib.sha256((package / "data" / f"{name}.json").read_bytes()).hexdigest()
        lines += ["", f"[{name}]", f"lignes = {table.height}", f'source = "data/{name}.json"', f'source_sha256 = "{digest}"']
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Usage : python -m pipeline.data.geography DOSSIER_DU_PAQUET_NPM")
    try:
        build(Path(sys.argv[1]))
    except GeographyError as error:
        raise SystemExit(str(error)) from None
