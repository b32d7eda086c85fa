"""Protect the counts of applications: hide small ones, and the others without which they could be computed, until an audit proves it.

Belongs here: pure functions on frames. Does not: which applications are counted (embargo, doubles, the class of a place), files, Dagster.

`paliers.protect_counts(base, policy.effectifs.values(), elsewhere)` gives the table to publish, or none and why; `paliers.account` what may
be told of it; `audit.audit(base, table, thresholds, elsewhere)` judges any such table again and is the one to trust: it shares no code with
what built it. `base` holds no wave under embargo; `elsewhere` names the counts that the State announced, and those that an earlier release
shows: whoever keeps both releases knows them. Both frames are private, as are `proofs`, `motifs` of a step, `small` and `others`.
"""
