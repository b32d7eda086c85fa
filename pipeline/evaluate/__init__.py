"""Draw figures from the model: accounts, indicators, reconciliation with what the State announced.

Belongs here: SQL over the warehouse, one file a table, a figure that has no source being null and never zero. Does not: mending a
line (`harmonise`), deciding what is a place or an award (`model`), rounding or hiding a figure for the public (`protect`).
"""
