"""From the TOML file to a `Programme`: types first, then what the rules say of one another."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from pipeline.programme.programme import Programme
from pipeline.programme.rules import Budget, Ceiling, Objectives, Quota, Target, Wave
from pipeline.schema import schemas_dir

WRONG = MappingProxyType(
    {
        "missing": "clé obligatoire absente",
        "unexpected_keyword_argument": "clé inconnue",
        "literal_error": "valeur inconnue, attendu {expected}",
        "string_pattern_mismatch": "forme attendue {pattern}",
        "string_type": "un texte est attendu",
        "string_too_short": "le texte est vide",
        "date_type": "une date AAAA-MM-JJ sans guillemets est attendue",
        "int_type": "un nombre entier est attendu",
        "bool_type": "true ou false est attendu",
        "decimal_type": "un montant est attendu",
        "decimal_parsing": "un montant est attendu",
        "decimal_max_places": "au plus {decimal_places} décimales",
        "greater_than": "un nombre supérieur à {gt} est attendu",
        "greater_than_equal": "un nombre d'au moins {ge} est attendu",
        "too_short": "au moins {min_length} élément est attendu",
        "too_long": "au plus {max_length} éléments sont attendus",
        "tuple_type": "une liste est attendue",
        "dataclass_type": "une table est attendue",
    }
)
"""What is wrong, in French, by kind of error of pydantic."""


class ProgrammeError(ValueError):
    """A file of rules that cannot be used; the message names the file and every fault."""


@cache
def load() -> Programme:
    """The programme's rules as they ship. ProgrammeError when the file is wrong."""
    return read(schemas_dir() / "programme.toml")


def read(path: Path) -> Programme:
    """Read a file of rules. ProgrammeError, with every fault found, when it is absent, unreadable or contradicts itself."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise ProgrammeError(f"{path.name} : fichier absent ; le replacer dans le dossier des schémas") from None
    except UnicodeDecodeError:
        raise ProgrammeError(f"{path.name} : le fichier n'est pas en UTF-8 ; l'enregistrer dans cet encodage") from None
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"ligne {at[1]}, colonne {at[2]}" if at else "à la fin du fichier"
        raise ProgrammeError(f"{path.name} : TOML mal formé, {where} ; corriger le fichier") from None
    try:
        programme = TypeAdapter(Programme).validate_python(document)
    except ValidationError as error:
        raise _refused(path, (_fault(detail) for detail in error.errors())) from None
    faults = tuple(_contradictions(programme))
    if faults:
        raise _refused(path, faults)
    return programme


def _refused(path: Path, faults: Iterable[str]) -> ProgrammeError:
    return ProgrammeError(f"{path.name} : " + " ; ".join(faults))


def _fault(detail: ErrorDetails) -> str:
    """« vague n° 4, annonce : une date est attendue »."""
    place = ""
    for part in detail["loc"]:
        place += f" n° {part + 1}" if isinstance(part, int) else f", {part}" if place else part
    wrong = WRONG.get(detail["type"], f"valeur refusée ({detail['type']})")
    return f"{place} : {wrong.format(**detail.get('ctx', {}))}".replace(" or ", " ou ")


def _contradictions(programme: Programme) -> Iterator[str]:
    """What no single key can show: doubled names, references to nothing, bounds and dates in the wrong order."""
    schemes = {scheme.id for scheme in programme.schemes}
    slugs = {wave.slug for wave in programme.waves}
    yield from _doubled("dispositif", (scheme.id for scheme in programme.schemes))
    yield from _doubled("catégorie", (category.id for category in programme.categories))
    yield from _doubled("règle de montant", (amount.id for amount in programme.amounts))
    yield from _doubled("rang de vague", (f"{wave.dispositif} {wave.ordinal}" for wave in programme.waves))
    yield from _doubled("libellé de vague", (label for wave in programme.waves for label in wave.labels))
    for category in programme.categories:
        if category.dispositif not in schemes:
            yield f"catégorie {category.id} : dispositif « {category.dispositif} » inconnu"
    for wave in programme.waves:
        yield from _wave_faults(wave, schemes, {amount.id for amount in programme.amounts})
    by_wave: tuple[Ceiling | Target | Objectives, ...] = (*programme.ceilings, *programme.targets, *programme.objectives)
    for rule in by_wave:
        yield from (f"{rule.id} : vague « {slug} » inconnue" for slug in rule.vagues if slug not in slugs)
    dated: tuple[Quota | Budget, ...] = (*programme.quotas, *programme.budgets)
    for period in dated:
        if period.valide_du and period.valide_au and period.valide_au < period.valide_du:
            yield f"règle valide du {period.valide_du} : fin de validité antérieure, {period.valide_au}"
    for amount in programme.amounts:
        if amount.total_min and amount.total_max and amount.total_max < amount.total_min:
            yield f"règle de montant {amount.id} : total_max inférieur à total_min"


def _wave_faults(wave: Wave, schemes: set[str], amounts: set[str]) -> Iterator[str]:
    if wave.dispositif not in schemes:
        yield f"vague {wave.slug} : dispositif « {wave.dispositif} » inconnu"
    if wave.regle_montant not in amounts:
        yield f"vague {wave.slug} : règle de montant « {wave.regle_montant} » inconnue"
    if list(wave.clotures) != sorted(set(wave.clotures)):
        yield f"vague {wave.slug} : clôtures doublées ou dans le désordre"
    if wave.annonce and wave.annoncee_au_plus_tard:
        yield f"vague {wave.slug} : annonce et annoncee_au_plus_tard s'excluent, garder la date d'annonce"
    if (wave.annoncee_au_plus_tard is None) != (wave.source_annonce is None):
        yield f"vague {wave.slug} : annoncee_au_plus_tard et source_annonce vont ensemble"
    if wave.embargo_until and wave.clotures and wave.embargo_until < wave.clotures[-1]:
        yield f"vague {wave.slug} : annoncée avant sa clôture"


def _doubled(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} « {name} » en double"
