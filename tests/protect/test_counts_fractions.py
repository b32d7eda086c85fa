"""Counts are integers: where a linear programme answers with halves, integers are sought, and a half proves nothing."""

import numpy as np
import polars as pl
import pytest

from pipeline.protect.effectifs import attack, certificates, suppression
from pipeline.protect.effectifs.linear import DUAL, PRIMAL, Equations, System, Unbounded, whole_numbers
from pipeline.protect.effectifs.paliers import protect_counts
from tests.protect import counts
from tests.protect.counts import ASKED


def triangle(simplex: int) -> System:
    """Three numbers, two by two at most 1 in sum, the room left being the last three columns."""
    columns = np.array([0, 1, 3, 1, 2, 4, 0, 2, 5])
    equations = Equations(np.array([0, 3, 6, 9]), columns, np.ones(9, dtype=np.int64), np.ones(3, dtype=np.int64))
    return System(equations, np.zeros(6), np.full(6, np.inf), simplex)


def cube(seed: int) -> pl.DataFrame:
    """Base cells of four waves, four regions and three classes, half of the counts small."""
    return counts.base((4, 4, 3), np.random.default_rng(seed).choice([0, 1, 2, 3, 4, 6, 9, 12], 48).tolist())


@pytest.mark.parametrize("simplex", [DUAL, PRIMAL])
def test_integers_are_sought_where_the_answer_is_in_halves(simplex: int) -> None:
    system, most = triangle(simplex), np.array([-1.0, -1.0, -1.0, 0.0, 0.0, 0.0])
    for _ in range(2):  # the second turn: the search over integers left nothing behind
        halves = system.best(most)
        assert halves is not None
        assert halves[:3].tolist() == [0.5, 0.5, 0.5]
        assert whole_numbers(halves) is None
        whole = system.best(most, whole=True)
        assert whole is not None
        assert whole_numbers(whole)[:3].sum() == 1


def test_what_only_halves_solve_has_no_solution() -> None:
    """a + b = 1, b + c = 1, a + c = 1."""
    system, none = triangle(DUAL), np.zeros(6)
    upper = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    assert system.best(none, upper=upper) is not None
    assert system.best(none, upper=upper, whole=True) is None


def test_what_has_no_bound_is_told() -> None:
    free = System(Equations(np.array([0, 2]), np.array([0, 1]), np.array([1, -1]), np.array([0])), np.zeros(2), np.full(2, np.inf), PRIMAL)
    with pytest.raises(Unbounded):
        free.best(np.array([-1.0, 0.0]))
    assert free.best(np.array([1.0, 0.0])) is not None


@pytest.mark.parametrize("seed", [1, 9, 19, 62])
def test_without_drawing_other_solutions_the_search_over_integers_does_as_well(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Cubes in three dimensions where halves occur: same bounds, and a table that the audit accepts."""
    base = cube(seed)
    drawn = protect_counts(base, ASKED._replace(part_montree=1))
    assert drawn.verdict.knowledge is not None
    bounds = attack.bounds(drawn.verdict.knowledge)
    sought = []
    honest = System.best

    def best(self: System, *arguments: object, whole: bool = False, **bounds: object) -> object:
        sought.append(whole)
        return honest(self, *arguments, whole=whole, **bounds)  # type: ignore[arg-type]

    monkeypatch.setattr(System, "best", best)
    for module in (attack, certificates, suppression):
        monkeypatch.setattr(module, "DRAWS", 0)
    assert attack.bounds(drawn.verdict.knowledge).equals(bounds)
    assert True in sought
    again = protect_counts(base, ASKED._replace(part_montree=1))
    assert again.step == "vague_region_classe"
    assert again.verdict.ok


def test_bounds_are_brought_to_the_integer_inside() -> None:
    """Every proof of the audit lies between the bounds of the attack."""
    base = cube(9)
    verdict = protect_counts(base, ASKED._replace(part_montree=1)).verdict
    assert verdict.knowledge is not None
    both = verdict.proofs.join(attack.bounds(verdict.knowledge), on=counts.AXES, suffix="_possible")
    assert both.height == verdict.proofs.height
    assert both.filter((pl.col("minimum") < pl.col("minimum_possible")) | (pl.col("maximum") > pl.col("maximum_possible"))).is_empty()
