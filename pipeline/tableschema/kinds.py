"""What an engine hands back: kinds of errors, and the rows that have them. Neither holds a cell."""

from array import array
from typing import NamedTuple

import polars as pl

from pipeline.tableschema.checks import Check, Unanswerable


class Kind(NamedTuple):
    """One way of being wrong: frictionless's error type, our name of the rule, and where. `position` counts columns from 1."""

    type: str
    rule: str
    field: str | None = None
    position: int | None = None
    check: Check | Unanswerable | None = None


class Findings:
    """Errors as two columns: a row (0-based, None for the table itself) and the index of a `Kind`, which is kept once."""

    def __init__(self) -> None:
        self.kinds: dict[Kind, int] = {}
        self.lines = 0
        self._on_table = array("L")
        self._rows = array("L")
        self._on_rows = array("L")

    def add(self, row: int | None, kind: Kind) -> None:
        index = self.kinds.setdefault(kind, len(self.kinds))
        if row is None:
            self._on_table.append(index)
        else:
            self._rows.append(row)
            self._on_rows.append(index)

    def frame(self) -> pl.DataFrame:
        """`row` u32 (null for the table's own errors, which come first) and `kind` u32, in the order of the table."""
        on_table = pl.DataFrame({"kind": pl.Series(self._on_table, dtype=pl.UInt32)}).select(row=pl.lit(None, pl.UInt32), kind="kind")
        on_rows = pl.DataFrame({"row": pl.Series(self._rows, dtype=pl.UInt32), "kind": pl.Series(self._on_rows, dtype=pl.UInt32)})
        return pl.concat([on_table, on_rows])
