"""What is measured, each beside its floor."""

import os
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


REAL = Path(os.environ.get("FABRIQUES_DONNEES_REELLES", Path(__file__).resolve().parents[2] / "shared" / "data")) / "subventions"
LOIRE_ATLANTIQUE = "loire_atlantique_2008_2018_cd44.csv"
STATE = REAL / "etat_dotations_investissement_2019_dgcl_anct.xlsx"
STATE_SHEET = "Projets_dotations_investissement_2019"
MILLION = 1_000_000


def _repeated(work: Path) -> None:
    """The lines of the Loire-Atlantique, repeated up to a million, under their header."""
    header, *lines = (REAL / LOIRE_ATLANTIQUE).read_bytes().splitlines(keepends=True)
    with (work / LOIRE_ATLANTIQUE).open("wb") as file:
        file.write(header)
        for start in range(0, MILLION, len(lines)):
            file.writelines(lines[: MILLION - start])


def _deliveries(file: Path) -> list[str]:
    return [sys.executable, "-m", "bench.deliveries", str(file), "subventions"]


def _loire(work: Path, _turn: int) -> list[str]:
    return _deliveries(work / LOIRE_ATLANTIQUE)


def _loire_floor(work: Path, _turn: int) -> list[str]:
    read = f"import polars as pl; pl.read_csv({str(work / LOIRE_ATLANTIQUE)!r}, separator=';', infer_schema=False)"
    return [sys.executable, "-c", read]


def _state(_work: Path, _turn: int) -> list[str]:
    return _deliveries(STATE)


def _state_floor(_work: Path, _turn: int) -> list[str]:
    return [sys.executable, "-c", f"import polars as pl; pl.read_excel({str(STATE)!r}, sheet_name={STATE_SHEET!r})"]


CASES = (
    Case("run, embedded facts, cold", "6 s, 1024 MiB", _nothing, _run, _polars),
    *(
        (
            Case("ingest + harmonise, 1,000,000 lines of CSV", "8 × read_csv, 1536 MiB", _repeated, _loire, _loire_floor),
            Case("ingest + harmonise, 24,811 rows of XLSX", "2 × read_excel", _nothing, _state, _state_floor),
        )
        if REAL.is_dir()
        else ()
    ),
)
