"""The shape of the records that ingest hands on and harmonise reads.

A record that has as many cells as its header stands in `enregistrements`, one column of text a position (`cell`): what is regular is read,
kept and repaired by columns. Any other (too many or too few cells, a blank line, a title, a line whose bytes no encoding explains) stands
in `irreguliers`, as the list of its cells. A record is in one of the two, never in both.
"""

from collections.abc import Mapping

import polars as pl

# Then c0, c1, … up to the widest delivery; null beyond the width of a delivery's own header.
ENREGISTREMENTS: Mapping[str, pl.DataType] = {"livraison": pl.String(), "ligne": pl.UInt32(), "role": pl.String()}
# `defaut`: why no cell of the record can be trusted, where reading it already tells.
IRREGULIERS: Mapping[str, pl.DataType] = {
    "livraison": pl.String(),
    "ligne": pl.UInt32(),
    "role": pl.String(),
    "cellules": pl.List(pl.String()),
    "defaut": pl.String(),
}
UNKNOWN_ENCODING = "unknown-encoding"
STRAY_QUOTE = "stray-quote"
OTHER_HEADER = "other-header"


def cell(position: int) -> str:
    """Name of the column that holds the cells of a position, counted from 0."""
    return f"c{position}"


def cells(width: int) -> list[str]:
    """Names of the columns of a delivery whose header has `width` labels."""
    return [cell(position) for position in range(width)]
