"""What each error says to the person who wrote the file: what was expected, and what to do. Built from the schema, never from a cell."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pipeline.tableschema.contract import Contract
from pipeline.tableschema.kinds import Kind

ENUM_SHOWN = 12


def message(kind: Kind, contract: Contract) -> str:
    """One French sentence for a kind of error. It names the field by its title and quotes the schema only."""
    where = contract.title(kind.field) if kind.field else f"colonne n° {kind.position}" if kind.position else ""
    if kind.check is not None:
        return f"{where} : {kind.check.message}" if where else _capital(kind.check.message)
    if kind.type == "constraint-error":
        field = contract.fields.get(kind.field or "", {})
        return f"{where} : {_constraint(kind.rule, field.get('constraints', {}).get(kind.rule), field)}"
    if kind.type == "type-error":
        return f"{where} : attendu, {expected(contract.fields.get(kind.field or '', {}))} ; corriger la cellule"
    if kind.rule == "primaryKey":
        return f"Clé {_listed(contract.primary_key)} vide ou déjà employée par une ligne précédente : supprimer le doublon ou corriger"
    if kind.rule == "foreignKey":
        keys = " ; ".join(f"{_listed(key['fields'])} vers {_listed(key['reference']['fields'])}" for key in contract.foreign_keys)
        return f"Référence {keys} sans ligne visée : corriger la référence ou ajouter cette ligne"
    sentence = _STRUCTURE.get(kind.type) or _STRUCTURE.get(kind.rule, "erreur de structure : corriger la table")
    return f"{where} : {sentence}" if where else _capital(sentence)


def expected(field: Mapping[str, Any]) -> str:
    """The form that a field asks for, in words."""
    kind, form = field.get("type", "string"), field.get("format", "default")
    if kind in ("date", "datetime", "time") and form not in ("default", "any"):
        return f"{_KINDS[kind][0]} de la forme {form}"
    if kind == "string":
        return _STRINGS.get(form, "texte")
    if kind == "boolean":
        true, false = field.get("trueValues", ["true", "True", "TRUE", "1"]), field.get("falseValues", ["false", "False", "FALSE", "0"])
        return f"« {' » ou « '.join((*true, *false))} »"
    if kind == "number":
        return f"nombre sans espace ni symbole, avec « {field.get('decimalChar', '.')} » devant les décimales"
    return "".join(_KINDS.get(kind, (f"valeur de type « {kind} »", "")))


def _constraint(name: str, bound: object, field: Mapping[str, Any]) -> str:
    if name == "enum" and isinstance(bound, Sequence):
        shown = ", ".join(f"« {value} »" for value in bound[:ENUM_SHOWN])
        more = f"… ({len(bound)} valeurs)" if len(bound) > ENUM_SHOWN else ""
        return f"recopier l'une des valeurs admises : {shown}{more}"
    if name == "pattern":
        example = f" (exemple : {field['example']})" if field.get("example") else ""
        return f"la valeur doit suivre la forme {bound}{example} ; corriger la cellule"
    return _CONSTRAINTS[name](bound) if name in _CONSTRAINTS else f"la contrainte « {name} » n'est pas respectée ; corriger la cellule"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _listed(fields: str | Sequence[str]) -> str:
    return f"({fields if isinstance(fields, str) else ', '.join(fields)})"


_CONSTRAINTS: Mapping[str, Callable[[object], str]] = MappingProxyType(
    {
        "required": lambda _: "cellule vide ; une valeur est obligatoire, la renseigner",
        "minLength": lambda bound: f"au moins {bound} caractères ; compléter la cellule",
        "maxLength": lambda bound: f"au plus {bound} caractères ; raccourcir la cellule",
        "minimum": lambda bound: f"au moins {bound} ; corriger la cellule",
        "maximum": lambda bound: f"au plus {bound} ; corriger la cellule",
        "exclusiveMinimum": lambda bound: f"plus de {bound} ; corriger la cellule",
        "exclusiveMaximum": lambda bound: f"moins de {bound} ; corriger la cellule",
    }
)
_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "integer": ("nombre entier", ", sans espace ni décimale"),
        "date": ("date du calendrier", " écrite AAAA-MM-JJ"),
        "datetime": ("date et heure", " écrites AAAA-MM-JJTHH:MM:SSZ"),
        "time": ("heure", " écrite HH:MM:SS"),
        "year": ("année", " sur quatre chiffres"),
        "yearmonth": ("mois", " écrit AAAA-MM"),
        "duration": ("durée ISO 8601", ", par exemple P1Y2M"),
        "geopoint": ("point", " écrit « longitude, latitude »"),
        "geojson": ("géométrie GeoJSON", ""),
        "object": ("objet JSON", ""),
        "array": ("liste JSON", ""),
        "list": ("liste", " de valeurs séparées"),
    }
)
_STRINGS: Mapping[str, str] = MappingProxyType(
    {"email": "adresse électronique", "uri": "adresse web complète", "uuid": "identifiant UUID", "binary": "texte codé en base64"}
)
_STRUCTURE: Mapping[str, str] = MappingProxyType(
    {
        "unique-error": "valeur déjà employée par une ligne précédente ; chaque valeur doit être unique",
        "blank-row": "ligne vide : la supprimer",
        "extra-cell": "la ligne a plus de cellules que l'en-tête : en supprimer, ou mettre des guillemets autour d'un séparateur",
        "missing-cell": "la ligne a moins de cellules que l'en-tête : ajouter les cellules manquantes, vides s'il le faut",
        "missing-label": "colonne absente de la table : l'ajouter, sous ce nom",
        "extra-label": "colonne inconnue du schéma : la supprimer",
        "incorrect-label": "une autre colonne occupe cette place : reprendre l'ordre et les noms du schéma",
        "blank-label": "colonne sans nom : la nommer comme le schéma",
        "duplicate-label": "deux colonnes portent ce nom : n'en garder qu'une",
        "blank-header": "la ligne d'en-tête est vide : y écrire les noms des colonnes",
        "unmatched-header": "aucune colonne du schéma n'est présente : reprendre ses noms de colonnes",
        "source-error": "la table n'a aucune colonne : donner une ligne d'en-tête",
    }
)
