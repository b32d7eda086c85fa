"""The table of counts as it may be published: hide, audit, coarsen until the audit agrees and enough is left to read.

Detail is the same for all waves: series stay comparable, and the counts of one wave do not choose the detail of its own table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from pipeline.protect.effectifs import attack, cube, suppression
from pipeline.protect.effectifs.audit import MARK, TABLE, CountsVerdict, audit, refusal
from pipeline.protect.effectifs.cube import DIMENSIONS, Cube, Grouping, Mask, Scope
from pipeline.protect.effectifs.thresholds import Thresholds

CELLS = 2_500  # a bigger table is coarsened untried: hiding its cells would take more time than a whole run has

# Per cent. With a quarter of small counts, four cells in ten end up hidden (tried on tables of this shape): beyond a third, no search pays.
MANY_SMALL = 33

VRC, VR, VC, R, V = (frozenset(part) for part in (DIMENSIONS, ("vague", "region"), ("vague", "classe"), ("region",), ("vague",)))
# From the finest. No step holds the three pairs without the whole: its pairs alone are all that is to be known of the crossing.
STEPS = MappingProxyType(
    {
        "vague_region_classe": frozenset({VRC}),
        "vague_region_et_vague_classe": frozenset({VR, VC}),
        "vague_classe_et_region": frozenset({VC, R}),
        "vague": frozenset({V}),
    }
)


@dataclass(frozen=True)
class Left:
    """A step that was left: `raison` may be told to anyone, `motifs` name cells."""

    step: str
    raison: str
    motifs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProtectedCounts:
    """`table`: None when nothing may be published; `step`: the detail reached; `left`: the finer ones, in their order.

    `small` and `others`: cells hidden as small counts, and to protect them. Private, as the verdict's proofs are.
    """

    table: pl.DataFrame | None
    step: str | None
    left: tuple[Left, ...]
    verdict: CountsVerdict
    small: int = 0
    others: int = 0


def protect_counts(
    base: pl.DataFrame, thresholds: Thresholds, elsewhere: pl.DataFrame | None = None, earlier: Sequence[pl.DataFrame] = ()
) -> ProtectedCounts:
    """The most detailed table that the audit accepts and of which at least `part_montree` per cent of the cells are shown.

    `base`: `vague, region, classe, candidatures, laureats`, one row a cell, an absent cell is 0; `elsewhere`: coordinates (« ensemble »
    for a total) of the counts that are public already; `earlier`: this table in each earlier release. CountsError when they are ill-formed.
    """
    counts = cube.build(base, earlier)
    shown, same, asked = cube.read_earlier(counts, earlier)
    known = shown & (same | (counts.refused < 1) | (counts.refused >= thresholds.seuil))  # a count that has become small is hidden
    if elsewhere is not None:
        known.flat[counts.positions(elsewhere)] = True
    left: list[Left] = []
    for step, wholes in STEPS.items():
        published = counts.mask(cube.margins(wholes))
        scope = Scope(published, counts.mask(_linked(published | known | asked), with_groups=True), known, asked & ~known)
        small = published & ~known & (counts.refused >= 1) & (counts.refused < thresholds.seuil)
        if 100 * small.sum() > MANY_SMALL * published.sum():
            left.append(Left(step, f"écarté : plus de {MANY_SMALL} % des effectifs sont petits"))
            continue
        hidden = _hide(counts, scope, thresholds)
        reason = _reason(published, hidden, thresholds)
        if reason is not None or hidden is None:
            left.append(Left(step, reason or ""))
            continue
        table = write(counts, published, hidden.primary | hidden.complementary)
        verdict = audit(base, table, thresholds, elsewhere, earlier)
        if verdict.ok:
            return ProtectedCounts(table, step, tuple(left), verdict, int(hidden.primary.sum()), int(hidden.complementary.sum()))
        left.append(Left(step, "écarté : refusé par l'audit", verdict.motifs))
    return ProtectedCounts(None, None, tuple(left), refusal(tuple(f"{TABLE} : détail « {each.step} » {each.raison}" for each in left)))


def write(counts: Cube, published: Mask, hidden: Mask) -> pl.DataFrame:
    """The published cells: `vague, region, classe, candidatures, laureats, non_retenues, secret`, sorted; hidden counts are null."""
    cells = np.argwhere(published)
    shown = pl.Series(~hidden[published])
    values: dict[str, Any] = {name: np.array(counts.labels[axis])[cells[:, axis]].tolist() for axis, name in enumerate(DIMENSIONS)}
    values |= {name: array[published] for name, array in (("candidatures", counts.candidatures), ("laureats", counts.laureats))}
    frame = pl.DataFrame(values, schema_overrides=dict.fromkeys(DIMENSIONS, pl.String())).with_columns(
        non_retenues=pl.when(shown).then(pl.col("candidatures") - pl.col("laureats")),
        candidatures=pl.when(shown).then(pl.col("candidatures")),
        secret=pl.when(~shown).then(pl.lit(MARK)),
    )
    return frame.select(*DIMENSIONS, "candidatures", "laureats", "non_retenues", "secret").sort(DIMENSIONS)


def account(done: ProtectedCounts, thresholds: Thresholds) -> dict[str, Any]:
    """What may be said of the hiding: computed from the published table and the policy, so that it tells nothing more than they do.

    `largeurs`: of the interval that a reader can compute for each hidden count; a count without upper bound is left out of both figures.
    """
    found: dict[str, Any] = {
        "detail": done.step,
        "details_ecartes": [{"detail": each.step, "raison": each.raison} for each in done.left],
        **thresholds._asdict(),
    }
    if done.table is None or done.verdict.knowledge is None:
        return found
    widths = attack.bounds(done.verdict.knowledge).select(pl.col("maximum") - pl.col("minimum")).to_series()
    hidden = done.table["secret"].is_not_null().sum()
    return found | {
        "cellules": done.table.height,
        "cellules_masquees": hidden,
        "largeurs": {"minimum": widths.min(), "mediane": widths.median(), "sans_borne": widths.null_count()},
    }


def _hide(counts: Cube, scope: Scope, thresholds: Thresholds) -> suppression.Hidden | None:
    """None for a table too big to be tried."""
    cells = int(scope.published.sum())
    return suppression.hide(counts, scope, thresholds, cells * (100 - thresholds.part_montree) // 100) if cells <= CELLS else None


def _linked(cells: Mask) -> frozenset[Grouping]:
    """The groupings of the cells and of their margins. With the three pairs, the whole crossing: alone, they would allow tables that no
    crossing gives."""
    last = np.array(cells.shape) - 1
    crossed = np.unique(np.argwhere(cells) != last, axis=0)
    groupings = cube.margins(frozenset(name for name, inside in zip(DIMENSIONS, row, strict=True) if inside) for row in crossed)
    return groupings | {VRC} if sum(len(grouping) == 2 for grouping in groupings) == 3 else groupings


def _reason(published: Mask, hidden: suppression.Hidden | None, thresholds: Thresholds) -> str | None:
    """Why a step is left before any audit."""
    if hidden is None:
        return f"écarté : plus de {CELLS} cellules"
    if 100 * (hidden.primary | hidden.complementary).sum() > (100 - thresholds.part_montree) * published.sum():
        return f"écarté : moins de {thresholds.part_montree} % des cellules pourraient être montrées"
    if hidden.unprotected.any():
        return "écarté : des petits effectifs qu'aucun masquage ne protège"
    return None
