"""RNA: the number of an association in the national register."""

import polars as pl


def is_rna(column: str) -> pl.Expr:
    """True where `column` holds W and nine digits, no more; null stays null. Source: SCDL subventions 2.1.1, `rnaBeneficiaire`."""
    return pl.col(column).str.contains(r"^W[0-9]{9}$")
