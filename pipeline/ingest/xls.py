"""Old Excel workbooks (.xls), read by a process with limits of its own: see `xls_process`."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from pipeline.ingest import xls_process
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.settings import Settings

# A full sheet of the format (65,536 rows on 256 columns) takes 0.9 GiB and 3 s.
MEMORY_BYTES = 1_500 << 20
CPU_S = 60
_TOO_LARGE = "classeur .xls trop étendu, ou abîmé : le réenregistrer en .xlsx, ou la feuille en CSV (UTF-8)"


@contextmanager
def read_sheets(path: Path, settings: Settings) -> Iterator[tuple[Mapping[str, bool], Path]]:
    """Sheets in order, whether each is hidden, and the folder where `sheet_at` finds them.

    DeliveryRefused for a damaged, locked or too large workbook.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        limits = map(str, (MEMORY_BYTES, CPU_S, settings.max_unpacked_bytes))
        command = [sys.executable, "-P", xls_process.__file__, str(path.resolve()), name, *limits]
        try:
            ended = subprocess.run(command, capture_output=True, timeout=2 * CPU_S, check=False)  # noqa: S603 (our own script)
        except subprocess.TimeoutExpired:
            raise DeliveryRefused(_TOO_LARGE) from None
        if ended.returncode == xls_process.EXIT_UNREADABLE:
            raise DeliveryRefused("classeur abîmé ou protégé : le réenregistrer sans mot de passe, en .xlsx")
        if ended.returncode:
            raise DeliveryRefused(_TOO_LARGE)
        yield json.loads((folder / "noms.json").read_text(encoding="utf-8")), folder


def sheet_at(folder: Path, index: int) -> pl.DataFrame:
    """A sheet as text, null where a cell is empty."""
    return pl.read_ipc((folder / f"{index}.arrow").read_bytes())
