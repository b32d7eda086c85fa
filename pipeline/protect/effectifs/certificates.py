"""Other tables that agree with everything published: the proof that a hidden count cannot be computed.

A certificate is a whole table of non-negative integers. However it was found, it proves something only once `Knowledge.holds` has checked
it, by integer arithmetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.protect.effectifs.attack import Knowledge, substitute
from pipeline.protect.effectifs.linear import DRAWS, DUAL, Equations, Integers, System, Values, whole_numbers

ROUNDS = 60  # certificates sought for many counts at once, before those sought one by one
SHARE = 0.15  # of the counts still to prove, in each round and direction: more of them get in each other's way
NEAR = 1e-3  # weight of a cell that nothing asks for: certificates stay close to the truth


@dataclass(frozen=True)
class Needs:
    """How far up and down each count must be able to move; `either`: one unit in one direction is enough."""

    up: Integers
    down: Integers
    either: NDArray[np.bool_]

    def unmet(self, low: Integers, high: Integers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where the highest and the lowest movements found are not enough."""
        moved = self.either & ((high > 0) | (low < 0))
        return ~moved & (high < self.up), ~moved & (low > -self.down)


def search(knowledge: Knowledge, truth: Integers, needs: Needs) -> Iterator[Integers]:
    """Tables that agree with what is known and together move every count as far as `needs` asks, where such tables exist.

    `truth` and `needs` have one entry for each cell of `knowledge`.
    """
    free = np.flatnonzero(~knowledge.known)
    if not free.size:
        return
    search = _Search(knowledge, truth[free], free, Needs(needs.up[free], needs.down[free], needs.either[free]))
    for move in (*search.together(), *search.one_by_one()):
        table = truth.copy()
        table[free] += move
        yield table


class _Search:
    """Movements of the cells that are not known, each split into gains and losses; `low` and `high`: how far those found bring each."""

    def __init__(self, knowledge: Knowledge, x: Integers, free: Integers, needs: Needs) -> None:
        self.x, self.needs, self.size = x, needs, free.size
        self.low, self.high = np.zeros(free.size, dtype=np.int64), np.zeros(free.size, dtype=np.int64)
        self.upper = np.concatenate([np.full(free.size, np.inf), x.astype(float)])
        self.system = System(_split(substitute(knowledge, free), free.size), np.zeros(2 * free.size), self.upper, DUAL)
        self.draw = np.random.default_rng(0)

    def together(self) -> Iterator[Integers]:
        """Each movement for as many counts as it can serve, some upwards, some downwards, taken at random."""
        gained = 1
        for _ in range(ROUNDS):
            rising, falling = self.needs.unmet(self.low, self.high)
            missing = int(rising.sum() + falling.sum())
            if not missing or not gained:
                return
            chance = self.draw.random(self.size)
            move = self._move(rising & (chance < SHARE), falling & (chance > 1 - SHARE))
            if move is not None:
                yield from self._kept(move)
            rising, falling = self.needs.unmet(self.low, self.high)
            gained = missing - int(rising.sum() + falling.sum())

    def one_by_one(self) -> Iterator[Integers]:
        """A movement for each count and direction still to prove, over integers at last."""
        nothing = np.zeros(self.size, dtype=bool)
        for place in range(self.size):
            for upwards in (True, False):
                only = nothing.copy()
                only[place] = self.needs.unmet(self.low, self.high)[0 if upwards else 1][place]
                if only.any():
                    move = self._move(only, nothing, alone=True) if upwards else self._move(nothing, only, alone=True)
                    if move is not None:
                        yield from self._kept(move)

    def _kept(self, move: Integers) -> Iterator[Integers]:
        """The movement, and its contrary where counts allow."""
        for each in (move, -move):
            if (self.x + each >= 0).all():
                self.low, self.high = np.minimum(self.low, each), np.maximum(self.high, each)
                yield each

    def _move(self, rising: NDArray[np.bool_], falling: NDArray[np.bool_], alone: bool = False) -> Integers | None:
        """The movement that brings these counts the farthest, within what is asked of them; None when it is fractional.

        `alone`: for one count, fractions are not given up: other solutions are drawn, then integers sought.
        """
        gain = np.where(rising, self.needs.up, np.where(falling, 0, self.upper[: self.size]))
        loss = np.where(falling, self.needs.down, np.where(rising, 0, self.upper[self.size :]))
        upper = np.concatenate([gain, loss])
        asked = np.concatenate([rising, falling])
        near = np.ones(upper.size)
        for _ in range(1 + DRAWS if alone else 1):
            whole = self._whole(self.system.best(np.where(asked, -1.0, NEAR * near), upper=upper))
            if whole is not None:
                return whole
            near = self.draw.random(upper.size)
        return self._whole(self.system.best(np.where(asked, -1.0, NEAR), upper=upper, whole=True)) if alone else None

    def _whole(self, found: Values | None) -> Integers | None:
        return None if found is None else whole_numbers(found[: self.size] - found[self.size :])


def _split(equations: Equations, size: int) -> Equations:
    """The equations over movements, with gains in the first `size` columns and losses in the others."""
    starts, index, signs, right = equations
    place = np.arange(index.size) + np.repeat(starts[:-1], np.diff(starts))  # after the gains and losses of the lines above
    after = place + np.repeat(np.diff(starts), np.diff(starts))
    columns, both = np.empty(2 * index.size, dtype=np.int64), np.empty(2 * index.size, dtype=np.int64)
    columns[place], columns[after] = index, index + size
    both[place], both[after] = signs, -signs
    return Equations(2 * starts, columns, both, np.zeros_like(right))
