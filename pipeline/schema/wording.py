"""How a field is told to a reader: its type, unit and description in French."""

from types import MappingProxyType

from pipeline.schema.table import Field

TYPES = MappingProxyType(
    {
        "string": "texte",
        "integer": "nombre entier",
        "year": "année",
        "number": "nombre décimal",
        "boolean": "vrai ou faux",
        "date": "date (AAAA-MM-JJ)",
    }
)
CURRENCIES = MappingProxyType({"EUR": "euros"})


def type_in_words(field: Field) -> str:
    """Type of the field as a reader would say it."""
    return "montant, à deux décimales" if field.is_money else TYPES[field.type]


def unit_in_words(field: Field) -> str | None:
    """Unit of the field as a reader would say it: « euros », not « EUR ». None when it has none."""
    return CURRENCIES.get(field.unit, field.unit) if field.unit else None


def described(field: Field) -> str:
    """Title, description and unit in one line."""
    unit = unit_in_words(field)
    return f"{field.title} : {field.description}" + (f" Unité : {unit}." if unit else "")
