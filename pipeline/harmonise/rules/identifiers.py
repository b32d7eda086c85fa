"""Rules on identifiers and official codes. Digits that are lost are never given back, but for a zero that two keys prove."""

import polars as pl

from pipeline.harmonise.rules import kinds
from pipeline.harmonise.rules.rule import Rule
from pipeline.identifiants import is_in_scientific_notation, is_rounded_siret, is_siret
from pipeline.schema import Field, TableSchema

# What people put between the digits of an identifier, and the apostrophe that tells a spreadsheet « this is text ».
_BETWEEN = r"[\p{Zs}.'’-]"
_POINT_ZERO = r"^([0-9]+)[.,]0+$"
_ROUNDED = "^[0-9]{9}00000$"
_EXPONENT = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}$"
# Sex, year, month (or a code above 20), of a NIR without its key: thirteen digits as well.
_LIKE_A_NIR = "^[1-478][0-9]{2}(?:0[1-9]|1[0-2]|[2-9][0-9])"


def identifier_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            id="identifiant-virgule-zero",
            sentence="Le « .0 » qu'un tableur ajoute à un SIRET, un SIREN ou un code officiel est retiré.",
            reason="Le tableur a pris l'identifiant pour un nombre ; les chiffres qui restent sont jugés ensuite.",
            example=("21860194600013.0", "21860194600013"),
            concerns=_is_digits,
            suspects=_POINT_ZERO,
            repaired=lambda value, _field: value.str.replace(_POINT_ZERO, "${1}"),
        ),
        Rule(
            id="siret-espaces",
            sentence="Les espaces, points, tirets et apostrophes d'un SIRET de 14 chiffres (ou du SIREN donné à sa place) sont retirés.",
            reason="Il reste 14 ou 9 chiffres ; un SIREN reste un SIREN.",
            example=("732 829 320 00074", "73282932000074"),
            concerns=kinds.is_siret,
            suspects=_BETWEEN,
            repaired=lambda value, _field: _digits_joined(value, "^(?:[0-9]{14}|[0-9]{9})$"),
        ),
        Rule(
            id="siren-espaces",
            sentence="Les espaces, points, tirets et apostrophes d'un SIREN de 9 chiffres sont retirés.",
            reason="Il reste 9 chiffres.",
            example=("732 829 320", "732829320"),
            concerns=kinds.is_siren,
            suspects=_BETWEEN,
            repaired=lambda value, _field: _digits_joined(value, "^[0-9]{9}$"),
        ),
        Rule(
            id="siret-zero-perdu",
            sentence="Le zéro de tête qu'un tableur a retiré d'un SIRET est rendu, si les deux clés (SIRET et SIREN) le prouvent.",
            reason="Une chance sur cent d'être juste par hasard. Pas sur un SIRET arrondi, ni sur 13 chiffres qui ont la forme d'un NIR.",
            example=("5520135400010", "05520135400010"),
            concerns=kinds.is_siret,
            suspects="^[0-9]{13}$",
            repaired=lambda value, _field: _zero_given_back(value),
        ),
        Rule(
            id="siret-arrondi",
            sentence="Un SIRET arrondi (fini par 00000) est refusé comme identifiant ; le nom, demandé à sa place, reste.",
            reason="Aucun établissement n'a ce numéro, et un arrondi sur dix passe la clé par hasard. "
            "Là où le SIRET est exigé, il reste et la ligne est rejetée.",
            example=("35181600000000", None),
            concerns=kinds.name_stands_in,
            suspects=_ROUNDED,
            repaired=lambda value, _field: pl.when(~is_rounded_siret(value)).then(value),
        ),
        Rule(
            id="siret-notation-scientifique",
            sentence="Un SIRET en notation scientifique est refusé comme identifiant ; le nom, demandé à sa place, reste.",
            reason="Le tableur en a perdu des chiffres, rien ne les rend. Là où le SIRET est exigé, il reste et la ligne est rejetée.",
            example=("2,18602E+13", None),
            concerns=kinds.name_stands_in,
            suspects=_EXPONENT,
            repaired=lambda value, _field: pl.when(~is_in_scientific_notation(value)).then(value),
        ),
        Rule(
            id="rna-forme",
            sentence="Un numéro RNA prend sa forme : un W majuscule et 9 chiffres, sans espaces.",
            reason="La lettre W et le nombre de chiffres suffisent à le reconnaître.",
            example=("w751 234 567", "W751234567"),
            concerns=kinds.is_rna,
            suspects=r"^w|[\p{Zs}.-]",
            repaired=lambda value, _field: _rna(value),
        ),
        Rule(
            id="code-zero-perdu",
            sentence="Le zéro de tête d'un code de département ou de commune est rendu, et la lettre de la Corse mise en majuscule.",
            reason="Un code de département a deux chiffres, un code de commune cinq : à un chiffre ou à quatre, c'est le zéro qui manque.",
            example=("1", "01"),
            concerns=kinds.is_official_code,
            suspects="^[1-9]$|^[1-9][0-9]{3}$|^2[ab]",
            repaired=_official_code,
        ),
    )


def _is_digits(field: Field, schema: TableSchema) -> bool:
    return any(kind(field, schema) for kind in (kinds.is_siret, kinds.is_siren, kinds.is_official_code))


def _digits_joined(value: pl.Expr, form: str) -> pl.Expr:
    digits = value.str.replace_all(_BETWEEN, "")
    return pl.when(digits.str.contains(form)).then(digits).otherwise(value)


def _zero_given_back(value: pl.Expr) -> pl.Expr:
    whole = pl.lit("0") + value
    proven = value.str.contains("^[0-9]{13}$") & ~value.str.contains(_LIKE_A_NIR) & ~whole.str.contains(_ROUNDED)
    return pl.when(proven & is_siret(whole)).then(whole).otherwise(value)


def _rna(value: pl.Expr) -> pl.Expr:
    number = value.str.replace_all(r"[\p{Zs}.-]", "").str.to_uppercase()
    return pl.when(number.str.contains("^W[0-9]{9}$")).then(number).otherwise(value)


def _official_code(value: pl.Expr, field: Field) -> pl.Expr:
    """A département (two characters) or a commune (five): the field's own pattern says which."""
    form = "^[1-9]$" if kinds.is_department(field) else "^[1-9][0-9]{3}$"
    corsica = value.str.replace("^2a", "2A").str.replace("^2b", "2B")
    return pl.when(value.str.contains(form)).then(pl.lit("0") + value).otherwise(corsica)
