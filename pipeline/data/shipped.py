"""The reference tables that ship with the package, read as they are."""

from pathlib import Path

import polars as pl

REFERENCE_DIR = Path(__file__).parent / "reference"
REFERENCES = ("communes", "departements", "regions")


def reference_path(name: str) -> Path:
    """The Parquet file of a reference table: `communes`, `departements` or `regions`. KeyError for another name."""
    if name not in REFERENCES:
        raise KeyError(name)
    return REFERENCE_DIR / f"{name}.parquet"


def reference(name: str) -> pl.LazyFrame:
    """A reference table with the columns of `schemas/reference/<name>`, sorted by its key. KeyError for an unknown name."""
    return pl.scan_parquet(reference_path(name))
