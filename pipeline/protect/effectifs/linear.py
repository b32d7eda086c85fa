"""HiGHS as the attack and the audit use it: one system of equations, asked again and again for other objectives and bounds.

One thread, a fixed seed, a bound on nodes rather than on time: the same questions get the same answers. The builder has its own programme.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Integers = NDArray[np.int64]

NODES = 2_000
DUAL, PRIMAL = 1, 4  # from the last basis, the dual simplex suits questions with other bounds, the primal those with another objective
DRAWS = 8  # other solutions asked where the first is fractional, before a search over integers, a hundred times slower
EXACT = 1e-6  # farther than that from whole numbers, a solution is fractional


class Unbounded(Exception):
    """The objective has no bound."""


class Equations(NamedTuple):
    """Σ signs·columns = right, line by line; `starts`, `columns`, `signs`: the lines one after the other, compressed."""

    starts: Integers
    columns: Integers
    signs: Integers
    right: Integers


class System:
    """Equations on columns between `lower` and `upper` (`inf`: no bound). `simplex`: PRIMAL or DUAL."""

    def __init__(self, equations: Equations, lower: Values, upper: Values, simplex: int) -> None:
        from highspy import _core  # noqa: PLC0415

        self.lower, self.upper = lower, upper
        self.columns = np.arange(lower.size, dtype=np.int32)
        problem = _core.HighsLp()
        problem.num_col_, problem.num_row_ = lower.size, equations.right.size
        problem.col_cost_, problem.col_lower_, problem.col_upper_ = np.zeros(lower.size), lower, upper
        problem.row_lower_ = problem.row_upper_ = equations.right.astype(float)
        problem.a_matrix_.format_ = _core.MatrixFormat.kRowwise
        matrix = problem.a_matrix_
        matrix.start_, matrix.index_, matrix.value_ = equations.starts, equations.columns, equations.signs.astype(float)
        self.solver: Any = _core._Highs()  # not what wraps it, which writes a banner on the standard output
        settings: dict[str, bool | int | str] = {
            "output_flag": False,
            "threads": 1,
            "random_seed": 0,
            "presolve": "off",
            "mip_max_nodes": NODES,
        }
        for option, setting in (*settings.items(), ("simplex_strategy", simplex)):
            self.solver.setOptionValue(option, setting)
        self.solver.passModel(problem)

    def best(self, cost: Values, lower: Values | None = None, upper: Values | None = None, whole: bool = False) -> Values | None:
        """The columns where Σ cost·column is least, within other bounds if given, over integers if `whole`.

        None when there is no solution, or none was found among NODES; Unbounded when the objective has no bound.
        """
        from highspy import _core  # noqa: PLC0415

        size = self.columns.size
        self.solver.changeColsCost(size, self.columns, cost)
        self.solver.changeColsBounds(size, self.columns, self.lower if lower is None else lower, self.upper if upper is None else upper)
        if whole:
            self.solver.changeColsIntegrality(size, self.columns, np.full(size, _core.HighsVarType.kInteger))
        self.solver.run()
        status, found = self.solver.getModelStatus(), self.solver.getInfo().primal_solution_status == 2
        values = np.array(self.solver.getSolution().col_value) if found else None
        if whole:
            self.solver.changeColsIntegrality(size, self.columns, np.full(size, _core.HighsVarType.kContinuous))
        if status in {_core.HighsModelStatus.kUnbounded, _core.HighsModelStatus.kUnboundedOrInfeasible}:
            raise Unbounded
        return values if whole or status == _core.HighsModelStatus.kOptimal else None


def whole_numbers(values: Values) -> Integers | None:
    """The values as integers, or None when they are not."""
    rounded = np.rint(values)
    return rounded.astype(np.int64) if np.abs(values - rounded).max(initial=0.0) <= EXACT else None
