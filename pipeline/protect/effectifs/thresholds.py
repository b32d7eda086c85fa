"""The thresholds of the protection of counts, as numbers: what the policy hands to the builder and to the audit."""

from typing import NamedTuple


class Thresholds(NamedTuple):
    """Units: applications, but for `part_montree`, the least share of the cells that a table must show, in per cent.

    A count is small from 1 to `seuil - 1`. Whoever reads the table must be left, for a small count x, with an interval that holds
    [x - min(amplitude_bas, x), x + amplitude_haut].
    """

    seuil: int
    amplitude_bas: int
    amplitude_haut: int
    part_montree: int
