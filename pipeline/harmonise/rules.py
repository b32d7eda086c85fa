"""The repairs: a small ordered set, each for one known French habit that has a single canonical form.

A rule is a pure expression over one column of text: it gives the repaired text, or the text as it is where it has nothing to say.
Where two readings are possible it says nothing, and the line is rejected later with a reason: no rule guesses.
What a rule concerns is read in the schema (type, unit, pattern, checks); only `vague` is known by its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.schema import Field, TableSchema

# Unicode White_Space, and the invisible marks that spreadsheets and web pages leave around a value (zero-width spaces, byte order mark).
EDGES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Spaces that group digits: ordinary, no-break, narrow no-break, thin, figure.
_SPACES = "[ \u00a0\u202f\u2009\u2007]"
_SIGN = rf"([-\u2212]?){_SPACES}?"
_THOUSANDS = rf"[1-9][0-9]{{0,2}}(?:{_SPACES}[0-9]{{3}})+"
_EUROS = rf"(?:{_SPACES}*(?:€|(?i:euros?|eur)))?"
_MIDNIGHT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00(?::00(?:\.0+)?)?$"
# « 1,234 » and « 1.234 € »: a decimal number, or a thousand as the English or the Germans write it.
_TWO_READINGS = rf"^{_SIGN}[1-9][0-9]{{0,2}}[.,][0-9]{{3}}(?:[^0-9]|$)"


@dataclass(frozen=True)
class Rule:
    """`id` and `sentence` (French) are what the ledger and the reports say.

    `concerns` tells the fields, `suspects` (a pattern) the only cells that `repaired` may change: it is evaluated on those alone.
    `recorded` is false where no content changes.
    """

    id: str
    sentence: str
    concerns: Callable[[Field, TableSchema], bool]
    suspects: str
    repaired: Callable[[pl.Expr, Field], pl.Expr]
    recorded: bool = True


def rules(wave_labels: Mapping[str, str]) -> tuple[Rule, ...]:
    """Every rule, in the order in which they apply. `wave_labels` gives the slug of each label of a wave (`programme.toml`)."""
    return (
        Rule(
            id="vide",
            sentence="Une cellule faite d'espaces est une cellule vide.",
            concerns=_any,
            suspects=f"^[{EDGES}]*$",
            repaired=lambda _value, _field: pl.lit(None, pl.String),
            recorded=False,
        ),
        Rule(
            id="espaces",
            sentence="Les espaces et marques invisibles au début et à la fin de la cellule sont retirés.",
            concerns=_any,
            suspects=f"^[{EDGES}]|[{EDGES}]$",
            repaired=lambda value, _field: value.str.strip_chars(EDGES),
        ),
        Rule(
            id="date-jjmmaaaa",
            sentence="Une date JJ/MM/AAAA du calendrier est écrite AAAA-MM-JJ.",
            concerns=_is_date,
            suspects=_day_first("/"),
            repaired=lambda value, _field: _if_calendar(value, _day_first("/"), "${3}-${2}-${1}"),
        ),
        Rule(
            id="date-points",
            sentence="Une date JJ.MM.AAAA du calendrier est écrite AAAA-MM-JJ.",
            concerns=_is_date,
            suspects=_day_first(r"\."),
            repaired=lambda value, _field: _if_calendar(value, _day_first(r"\."), "${3}-${2}-${1}"),
        ),
        Rule(
            id="date-minuit",
            sentence="L'heure 00:00:00 qu'un tableur ajoute à une date est retirée.",
            concerns=_is_date,
            suspects=_MIDNIGHT,
            repaired=lambda value, _field: _if_calendar(value, _MIDNIGHT, "${1}"),
        ),
        Rule(
            id="montant-francais",
            sentence="Un nombre à la française (espaces de milliers, virgule décimale, €) prend un point décimal et perd ses espaces.",
            concerns=lambda field, _schema: field.type in ("number", "integer"),
            suspects="[^0-9.]",
            repaired=_plain_number,
        ),
        Rule(
            id="siret-espaces",
            sentence="Les espaces à l'intérieur d'un SIRET de 14 chiffres (ou du SIREN de 9 chiffres donné à sa place) sont retirés.",
            concerns=lambda field, schema: _identifies(
                field, schema, "french-siret-value", (r"\d{14}", "[0-9]{14}", "([0-9]{9}|[0-9]{14})")
            ),
            suspects=_SPACES,
            repaired=lambda value, _field: _digits_joined(value, "^(?:[0-9]{14}|[0-9]{9})$"),
        ),
        Rule(
            id="siren-espaces",
            sentence="Les espaces à l'intérieur d'un SIREN de 9 chiffres sont retirés.",
            concerns=lambda field, schema: _identifies(field, schema, "french-siren-value", (r"\d{9}", "[0-9]{9}")),
            suspects=_SPACES,
            repaired=lambda value, _field: _digits_joined(value, "^[0-9]{9}$"),
        ),
        Rule(
            id="vague-libelle",
            sentence="Le libellé d'une vague est remplacé par son identifiant stable (fdt-01…).",
            concerns=lambda field, _schema: field.name == "vague",
            suspects=".",
            repaired=lambda value, _field: _wave_slug(value, wave_labels),
        ),
    )


def _any(_field: Field, _schema: TableSchema) -> bool:
    return True


def _is_date(field: Field, _schema: TableSchema) -> bool:
    return field.type == "date"


def _day_first(separator: str) -> str:
    return rf"^([0-9]{{2}}){separator}([0-9]{{2}}){separator}([0-9]{{4}})$"


def _if_calendar(value: pl.Expr, form: str, written: str) -> pl.Expr:
    """The text of `form` as `written`, where that is a day of the calendar (the year 0000 is none)."""
    iso = value.str.replace(form, written)
    exists = iso.str.to_date("%Y-%m-%d", strict=False).is_not_null() & ~iso.str.starts_with("0000")
    return pl.when(value.str.contains(form) & exists).then(iso).otherwise(value)


def _plain_number(value: pl.Expr, field: Field) -> pl.Expr:
    """A sum of money may carry its currency; an integer has no decimal part to mend, so only its thousands are joined."""
    currency = _EUROS if field.is_money else ""
    form = rf"^{_SIGN}({_THOUSANDS})()$" if field.type == "integer" else rf"^{_SIGN}({_THOUSANDS}|[0-9]+)([.,][0-9]+)?{currency}$"
    canonical = (
        value.str.replace(form, "${1}${2}${3}")
        .str.replace_all(_SPACES, "")
        .str.replace("\u2212", "-", literal=True)
        .str.replace(",", ".", literal=True)
    )
    one_reading = value.str.contains(form) & ~value.str.contains(_TWO_READINGS)
    return pl.when(one_reading).then(canonical).otherwise(value)


def _identifies(field: Field, schema: TableSchema, check: str, patterns: tuple[str, ...]) -> bool:
    """Whether the schema says, by a check or by a pattern, that the field holds that identifier."""
    pattern = field.descriptor.get("constraints", {}).get("pattern", "")
    checked = [item["params"].get("column") for item in schema.descriptor.get("custom_checks", ()) if item["name"] == check]
    return field.name in checked or pattern.strip("^$") in patterns


def _digits_joined(value: pl.Expr, form: str) -> pl.Expr:
    digits = value.str.replace_all(_SPACES, "")
    return pl.when(digits.str.contains(form)).then(digits).otherwise(value)


def _wave_slug(value: pl.Expr, wave_labels: Mapping[str, str]) -> pl.Expr:
    """Labels and slugs are met whatever their case; a label that two waves share is left alone."""
    slugs = {slug.lower(): slug for slug in wave_labels.values()}
    found: dict[str, set[str]] = {}
    for label, slug in wave_labels.items():
        found.setdefault(label.strip(EDGES).lower(), set()).add(slug)
    known = {label: min(meant) for label, meant in found.items() if len(meant) == 1} | slugs
    met = value.str.to_lowercase().replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
    return pl.coalesce(met, value)
