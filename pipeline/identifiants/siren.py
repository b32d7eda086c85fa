"""SIREN: nine digits that identify a legal unit, sole traders included."""

import polars as pl

from pipeline.identifiants.digits import column_of, luhn_sum


def is_siren(column: str | pl.Expr) -> pl.Expr:
    """True where `column` holds a SIREN that INSEE could have issued; null stays null.

    Nine digits whose Luhn sum is a multiple of 10. All zeros passes Luhn and means "unknown", so it is refused. Source: INSEE,
    SIRENE documentation; same rule as `stdnum.fr.siren`, but for the zeros.
    """
    value = column_of(column)
    return value.str.contains(r"^[0-9]{9}$") & (value != "0" * 9) & (luhn_sum(value, 9) % 10 == 0)


def is_public_body_siren(column: str | pl.Expr) -> pl.Expr:
    """True where `column` holds the SIREN of a public body: a valid one that starts with 1 (State) or 2 (local); null stays null.

    It is evidence that a bearer is a legal person. A public body may have another first digit: false proves nothing. Source:
    INSEE, SIRENE documentation (numbers of public bodies).
    """
    return is_siren(column) & column_of(column).str.contains("^[12]")
