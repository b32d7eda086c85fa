"""What is measured, each beside its floor."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """A command and its floor, built for a working folder and a turn; `budget` is what the project promises."""

    name: str
    budget: str
    prepare: Callable[[Path], None]
    command: Callable[[Path, int], list[str]]
    floor: Callable[[Path, int], list[str]]


# The irreducible part: read the embedded deliveries as text, write the same public tables as CSV and Parquet.
_FLOOR = """
import sys
from pathlib import Path
import polars as pl
from pipeline.data.facts import sources_file

out = Path(sys.argv[1])
out.mkdir(parents=True)
for delivery in sorted(sources_file().parent.glob("*.csv")):
    pl.read_csv(delivery, infer_schema=False)
for table in sorted(Path(sys.argv[2]).glob("*/parquet/*.parquet")):
    frame = pl.read_parquet(table)
    frame.write_csv(out / f"{table.stem}.csv")
    frame.write_parquet(out / f"{table.stem}.parquet", compression="zstd")
"""


def _nothing(_work: Path) -> None:
    """The embedded facts need no preparation."""


def _run(work: Path, turn: int) -> list[str]:
    return [sys.executable, "-m", "pipeline", "run", "--home", f"{work}/var-{turn}", "--published", f"{work}/published-{turn}"]


def _polars(work: Path, turn: int) -> list[str]:
    return [sys.executable, "-c", _FLOOR, f"{work}/floor-{turn}", f"{work}/published-{turn}"]


CASES = (Case("run, embedded facts, cold", "6 s, 1024 MiB", _nothing, _run, _polars),)
