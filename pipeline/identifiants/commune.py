"""Commune codes of the official geographic code (COG)."""

import polars as pl

_METROPOLE = r"^(?:0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5])[0-9]{3}$"
_OVERSEAS = r"^9[78][0-9]{3}$"


def is_commune_code(column: str) -> pl.Expr:
    """True where `column` has the form of a commune code, whatever the year; null stays null.

    Five characters: a département of metropolitan France (01 to 95, 2A and 2B for Corsica) and three digits, or 97 or 98 and
    three digits overseas. That the commune exists is for the reference table to say. Source: INSEE, code officiel géographique.
    """
    return pl.col(column).str.contains(f"{_METROPOLE}|{_OVERSEAS}")
