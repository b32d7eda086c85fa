"""Real communes for fictional places: a region's counts must look like those of a country."""

from dataclasses import dataclass

import polars as pl

from pipeline.data import reference

POPULATED = 1_500  # inhabitants: enough communes to choose from, none so small that it would be only one place's


@dataclass(frozen=True)
class Town:
    """A commune of the official code; `region` is its name. No other commune of its département has its name."""

    code: str
    name: str
    departement: str
    region: str
    postcode: str


def towns() -> list[Town]:
    """The communes to choose from, in the order of their codes."""
    departements = reference("departements").select(departement="code", region="region")
    regions = reference("regions").select(region="code", nom_region="nom")
    chosen = (
        reference("communes")
        .filter(pl.col("type").is_in(["COM", "ARM"]))
        .with_columns(homonymes=pl.len().over("departement", pl.col("nom").str.to_lowercase().str.replace_all("[^\\p{L}]", "")))
        .filter(pl.col("population") >= POPULATED, pl.col("homonymes") == 1)
        .select("code", "nom", "departement")
        .join(departements, on="departement")
        .join(regions, on="region")
        .sort("code")
        .select("code", "nom", "departement", "nom_region")
    )
    # The postcode is invented, but for its département: it is a private field, and no address is real.
    return [
        Town(code, name, departement, region, f"{code[:2].replace('2A', '20').replace('2B', '20')}{index % 1000:03d}")
        for index, (code, name, departement, region) in enumerate(chosen.collect().iter_rows())
    ]
