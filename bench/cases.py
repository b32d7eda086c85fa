"""What is measured, each beside its floor."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import scdl
from pipeline.data.facts import sources_file


@dataclass(frozen=True)
class Case:
    """A command and its floor, built for a working folder and a turn; `budget` is what the project promises.

    `most_runs`: of a case that takes minutes. `absent`: why it cannot be measured here.
    """

    name: str
    budget: str
    prepare: Callable[[Path], None]
    command: Callable[[Path, int], list[str]]
    floor: Callable[[Path, int], list[str]]
    most_runs: int | None = None
    absent: str = ""


# The irreducible part: read the same deliveries as text, write the same public tables as CSV and Parquet.
_FLOOR = """
import sys
from pathlib import Path
import polars as pl

out, published, deliveries = map(Path, sys.argv[1:])
out.mkdir(parents=True)
for delivery in sorted(deliveries.glob("*.csv")):
    pl.read_csv(delivery, infer_schema=False, separator=";", encoding="utf8-lossy", truncate_ragged_lines=True, quote_char=None)
for delivery in sorted(deliveries.glob("*.xlsx")):
    pl.read_excel(delivery, has_header=False, infer_schema_length=0)
for table in sorted(published.glob("**/parquet/*.parquet")):
    frame = pl.read_parquet(table)
    frame.write_csv(out / f"{table.stem}.csv")
    frame.write_parquet(out / f"{table.stem}.parquet", compression="zstd")
"""


def _nothing(_work: Path) -> None:
    """The embedded facts need no preparation."""


def _run(work: Path, turn: int) -> list[str]:
    return [sys.executable, "-m", "pipeline", "run", "--home", f"{work}/var-{turn}", "--published", f"{work}/published-{turn}"]


def _run_demo(work: Path, turn: int) -> list[str]:
    return [*_run(work, turn), "--sources", f"{work}/demo/sources.toml"]


def _polars(deliveries: str) -> Callable[[Path, int], list[str]]:
    return lambda work, turn: [
        *(sys.executable, "-c", _FLOOR, f"{work}/floor-{turn}", f"{work}/published-{turn}"),
        str(work / "demo") if deliveries == "demo" else str(sources_file().parent),
    ]


def _demo(rows: int | None) -> Callable[[Path], None]:
    """The deliveries of the fictional programme, `rows` lines of payments and grants in all."""
    more = [] if rows is None else ["--rows", str(rows)]

    def prepare(work: Path) -> None:
        subprocess.run([*_write_demo(work / "demo"), *more], check=True, stdout=subprocess.DEVNULL)

    return prepare


def _write_demo(folder: Path) -> list[str]:
    return [sys.executable, "-m", "pipeline", "demo", str(folder)]


MILLION = 1_000_000
REAL = Path(os.environ.get("FABRIQUES_DONNEES_REELLES", Path(__file__).resolve().parents[2] / "shared" / "data")) / "subventions"
LOIRE_ATLANTIQUE = "loire_atlantique_2008_2018_cd44.csv"
STATE = REAL / "etat_dotations_investissement_2019_dgcl_anct.xlsx"
STATE_SHEET = "Projets_dotations_investissement_2019"


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


_READ = "import sys, polars as pl; pl.read_csv(sys.argv[1], infer_schema=False)"
# frictionless with its limit lifted, and the file's dialect given: what it sniffs would be another work.
_FRICTIONLESS = """
import sys, frictionless
from frictionless.formats import CsvControl

frictionless.system.trusted = True
resource = frictionless.Resource(
    path=sys.argv[1], encoding="utf-8", schema=frictionless.Schema.from_descriptor(sys.argv[2]),
    dialect=frictionless.Dialect(header=True, header_rows=[1], controls=[CsvControl(delimiter=",", skip_initial_space=False)]),
)
print(resource.validate(limit_errors=10**9).stats["errors"])
"""
# validata-core pins frictionless 4: its own environment, `python -m venv … && pip install validata-core==0.9.7`, named by its Python.
VALIDATA = os.environ.get("FABRIQUES_VALIDATA_PYTHON", "")
_VALIDATA = """
import json, sys, validata_core

validata_core.VALIDATA_MAX_ROWS = 10**9  # it leaves at 100,000 lines otherwise, in silence
schema = json.load(open(sys.argv[2], encoding="utf-8"))
print(validata_core.validate(sys.argv[1], schema, limit_errors=10**9, limit_memory=0).stats["errors"])
"""


def _scdl(lines: int, *states: str) -> Callable[[Path], None]:
    """Fictional SCDL files `<state>.csv` of so many lines, and their schema."""

    def prepare(work: Path) -> None:
        scdl.write_schema(work / "schema.json")
        for state in states:
            scdl.write(work / f"{state}.csv", lines, state)

    return prepare


def _validate(state: str) -> Callable[[Path, int], list[str]]:
    """Whatever the verdict: a file that was read and judged is a success here."""
    told = '"$@" > /dev/null; [ $? -le 1 ]'
    return lambda work, _turn: [
        *("sh", "-c", told, "sh", sys.executable, "-m", "pipeline"),
        *("validate", f"{work}/{state}.csv", "--schema", f"{work}/schema.json"),
    ]


def _python(code: str, state: str, python: str = sys.executable) -> Callable[[Path, int], list[str]]:
    return lambda work, _turn: [python, "-c", code, f"{work}/{state}.csv", f"{work}/schema.json"]


CASES = (
    Case("run, embedded facts, cold", "6 s, 1024 MiB", _nothing, _run, _polars("facts")),
    Case(
        "demo, cold",
        "5 s",
        _nothing,
        lambda work, turn: _write_demo(work / f"demo-{turn}"),
        lambda _work, _turn: [sys.executable, "-c", "import polars"],
    ),
    Case("run, fictional programme, cold", "10 s, 1024 MiB", _demo(None), _run_demo, _polars("demo")),
    Case("run, fictional programme, --rows 1000000", "90 s, 3072 MiB", _demo(MILLION), _run_demo, _polars("demo"), 1),
    *(
        (
            Case("ingest + harmonise, 1,000,000 lines of CSV", "8 × read_csv, 1536 MiB", _repeated, _loire, _loire_floor),
            Case("ingest + harmonise, 24,811 rows of XLSX", "2 × read_excel", _nothing, _state, _state_floor),
        )
        if REAL.is_dir()
        else ()
    ),
    Case("validate, 100 lines", "0.6 s", _scdl(100, "clean"), _validate("clean"), _python("import polars", "clean")),
    Case("validate, 1 M lines", "3 times read_csv, 614 MiB", _scdl(MILLION, "clean"), _validate("clean"), _python(_READ, "clean")),
    Case(
        "validate, 1 M lines, all wrong",
        "3 times the clean file, 614 MiB",
        _scdl(MILLION, "clean", "wrong"),
        _validate("wrong"),
        _validate("clean"),
    ),
    Case("validate, 5 M lines", "1.2 times the memory of 1 M", _scdl(5 * MILLION, "clean"), _validate("clean"), _python(_READ, "clean"), 1),
    Case("frictionless, 1 M lines", "we: 30 times faster", _scdl(MILLION, "clean"), _python(_FRICTIONLESS, "clean"), _validate("clean"), 1),
    Case(
        "frictionless, 200,000 lines, all wrong",  # it keeps each faulty line whole: a million of them fill the memory of a machine
        "we: 40 times faster",
        _scdl(MILLION // 5, "wrong"),
        _python(_FRICTIONLESS, "wrong"),
        _validate("wrong"),
        1,
    ),
    Case(
        "validata-core, 1 M lines",
        "we: 60 times faster",
        _scdl(MILLION, "clean"),
        _python(_VALIDATA, "clean", VALIDATA),
        _validate("clean"),
        1,
        "" if VALIDATA else "FABRIQUES_VALIDATA_PYTHON names no Python that has validata-core",
    ),
)
