"""SIRET: fourteen digits that identify an establishment, the first nine being the SIREN of its legal unit."""

import polars as pl

from pipeline.identifiants.digits import column_of, digit_sum, luhn_sum

LA_POSTE_SIREN = "356000000"
LA_POSTE_HEAD_OFFICE = "35600000000048"
_FORM = r"^[0-9]{14}$"


def is_siret(column: str | pl.Expr) -> pl.Expr:
    """True where `column` holds a SIRET that INSEE could have issued; null stays null.

    A SIRET is 14 digits whose Luhn sum is a multiple of 10, and so is that of its first 9 (the SIREN). La Poste ran out of
    numbers: its establishments, the head office excepted, only need a digit sum that is a multiple of 5. All zeros passes
    Luhn and means "unknown", so it is refused. Source: INSEE, SIRENE documentation; same rule as `stdnum.fr.siret`.
    """
    value = column_of(column)
    siren = value.str.slice(0, 9)
    luhn_holds = (luhn_sum(value, 14) % 10 == 0) & (luhn_sum(siren, 9) % 10 == 0)
    la_poste = (siren == LA_POSTE_SIREN) & (value != LA_POSTE_HEAD_OFFICE)
    well_formed = value.str.contains(_FORM) & (value != "0" * 14)
    return well_formed & pl.when(la_poste).then(digit_sum(value, 14) % 5 == 0).otherwise(luhn_holds)


def is_rounded_siret(column: str | pl.Expr) -> pl.Expr:
    """True where `column` holds 14 digits that end in 00000: a SIREN padded or rounded by a spreadsheet; null stays null.

    No establishment has the number 00000, yet one rounded value in ten passes Luhn by chance: check it besides `is_siret`.
    """
    value = column_of(column)
    return value.str.contains(_FORM) & value.str.ends_with("0" * 5)


def is_in_scientific_notation(column: str | pl.Expr) -> pl.Expr:
    """True where a spreadsheet wrote the identifier with an exponent (« 2,18602E+13 »): digits are lost, no repair is possible."""
    return column_of(column).str.contains(r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}$")


def siren_of_siret(column: str | pl.Expr) -> pl.Expr:
    """The SIREN inside a SIRET: its first 9 digits; null where `column` is null or is not 14 digits."""
    value = column_of(column)
    return pl.when(value.str.contains(_FORM)).then(value.str.slice(0, 9))
