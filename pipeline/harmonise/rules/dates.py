"""Rules on days and periods. A year alone is not a day: no rule makes it one (see `derivations`)."""

import polars as pl

from pipeline.harmonise.rules import kinds
from pipeline.harmonise.rules.rule import SPACES, Expression, Rule
from pipeline.schema import Field, TableSchema

_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_YEAR_FIRST = r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"
_DAY_FIRST = r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})"
_YEAR_MONTH_DAY = "^[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2}$"
_DAY = r"(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})"
_MIDNIGHT = r"[ T]00:00(?::00(?:\.0+)?)?"
_AT_MIDNIGHT = rf"^({_DAY}){_MIDNIGHT}$"
_BETWEEN = rf"{SPACES}*(?:[_/]|{SPACES}(?:au|à|-|–){SPACES}){SPACES}*"
_SPAN = rf"^(?:[Dd]u{SPACES}+)?({_DAY})({_BETWEEN})({_DAY})$"
_SPAN_AT_MIDNIGHT = rf"^(?:[Dd]u{SPACES}+)?{_DAY}(?:{_MIDNIGHT})?{_BETWEEN}{_DAY}(?:{_MIDNIGHT})?$"
# A day that exists only when the month comes first: one of them, and the column is not French.
_M, _D = "(?:0?[1-9]|1[0-2])", "(?:1[3-9]|2[0-9]|3[01])"
_MONTH_FIRST = rf"(?:^|[^0-9/-])(?:{_M}/{_D}/|{_M}-{_D}-)[0-9]{{4}}(?:[^0-9]|$)"
_MONTHS = ("janv", "f[eé]vr?", "mars", "avr", "mai", "juin", "juil", "ao[uû]t", "sept?", "oct", "nov", "d[eé]c")
_ENDINGS = ("ier", "ier", "", "il", "", "", "let", "", "embre", "obre", "embre", "embre")
_IN_WORDS = rf"^(?:1(?i:er)|0?[1-9]|[12][0-9]|3[01]){SPACES}+\p{{L}}+\.?{SPACES}+[0-9]{{4}}$"
# Days since 1899-12-30, from 1980-01-01 to 2049-12-31: outside, a number is more likely something else.
_FIRST_SERIAL, _LAST_SERIAL = 29_221, 54_788
_SERIAL = r"^[0-9]{5}(?:\.0+)?$"


def date_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            id="date-minuit",
            sentence="L'heure 00:00:00 qu'un tableur ajoute à une date est retirée.",
            reason="Une cellule de date d'Excel lue en texte porte cette heure ; une autre heure est un contenu et reste.",
            example=("2018-03-23 00:00:00", "2018-03-23"),
            concerns=_is_day_or_period,
            suspects=_MIDNIGHT,
            repaired=lambda value, _field: _without_midnight(value),
        ),
        _ordered("date-jjmmaaaa", "[-/]", "JJ/MM/AAAA ou JJ-MM-AAAA", "28/10/2024", _french),
        _ordered("date-points", r"\.", "JJ.MM.AAAA", "28.10.2024"),
        Rule(
            id="date-aaaammjj",
            sentence="Une date AAAA/MM/JJ ou AAAA.MM.JJ du calendrier est écrite AAAA-MM-JJ.",
            reason="L'année en tête fixe l'ordre des deux autres nombres.",
            example=("2017/09/08", "2017-09-08"),
            concerns=kinds.is_date,
            suspects=_YEAR_MONTH_DAY,
            repaired=lambda value, _field: _iso(pl.when(value.str.contains(_YEAR_MONTH_DAY)).then(value)).fill_null(value),
        ),
        Rule(
            id="date-lettres",
            sentence="Une date en toutes lettres (« 9 novembre 2023 ») est écrite AAAA-MM-JJ.",
            reason="Le nom du mois, même abrégé, n'a qu'un sens.",
            example=("9 novembre 2023", "2023-11-09"),
            concerns=kinds.is_date,
            suspects=_IN_WORDS,
            repaired=lambda value, _field: _from_words(value),
        ),
        Rule(
            id="date-serie-excel",
            sentence="Un numéro de jour d'Excel est écrit AAAA-MM-JJ, si toute la colonne est faite de tels numéros (1980 à 2049).",
            reason="Un tableur compte les jours depuis le 30/12/1899. Une seule cellule d'une autre forme, et rien n'est changé.",
            example=("43182", "2018-03-23"),
            concerns=kinds.is_date,
            suspects=_SERIAL,
            repaired=lambda value, _field: _from_serial(value),
            proof=lambda column, _field: _serial(column).is_not_null().sum() == column.is_not_null().sum(),
        ),
        Rule(
            id="periode-dates",
            sentence="Les dates d'une période sont écrites AAAA-MM-JJ.",
            reason="Mêmes lectures que pour une date seule ; les deux dates doivent être du calendrier.",
            example=("2017/09/08_2021/09/07", "2017-09-08_2021-09-07"),
            concerns=kinds.is_period,
            suspects=r"[0-9][/.][0-9]|[0-9]-[0-9]{1,2}-[0-9]{4}",
            repaired=lambda value, _field: _period_in_iso(value),
            proof=_french,
        ),
        Rule(
            id="periode-separateur",
            sentence="Le séparateur d'une période (« _ », « au ») devient « / ».",
            reason="SCDL 2.1.1 ; « _ » est la forme de l'arrêté du 17 novembre 2017.",
            example=("2018-01-01_2018-03-31", "2018-01-01/2018-03-31"),
            concerns=kinds.is_period,
            suspects=rf"{_ISO}{_BETWEEN}{_ISO}",
            repaired=lambda value, _field: value.str.replace(rf"^(?:[Dd]u{SPACES}+)?({_ISO}){_BETWEEN}({_ISO})$", "${1}/${2}"),
        ),
    )


def _is_day_or_period(field: Field, schema: TableSchema) -> bool:
    return kinds.is_date(field, schema) or kinds.is_period(field, schema)


def _ordered(name: str, separator: str, written: str, example: str, proof: Expression | None = None) -> Rule:
    form = rf"^[0-9]{{1,2}}{separator}[0-9]{{1,2}}{separator}[0-9]{{4}}$"
    american = " Si une date de la colonne n'existe que mois en tête, rien n'est changé." if proof else ""
    return Rule(
        id=name,
        sentence=f"Une date {written} du calendrier est écrite AAAA-MM-JJ.",
        reason=f"Ordre français.{american}",
        example=(example, "2024-10-28"),
        concerns=kinds.is_date,
        suspects=form,
        repaired=lambda value, _field: _iso(pl.when(value.str.contains(form)).then(value)).fill_null(value),
        proof=proof,
    )


def _french(column: pl.Expr, _field: Field) -> pl.Expr:
    """No day of the column exists only when the month comes first."""
    return ~column.str.contains(_MONTH_FIRST).any()


def _iso(value: pl.Expr) -> pl.Expr:
    """AAAA-MM-JJ of a day written in digits, year first or day first; null where it is none of the calendar (the year 0000 is none)."""
    year_first, day_first = f"^{_YEAR_FIRST}$", f"^{_DAY_FIRST}$"
    iso = (
        pl.when(value.str.contains(year_first))
        .then(value.str.replace(year_first, "${1}-${2}-${3}"))
        .when(value.str.contains(day_first))
        .then(value.str.replace(day_first, "${3}-${2}-${1}"))
    )
    return _of_calendar(iso.str.replace("-([0-9])-", "-0${1}-").str.replace("-([0-9])$", "-0${1}"))


def _of_calendar(iso: pl.Expr) -> pl.Expr:
    return pl.when(iso.str.to_date("%Y-%m-%d", strict=False).is_not_null() & ~iso.str.starts_with("0000")).then(iso)


def _without_midnight(value: pl.Expr) -> pl.Expr:
    day = value.str.extract(_AT_MIDNIGHT)
    span = pl.when(value.str.contains(_SPAN_AT_MIDNIGHT)).then(value.str.replace_all(_MIDNIGHT, ""))
    return pl.coalesce(pl.when(_iso(day).is_not_null()).then(day), span, value)


def _from_words(value: pl.Expr) -> pl.Expr:
    """ISO where the three words are a day, a month of the year and a year."""
    text = value
    for number, (month, ending) in enumerate(zip(_MONTHS, _ENDINGS, strict=True), start=1):
        name = rf"(?i:{month}(?:{ending}|\.)?)"
        text = text.str.replace(rf"^0?([0-9]{{1,2}})(?i:er)?{SPACES}+{name}{SPACES}+([0-9]{{4}})$", f"${{2}}-{number:02}-0${{1}}")
    padded = text.str.replace(r"-0([0-9]{2})$", "-${1}")
    in_digits = pl.when(value.str.contains(_IN_WORDS) & padded.str.contains(f"^{_ISO}$")).then(padded)
    return _of_calendar(in_digits).fill_null(value)


def _serial(value: pl.Expr) -> pl.Expr:
    number = pl.when(value.str.contains(_SERIAL)).then(value).str.slice(0, 5).cast(pl.Int32)
    return pl.when(number.is_between(_FIRST_SERIAL, _LAST_SERIAL)).then(number)


def _from_serial(value: pl.Expr) -> pl.Expr:
    day = pl.date(1899, 12, 30) + pl.duration(days=_serial(value))
    return day.dt.to_string("%Y-%m-%d").fill_null(value)


def _period_in_iso(value: pl.Expr) -> pl.Expr:
    first, between, last = (value.str.extract(_SPAN, group) for group in (1, 2, 3))
    span = pl.concat_str(_iso(first), between, _iso(last))
    return pl.coalesce(span, _iso(value), value)
