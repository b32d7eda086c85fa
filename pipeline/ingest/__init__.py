"""Read what was delivered: each file frozen by its sha256, then every record as text, with its role, its file and its first line.

Belongs here: where a delivery comes from, its bytes, encoding, separator, sheet, records and roles. Does not: what a column means
(`harmonise`), nor what a cell is worth (`validate`). Nothing is trimmed, converted or dropped here.
"""
