"""Protect the counts of applications: hide small ones, and the others without which they could be computed, until an audit proves it.

Belongs here: pure functions on frames. Does not: which applications are counted (embargo, doubles, the class of a place), files, Dagster.

`paliers.protect_counts(base, policy.effectifs.values(), elsewhere, earlier)` gives the table to publish, or none and why;
`paliers.account` what may be told of it. `audit.audit(base, table, thresholds, elsewhere, earlier)` judges any such table again and is the
one to trust: it shares no code with what built it. `base` holds no wave under embargo. `elsewhere` names the cells whose count is public
otherwise (announced by the State, or counted in another public table), among the values that `base` has; `earlier` holds this table as each
earlier release shows it: whoever kept them knows them. `base`, and in what is given back `proofs`, `knowledge`, `motifs`, `small` and
`others`, are private.
"""
