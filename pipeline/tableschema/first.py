"""A first look at a slice: most cells of most files are surely right, and cheap questions say so. What they leave is judged in full.

A column that holds few values, as many do, is compared with those that the first slice held and found right. What a look remembers
changes how long it takes, never what it may settle.
"""

from collections.abc import Collection, Mapping, Sequence
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
_NEVER = pl.lit(False)
_SAMPLE = 1_000  # rows in which the values of a column are counted


class First:
    """The questions of a table's columns and checks. `place`: of each column, by its name."""

    def __init__(self, columns: Sequence[Column], checks: Sequence[Check], place: Mapping[str, int], contract: Contract) -> None:
        self._columns = {f"c{index}": column for index, column in enumerate(columns) if not column.always_fine}
        self._questions = {name: _fine(column, pl.col(name)) for name, column in self._columns.items()}
        self._of_column: dict[str, list[str]] = {name: [name] for name in self._columns}  # the questions that its cells alone answer
        for rank, check in enumerate(checks):
            name, places = f"k{rank}", [place[one] for one in check.columns]
            surely = rowchecks.surely(check, [columns[index] for index in places], contract)
            texts = (_value(columns[index], pl.col(f"c{index}")) for index in places)
            self._questions[name] = _NEVER if surely is None else surely(*texts)
            if len(places) == 1:
                self._of_column.setdefault(f"c{places[0]}", []).append(name)
        self._questions = {name: question.fill_null(False).alias(name) for name, question in self._questions.items()}
        self._usual: dict[str, pl.Expr] | None = None

    def doubts(self, lines: pl.DataFrame) -> Doubts:
        """The rows of a slice (`c0`, `c1`…, String) that are not surely right."""
        with_null = {cells.name for cells in lines if cells.null_count()}
        settled = {question for column in self._usually(lines, with_null) for question in self._of_column[column]}
        asked = {name: question for name, question in self._questions.items() if name not in settled}
        for name in with_null & self._columns.keys():
            absent = pl.col(name).is_null()
            asked[name] = asked[name] & ~absent if self._columns[name].required else asked[name] | absent
        told = lines.with_columns(*asked.values())
        return {name: told[name] for name in asked if not told[name].all()}

    def fills(self, doubts: Doubts) -> bool:
        """Whether a column surely has a value on every row."""
        return any(column.required and name not in doubts for name, column in self._columns.items())

    def learn(self, lines: pl.DataFrame, doubts: Doubts) -> None:
        """Remember the values of columns that hold few, when the first slice found them right."""
        if self._usual is not None or lines.is_empty():
            return
        sure = [name for name, questions in self._of_column.items() if doubts.keys().isdisjoint(questions) and not lines[name].null_count()]
        values = {name: lines[name].head(_SAMPLE).unique().to_list() for name in sure}
        self._usual = {name: _one_of(name, held) for name, held in values.items() if len(held) <= _FEW}

    def _usually(self, lines: pl.DataFrame, with_null: Collection[str]) -> list[str]:
        """The columns of a slice that hold known values only."""
        known = [same for name, same in (self._usual or {}).items() if name not in with_null]
        alike = lines.select(*known)
        return [cells.name for cells in alike if cells.item()]


def _fine(column: Column, text: pl.Expr) -> pl.Expr:
    return _NEVER if column.fine is None else column.fine(text)


def _value(column: Column, text: pl.Expr) -> pl.Expr:
    """The text that a check sees: null where it is a missing value. An empty one is no value for any check."""
    return text if set(column.missing) <= {""} else pl.when(~column.blank(text)).then(text)


def _one_of(name: str, values: Sequence[str]) -> pl.Expr:
    """Whether a column without nulls holds nothing else; equality is quicker than a set."""
    return reduce(or_, [pl.col(name) == value for value in values]).all().alias(name)
