"""Chance that can be played again: one generator of its own for each subject, so that one more draw here changes nothing there."""

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def stream(seed: int, subject: str) -> random.Random:
    """The generator of a subject under a seed: the same draws in every process."""
    return random.Random(f"{seed} {subject}")  # noqa: S311 - fiction, not a secret


def weighted(draw: random.Random, weights: Mapping[T, float]) -> T:
    """One of the keys, by weight."""
    return draw.choices(list(weights), list(weights.values()))[0]


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """`total` shared out by weight in whole parts that add up to it; the last part takes what rounding leaves."""
    parts = [int(total * weight / sum(weights)) for weight in weights]
    return [*parts[:-1], total - sum(parts[:-1])]
