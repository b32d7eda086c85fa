"""A small contract and its lines, as harmonise hands them on: the stage is tested by its own tables, whatever the schemas become."""

from typing import Any

import polars as pl

from pipeline.schema import TableSchema, from_descriptor

FIELDS: list[dict[str, Any]] = [
    {"name": "nom", "title": "Nom", "type": "string", "constraints": {"required": True, "maxLength": 20}},
    {"name": "siret", "title": "SIRET", "type": "string"},
    {"name": "montant", "title": "Montant", "type": "number", "unit": "EUR"},
    {"name": "taux", "title": "Taux", "type": "number"},
    {"name": "jour", "title": "Jour", "type": "date"},
    {"name": "annee", "title": "Année", "type": "year"},
    {"name": "actif", "title": "Actif", "type": "boolean", "trueValues": ["oui"], "falseValues": ["non"]},
    {"name": "rang", "title": "Rang", "type": "integer"},
    {"name": "code", "title": "Code", "type": "string", "constraints": {"unique": True}},
]
NAMES = [field["name"] for field in FIELDS]


def schema(fields: list[dict[str, Any]] | None = None, **root: Any) -> TableSchema:
    about = {"name": "essai", "title": "Essai", "description": "Table d'essai.", "version": "0.1.0"}
    return from_descriptor({**about, "fields": fields or FIELDS, **root})


def lines(*rows: dict[str, str | int | None], livraison: str = "essai-1") -> pl.LazyFrame:
    """Harmonised lines, numbered from 2; a row gives the fields it fills, and `livraison`, `ligne` or `defaut` where they matter."""
    records = [{"nom": "Atelier", "livraison": livraison, "ligne": number, **row} for number, row in enumerate(rows, start=2)]
    types = {"livraison": pl.String, "ligne": pl.UInt32, "defaut": pl.String, "recollages": pl.UInt64, **dict.fromkeys(NAMES, pl.String)}
    return pl.LazyFrame([{name: record.get(name) for name in types} for record in records], schema=types)
