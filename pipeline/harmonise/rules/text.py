"""Rules on any text: what surrounds it, what stands for nothing, letters decoded twice."""

from functools import cache

import polars as pl

from pipeline.harmonise.rules import kinds
from pipeline.harmonise.rules.rule import EDGES, Rule
from pipeline.schema import Field, TableSchema
from pipeline.schema.doubled import doubled_letters

# Words that say that there is nothing to say. A lone dash is not among them: in an amount it may mean zero.
_NOTHING = "non précisée?s?|non renseignée?s?|non communiquée?s?|non connue?s?|non disponibles?|inconnue?s?|#?n/a"
_NOTHING_FORM = rf"^(?i:{_NOTHING})\.?$"
_TEXT_FORMULA = '^="([^"]*)"$'


def text_rules() -> tuple[Rule, ...]:
    return (
        Rule(
            id="formule-texte",
            sentence='Un texte écrit en formule (="00123") pour qu\'un tableur le laisse tel quel est rendu à lui-même.',
            reason="La formule ne dit que ce texte. Une autre formule reste.",
            example=('="00123"', "00123"),
            concerns=_any,
            suspects=_TEXT_FORMULA,
            repaired=lambda value, _field: value.str.replace(_TEXT_FORMULA, "${1}"),
        ),
        Rule(
            id="vide",
            sentence="Une cellule faite d'espaces est une cellule vide.",
            reason="Une case vide à l'écran ne dit rien, quel que soit le nombre d'espaces.",
            example=("  ", None),
            concerns=_any,
            suspects=f"^[{EDGES}]*$",
            repaired=lambda value, _field: pl.when(value.str.contains(f"[^{EDGES}]")).then(value),
        ),
        Rule(
            id="texte-double",
            sentence="Un texte décodé deux fois (« Ã© » pour « é ») est rétabli.",
            reason="Seulement si toutes les lettres accentuées de la cellule sont ainsi : coder et relire le résultat redonne la cellule.",
            example=("FÃªte dâ€™Ã©tÃ©", "Fête d’été"),
            concerns=lambda field, _schema: field.type in ("string", "boolean"),
            suspects=_doubled(),
            repaired=lambda value, _field: _decoded_once(value),
        ),
        Rule(
            id="espaces",
            sentence="Les espaces et marques invisibles au début et à la fin de la cellule sont retirés.",
            reason="Ils ne se voient pas ; les textes libres que le standard laisse tels quels n'y sont pas soumis.",
            example=(" Luzin", "Luzin"),
            concerns=_any,
            suspects=f"^[{EDGES}]|[{EDGES}]$",
            repaired=lambda value, _field: value.str.strip_chars(EDGES),
        ),
        Rule(
            id="non-precise",
            sentence="Dans une date, une période, un nombre ou un identifiant, « non précisé » et ses pareils valent une cellule vide.",
            reason="La source dit elle-même qu'elle ne dit rien. Un tiret seul reste : dans un montant il peut vouloir dire zéro.",
            example=("non précisé", None),
            concerns=kinds.is_typed,
            suspects=_NOTHING_FORM,
            repaired=lambda value, _field: pl.when(~value.str.contains(_NOTHING_FORM)).then(value),
        ),
    )


def _any(_field: Field, _schema: TableSchema) -> bool:
    return True


@cache
def _doubled() -> str:
    return "|".join(doubled_letters())


def _decoded_once(value: pl.Expr) -> pl.Expr:
    """The text whose letters were decoded twice. A result that could be decoded again has two readings, and stays as it was.

    Before the edges are stripped: « Ã » and a no-break space are an « à ».
    """
    letters = doubled_letters()
    whole = f"^[{EDGES}]*(?:[\\x00-\\x7f]|{_doubled()})*[{EDGES}]*$"
    once = value.str.replace_many(list(letters), list(letters.values()), leftmost=True)
    return pl.when(value.str.contains(whole) & ~once.str.contains(_doubled())).then(once).otherwise(value)
