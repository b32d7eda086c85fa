"""What earlier releases already show of the counts of applications: whoever keeps them can compare them with the next one."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from pipeline import schema

TABLE = "candidatures_agregees"
FINGERPRINTS = "empreintes.json"
PARQUET = f"parquet/{TABLE}.parquet"
OF_A_RELEASE = (FINGERPRINTS, "datapackage.json", "parquet")


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
            prints = json.loads((release / FINGERPRINTS).read_text(encoding="utf-8"))
            if PARQUET not in prints:  # made before the table was, it shows no count
                continue
            package = json.loads(_whole(release, "datapackage.json", prints))
            if dt.date.fromisoformat(package["created"][:10]) <= until:
                table = pl.read_parquet(_whole(release, PARQUET, prints), columns=list(columns))
                tables.append(table.select(pl.lit(release.name).alias("publication"), *(pl.col(n).cast(t) for n, t in columns.items())))
        except (OSError, ValueError, KeyError, TypeError, PolarsError) as error:
            why = str(error) if isinstance(error, Altered) else f"illisible ({type(error).__name__})"
            raise EarlierUnreadable(
                f"Publication « {release.name} » {why} : les effectifs qu'elle montre ne peuvent pas être "
                "pris en compte ; la vérifier par « fabriques release verify », la restaurer ou la retirer."
            ) from None
    return pl.concat(tables)


class Altered(ValueError):
    """A file that is not what the release says it is."""


def _whole(release: Path, name: str, prints: Mapping[str, str]) -> bytes:
    """The bytes of a file of the release, as its fingerprints have it."""
    content = (release / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != prints[name]:
        raise Altered(f"altérée ({name} n'a pas l'empreinte que dit {FINGERPRINTS})")
    return content


def _releases(folder: Path) -> Iterator[Path]:
    """The releases of a folder, by name; links and releases being built are left out."""
    if folder.is_dir():
        for release in sorted(folder.iterdir()):
            if not release.name.startswith(".") and not release.is_symlink() and any((release / name).exists() for name in OF_A_RELEASE):
                yield release
