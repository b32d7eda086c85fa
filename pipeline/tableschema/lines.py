"""Lines of a file: which one each record begins on, and how to tell many of them in few words."""

from collections.abc import Sequence

import polars as pl

RANGES_SHOWN = 40


class LineNumbers:
    """The physical line of each record. Memory: one pair for each record that takes several lines, none for the others."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []
        self._rows = 0
        self._last: int | None = None

    def add(self, lines: pl.Series) -> None:
        """The lines on which the next records begin, ascending."""
        rows = pl.int_range(self._rows, self._rows + lines.len(), eager=True)
        shifts = pl.DataFrame({"row": rows, "shift": lines.cast(pl.Int64) - rows})
        changed = shifts.filter(pl.col("shift") != pl.col("shift").shift(fill_value=self._last if self._last is not None else -1))
        if not changed.is_empty():
            self._parts.append(changed)
            self._last = int(changed["shift"][-1])
        self._rows += lines.len()

    def of(self, rows: pl.Series) -> pl.Series:
        """The line of each of these records, 0-based."""
        if not self._parts:
            return rows.cast(pl.UInt32)
        shifts = pl.concat(self._parts)
        found = shifts["row"].search_sorted(rows.cast(pl.Int64), side="right") - 1
        return (rows.cast(pl.Int64) + shifts["shift"].gather(found)).cast(pl.UInt32)


def line_ranges(numbers: Sequence[int] | pl.Series) -> str:
    """Ascending line numbers in words: « 2 à 4, 7 »; past 40 ranges, how many lines are left."""
    lines = pl.DataFrame({"n": pl.Series(numbers, dtype=pl.Int64)})
    parted = lines.with_columns(part=(pl.col("n").diff().fill_null(2) != 1).cum_sum())
    ranges = parted.group_by("part", maintain_order=True).agg(first=pl.col("n").first(), last=pl.col("n").last()).drop("part")
    words = [f"{first}" if first == last else f"{first} à {last}" for first, last in ranges.head(RANGES_SHOWN).iter_rows()]
    left = ranges.slice(RANGES_SHOWN).select(pl.col("last") - pl.col("first") + 1).to_series().sum()
    shown = ", ".join(words)
    return f"{shown} et {left} {'autre' if left < 2 else 'autres'}" if left else shown
