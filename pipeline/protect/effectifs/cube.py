"""Counts of applications by wave, region and class, with every margin, as arrays: what the builder hides cells of."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Grouping = frozenset[str]

DIMENSIONS = ("vague", "region", "classe")
COUNTED = ("candidatures", "laureats")
ENSEMBLE = "ensemble"
MOST = 10_000_000  # far above any programme: sums of counts stay exact


class CountsError(ValueError):
    """Counts that cannot be read as a cube; a French sentence that names the cell, never its count."""


class Scope(NamedTuple):
    """Cells of a cube: those of the published table; those that relations are written on, which hold them; those known from elsewhere."""

    published: Mask
    inside: Mask
    known: Mask


@dataclass(frozen=True)
class Cube:
    """`labels`: for each dimension its values, sorted, then « ensemble »; the arrays have one axis a dimension, in the same order."""

    labels: tuple[tuple[str, ...], ...]
    candidatures: Counts
    laureats: Counts

    @property
    def refused(self) -> Counts:
        """Applications that were not successful: the secret."""
        return self.candidatures - self.laureats

    def positions(self, cells: pl.DataFrame) -> NDArray[np.int64]:
        """Flat positions of the cells of a frame with the columns DIMENSIONS. CountsError for a value that the cube does not have."""
        found = []
        for dimension, values in zip(DIMENSIONS, self.labels, strict=True):
            rank = {value: place for place, value in enumerate(values)}
            strangers = sorted({str(value) for value in cells[dimension] if value not in rank})
            if strangers:
                raise CountsError(f"{dimension} : « {strangers[0]} » absente des effectifs ; corriger la liste des effectifs déjà publics.")
            found.append(np.array([rank[value] for value in cells[dimension]], dtype=np.int64))
        return np.ravel_multi_index(tuple(found), self.candidatures.shape).astype(np.int64)


def build(base: pl.DataFrame) -> Cube:
    """The cube of base cells (`vague, region, classe, candidatures, laureats`, one row a cell, absent = 0). CountsError when ill-formed."""
    _check(base)
    labels = tuple((*sorted(base[name].unique()), ENSEMBLE) for name in DIMENSIONS)
    shape = tuple(map(len, labels))
    empty = np.zeros(shape, dtype=np.int64)
    places = Cube(labels, empty, empty).positions(base)
    arrays = []
    for name in COUNTED:
        array = empty.copy()
        array.flat[places] = base[name].to_numpy()
        for axis in range(len(shape)):
            last = tuple(-1 if other == axis else slice(None) for other in range(len(shape)))
            array[last] = array.sum(axis=axis)
        arrays.append(array)
    return Cube(labels, *arrays)


def margins(groupings: Iterable[Grouping]) -> frozenset[Grouping]:
    """The groupings and all that can be summed from them."""
    return frozenset(frozenset(part) for whole in groupings for size in range(len(whole) + 1) for part in combinations(sorted(whole), size))


def mask(shape: tuple[int, ...], groupings: frozenset[Grouping]) -> Mask:
    """The cells of the groupings: a cell belongs to that of the dimensions where it is not « ensemble »."""
    found = np.zeros(shape, dtype=bool)
    for grouping in groupings:
        where = tuple(slice(0, -1) if name in grouping else slice(-1, None) for name in DIMENSIONS)
        found[where] = True
    return found


def _check(base: pl.DataFrame) -> None:
    if base[list(DIMENSIONS + COUNTED)].null_count().sum_horizontal().sum():
        raise CountsError("Effectifs : une cellule vide ; écrire « indéterminée » pour une région ou une classe inconnue.")
    wrong = {
        "répétée": base.select(DIMENSIONS).is_duplicated(),
        f"au nom réservé « {ENSEMBLE} »": base.select(pl.any_horizontal(pl.col(DIMENSIONS) == ENSEMBLE)).to_series(),
        "avec moins de candidatures que de lauréats": base["candidatures"] < base["laureats"],
        "au nombre négatif": base["laureats"] < 0,
        "au nombre démesuré": base["candidatures"] > MOST,
    }
    for what, rows in wrong.items():
        if rows.any():
            cell = base.filter(rows).sort(DIMENSIONS).row(0, named=True)
            raise CountsError(f"Effectifs : une cellule {what} ({', '.join(f'{name} {cell[name]}' for name in DIMENSIONS)}).")
