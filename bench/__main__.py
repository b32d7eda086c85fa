"""Run every benchmark and append what was measured to the history.

A case and its floor are whole processes, run in turn (A B A B …), so that a drift of the machine's speed touches both. The floor says
what the fastest known way to do the irreducible part costs: Polars reading the same deliveries and writing the same tables.
"""

import argparse
import csv
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cases import CASES, Case

HISTORY = Path(__file__).parent / "history.csv"
FIELDS = (
    "date", "commit", "python", "cpus", "polars", "case", "runs",
    "seconds_median", "seconds_min", "seconds_max", "peak_mib", "floor_seconds_median", "ratio_median", "budget",
)  # fmt: skip


@dataclass(frozen=True)
class Timing:
    seconds: float
    peak_mib: float


def run(command: Sequence[str], cwd: Path) -> Timing:
    """Wall time of a whole process and the peak memory of its largest process."""
    begin = time.perf_counter()
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    # An installed package has its bytecode beside it; an empty value lets the warm-up write it.
    env = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": ""}
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if code := os.waitstatus_to_exitcode(status):
        message = process.stderr.read().decode() if process.stderr else ""
        sys.exit(f"{' '.join(command)} ended with {code}\n{message}")
    return Timing(seconds, usage.ru_maxrss / 1024)


def measure(case: Case, runs: int) -> dict[str, object]:
    """Median, extremes and ratio to the floor of `runs` counted runs after one warm-up of each command."""
    runs = min(runs, case.most_runs or runs)
    with TemporaryDirectory() as folder:
        work = Path(folder)
        case.prepare(work)
        pairs = [(run(case.command(work, turn), work), run(case.floor(work, turn), work)) for turn in range(runs + 1)][-runs:]
    seconds = [timing.seconds for timing, _ in pairs]
    return {
        "case": case.name,
        "runs": runs,
        "seconds_median": f"{statistics.median(seconds):.3f}",
        "seconds_min": f"{min(seconds):.3f}",
        "seconds_max": f"{max(seconds):.3f}",
        "peak_mib": f"{max(timing.peak_mib for timing, _ in pairs):.0f}",
        "floor_seconds_median": f"{statistics.median(floor.seconds for _, floor in pairs):.3f}",
        "ratio_median": f"{statistics.median(timing.seconds / floor.seconds for timing, floor in pairs):.2f}",
        "budget": case.budget,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--case", default="", help="only the cases whose name has this text")
    parser.add_argument("--no-history", action="store_true", help="print only")
    arguments = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    machine = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": commit,
        "python": platform.python_version(),
        "cpus": len(os.sched_getaffinity(0)),
        "polars": version("polars"),
    }
    chosen = [case for case in CASES if arguments.case in case.name]
    for case in chosen:
        if case.absent:
            print(f"{case.name}: not measured, {case.absent}")
    rows = [machine | measure(case, arguments.runs) for case in chosen if not case.absent]
    for row in rows:
        print(" · ".join(f"{name} {row[name]}" for name in FIELDS[5:]))
    if not arguments.no_history:
        new = not HISTORY.exists()
        with HISTORY.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
