"""Lines of another period than the one their delivery declares: kept, they would count beside what other deliveries say of that period."""

from collections.abc import Mapping

import polars as pl

from pipeline.schema import TableSchema

OUTSIDE = "hors-periode"
_TOLD = dict.fromkeys(("livraison", "_debut", "_fin", "message"), pl.String)


def outside(schema: TableSchema, accepted: pl.LazyFrame, periods: Mapping[str, str]) -> pl.DataFrame:
    """livraison, ligne, champ, regle, message of the typed lines that are not of the period that `periods` gives for their delivery.

    A line that says no period is one of them: nothing could replace it later. Deliveries without a declared period have none.
    """
    told = [(delivery, *_bounds(period), _message(schema, period)) for delivery, period in sorted(periods.items())]
    bounds = pl.LazyFrame(told, schema=_TOLD, orient="row")
    said = accepted.select("livraison", "ligne", pl.coalesce(_written(name, schema) for name in schema.succession.periode).alias("_dite"))
    within = pl.col("_dite").is_between("_debut", "_fin").fill_null(False)
    found = said.join(bounds, on="livraison", how="inner", maintain_order="left").filter(~within)
    place = (pl.lit(schema.succession.periode[0]).alias("champ"), pl.lit(OUTSIDE).alias("regle"))
    return found.select("livraison", "ligne", *place, "message").collect()


def _written(name: str, schema: TableSchema) -> pl.Expr:
    """A field as a declared period is written: a year on four digits, the slug of a wave."""
    value = pl.col(name).dt.year() if schema.field(name).type == "date" else pl.col(name)
    return value.cast(pl.String) if schema.field(name).type == "string" else value.cast(pl.String).str.zfill(4)


def _bounds(period: str) -> tuple[str, str]:
    first, _, last = period.partition("/")
    return first, last or first


def _message(schema: TableSchema, period: str) -> str:
    fields = " ou ".join(f"« {schema.field(name).title} » ({name})" for name in schema.succession.periode)
    return (
        f"{fields} absent, ou hors de la période déclarée pour cette livraison ({period}) : "
        "corriger la cellule, ou « periode » dans le fichier de sources"
    )
