"""Small tables of counts, and an oracle: every table of non-negative integers that agrees with what is published, by backtracking.

It knows neither linear programmes nor the relations of the code under test: cells are sums of base cells, and that is all.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import polars as pl

from pipeline.protect.effectifs.thresholds import Thresholds

AXES = ["vague", "region", "classe"]
ASKED = Thresholds(seuil=5, amplitude_bas=2, amplitude_haut=3, part_montree=60)
AT_FLOORS = Thresholds(seuil=3, amplitude_bas=1, amplitude_haut=2, part_montree=1)
CAP = 30  # of a base cell in the oracle, far above the counts of the tests and what they ask

Key = tuple[str, ...]


def base(shape: Sequence[int], refused: Sequence[int], laureates: Sequence[int] | None = None) -> pl.DataFrame:
    """Base cells of a cube v1…, r1…, c1…, in the order of its axes."""
    keys = list(product(*([f"{letter}{rank + 1}" for rank in range(size)] for letter, size in zip("vrc", shape, strict=True))))
    won = laureates or [0] * len(keys)
    rows = [(*key, lost + gained, gained) for key, lost, gained in zip(keys, refused, won, strict=True)]
    return pl.DataFrame(rows, schema={**dict.fromkeys(AXES, pl.String()), "candidatures": pl.Int64(), "laureats": pl.Int64()}, orient="row")


def cells(frame: pl.DataFrame) -> dict[Key, int]:
    """Refused applications of every cell, margins in."""
    found: dict[Key, int] = {}
    for *key, applications, laureates in frame.rows():
        for whole in product((False, True), repeat=3):
            cell = tuple("ensemble" if margin else value for value, margin in zip(key, whole, strict=True))
            found[cell] = found.get(cell, 0) + applications - laureates
    return found


def table(frame: pl.DataFrame, hidden: set[Key], keys: set[Key] | None = None) -> pl.DataFrame:
    """A published table with those cells hidden, written without the code under test; `keys`: its cells, by default all."""
    won = cells(frame.with_columns(candidatures=2 * pl.col("laureats")))
    rows = []
    for key, refused in sorted(cells(frame).items()):
        if keys is None or key in keys:
            shown = (None, won[key], None, "secret_statistique") if key in hidden else (won[key] + refused, won[key], refused, None)
            rows.append((*key, *shown))
    counts = dict.fromkeys(["candidatures", "laureats", "non_retenues"], pl.Int64())
    return pl.DataFrame(rows, schema={**dict.fromkeys(AXES, pl.String()), **counts, "secret": pl.String()}, orient="row")


class Reader:
    """What follows from the shown cells of a table, from other known cells, and from those that earlier tables show."""

    def __init__(
        self, frame: pl.DataFrame, shown: pl.DataFrame, elsewhere: set[Key] = frozenset(), earlier: Sequence[pl.DataFrame] = ()
    ) -> None:
        self.base = list(frame.select(AXES).rows())
        true = cells(frame)
        self.known = [(self.under(key), true[key], true[key]) for key in elsewhere]
        for table in (shown, *earlier):
            waves = set(table["vague"])
            for *key, count in table.select(*AXES, "non_retenues").drop_nulls().rows():
                inside = frozenset(place for place in self.under(tuple(key)) if self.base[place][0] in waves)
                self.known.append((inside, count, count))
        self.ahead = [range(place, len(self.base)) for place in range(len(self.base) + 1)]

    def under(self, key: Key) -> frozenset[int]:
        """The base cells that a cell sums."""
        return frozenset(
            place
            for place, cell in enumerate(self.base)
            if all(wanted in ("ensemble", value) for wanted, value in zip(key, cell, strict=True))
        )

    def possible(self, key: Key, least: int, most: int | None) -> bool:
        """Whether some table of integers has a count in that range there."""
        top = CAP * len(self.base) if most is None else most
        limits = [*self.known, (self.under(key), least, top)]
        self.members = [inside for inside, _, _ in limits]
        self.dead: set[tuple[object, ...]] = set()
        return self._fill(0, tuple((low, high) for _, low, high in limits))

    def _fill(self, place: int, left: tuple[tuple[int, int], ...]) -> bool:
        """Whether the base cells from `place` on can bring each sum between the bounds left to it."""
        if (place, *left) in self.dead:
            return False
        most = [
            min([CAP, *(high for inside, (_, high) in zip(self.members, left, strict=True) if cell in inside)])
            for cell in self.ahead[place]
        ]
        room = dict(zip(self.ahead[place], most, strict=True))
        for inside, (low, high) in zip(self.members, left, strict=True):
            if high < 0 or low > sum(value for cell, value in room.items() if cell in inside):
                self.dead.add((place, *left))
                return False
        if place == len(self.base):
            return True
        for value in range(room[place], -1, -1):
            rest = (
                (max(low - value, 0), high - value) if place in inside else (low, high)
                for inside, (low, high) in zip(self.members, left, strict=True)
            )  # fmt: skip
            if self._fill(place + 1, tuple(rest)):
                return True
        self.dead.add((place, *left))
        return False


def protected(
    frame: pl.DataFrame, shown: pl.DataFrame, asked: Thresholds, elsewhere: set[Key] = frozenset(), earlier: Sequence[pl.DataFrame] = ()
) -> bool:
    """Whether every hidden count is left with what is asked: the whole interval for a small one, another value for the others."""
    reader, true = Reader(frame, shown, elsewhere, earlier), cells(frame)
    for key in sorted(hidden_in(shown)):
        count = true[key]
        low, high = (min(asked.amplitude_bas, count), asked.amplitude_haut) if 1 <= count < asked.seuil else (0, 0)
        if low or high:
            enough = reader.possible(key, count + high, None) and reader.possible(key, 0, count - low)
        else:
            enough = reader.possible(key, count + 1, None) or (count > 0 and reader.possible(key, 0, count - 1))
        if not enough:
            return False
    return True


def coordinates(keys: set[Key] | list[Key]) -> pl.DataFrame:
    """Cells as a frame of their coordinates."""
    return pl.DataFrame(sorted(keys), schema=dict.fromkeys(AXES, pl.String()), orient="row")


def hidden_in(shown: pl.DataFrame) -> set[Key]:
    """The cells whose count a table hides."""
    return set(shown.filter(pl.col("non_retenues").is_null()).select(AXES).rows())


def programme(applications: int, seed: int = 0) -> pl.DataFrame:
    """Ten waves, eighteen regions, four classes: sizes as uneven as those of the real programme, one success in five."""
    draw = np.random.default_rng(seed)
    waves = np.array([45, 50, 55, 36, 40, 44, 60, 70, 88, 120], dtype=float)
    chance = (
        waves[:, None, None]
        * draw.gamma(2, 1, 18)[None, :, None]
        * np.array([3, 3.5, 2.5, 1])[None, None, :]
        * draw.gamma(2, 0.5, (10, 18, 4))
    )
    counts = draw.multinomial(applications, (chance / chance.sum()).ravel()).reshape(chance.shape)
    won = draw.binomial(counts, 0.18)
    rows = [
        (f"fdt-{wave + 1:02}", f"{region:02}", f"c{kind}", int(counts[wave, region, kind]), int(won[wave, region, kind]))
        for wave, region, kind in zip(*np.nonzero(counts), strict=True)
    ]
    return pl.DataFrame(rows, schema=[*AXES, "candidatures", "laureats"], orient="row")
