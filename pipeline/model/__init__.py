"""Turn accepted lines into places, awards, waves, agreements and payments, and say what does not hold between two tables.

Belongs here: keys, joins and rules that need two tables, written in SQL; the warehouse that holds them. Does not: rules on one
line (`validate`), accounts and indicators (`evaluate`), what may be shown to whom (`protect`).
"""
