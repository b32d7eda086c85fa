"""Bring known French habits to the canonical form of the schema, and say every cell that changed.

Belongs here: which column is which field, repairs of one cell that have a single right answer, the ledger. Does not: judging a line
(`validate`), anything that needs another line or another table (`model`), a default for what a delivery does not say (nowhere).
"""

from pipeline.harmonise.deliveries import Harmonised, harmonise

__all__ = ["Harmonised", "harmonise"]
