"""What an engine hands back: kinds of errors, and the rows that have them. Neither holds a cell."""

from typing import NamedTuple

import polars as pl

from pipeline.tableschema.checks import Check, Unanswerable

_STAGES = {"extra-cell": 1, "missing-cell": 1, "blank-row": 2, "unique-error": 3, "primary-key": 4, "foreign-key": 5}
_CHECKS = 6


class Kind(NamedTuple):
    """One way of being wrong: frictionless's error type, our name of the rule, and where. `position` counts columns from 1.

    An `extra-cell` has no position of its own: each finding has.
    """

    type: str
    rule: str
    field: str | None = None
    position: int | None = None
    check: Check | Unanswerable | None = None


class Findings:
    """Errors as columns: a row (0-based; null, the table itself), the index of a `Kind`, which is kept once, its own position if any."""

    def __init__(self) -> None:
        self.kinds: dict[Kind, int] = {}
        self.lines = 0
        self._on_table: list[int] = []
        self._found: list[pl.DataFrame] = []

    def expect(self, kind: Kind) -> None:
        """Tell a kind before it is found: checks are reported in the order in which the schema asks for them."""
        self._index(kind)

    def add(self, kind: Kind) -> None:
        """An error of the table itself."""
        self._on_table.append(self._index(kind))

    def add_rows(self, rows: pl.Series, kind: Kind, positions: pl.Series | None = None) -> None:
        """The same error at each of these rows."""
        if rows.is_empty():
            return
        place = pl.lit(None, pl.UInt32) if positions is None else positions.cast(pl.UInt32)
        kinds = pl.lit(self._index(kind), pl.UInt32)
        self._found.append(pl.DataFrame({"row": rows.cast(pl.UInt32)}).with_columns(kind=kinds, place=place))

    def frame(self) -> pl.DataFrame:
        """`row` u32, `kind` u32, `place` u32 (null but for extra cells): the table's own errors first, then in the order of the rows."""
        schema = {"row": pl.UInt32, "kind": pl.UInt32, "place": pl.UInt32}
        on_table = pl.DataFrame({"kind": pl.Series(self._on_table, dtype=pl.UInt32)}).select(
            row=pl.lit(None, pl.UInt32), kind="kind", place=pl.lit(None, pl.UInt32)
        )
        if not self._found:
            return on_table
        ranked = {kind: rank for rank, kind in enumerate(sorted(self.kinds, key=_rank))}
        ranks = pl.Series([ranked[kind] for kind in self.kinds], dtype=pl.UInt64)
        on_rows = pl.concat([pl.DataFrame(schema=schema), *self._found])
        # One number is sorted quicker than two. Places were added in their order, which stays.
        order = pl.col("row").cast(pl.UInt64) * 2**32 + pl.lit(ranks).gather(pl.col("kind"))
        return pl.concat([on_table, on_rows.sort(order, maintain_order=True)])

    def _index(self, kind: Kind) -> int:
        return self.kinds.setdefault(kind, len(self.kinds))


def _rank(kind: Kind) -> tuple[int, int, str]:
    """Cells by column, then what is wrong with the whole row, then keys, then the schema's own checks in their order."""
    if kind.check is not None:
        return _CHECKS, 0, ""
    return _STAGES.get(kind.type, 0), kind.position or 0, kind.rule
