"""Which cell of a record stands under which label: the regular records as they are, the others only where no other reading is possible."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.headers import Column
from pipeline.harmonise.rules import EDGES
from pipeline.harmonise.widths import repair
from pipeline.schema.records import cell, cells

EXTRA_CELL, MISSING_CELL = "extra-cell", "missing-cell"


class Aligned(NamedTuple):
    """`records`: all those of a delivery by line: ligne, defaut, recollages, c0, c1, … under the columns of its header. `registre`: ledger
    entries of the records whose cells were joined.

    A record with a `defaut` has not as many cells as the header, or has bytes that no encoding explains: all its cells are null.
    `recollages` tells in how many ways it could be joined, where that was counted.
    """

    records: pl.DataFrame
    registre: list[pl.DataFrame]


def width_of(columns: Sequence[Column]) -> int:
    """Number of labels of the header, those of unknown columns included."""
    return max((column.position for column in columns if column.position is not None), default=-1) + 1


def aligned(
    regular: pl.DataFrame, irregular: pl.DataFrame, columns: Sequence[Column], contract: Contract, separator: str | None
) -> Aligned:
    """Bring the records of one delivery under its header.

    `regular` is ligne, c0, …; `irregular` is ligne, cellules, defaut. `separator` is null for a workbook, where no cell can be cut in two.
    """
    width = width_of(columns)
    nothing = (pl.lit(None, pl.String).alias("defaut"), pl.lit(None, pl.UInt64).alias("recollages"))
    straight = regular.select("ligne", *nothing, *cells(width))
    if irregular.is_empty():
        return Aligned(straight, [])
    narrowest = irregular["cellules"].list.len().min() if straight.is_empty() else width
    defect = _defect(columns, narrowest if isinstance(narrowest, int) else 0)
    crooked = irregular.with_columns(pl.coalesce("defaut", defect).alias("defaut"), recollages=pl.lit(None, pl.UInt64))
    entries: list[pl.DataFrame] = []
    if separator is not None:
        crooked, entries = _joined(crooked, columns, contract, separator)
    trusted = pl.col("defaut").is_null()
    under = [pl.when(trusted).then(pl.col("cellules").list.get(place, null_on_oob=True)).alias(cell(place)) for place in range(width)]
    return Aligned(pl.concat([straight, crooked.select("ligne", "defaut", "recollages", *under)]).sort("ligne"), entries)


def _joined(
    crooked: pl.DataFrame, columns: Sequence[Column], contract: Contract, separator: str
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The same records, those with too many cells being joined again where there is one way to do it."""
    fields = dict.fromkeys(range(width_of(columns)))
    fields |= {column.position: column.champ for column in columns if column.position is not None}
    done = repair(crooked.filter(pl.col("defaut") == EXTRA_CELL).select("ligne", "cellules"), list(fields.values()), contract, separator)
    others = crooked.filter(~pl.col("ligne").is_in(done.rows["ligne"].implode())).drop("recollages")
    told = others.join(done.left, on="ligne", how="left", maintain_order="left")
    mended = done.rows.with_columns(defaut=pl.lit(None, pl.String), recollages=pl.lit(None, pl.UInt64))
    return pl.concat([told, mended.select(told.columns)]), done.registre


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
