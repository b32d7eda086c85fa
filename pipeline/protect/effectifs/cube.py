"""Counts of applications by wave, region and class, with every margin, as arrays: what the builder hides cells of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod
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
CROSSINGS = 200_000  # of waves, regions and classes: far above any programme


class CountsError(ValueError):
    """Counts that cannot be read as a cube; a French sentence that names the cell, never its count."""


class Scope(NamedTuple):
    """Cells of a cube: those of the published table; those that relations are written on, which hold them; those whose count is known from
    elsewhere; those that an earlier release hides."""

    published: Mask
    inside: Mask
    known: Mask
    asked: Mask


@dataclass(frozen=True)
class Cube:
    """`labels`: for each dimension its values, sorted, then « ensemble »; the arrays have one axis a dimension, in the same order.

    Between the waves and « ensemble » stand the `groups` of waves that « ensemble » was in earlier releases: name → positions of its waves.
    """

    labels: tuple[tuple[str, ...], ...]
    groups: Mapping[str, tuple[int, ...]]
    candidatures: Counts
    laureats: Counts

    @property
    def refused(self) -> Counts:
        """Applications that were not successful: the secret."""
        return self.candidatures - self.laureats

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the arrays."""
        return tuple(map(len, self.labels))

    @property
    def waves(self) -> int:
        """Number of waves, which come first on their axis."""
        return len(self.labels[0]) - len(self.groups) - 1

    def empty(self) -> Mask:
        """No cell."""
        return np.zeros(self.shape, dtype=bool)

    def positions(self, cells: pl.DataFrame) -> NDArray[np.int64]:
        """Flat positions of the cells of a frame with the columns DIMENSIONS. CountsError for a value that the cube does not have."""
        found = []
        for dimension, values in zip(DIMENSIONS, self.labels, strict=True):
            rank = {value: place for place, value in enumerate(values)}
            strangers = sorted({str(value) for value in cells[dimension] if value not in rank})
            if strangers:
                raise CountsError(f"{dimension} : « {strangers[0]} » absente des effectifs ; corriger la liste des effectifs déjà publics.")
            found.append(np.array([rank[value] for value in cells[dimension]], dtype=np.int64))
        return np.ravel_multi_index(tuple(found), self.shape).astype(np.int64)

    def mask(self, groupings: frozenset[Grouping], with_groups: bool = False) -> Mask:
        """The cells of the groupings: a cell belongs to that of the dimensions where it is not « ensemble »."""
        found = self.empty()
        for grouping in groupings:
            found[tuple(slice(0, -1) if name in grouping else slice(-1, None) for name in DIMENSIONS)] = True
        if not with_groups:
            found[self.waves : -1] = False
        return found

    def sums(self, inside: Mask) -> list[NDArray[np.int64]]:
        """Flat positions of each total after those of its parts, for each axis along which all of them are inside."""
        positions = np.arange(inside.size, dtype=np.int64).reshape(self.shape)
        totals = [(tuple(range(self.waves)), -1), *((parts, self.waves + rank) for rank, parts in enumerate(self.groups.values()))]
        lines = [np.moveaxis(positions[[*parts, total]], 0, -1).reshape(-1, len(parts) + 1) for parts, total in totals]
        lines += [np.moveaxis(positions, axis, -1).reshape(-1, self.shape[axis]) for axis in range(1, len(self.shape))]
        return [line for axis in lines for line in axis if inside.flat[line].all()]


def build(base: pl.DataFrame, earlier: Iterable[pl.DataFrame] = ()) -> Cube:
    """The cube of base cells (`vague, region, classe, candidatures, laureats`, one row a cell, absent = 0). CountsError when ill-formed.

    `earlier`: tables of earlier releases, for the waves that they sum.
    """
    _check(base)
    values = [sorted(base[name].unique()) for name in DIMENSIONS]
    rank = {wave: place for place, wave in enumerate(values[0])}
    summed = {tuple(sorted(rank[wave] for wave in set(table["vague"]) if wave in rank)) for table in earlier}
    groups = {_named(values[0], parts): parts for parts in sorted(summed) if 1 < len(parts) < len(rank)}
    labels = ((*values[0], *groups, ENSEMBLE), *((*each, ENSEMBLE) for each in values[1:]))
    if prod(map(len, labels)) > CROSSINGS:
        raise CountsError("Effectifs : trop de valeurs différentes de vagues, de régions et de classes ; corriger les livraisons.")
    nothing = np.zeros(tuple(map(len, labels)), dtype=np.int64)
    places = Cube(labels, groups, nothing, nothing).positions(base)
    candidatures, laureats = (_summed(nothing, places, base[name], list(groups.values())) for name in COUNTED)
    return Cube(labels, groups, candidatures, laureats)


def read_earlier(cube: Cube, earlier: Iterable[pl.DataFrame]) -> tuple[Mask, Mask, Mask]:
    """The cells of the cube that earlier releases show, those that they show with the count of now, those that they hide.

    A value that the cube no longer has counts nothing now.
    """
    shown, same, hidden = cube.empty(), cube.empty(), cube.empty()
    for table in earlier:
        waves = [wave for wave in cube.labels[0][: cube.waves] if wave in set(table["vague"])]
        total = ENSEMBLE if len(waves) == cube.waves else ", ".join(waves)
        named = table.with_columns(vague=pl.when(pl.col("vague") == ENSEMBLE).then(pl.lit(total)).otherwise("vague"))
        told = named.filter(pl.all_horizontal(pl.col(name).is_in(values) for name, values in zip(DIMENSIONS, cube.labels, strict=True)))
        open_cells = told.filter(pl.col("non_retenues").is_not_null())
        places = cube.positions(open_cells)
        shown.flat[places] = True
        same.flat[places[cube.refused.flat[places] == open_cells["non_retenues"].to_numpy()]] = True
        hidden.flat[cube.positions(told.filter(pl.col("non_retenues").is_null()))] = True
    return shown, same, hidden


def margins(groupings: Iterable[Grouping]) -> frozenset[Grouping]:
    """The groupings and all that can be summed from them."""
    return frozenset(frozenset(part) for whole in groupings for size in range(len(whole) + 1) for part in combinations(sorted(whole), size))


def _named(waves: list[str], parts: tuple[int, ...]) -> str:
    return ", ".join(waves[part] for part in parts)


def _summed(nothing: Counts, places: NDArray[np.int64], counts: pl.Series, groups: list[tuple[int, ...]]) -> Counts:
    """Base counts at their places, with every margin."""
    array = nothing.copy()
    array.flat[places] = counts.to_numpy()
    array[-1] = array.sum(axis=0)
    for place, parts in enumerate(groups):
        array[place - 1 - len(groups)] = array[list(parts)].sum(axis=0)
    array[:, -1] = array.sum(axis=1)
    array[:, :, -1] = array.sum(axis=2)
    return array


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
