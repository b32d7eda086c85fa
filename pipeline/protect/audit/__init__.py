"""Decide whether the protected tables may be released. It shares no code with what built them, and does not read the policy.

Belongs here: reading the sources again, each in its own words, and what no setting may allow. Does not: building or mending a table.
`decision.audit` judges the tables as built, `decision.published` that what goes out is what was judged.
"""
