"""A place as its public awards and the registry tell it, where the model also read awards that may not be shown.

The model sums up all the awards of a place; one under embargo would show in its counts, its last wave, its present bearer.
"""

import polars as pl

from pipeline.protect.visibility import MOTIF, shown

BEARER = ("porteur", "statut_porteur", "siren", "rna")
LOCALITY = ("commune", "code_commune", "departement", "nom_departement", "region", "code_region")
SAID_BY_REGISTRY = ("porteur", "siren", "rna", "forme_juridique", "statut_porteur")


def as_announced(places: pl.DataFrame, registry: pl.DataFrame, awards: pl.DataFrame, waves: pl.DataFrame) -> pl.DataFrame:
    """The places (`model/lieux`), those with a hidden award told again from the others; same columns, same order.

    `registry` is `validate/lieux`; what it leaves empty comes from the latest public award that says it.
    """
    hidden = awards.filter(pl.col(MOTIF).is_not_null() & pl.col("lieu").is_not_null())["lieu"].implode()
    told_again = pl.col("lieu").is_in(hidden)
    if not places.select(told_again.any()).item():
        return places
    facts = _from_awards(shown(awards).filter(told_again), waves)
    known = registry.select(
        "livraison",
        "ligne",
        pl.col("nom").is_not_null().alias("_nom"),
        pl.any_horizontal(pl.col(SAID_BY_REGISTRY).is_not_null()).alias("_porteur"),
        pl.any_horizontal(pl.col("commune", "departement").is_not_null()).alias("_localite"),
    )
    rows = places.with_columns(told_again.alias("_a_refaire"))
    rows = rows.join(known, on=["livraison", "ligne"], how="left", maintain_order="left")
    rows = rows.join(facts, on="lieu", how="left", maintain_order="left", suffix="_annonce")
    return rows.with_columns(_retold(places.columns)).select(places.columns)


def _retold(columns: list[str]) -> list[pl.Expr]:
    """Each column that awards feed: the public awards' where the place is told again, unless the registry says it."""
    by_registry = {"nom": "_nom", **dict.fromkeys(BEARER, "_porteur"), **dict.fromkeys((*LOCALITY, "population_commune"), "_localite")}
    summed = (
        "categorie",
        "dispositif",
        "classe_officielle",
        "types",
        "premiere_vague",
        "derniere_vague",
        "attributions",
        "relabellise",
        "source_url",
    )
    kept = {name: pl.col(flag).fill_null(False) for name, flag in by_registry.items()} | dict.fromkeys(summed, pl.lit(False))
    return [
        pl.when(~pl.col("_a_refaire") | keep).then(pl.col(name)).otherwise(_announced(name)).alias(name)
        for name, keep in kept.items()
        if name in columns
    ]


def _announced(name: str) -> pl.Expr:
    if name == "population_commune":  # awards do not carry it
        return pl.lit(None, pl.Int64)
    value = pl.col(f"{name}_annonce")
    return value.fill_null("sans_porteur") if name == "statut_porteur" else value.fill_null(0) if name == "attributions" else value


def _from_awards(awards: pl.DataFrame, waves: pl.DataFrame) -> pl.DataFrame:
    """What the awards of each place say together, in the order of `model/lieux.sql`: the place's own scheme last, then waves by ordinal."""
    own = pl.col("dispositif") == pl.col("dispositif").min().over("lieu")
    rows = awards.join(waves.select("vague", "ordinal"), on="vague", how="left", maintain_order="left").with_columns(own.alias("_sien"))
    rows = rows.with_columns(pl.when(pl.col("_sien") & pl.col("ordinal").is_not_null()).then(pl.col("vague")).alias("_vague"))
    rows = rows.sort("lieu", "_sien", "ordinal", "date_annonce", "livraison", "ligne", nulls_last=False)
    relabelled = (pl.col("nature") == "relabellisation").any() | (pl.col("_vague").drop_nulls().n_unique() > 1)
    return (
        rows.group_by("lieu", maintain_order=True)
        .agg(
            _last("nom_lieu").alias("nom"),
            _last("categorie"),
            pl.col("dispositif").min(),
            _last("classe_officielle"),
            _last("types"),
            pl.col("_vague").drop_nulls().first().alias("premiere_vague"),
            _last("_vague").alias("derniere_vague"),
            pl.len().cast(pl.Int64).alias("attributions"),
            pl.when(relabelled).then(True).when(pl.col("nature").is_not_null().all()).then(False).alias("relabellise"),
            pl.col("source_url").drop_nulls().first(),
            *(pl.col(name).filter(pl.col("statut_porteur") != "sans_porteur").last() for name in BEARER),
            *(pl.col(name).filter(pl.any_horizontal(pl.col("commune", "departement").is_not_null())).last() for name in LOCALITY),
        )
        .rename(lambda name: name if name == "lieu" else f"{name}_annonce")
    )


def _last(name: str) -> pl.Expr:
    return pl.col(name).drop_nulls().last()
