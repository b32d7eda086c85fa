"""Decide whether a table of counts may be released. It shares no code with what hid the cells, and does not read the policy.

It starts again from the counts and asks for proofs: for each hidden count, other tables that agree with everything a reader knows.
What no setting may allow is written here. A reason names cells, never a count.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np
import polars as pl

from pipeline.protect.effectifs import attack, certificates
from pipeline.protect.effectifs.attack import AXES, TOTAL, Key, Knowledge
from pipeline.protect.effectifs.linear import Integers
from pipeline.protect.effectifs.thresholds import Thresholds

TABLE = "candidatures_agregees"
COLUMNS = MappingProxyType(
    {
        **dict.fromkeys(AXES, pl.String()), "candidatures": pl.Int64(), "laureats": pl.Int64(), "non_retenues": pl.Int64(),
        "secret": pl.String(),
    }
)  # fmt: skip
# One mark for every hidden count: one that told small counts from the others would say that these are at least 1 and below the threshold.
MARK = "secret_statistique"

# INSEE, règles du secret pour les entreprises : no cell of fewer than 3 units; the interval left must span as many.
FLOORS = Thresholds(seuil=3, amplitude_bas=1, amplitude_haut=2, part_montree=0)

NAMED = 3  # cells named in a reason
PROOFS = pl.Schema({**dict.fromkeys(AXES, pl.String()), "minimum": pl.Int64(), "maximum": pl.Int64()})


@dataclass(frozen=True)
class CountsVerdict:
    """`proofs`: for each hidden count, the least and the greatest value that a verified certificate gives it; `knowledge`: what a reader
    has, None when the table was refused before any proof was sought. Both private."""

    ok: bool
    motifs: tuple[str, ...]
    proofs: pl.DataFrame
    knowledge: Knowledge | None = None


def refusal(motifs: tuple[str, ...]) -> CountsVerdict:
    """A verdict without proofs, for these reasons."""
    return CountsVerdict(False, motifs, pl.DataFrame(schema=PROOFS))


def audit(
    base: pl.DataFrame,
    table: pl.DataFrame,
    thresholds: Thresholds,
    elsewhere: pl.DataFrame | None = None,
    earlier: Sequence[pl.DataFrame] = (),
) -> CountsVerdict:
    """Whether the table may be released, given the true counts (`vague, region, classe, candidatures, laureats`, one row a cell).

    `elsewhere`: coordinates of the cells whose count is public already; « ensemble » for a total. `earlier`: this table in each earlier
    release, as it was published; a count that it shows is taken to be what it is now, unless it has changed and become small.
    """
    shape = (*_floors(thresholds), *_shape(table))
    if shape:  # the other checks read what may not be there
        return refusal(shape)
    true = Truth(base)
    said = set() if elsewhere is None else set(elsewhere.select(AXES).rows())
    past = attack.read_earlier(earlier, true.values)
    true.group(past.groups)
    motifs = list(_about((key for key in said if not true.has(key)), "effectif dit déjà public que la livraison n'a pas"))
    known = said | {key for key, count in past.shown if count == true.refused(key) or not 1 <= true.refused(key) < thresholds.seuil}
    motifs += _lines(table, true, known, thresholds)
    shown = set(table.filter(pl.col("non_retenues").is_not_null()).select(AXES).rows())
    motifs += _about(sorted(shown & past.hidden - known), "effectif montré, qu'une publication antérieure masque")
    if motifs:
        return refusal(tuple(motifs))
    knowledge = attack.read(table, {key: true.refused(key) for key in known}, true.values, past)
    unproved, proofs = prove(knowledge, true, thresholds)
    return CountsVerdict(not unproved, tuple(unproved), proofs, knowledge)


class Truth:
    """The true counts of any cell, summed from the base cells."""

    def __init__(self, base: pl.DataFrame) -> None:
        self.values = [{*base[axis], TOTAL} for axis in AXES]
        self.counts: dict[Key, tuple[int, int]] = {}
        for whole in range(2 ** len(AXES)):
            summed = [pl.lit(TOTAL).alias(axis) for rank, axis in enumerate(AXES) if whole >> rank & 1]
            cells = base.with_columns(summed).group_by(AXES).agg(pl.col("candidatures", "laureats").sum())
            self.counts |= {row[: len(AXES)]: row[len(AXES) :] for row in cells.rows()}

    def group(self, groups: Mapping[str, frozenset[str]]) -> None:
        """Add the cells that sum some waves only."""
        for name, waves in groups.items():
            for (wave, *rest), told in list(self.counts.items()):
                if wave in waves:
                    before = self.told((name, *rest))
                    self.counts[name, *rest] = (before[0] + told[0], before[1] + told[1])

    def has(self, key: Key) -> bool:
        """Whether every coordinate is one of the base cells', or « ensemble »."""
        return all(value in values for value, values in zip(key, self.values, strict=True))

    def told(self, key: Key) -> tuple[int, int]:
        """Applications and laureates."""
        return self.counts.get(key, (0, 0))

    def refused(self, key: Key) -> int:
        """Applications that were not successful."""
        applications, laureates = self.told(key)
        return applications - laureates


def prove(knowledge: Knowledge, true: Truth, thresholds: Thresholds) -> tuple[list[str], pl.DataFrame]:
    """Seek certificates, verify each, and tell which hidden counts they do not protect."""
    truth = np.array([true.refused(key) for key in knowledge.keys], dtype=np.int64)
    low, high = truth.copy(), truth.copy()
    needs = _needs(knowledge, truth, thresholds)
    if not knowledge.holds(truth):
        return [f"{TABLE} : la table publiée ne s'accorde pas avec les effectifs livrés"], pl.DataFrame(schema=PROOFS)
    for table in certificates.search(knowledge, truth, needs):
        if knowledge.holds(table):
            low, high = np.minimum(low, table), np.maximum(high, table)
    rising, falling = needs.unmet(low - truth, high - truth)
    missing = rising | falling
    exact = [knowledge.keys[place] for place in np.flatnonzero(missing & (low == high))]
    close = [knowledge.keys[place] for place in np.flatnonzero(missing & (low != high))]
    motifs = [*_about(exact, "un effectif masqué se calcule, ou rien ne prouve le contraire")]
    motifs += _about(close, "un effectif masqué s'encadre de plus près que ne le veut la politique")
    rows = [(*knowledge.keys[place], int(low[place]), int(high[place])) for place in knowledge.hidden]
    return motifs, pl.DataFrame(rows, schema=PROOFS, orient="row")


def _needs(knowledge: Knowledge, truth: Integers, thresholds: Thresholds) -> certificates.Needs:
    """A small count must be able to move as far as the policy asks; no other hidden count may be computed exactly."""
    hidden = knowledge.shown & ~knowledge.known
    small = (knowledge.shown | knowledge.asked) & ~knowledge.known & (truth >= 1) & (truth < thresholds.seuil)
    up = np.where(small, thresholds.amplitude_haut, np.where(hidden, 1, 0))
    down = np.where(small, np.minimum(thresholds.amplitude_bas, truth), np.where(hidden, np.minimum(1, truth), 0))
    return certificates.Needs(up, down, hidden & ~small)


def _floors(thresholds: Thresholds) -> Iterator[str]:
    for name, value, floor in zip(Thresholds._fields, thresholds, FLOORS, strict=True):
        if value < floor:
            yield f"{TABLE} : seuil « {name} » sous le plancher {floor} de l'audit"


def _shape(table: pl.DataFrame) -> Iterator[str]:
    """Columns, and keys: whole, unique, in their order."""
    if dict(table.schema) != COLUMNS:
        strangers = ", ".join(sorted(set(table.columns) ^ set(COLUMNS))) or "types"
        yield f"{TABLE} : colonnes différentes de celles attendues ({strangers})"
        return
    keys = table.select(AXES)
    if keys.null_count().sum_horizontal().item() or keys.is_duplicated().any():
        yield f"{TABLE} : clé vide ou répétée"
    elif not keys.equals(keys.sort(AXES)):
        yield f"{TABLE} : lignes qui ne sont pas dans l'ordre de leur clé"


def _lines(table: pl.DataFrame, true: Truth, elsewhere: set[Key], thresholds: Thresholds) -> Iterator[str]:
    """Each line by itself: it is due, its counts are true, or hidden as they must be."""
    rows = {row[: len(AXES)]: row[len(AXES) :] for row in table.rows()}
    due = set(_due(rows, true))
    yield from _about(set(rows) - due, "ligne que les effectifs livrés ne donnent pas")
    yield from _about(due - set(rows), "ligne absente")
    found: dict[str, list[Key]] = {}
    for key in sorted(due & set(rows)):
        for what in _line_faults(rows[key], true.told(key), key in elsewhere, thresholds):
            found.setdefault(what, []).append(key)
    for what, keys in found.items():
        yield from _about(keys, what)


def _due(rows: Iterable[Key], true: Truth) -> Iterator[Key]:
    """Every cell of the groupings that the table holds, and of their margins: the grand total at least."""
    crossed = {tuple(value != TOTAL for value in key) for key in rows} | {(False,) * len(AXES)}
    groupings = {tuple(map(all, zip(one, other, strict=True))) for one in crossed for other in product((True, False), repeat=len(AXES))}
    for grouping in groupings:
        yield from product(
            *(sorted(values - {TOTAL}) if crossing else [TOTAL] for crossing, values in zip(grouping, true.values, strict=True))
        )


def _line_faults(
    line: tuple[int | None, int | None, int | None, str | None], told: tuple[int, int], elsewhere: bool, thresholds: Thresholds
) -> Iterator[str]:
    applications, laureates, refused, mark = line
    if laureates != told[1]:
        yield "nombre de lauréats différent de celui des effectifs livrés"
    if mark not in {None, MARK}:
        yield "motif du secret qui distinguerait les petits effectifs des autres"
    if applications is None and refused is None and mark is not None:
        if elsewhere:
            yield "effectif déjà public masqué : le masquer ne protège rien"
        return
    if applications is None or refused is None or mark is not None:
        yield "effectif en partie masqué seulement"
    elif (applications, refused) != (told[0], told[0] - told[1]):
        yield "effectif différent de celui des effectifs livrés"
    elif 1 <= refused < thresholds.seuil and not elsewhere:
        yield "petit effectif montré"


def _about(keys: Iterable[Key], what: str) -> Iterator[str]:
    """One reason for all the cells of a fault; it names the first ones."""
    named = sorted(keys)
    if named:
        cells = " ; ".join(", ".join(f"{axis} {value}" for axis, value in zip(AXES, key, strict=True)) for key in named[:NAMED])
        more = f" et {len(named) - NAMED} autres" if len(named) > NAMED else ""
        yield f"{TABLE} : {what} ({cells}{more})"
