"""Rules on numbers: amounts, counts, shares. A sum in parentheses (accounting: negative; elsewhere: a remark) has no rule."""

import polars as pl

from pipeline.harmonise.rules import kinds
from pipeline.harmonise.rules.rule import SPACES, Rule
from pipeline.schema import Field

_SIGN = rf"([-\u2212]?){SPACES}*"
_THOUSANDS = rf"[1-9][0-9]{{0,2}}(?:{SPACES}[0-9]{{3}})+"
_CURRENCY = "(?:€|(?i:euros?|eur))"
# « 1,234 » and « 1.234 € »: a decimal number, or a thousand as the English or the Germans write it.
_TWO_READINGS = rf"^{_SIGN}[1-9][0-9]{{0,2}}[.,][0-9]{{3}}(?:[^0-9]|$)"
_ENGLISH_THOUSAND = r"^[-\u2212]?[1-9][0-9]{0,2},[0-9]{3}$"
_ENGLISH = r"^[-\u2212]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})$"
_DOTTED = r"^[-\u2212]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})$"
_NOT_ENGLISH = r",[0-9]{1,2}(?:[^0-9]|$)|,[0-9]{4}|[0-9]\p{Zs}[0-9]"
_PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"
_LONG = r"^(-?)([0-9]{1,12})[.,]([0-9]{2})([0-9]+)$"
# A sign that separates no thousands: not exactly three digits after it, or more than three before it, or a zero.
_DECIMAL_SIGN = r"^-?(?:[0-9]+[.,](?:[0-9]{1,2}|[0-9]{4,})|(?:[0-9]{4,}|0)[.,][0-9]+)$"
# The same, where only a point may be the sign.
_DECIMAL_POINT = r"^-?(?:[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})|(?:[0-9]{4,}|0)\.[0-9]+)$"
# What a column holds where its point may separate thousands: two groups, or a decimal comma.
_POINT_OF_THOUSANDS = rf"{_DOTTED}|,[0-9]{{1,2}}(?:[^0-9]|$)"
_LAST_ZERO = r"^-?[1-9][0-9]{0,2}\.[0-9]{2}0$"
_PERCENT = rf"^([0-9]{{1,3}}(?:[.,][0-9]{{1,4}})?){SPACES}*%$"


def number_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            id="montant-centimes",
            sentence="Un montant d'un autre financeur qui a plus de deux décimales est arrondi au centime le plus proche.",
            reason="L'euro n'a pas d'unité sous le cent (règlement CE 974/98, art. 2) : un tableur a calculé ce nombre (un taux fois un "
            "coût). À égale distance de deux centimes, rien n'est changé : la règle qui monte alors d'un cent (règlement CE 1103/97, "
            "art. 5) ne vaut que pour une conversion en euros. Rien non plus si la colonne ne prouve pas quel signe est décimal "
            "(« 1.234 » a deux lectures), ou en a deux. Une livraison du programme n'est jamais arrondie : elle est à corriger.",
            example=("42166.9105", "42166.91"),
            concerns=lambda field, schema: field.is_money and schema.stricter is not None,
            suspects=_LONG,
            repaired=lambda value, _field: _nearest_cent(value),
            proof=lambda column, _field: _one_decimal_sign(column),
        ),
        Rule(
            id="montant-anglais",
            sentence="Les virgules de milliers à l'anglaise (1,234) sont retirées, si la colonne entière les prouve.",
            reason="« 1,234 » a deux lectures : il faut une cellule qui n'en ait qu'une (1,234,567 ou 1,234.56), et aucune à la française.",
            example=("1,234", "1234"),
            concerns=kinds.is_number,
            suspects=_ENGLISH_THOUSAND,
            repaired=lambda value, _field: pl.when(value.str.contains(_ENGLISH_THOUSAND)).then(_joined(value, ",")).otherwise(value),
            proof=lambda column, _field: column.str.contains(_ENGLISH).any() & ~column.str.contains(_NOT_ENGLISH).any(),
        ),
        Rule(
            id="montant-zero-final",
            sentence="Le troisième chiffre, nul, qui suit le point d'un montant du programme (50.000) est retiré, si la colonne entière "
            "prouve que le point est décimal.",
            reason="« 50.000 » a deux lectures, cinquante mille ou cinquante : il faut une cellule qui n'en ait qu'une (50.5, 1250.00), et "
            "aucune à la française (1.250.000, 12,50). Sinon la ligne est rejetée : écrire 50000, ou 50.00.",
            example=("50.000", "50.00"),
            concerns=lambda field, schema: field.is_money and schema.stricter is None,
            suspects=_LAST_ZERO,
            repaired=lambda value, _field: value.str.replace(r"^(-?[1-9][0-9]{0,2}\.[0-9]{2})0$", "${1}"),
            proof=lambda column, _field: column.str.contains(_DECIMAL_POINT).any() & ~column.str.contains(_POINT_OF_THOUSANDS).any(),
        ),
        Rule(
            id="montant-milliers",
            sentence="Les milliers groupés par une virgule (1,234,567.80) ou un point (1.234,56) sont recollés s'il n'y a qu'une lecture.",
            reason="Deux groupes, ou deux signes différents, disent lequel sépare les milliers.",
            example=("1.234,56", "1234.56"),
            concerns=kinds.is_number,
            suspects=f"{_ENGLISH}|{_DOTTED}",
            repaired=_grouped,
        ),
        Rule(
            id="montant-francais",
            sentence="Un nombre à la française (espaces de milliers, virgule décimale, €) prend un point décimal et perd ses espaces.",
            reason="« 1,234 » et « 1.234 € » ont deux lectures et restent, comme un montant entre parenthèses.",
            example=("12 350,00 €", "12350.00"),
            concerns=kinds.is_number,
            suspects="[^0-9.]",
            repaired=_plain_number,
        ),
        Rule(
            id="entier-virgule-zero",
            sentence="La décimale nulle qu'un tableur ajoute à un nombre entier ou à une année (2017.0) est retirée.",
            reason="Elle ne dit rien.",
            example=("2017.0", "2017"),
            concerns=kinds.is_whole,
            suspects=r"^-?[0-9]+[.,]0+$",
            repaired=lambda value, _field: value.str.replace(r"^(-?[0-9]+)[.,]0+$", "${1}"),
        ),
        Rule(
            id="part-signe",
            sentence="Une part écrite avec le signe % est divisée par 100.",
            reason="Le signe donne l'unité ; le champ attend un nombre entre 0 et 1.",
            example=("80 %", "0.8"),
            concerns=kinds.is_share,
            suspects=_PERCENT,
            repaired=lambda value, _field: _hundredth(value.str.extract(_PERCENT).str.replace(",", ".", literal=True)).fill_null(value),
        ),
        Rule(
            id="part-colonne",
            sentence="Les parts d'une colonne toute en pourcentages (80 pour 0,80) sont divisées par 100.",
            reason="Seulement si chaque cellule remplie est un nombre plus grand que 1 et d'au plus 100 : « 1 » a deux lectures.",
            example=("80", "0.8"),
            concerns=kinds.is_share,
            suspects=r"^(?:[2-9]|[1-9][0-9]{1,2})(?:\.[0-9]+)?$|^1\.0*[1-9]",
            repaired=lambda value, _field: _hundredth(pl.when(value.str.contains(_PLAIN)).then(value)).fill_null(value),
            proof=lambda column, _field: _percent(column).sum() == column.is_not_null().sum(),
        ),
    )


def _plain_number(value: pl.Expr, field: Field) -> pl.Expr:
    """A sum of money may carry its currency; an integer has no decimal part to mend, so only its thousands are joined."""
    after, before = (rf"(?:{SPACES}*{_CURRENCY})?", rf"(?:{_CURRENCY}{SPACES}*)?") if field.is_money else ("", "")
    form = rf"^{_SIGN}({_THOUSANDS})()$" if field.type == "integer" else rf"^{before}{_SIGN}({_THOUSANDS}|[0-9]+)([.,][0-9]+)?{after}$"
    canonical = (
        value.str.replace(form, "${1}${2}${3}")
        .str.replace_all(SPACES, "")
        .str.replace("\u2212", "-", literal=True)
        .str.replace(",", ".", literal=True)
    )
    bare = value.str.replace(rf"^{_CURRENCY}{SPACES}*", "")
    return pl.when(value.str.contains(form) & ~bare.str.contains(_TWO_READINGS)).then(canonical).otherwise(value)


def _grouped(value: pl.Expr, field: Field) -> pl.Expr:
    plain = (
        pl.when(value.str.contains(_ENGLISH))
        .then(_joined(value, ","))
        .when(value.str.contains(_DOTTED))
        .then(_joined(value, ".").str.replace(",", ".", literal=True))
    )
    return pl.when(~plain.str.contains(".", literal=True) | pl.lit(field.type != "integer")).then(plain).fill_null(value)


def _joined(value: pl.Expr, separator: str) -> pl.Expr:
    return value.str.replace_all(separator, "", literal=True).str.replace("\u2212", "-", literal=True)


def _nearest_cent(value: pl.Expr) -> pl.Expr:
    """On the digits, not on a binary number. Null decimals beyond the second are no reason to write the cell again."""
    sign, whole, cents, rest = (value.str.extract(_LONG, group) for group in (1, 2, 3, 4))
    total = (whole + cents).cast(pl.Int64, strict=False) + rest.str.contains("^[5-9]").cast(pl.Int64)
    digits = total.cast(pl.String).str.zfill(3)
    nearest = pl.concat_str(sign, digits.str.head(-2), pl.lit("."), digits.str.tail(2))
    return pl.when(~rest.str.contains("^50*$|^0*$") & ~value.str.contains(_ENGLISH_THOUSAND)).then(nearest).fill_null(value)


def _one_decimal_sign(column: pl.Expr) -> pl.Expr:
    """Whether a cell of the column, as delivered, proves that its point or its comma is decimal, and no cell has the other."""
    both = column.str.contains(".", literal=True).any() & column.str.contains(",", literal=True).any()
    return column.str.contains(_DECIMAL_SIGN).any() & ~both


def _percent(column: pl.Expr) -> pl.Expr:
    number = pl.when(column.str.contains(_PLAIN)).then(column).cast(pl.Float64, strict=False)
    return ((number > 1) & (number <= 100)).fill_null(False)


def _hundredth(text: pl.Expr) -> pl.Expr:
    """The decimal text of a hundredth, without the noise of binary fractions; null where it would take an exponent to write it."""
    value = (text.cast(pl.Float64, strict=False) / 100).round(8).cast(pl.String)
    return pl.when(value.str.contains(_PLAIN)).then(value)
