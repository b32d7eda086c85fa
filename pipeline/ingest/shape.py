"""Records by shape: as many cells as the header has, one column a position; any other, a list of cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.schema.records import cell, cells

LINE = {"ligne": pl.UInt32()}
LISTED = {**LINE, "cellules": pl.List(pl.String())}


@dataclass(frozen=True)
class Records:
    """Records of one delivery or of a part of it. Each is in one of the two frames, which are both by line.

    `reguliers`: ligne (first physical line, from 1), c0, c1, … (as read). `irreguliers`: ligne, cellules; a blank line is one empty cell.
    """

    reguliers: pl.DataFrame
    irreguliers: pl.DataFrame

    @property
    def height(self) -> int:
        return self.reguliers.height + self.irreguliers.height


def listed(lines: Sequence[int], records: Sequence[Sequence[str]]) -> pl.DataFrame:
    """A frame (ligne, cellules) of few records."""
    return pl.DataFrame({"ligne": lines, "cellules": records}, schema=LISTED)


def by_shape(records: pl.DataFrame, width: int) -> Records:
    """Records given as (ligne, cellules)."""
    fit = pl.col("cellules").list.len() == width
    return Records(in_columns(records.filter(fit), width), records.filter(~fit))


def in_columns(records: pl.DataFrame, width: int) -> pl.DataFrame:
    """(ligne, c0, …) from records (ligne, cellules) that all have `width` cells."""
    return records.select("ligne", *(pl.col("cellules").list.get(position).alias(cell(position)) for position in range(width)))


def together(parts: Iterable[Records], width: int) -> Records:
    """Parts that follow each other as one."""
    found = [Records(pl.DataFrame(schema=LINE | dict.fromkeys(cells(width), pl.String())), pl.DataFrame(schema=LISTED)), *parts]
    return Records(pl.concat([part.reguliers for part in found]), pl.concat([part.irreguliers for part in found]))
