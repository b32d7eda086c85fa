"""What a reader can compute from the published table: its cells, the sums that link them, and the bounds of each hidden count.

Nothing here knows the true counts. The audit writes its relations from here, never from the builder's cube.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import ceil
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.protect.effectifs.linear import DRAWS, EXACT, PRIMAL, Equations, Integers, System, Unbounded, Values, whole_numbers

Key = tuple[str, ...]
Labels = Sequence[Collection[str]]

AXES = ("vague", "region", "classe")
TOTAL = "ensemble"


class Earlier(NamedTuple):
    """What earlier releases said: `groups`, the waves that their « ensemble » was the sum of, by the name it is given here; the cells that
    they show, with their counts, and those that they hide, under those names."""

    groups: Mapping[str, frozenset[str]]
    shown: frozenset[tuple[Key, int]]
    hidden: frozenset[Key]


NOTHING = Earlier({}, frozenset(), frozenset())


@dataclass(frozen=True)
class Knowledge:
    """Every cell that the relations link, and what is known of it.

    `keys`: sorted coordinates; `known`: where the count is known; `shown`: cells of the table; `asked`: cells that an earlier release
    hides; `counts`: known counts, 0 elsewhere; `sums`: what links them, parts - total = 0.
    """

    keys: tuple[Key, ...]
    known: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    counts: Integers
    sums: Equations

    @property
    def hidden(self) -> Integers:
        """Positions of the cells of the table whose count is not known."""
        return np.flatnonzero(self.shown & ~self.known)

    def holds(self, counts: Integers) -> bool:
        """Exactly: integers, none negative, every relation true, every known count as it is known."""
        if counts.dtype != np.int64 or counts.shape != self.counts.shape or (counts < 0).any():
            return False
        left = np.add.reduceat(self.sums.signs * counts[self.sums.columns], self.sums.starts[:-1])
        return not left.any() and bool((counts[self.known] == self.counts[self.known]).all())


def read(table: pl.DataFrame, elsewhere: Mapping[Key, int], labels: Labels, earlier: Earlier = NOTHING) -> Knowledge:
    """What the published table says (`vague, region, classe, non_retenues`, null where hidden), and the counts known from elsewhere, those
    that earlier releases show included. A cell that neither has is not known.

    `labels`: for each axis, every value that there is: a total is the sum of all of them.
    """
    rows = {row[:-1]: row[-1] for row in table.select(*AXES, "non_retenues").rows()}
    told: dict[Key, int | None] = {**dict.fromkeys(earlier.hidden), **rows, **elsewhere}
    keys = _cells(told, [{*labels[0], *earlier.groups}, *labels[1:]])
    place = {key: rank for rank, key in enumerate(keys)}
    counts = [told.get(key) for key in keys]
    return Knowledge(
        keys,
        np.array([count is not None for count in counts], dtype=bool),
        np.array([key in rows for key in keys], dtype=bool),
        np.array([key in earlier.hidden for key in keys], dtype=bool),
        np.array([count or 0 for count in counts], dtype=np.int64),
        _relations(keys, place, earlier.groups),
    )  # fmt: skip


def read_earlier(tables: Iterable[pl.DataFrame], labels: Labels) -> Earlier:
    """What tables of earlier releases say of the cells that there are now; their « ensemble » is the sum of the waves that they had."""
    groups: dict[str, frozenset[str]] = {}
    shown: set[tuple[Key, int]] = set()
    hidden: set[Key] = set()
    for table in tables:
        waves = frozenset(table["vague"]) & set(labels[0]) - {TOTAL}
        total = TOTAL if waves == set(labels[0]) - {TOTAL} else ", ".join(sorted(waves))
        if total != TOTAL and len(waves) > 1:
            groups[total] = waves
        for wave, region, kind, count in table.select(*AXES, "non_retenues").rows():
            key = (total if wave == TOTAL else wave, region, kind)
            if waves and all(value == TOTAL or value in {*values, *groups} for value, values in zip(key, labels, strict=True)):
                if count is None:
                    hidden.add(key)
                else:
                    shown.add((key, count))
    return Earlier(groups, frozenset(shown), frozenset(hidden))


def bounds(knowledge: Knowledge) -> pl.DataFrame:
    """The least and the greatest value that each hidden count can have: `vague, region, classe, minimum, maximum` (null: no bound).

    Exact: over integers, for a linear programme says too much where its solution is fractional.
    """
    free, system = unknowns(knowledge)
    column = {int(position): rank for rank, position in enumerate(free)}
    rows = [(*knowledge.keys[position], *_range(system, column[int(position)])) for position in knowledge.hidden]
    return pl.DataFrame(rows, schema={**dict.fromkeys(AXES, pl.String()), "minimum": pl.Int64(), "maximum": pl.Int64()}, orient="row")


def unknowns(knowledge: Knowledge) -> tuple[Integers, System]:
    """Positions of the cells that are not known, and the system that known counts impose on them: counts ≥ 0."""
    free = np.flatnonzero(~knowledge.known)
    return free, System(substitute(knowledge, free), np.zeros(free.size), np.full(free.size, np.inf), PRIMAL)


def substitute(knowledge: Knowledge, free: Integers) -> Equations:
    """The sums over the free cells alone, with what the known counts leave on the right side."""
    starts, index, signs, _ = knowledge.sums
    column = np.full(len(knowledge.keys), -1, dtype=np.int64)
    column[free] = np.arange(free.size)
    inside = column[index] >= 0
    right = -np.add.reduceat(np.where(inside, 0, signs * knowledge.counts[index]), starts[:-1])
    sizes = np.add.reduceat(inside.astype(np.int64), starts[:-1])
    return Equations(np.concatenate([[0], np.cumsum(sizes)]), column[index[inside]], signs[inside], right)


def _range(system: System, column: int) -> tuple[int | None, int | None]:
    return _extreme(system, column, 1), _extreme(system, column, -1)


def _extreme(system: System, column: int, sign: int) -> int | None:
    """The least value of a count, or the greatest one for `sign` -1; None when it has no bound."""
    cost = np.zeros(system.columns.size)
    cost[column] = sign
    try:
        found = system.best(cost)
    except Unbounded:
        return None
    if found is not None and whole_numbers(found) is None and not _reached(system, found, column, _rounded(found[column], sign)):
        found = system.best(cost, whole=True)
    if found is None:
        raise ValueError("Table publiée incohérente : aucune table de nombres entiers ne s'accorde avec elle.")
    return _rounded(found[column], sign)


def _rounded(value: float, sign: int) -> int:
    """The nearest integer inside the bound."""
    return sign * ceil(sign * value - EXACT)


def _reached(system: System, found: Values, column: int, value: int) -> bool:
    """Whether a table of integers gives the count that value: other corners are drawn, most of which are whole. False when unsure."""
    draw = np.random.default_rng(0)
    lower, upper = system.lower.copy(), system.upper.copy()
    lower[column] = upper[column] = value
    fractional = np.abs(found - np.rint(found)) > EXACT
    corners = (system.best(draw.random(lower.size) * fractional, lower, upper) for _ in range(DRAWS))
    return any(corner is not None and whole_numbers(corner) is not None for corner in corners)


def _cells(told: Iterable[Key], labels: Labels) -> tuple[Key, ...]:
    """The cells of every grouping that is told of, and of all that can be summed from them.

    With the three pairs and not the whole crossing, the pairs alone would allow tables that no crossing gives: it is added.
    """
    values = [sorted(set(each) - {TOTAL}) for each in labels]
    wholes = {tuple(axis for axis, value in enumerate(key) if value != TOTAL) for key in told}
    groupings = {part for whole in wholes for size in range(len(whole) + 1) for part in combinations(whole, size)}
    if set(combinations(range(len(AXES)), 2)) <= groupings:
        groupings.add(tuple(range(len(AXES))))
    cells = (product(*(values[axis] if axis in grouping else [TOTAL] for axis in range(len(AXES)))) for grouping in groupings)
    return tuple(sorted(key for grouped in cells for key in grouped))


def _relations(keys: Sequence[Key], place: dict[Key, int], groups: Mapping[str, frozenset[str]]) -> Equations:
    """For each cell and each axis along which it can be summed: parts - total = 0."""
    parts: dict[tuple[int, int], list[int]] = {}
    for key in keys:
        for axis, value in enumerate(key):
            totals = [] if value == TOTAL or value in groups else [TOTAL]
            totals += [name for name, waves in groups.items() if axis == 0 and value in waves]
            for name in totals:
                total = (*key[:axis], name, *key[axis + 1 :])
                if total in place:
                    parts.setdefault((axis, place[total]), []).append(place[key])
    lines = [([*members, total], [1] * len(members) + [-1]) for (_, total), members in sorted(parts.items())]
    starts = np.cumsum([0, *(len(members) for members, _ in lines)])
    index = np.array([position for members, _ in lines for position in members], dtype=np.int64)
    signs = np.array([sign for _, each in lines for sign in each], dtype=np.int64)
    return Equations(starts.astype(np.int64), index, signs, np.zeros(len(lines), dtype=np.int64))
