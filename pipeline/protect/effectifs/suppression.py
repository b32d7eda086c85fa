"""Which cells to hide: small counts, and the others without which they could be computed.

One linear programme for each small count and direction: the cheapest movement of the table that leaves every margin true, keeps counts
non-negative and moves this count by what is asked. The cells that it moves are hidden; those already hidden cost next to nothing. The exact
problem is out of reach beyond toy tables; this heuristic hides a few more. Fixed order, one thread, fixed seed: same counts, same cells.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.protect.effectifs.cube import Cube, Mask, Scope
from pipeline.protect.effectifs.thresholds import Thresholds

Moves = NDArray[np.float64]

HIDDEN_COST = 1e-3  # not zero: movements stay short
MARGIN_COST = 4.0  # a total says more than each of its parts
TOLERANCE = 1e-6
DRAWS = 20  # corners drawn at random, where a movement comes out fractional: most are whole, and a search over integers is slow
NODES = 500  # of that search: a number, so that no clock decides


@dataclass(frozen=True)
class Hidden:
    """Cells of the cube. `unprotected`: small counts that no complementary hiding protects."""

    primary: Mask
    complementary: Mask
    unprotected: Mask


def hide(cube: Cube, scope: Scope, thresholds: Thresholds, at_most: int) -> Hidden:
    """Hide cells of the published table; stop as soon as more than `at_most` are. Known counts are not hidden and protect nothing; what an
    earlier release hides stays hidden: shown once a count has grown, it would tell what it and its neighbours were."""
    counts, (published, inside, known, asked) = cube.refused, scope
    primary = (published | asked) & ~known & (counts >= 1) & (counts < thresholds.seuil)
    free = np.flatnonzero(inside & ~known)
    x = counts.flat[free]
    hidden = (primary | asked).flat[free] | ~published.flat[free]
    at_most += int((~published.flat[free]).sum())
    unprotected = np.zeros(counts.shape, dtype=bool)
    if primary.any() and hidden.sum() <= at_most:
        search = _Search(cube, inside, free)
        small = sorted(np.flatnonzero(primary.flat[free]).tolist(), key=lambda place: (-x[place], place))
        needs = [(place, way) for place in small for way in (thresholds.amplitude_haut, -min(thresholds.amplitude_bas, int(x[place])))]
        for whole in (False, True):  # movements in halves are made whole at the end, when most of the cells that they may use are hidden
            for place, needed in needs:
                if hidden.sum() <= at_most and not search.move(place, needed, hidden, whole):
                    unprotected.flat[free[place]] = True
    complementary = np.zeros(counts.shape, dtype=bool)
    complementary.flat[free[hidden]] = True
    return Hidden(primary & published, complementary & published & ~primary, unprotected)


class _Search:
    """The programme over the movements of the cells not known, each split into what it gains and what it loses; solved again and again from
    its last basis. `low` and `high`: how far integer movements already found bring each cell."""

    def __init__(self, cube: Cube, inside: Mask, free: NDArray[np.int64]) -> None:
        self.x, self.size = cube.refused.flat[free], free.size
        self.low, self.high = np.zeros(free.size, dtype=np.int64), np.zeros(free.size, dtype=np.int64)
        depth = sum(np.indices(cube.shape)[axis] == size - 1 for axis, size in enumerate(cube.shape)).flat[free]
        self.cost = (1.0 + np.log1p(self.x)) * MARGIN_COST**depth
        self.columns = np.arange(2 * free.size, dtype=np.int32)
        self.upper = np.concatenate([np.full(free.size, np.inf), self.x.astype(float)])
        self.solver = _solver(cube.sums(inside), free, self.upper)

    def move(self, place: int, needed: int, hidden: Mask, whole: bool) -> bool:
        """Whether the count at `place` can move by `needed`; the cells that must move with it join `hidden`."""
        if self.low[place] <= needed <= self.high[place]:
            return True
        price = np.where(hidden, HIDDEN_COST, self.cost)
        self.solver.changeColsCost(2 * self.size, self.columns, np.concatenate([price, price]))
        ends = np.array([place, place + self.size], dtype=np.int32)
        amount = np.array([max(needed, 0), max(-needed, 0)], dtype=float)
        self.solver.changeColsBounds(2, ends, amount, amount)
        moved = self._among(hidden) if whole else _solution(self.solver, self.size)
        self.solver.changeColsBounds(2, ends, np.zeros(2), self.upper[ends])
        if moved is None:
            return False
        hidden |= np.abs(moved) > TOLERANCE
        self._learn(moved)
        return True

    def _among(self, hidden: Mask) -> Moves | None:
        """An integer movement of the hidden cells alone, any of them; failing that, one that hides other cells."""
        both = np.concatenate([hidden, hidden])
        shut = np.flatnonzero(~both).astype(np.int32)
        self.solver.changeColsBounds(shut.size, shut, np.zeros(shut.size), np.zeros(shut.size))
        draw = np.random.default_rng(0)
        moved = _solution(self.solver, self.size)
        for _ in range(DRAWS):
            if moved is None or _is_whole(moved):
                break
            self.solver.changeColsCost(both.size, self.columns, np.where(both, draw.random(both.size), 0.0))
            moved = _solution(self.solver, self.size)
        self.solver.changeColsBounds(shut.size, shut, np.zeros(shut.size), self.upper[shut])
        if moved is not None and _is_whole(moved):
            return moved
        price = np.where(both, HIDDEN_COST, np.concatenate([self.cost, self.cost]))
        self.solver.changeColsCost(both.size, self.columns, price)
        return _whole_solution(self.solver, self.size)

    def _learn(self, moved: Moves) -> None:
        """Keep how far a movement, or its contrary, brings each cell, if it is one of whole numbers."""
        if not _is_whole(moved):
            return
        whole = np.rint(moved).astype(np.int64)
        for sign in (1, -1):
            if (self.x + sign * whole >= 0).all():
                self.low, self.high = np.minimum(self.low, sign * whole), np.maximum(self.high, sign * whole)


def _is_whole(moved: Moves) -> bool:
    return bool(np.abs(moved - np.rint(moved)).max() <= TOLERANCE)


def _solver(lines: list[NDArray[np.int64]], free: NDArray[np.int64], upper: Moves) -> Any:
    """HiGHS over the relations: parts less total = 0."""
    from highspy import _core  # noqa: PLC0415

    column = np.full(max(int(line.max()) for line in lines) + 1, -1, dtype=np.int64)
    column[free] = np.arange(free.size)
    starts, index, value = [0], [], []
    for line in lines:
        own = column[line]
        signs = np.where(np.arange(line.size) == line.size - 1, -1.0, 1.0)[own >= 0]
        own = own[own >= 0]
        index.append(np.concatenate([own, own + free.size]))
        value.append(np.concatenate([signs, -signs]))
        starts.append(starts[-1] + 2 * own.size)
    problem = _core.HighsLp()
    problem.num_col_, problem.num_row_ = 2 * free.size, len(lines)
    problem.col_cost_, problem.col_lower_, problem.col_upper_ = np.zeros(2 * free.size), np.zeros(2 * free.size), upper
    problem.row_lower_ = problem.row_upper_ = np.zeros(len(lines))
    problem.a_matrix_.format_ = _core.MatrixFormat.kRowwise
    problem.a_matrix_.start_, problem.a_matrix_.index_, problem.a_matrix_.value_ = starts, np.concatenate(index), np.concatenate(value)
    solver = _core._Highs()  # not what wraps it, which writes a banner on the standard output
    options: dict[str, bool | int | str] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "presolve": "off",
        "mip_max_nodes": NODES,
        "mip_max_improving_sols": 1,
    }
    for option, setting in options.items():
        solver.setOptionValue(option, setting)
    solver.passModel(problem)
    return solver


def _solution(solver: Any, size: int) -> Moves | None:
    from highspy import _core  # noqa: PLC0415

    solver.run()
    if solver.getModelStatus() != _core.HighsModelStatus.kOptimal:
        return None
    values = np.array(solver.getSolution().col_value)
    moved: Moves = values[:size] - values[size:]
    return moved


def _whole_solution(solver: Any, size: int) -> Moves | None:
    """The same programme over integers."""
    from highspy import _core  # noqa: PLC0415

    columns = np.arange(2 * size, dtype=np.int32)
    solver.changeColsIntegrality(2 * size, columns, np.full(2 * size, _core.HighsVarType.kInteger))
    solver.setOptionValue("presolve", "on")
    solver.run()
    solver.setOptionValue("presolve", "off")
    values = np.array(solver.getSolution().col_value) if solver.getInfo().primal_solution_status == 2 else None
    solver.changeColsIntegrality(2 * size, columns, np.full(2 * size, _core.HighsVarType.kContinuous))
    if values is None:
        return None
    moved: Moves = values[:size] - values[size:]
    return moved
