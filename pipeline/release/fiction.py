"""Fiction says so in every file: each table of a fictional release has a column that tells it, in all its forms."""

from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline.schema import TableSchema, from_descriptor

FIELD: MappingProxyType[str, Any] = MappingProxyType(
    {
        "name": "donnees_fictives",
        "title": "Données fictives",
        "description": "Toujours vrai : aucun lieu, aucun organisme et aucun montant de cette ligne n'existe.",
        "type": "boolean",
        "example": "true",
        "constraints": {"required": True},
        "diffusion": "publique",
    }
)


def declared(schema: TableSchema) -> TableSchema:
    """The schema of a public table, with the column that tells fiction."""
    return from_descriptor({**schema.descriptor, "fields": [*schema.descriptor["fields"], dict(FIELD)]})


def marked(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows, each of which says that it is fiction."""
    return frame.with_columns(pl.lit(True).alias(FIELD["name"]))
