"""A first look at a slice: most cells of most files are surely right, and cheap questions say so. What they leave is judged in full.

A column that holds few values, as many do, is compared with those that the first slice held and found right. What a look remembers
changes how long it takes, never what it may settle.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

import polars as pl

from pipeline.tableschema import rowchecks
from pipeline.tableschema.checks import Check
from pipeline.tableschema.compiler import Column
from pipeline.tableschema.contract import Contract

# By question (`c2`: a column; `k0`: a check), false on the rows that it leaves to be judged. A question that settles every row is absent.
Doubts = Mapping[str, pl.Series]

_FEW = 3
_SAMPLE = 1_000  # rows in which the values of a column are counted


class First:
    """The questions of a table's columns and checks. `place`: of each column, by its name."""

    def __init__(self, columns: Sequence[Column], checks: Sequence[Check], place: Mapping[str, int], contract: Contract) -> None:
        self._columns = {f"c{index}": column for index, column in enumerate(columns) if not column.always_fine}
        self._checks: dict[str, pl.Expr | None] = {}
        self._of_column: dict[str, list[str]] = {name: [name] for name in self._columns}  # the questions that its cells alone answer
        for rank, check in enumerate(checks):
            name, places = f"k{rank}", [place[one] for one in check.columns]
            asked = rowchecks.surely(check, [columns[index] for index in places], contract)
            self._checks[name] = None if asked is None else asked(*(_value(columns[index], f"c{index}") for index in places))
            if len(places) == 1:
                self._of_column.setdefault(f"c{places[0]}", []).append(name)
        self._usual: dict[str, list[str]] | None = None

    def doubts(self, lines: pl.DataFrame) -> Doubts:
        """The rows of a slice (`c0`, `c1`…, String) that are not surely right."""
        settled = {question for column in self._usually(lines) for question in self._of_column[column]}
        asked = {name: _fine(column, lines[name]) for name, column in self._columns.items()} | self._checks
        asked = {name: question for name, question in asked.items() if name not in settled}
        none = pl.lit(False)
        told = lines.with_columns((none if question is None else question.fill_null(False)).alias(name) for name, question in asked.items())
        return {name: told[name] for name in asked if not told[name].all()}

    def learn(self, lines: pl.DataFrame, doubts: Doubts) -> None:
        """Remember the values of columns that hold few, when the first slice found them right."""
        if self._usual is not None or lines.is_empty():
            return
        sure = [name for name, questions in self._of_column.items() if doubts.keys().isdisjoint(questions) and not lines[name].null_count()]
        values = {name: lines[name].head(_SAMPLE).unique().to_list() for name in sure}
        self._usual = {name: held for name, held in values.items() if len(held) <= _FEW}

    def _usually(self, lines: pl.DataFrame) -> list[str]:
        """The columns of a slice that hold known values only."""
        known = {name: values for name, values in (self._usual or {}).items() if not lines[name].null_count()}
        if not known:
            return []
        alike = lines.select(reduce(or_, [pl.col(name) == value for value in values]).all().alias(name) for name, values in known.items())
        return [name for name, same in alike.row(0, named=True).items() if same]


def _fine(column: Column, cells: pl.Series) -> pl.Expr | None:
    """Whether a cell is surely right; None when columns cannot tell."""
    if column.fine is None:
        return None
    text = pl.col(cells.name)
    fine = column.fine(text)
    if cells.null_count() == 0:
        return fine
    return fine & text.is_not_null() if column.required else fine | text.is_null()


def _value(column: Column, name: str) -> pl.Expr:
    """The text that a check sees: null where it is a missing value. An empty one is no value for any check."""
    text = pl.col(name)
    return text if set(column.missing) <= {""} else pl.when(~column.blank(text)).then(text)
