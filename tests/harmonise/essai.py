"""A small table with one field of each sort, and its rules applied as the stage applies them."""

from collections.abc import Sequence

import polars as pl

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.ledger import repaired
from pipeline.schema import TableSchema, from_descriptor
from pipeline.schema.vocabulary import read_vocabulary

WAVES = {"1": "fdt-01", "Vague 1": "fdt-01", "2": "fdt-02", "MP-1": "mp-01", "A": "fdt-03", "a": "fdt-04"}
NBSP, NARROW, THIN, FIGURE, ZERO_WIDTH, MINUS = "\u00a0", "\u202f", "\u2009", "\u2007", "\u200b", "\u2212"
_PERIOD = r"^[0-9]{4}\-[0-9]{2}\-[0-9]{2}(\/[0-9]{4}\-[0-9]{2}\-[0-9]{2})?$"
_DEPARTMENT = "^(0[1-9]|[13-8][0-9]|2[1-9AB]|9[0-5]|97[1-8]|98[46-9])$"

SCHEMA: TableSchema = from_descriptor(
    {
        "name": "essai",
        "title": "Essai",
        "description": "Un champ de chaque sorte",
        "version": "1",
        "formes": "conventions",
        "fields": [
            {"name": "texte", "type": "string"},
            {"name": "libre", "type": "string"},
            {"name": "nom", "type": "string"},
            {"name": "jour", "type": "date"},
            {"name": "exercice", "type": "year"},
            {"name": "periode", "type": "string", "constraints": {"pattern": _PERIOD}},
            {"name": "somme", "type": "number", "unit": "EUR"},
            {"name": "mesure", "type": "number"},
            {"name": "compte", "type": "integer"},
            {"name": "part", "type": "number", "constraints": {"minimum": 0, "maximum": 1}},
            {"name": "siret", "type": "string", "constraints": {"pattern": r"^\d{14}$"}},
            {"name": "identifiant", "type": "string", "constraints": {"pattern": "^([0-9]{9}|[0-9]{14})$"}},
            {"name": "siren", "type": "string", "constraints": {"pattern": "^[0-9]{9}$"}},
            {"name": "rna", "type": "string", "constraints": {"pattern": r"^W\d{9}$"}},
            {"name": "departement", "type": "string", "constraints": {"pattern": _DEPARTMENT}},
            {"name": "commune", "type": "string", "constraints": {"pattern": "^[0-9][0-9AB][0-9]{3}$"}},
            {"name": "accord", "type": "boolean", "trueValues": ["oui"], "falseValues": ["non"]},
            {"name": "sorte", "type": "string", "constraints": {"enum": ["aide en numéraire", "aide en nature"]}},
            {
                "name": "lieux",
                "type": "string",
                "constraints": {"pattern": r"^(fablab|france_services)(\|(fablab|france_services))*$"},
                "libelles": {"fablab": "Fablab", "france_services": "France Services"},
            },
            {"name": "vague", "type": "string"},
        ],
        "custom_checks": [
            {"name": "one-of-required", "params": {"column1": "siret", "column2": "rna"}},
            {"name": "one-of-required", "params": {"column1": "nom", "column2": "identifiant"}},
            {"name": "one-of-required", "params": {"column1": "jour", "column2": "exercice"}},
        ],
    }
)
DECLARED = {"espaces": {"conserver": ["libre"]}, "valeurs": {"sorte": {"en numéraire": "aide en numéraire"}}}
CONTRACT = Contract.under(SCHEMA, read_vocabulary(SCHEMA, DECLARED), WAVES)
RULES = {rule.id: rule for rule in CONTRACT.rules}


def applied(rule: str, field: str, *values: str | None) -> list[str | None]:
    """The column after one rule, as the stage applies it."""
    cells = pl.Series(field, values, pl.String)
    return repaired(cells, pl.Series(range(len(values)), dtype=pl.UInt32), SCHEMA.field(field), [RULES[rule]])[0].to_list()


def harmonised(field: str, values: Sequence[str | None]) -> list[str | None]:
    """The column after all the rules of its field."""
    chain = CONTRACT.rules_of(SCHEMA.field(field))
    cells = pl.Series(field, values, pl.String)
    return repaired(cells, pl.Series(range(len(values)), dtype=pl.UInt32), SCHEMA.field(field), chain)[0].to_list()
