"""What earlier releases already show of the counts of applications: whoever keeps them can compare them with the next one."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from pipeline import schema

TABLE = "candidatures_agregees"


class EarlierUnreadable(RuntimeError):
    """A release whose counts cannot be read; the message says which and what to do, in French."""


def counts(folder: Path, until: dt.date) -> pl.DataFrame:
    """The rows of the table in every release of `folder` that is not later than `until`: publication, then the columns of its schema.

    A later release is no input: the past is rebuilt as it was. EarlierUnreadable when a release is damaged: what it shows is not known.
    """
    columns = schema.load("public", TABLE).polars_schema
    tables = [pl.DataFrame(schema={"publication": pl.String(), **columns})]
    for release in _releases(folder):
        try:
            package = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
            if dt.date.fromisoformat(package["created"][:10]) <= until:
                table = pl.read_parquet(release / "parquet" / f"{TABLE}.parquet", columns=list(columns))
                tables.append(table.select(pl.lit(release.name).alias("publication"), *(pl.col(n).cast(t) for n, t in columns.items())))
        except (OSError, ValueError, KeyError, TypeError, PolarsError) as error:
            raise EarlierUnreadable(
                f"Publication « {release.name} » illisible ({type(error).__name__}) : les effectifs qu'elle montre ne peuvent pas être "
                "pris en compte ; la vérifier par « fabriques release verify », la restaurer ou la retirer."
            ) from error
    return pl.concat(tables)


def _releases(folder: Path) -> Iterator[Path]:
    """The releases of a folder that have this table, by name; links and releases being built are left out."""
    if folder.is_dir():
        for release in sorted(folder.iterdir()):
            if not release.name.startswith(".") and not release.is_symlink() and (release / "parquet" / f"{TABLE}.parquet").is_file():
                yield release
