"""Which cell of a record stands under which label: the regular records as they are, the others only where no other reading is possible."""

from collections.abc import Sequence

import polars as pl

from pipeline.harmonise.headers import Column
from pipeline.harmonise.rules import EDGES
from pipeline.schema.records import cell, cells

EXTRA_CELL, MISSING_CELL = "extra-cell", "missing-cell"


def width_of(columns: Sequence[Column]) -> int:
    """Number of labels of the header, those of unknown columns included."""
    return max((column.position for column in columns if column.position is not None), default=-1) + 1


def aligned(regular: pl.DataFrame, irregular: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """All the records of a delivery by line: ligne, defaut, c0, c1, … under the `columns` of its header.

    `regular` is ligne, c0, …; `irregular` is ligne, cellules, defaut. A record with a `defaut` has not as many cells as the header, or
    has bytes that no encoding explains: all its cells are null.
    """
    width = width_of(columns)
    straight = regular.select("ligne", pl.lit(None, pl.String).alias("defaut"), *cells(width))
    if irregular.is_empty():
        return straight
    narrowest = irregular["cellules"].list.len().min() if straight.is_empty() else width
    listed = irregular.with_columns(pl.coalesce("defaut", _defect(columns, narrowest if isinstance(narrowest, int) else 0)))
    under = [pl.col("cellules").list.get(position, null_on_oob=True) for position in range(width)]
    trusted = pl.col("defaut").is_null()
    crooked = listed.select("ligne", "defaut", *(pl.when(trusted).then(text).alias(cell(place)) for place, text in enumerate(under)))
    return pl.concat([straight, crooked]).sort("ligne")


def _defect(columns: Sequence[Column], narrowest: int) -> pl.Expr:
    """Whether a record has another width than the header, so that its cells may stand under the wrong labels.

    Columns without label at the right end of the header may be missing, all of them. Empty cells beyond the header are no defect when
    every record has them (`narrowest` is the width of the narrowest): when only some do, a separator inside a cell may have shifted them.
    """
    read = [column.position for column in columns if column.position is not None and (column.champ or column.libelle.strip(EDGES))]
    width, needed = width_of(columns), max(read, default=-1) + 1
    texts, count = pl.col("cellules"), pl.col("cellules").list.len()
    beyond = texts.list.slice(width).list.eval(pl.element().str.strip_chars(EDGES).fill_null("") != "").list.any()
    missing = (count < width) & (count != needed)
    return pl.when(missing).then(pl.lit(MISSING_CELL)).when((count > max(width, narrowest)) | beyond).then(pl.lit(EXTRA_CELL))
