"""The engine alone, in a warm process, beside frictionless in the same: `python -m bench.warm LINES [RUNS]`.

What `python -m bench` times are whole processes. Here imports are done, each has judged a file once, and only the judging is timed: of
the file, and of its table already read. frictionless judges a tenth of the lines, once, and its time is multiplied: it is linear.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import frictionless
import polars as pl
from frictionless.formats import CsvControl

from bench import scdl
from pipeline.tableschema import contract, files, validate

SHARE = 10


def timed(work: Callable[[], bool], runs: int) -> float:
    """Median seconds, after a run that is not counted, of work that must find the file valid."""
    seconds = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        if not work():
            sys.exit("the file should be valid")
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds[1:])


def main(lines: int, runs: int) -> None:
    with TemporaryDirectory() as folder:
        work = Path(folder)
        scdl.write_schema(work / "schema.json")
        scdl.write(work / "all.csv", lines, "clean")
        scdl.write(work / "part.csv", lines // SHARE, "clean")
        schema = json.loads((work / "schema.json").read_text(encoding="utf-8"))
        table = pl.read_csv(work / "all.csv", infer_schema=False, empty_string_is_null=False)

        def file() -> bool:
            with (work / "all.csv").open("rb") as stream:
                return files.check(stream, contract.read(schema)).report.valid

        def reference() -> bool:
            resource = frictionless.Resource(
                path=str(work / "part.csv"),
                schema=frictionless.Schema.from_descriptor(str(work / "schema.json")),
                dialect=frictionless.Dialect(header=True, header_rows=[1], controls=[CsvControl(delimiter=",", skip_initial_space=False)]),
            )
            return bool(resource.validate(limit_errors=10**9).valid)

        frictionless.system.trusted = True
        theirs = timed(reference, 1) * SHARE
        print(f"frictionless {theirs:.2f} s")
        for name, run in (("file", file), ("table in memory", lambda: validate(table, schema).report.valid)):
            ours = timed(run, runs)
            print(f"{name} {ours:.3f} s, {theirs / ours:.0f} times faster")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
