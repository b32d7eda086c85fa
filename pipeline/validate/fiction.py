"""Fiction never enters a factual run: the marks that fictional deliveries carry, looked for in accepted lines."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from pipeline.schema import TableSchema, load
from pipeline.tableschema import line_ranges

REFUS: Mapping[str, type[pl.DataType]] = MappingProxyType({"livraison": pl.String, "refus": pl.String})
# What fictional deliveries write: SIREN and SIRET in 000, hosts under `.example` (reserved, RFC 2606), places
# « Lieu fictif 12 », agreements « FICTIF-2020-0001 ».
_NUMBER = r"^000[0-9]*$"
_HOST = r"(?i)[a-z0-9-]\.example\.?($|[^a-z0-9.-])"
_NAME = r"(?i)^\s*(?:lieux? fictifs?\b|(?:[a-z]{2,5}-)?fictif-)"
_NUMBERS = ("^[0-9]{14}$", "^[0-9]{9}$", "^([0-9]{9}|[0-9]{14})$", r"^\d{14}$")
_ENTERPRISE_CHECKS = ("french-siret-value", "french-siren-value", "siret-strict")


def fictional(name: str, accepted: pl.LazyFrame) -> pl.DataFrame:
    """The deliveries of a factual run that hold fiction (livraison, refus): the French sentence gives fields and lines, no value.

    `accepted` is what `judge` hands on for the delivery table `name`.
    """
    return fictional_by(load("deliveries", name), accepted)


def fictional_by(schema: TableSchema, accepted: pl.LazyFrame) -> pl.DataFrame:
    """`fictional` with a schema in hand."""
    marks = {field.name: _marked(field.name, schema) for field in schema.fields if field.type == "string"}
    flags = accepted.select("livraison", "ligne", *(mark.fill_null(False).alias(name) for name, mark in marks.items()))
    marked = flags.filter(pl.any_horizontal(pl.lit(False), *marks)).collect()
    long = marked.unpivot(index=["livraison", "ligne"], variable_name="champ", value_name="marque").filter("marque")
    found = long.group_by("livraison", "champ").agg(pl.col("ligne").sort()).sort("livraison", "champ")
    sentences: dict[str, list[str]] = {}
    for delivery, field, lines in found.iter_rows():
        sentences.setdefault(delivery, []).append(f"champ « {field} », lignes {line_ranges(lines)}")
    told = [(delivery, _sentence(schema.name, places)) for delivery, places in sentences.items()]
    return pl.DataFrame(told, schema=dict(REFUS), orient="row")


def without(accepted: pl.LazyFrame, refused: pl.DataFrame) -> pl.LazyFrame:
    """The accepted lines but those of refused deliveries (a column `livraison`)."""
    return accepted.filter(~pl.col("livraison").is_in(refused["livraison"].implode()))


def _marked(name: str, schema: TableSchema) -> pl.Expr:
    text = pl.col(name)
    marked = text.str.contains(_HOST) | text.str.contains(_NAME)
    return marked | text.str.contains(_NUMBER) if _is_enterprise_number(name, schema) else marked


def _is_enterprise_number(name: str, schema: TableSchema) -> bool:
    """A SIREN or a SIRET, by its name or by the check that the schema asks for."""
    checks = schema.descriptor.get("custom_checks", ())
    checked = {check["params"].get("column") for check in checks if check["name"] in _ENTERPRISE_CHECKS}
    if schema.field(name).descriptor.get("constraints", {}).get("pattern") in _NUMBERS:
        return True
    return name in checked or any(word in name.lower() for word in ("siren", "siret"))


def _sentence(table: str, places: list[str]) -> str:
    return (
        f"Données fictives dans une exécution réelle (table « {table} ») : {' ; '.join(places)}. "
        "Retirer cette livraison du fichier des sources, ou lancer la fiction à part avec « fictif = true »."
    )
