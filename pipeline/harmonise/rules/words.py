"""Rules on closed lists of words: yes and no, the codes of the schema and their labels, the waves of the programme."""

from collections.abc import Mapping

import polars as pl

from pipeline.harmonise.rules import kinds
from pipeline.harmonise.rules.rule import EDGES, Rule
from pipeline.schema import Field, TableSchema
from pipeline.schema.labels import normalise_label

# Field → normalised spelling → the text of the schema.
Spellings = Mapping[str, Mapping[str, str]]
# The one field that a rule knows by its name.
WAVE = "vague"

_YES, _NO = ("oui", "o", "yes", "y", "vrai", "true"), ("non", "n", "no", "faux", "false")
_LISTED = r"[|;,]"


def word_rules(spellings: Spellings, wave_labels: Mapping[str, str]) -> tuple[Rule, ...]:
    return (
        Rule(
            id="oui-non",
            sentence="Oui et non, en entier ou par l'initiale, en français ou en anglais, et VRAI et FAUX prennent la forme du schéma.",
            reason="Aucun de ces mots n'a deux sens. « 1 » et « 0 » n'en sont pas.",
            example=("NON", "non"),
            concerns=lambda field, _schema: field.type == "boolean",
            suspects=f"^(?i:{'|'.join((*_YES, *_NO))})$",
            repaired=_yes_or_no,
        ),
        Rule(
            id="libelle",
            sentence="Une valeur d'une liste fermée, ou son libellé ordinaire, est écrite comme le schéma l'écrit.",
            reason="La casse, les accents, la ponctuation et les espaces ne distinguent jamais deux valeurs ; les libellés sont dans les "
            "schémas et dans aliases.toml.",
            example=("Aide en numeraire", "aide en numéraire"),
            concerns=lambda field, _schema: field.name in spellings,
            suspects=".",
            repaired=lambda value, field: _as_the_schema(value, spellings[field.name], _joins(field, spellings[field.name])),
        ),
        Rule(
            id="vague-libelle",
            sentence="Le libellé d'une vague est remplacé par son identifiant stable (fdt-01…).",
            reason="Les libellés de chaque vague sont dans programme.toml ; celui que deux vagues portent reste.",
            example=("Vague 1", "fdt-01"),
            concerns=lambda field, _schema: field.name == WAVE,
            suspects=".",
            repaired=lambda value, _field: _wave_slug(value, wave_labels),
        ),
    )


def spellings(schema: TableSchema, declared: Mapping[str, Mapping[str, str]]) -> Spellings:
    """What each closed list may be written like: its values, their labels in the schema, and those of `aliases.toml` (`declared`).

    A spelling that would mean two values is left out.
    """
    return {field.name: found for field in schema.fields if (found := _spellings(field, declared.get(field.name, {})))}


def _spellings(field: Field, declared: Mapping[str, str]) -> dict[str, str]:
    values: tuple[str, ...] = tuple(field.descriptor.get("constraints", {}).get("enum", ())) if field.type == "string" else ()
    labels: Mapping[str, str] = field.descriptor.get("libelles", {})
    pairs = [*((value, value) for value in (*values, *labels, *declared.values())), *((label, code) for code, label in labels.items())]
    met: dict[str, set[str]] = {}
    for text, meaning in (*pairs, *declared.items()):
        met.setdefault(normalise_label(text), set()).add(meaning)
    return {text: min(meanings) for text, meanings in met.items() if len(meanings) == 1}


def _joins(field: Field, known: Mapping[str, str]) -> bool:
    """Whether a cell of the field holds several values joined by a bar."""
    first = next(iter(known.values()))
    return kinds.takes(field, (f"{first}|{first}",), ())


def _yes_or_no(value: pl.Expr, field: Field) -> pl.Expr:
    true, false = field.descriptor.get("trueValues", ["true"]), field.descriptor.get("falseValues", ["false"])
    word = value.str.to_lowercase()
    return (
        pl.when(value.is_in([*true, *false]))
        .then(value)
        .when(word.is_in(_YES))
        .then(pl.lit(true[0]))
        .when(word.is_in(_NO))
        .then(pl.lit(false[0]))
        .otherwise(value)
    )


def _as_the_schema(value: pl.Expr, known: Mapping[str, str], several: bool) -> pl.Expr:
    one = pl.when(value.is_in(list(set(known.values())))).then(value).otherwise(_met(_key(value), known))
    if not several:
        return pl.coalesce(one, value)
    parts = value.str.replace_all(_LISTED, "|").str.split("|").list.eval(_met(_key(pl.element()), known))
    return pl.coalesce(one, pl.when(parts.list.eval(pl.element().is_not_null()).list.all()).then(parts.list.join("|")), value)


def _met(key: pl.Expr, known: Mapping[str, str]) -> pl.Expr:
    return key.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def _key(value: pl.Expr) -> pl.Expr:
    """`normalise_label` in columns, but for what no value of a closed list holds."""
    return value.str.to_lowercase().str.replace_all("œ", "oe", literal=True).str.normalize("NFKD").str.replace_all(r"[^\p{L}\p{N}]", "")


def _wave_slug(value: pl.Expr, wave_labels: Mapping[str, str]) -> pl.Expr:
    """Labels and slugs are met whatever their case; a label that two waves share is left alone."""
    slugs = {slug.lower(): slug for slug in wave_labels.values()}
    found: dict[str, set[str]] = {}
    for label, slug in wave_labels.items():
        found.setdefault(label.strip(EDGES).lower(), set()).add(slug)
    known = {label: min(meant) for label, meant in found.items() if len(meant) == 1} | slugs
    met = value.str.to_lowercase().replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
    return pl.coalesce(met, value)
