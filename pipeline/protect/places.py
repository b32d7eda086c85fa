"""A place as the registry and the awards that may be shown tell it.

The model sums up all the awards of a place; one under embargo would show in its counts, its last wave, its present bearer. A merge may
bring an announced place under the entry of one that is not: that entry then says nothing. Neither the name nor the page of a place comes
from the award of a natural person.
"""

import polars as pl

PHYSIQUE = "personne_physique"
BEARER = ("porteur", "statut_porteur", "siren", "rna")
LOCALITY = ("commune", "code_commune", "departement", "nom_departement", "region", "code_region")
SUMMED = ("categorie", "dispositif", "classe_officielle", "types", "premiere_vague", "derniere_vague", "attributions", "relabellise")
ORIGIN = ("livraison", "ligne")
UNSAID = ("non_etabli", "sans_porteur")
# An award of a natural person: as it says, or as the entry of the registry does, whatever that entry was merged into since.
NATURAL = (pl.col("statut_porteur") == PHYSIQUE) | (
    pl.col("statut_porteur").is_in(UNSAID) & (pl.col("statut_designe") == PHYSIQUE).fill_null(False)
)
SAID_BY_REGISTRY = ("porteur", "siren", "rna", "forme_juridique", "statut_porteur")


def as_announced(
    places: pl.DataFrame, registry: pl.DataFrame, shown: pl.DataFrame, hidden: pl.DataFrame, waves: pl.DataFrame
) -> pl.DataFrame:
    """The places (`model/lieux`), those with a hidden award told again from the others; same columns, same order.

    `registry` is `validate/lieux` less the lines replaced since, `shown` and `hidden` the awards; what the registry leaves empty comes from
    the latest award shown that says it. The entry of the registry speaks only if an award shown was given to it, before any merge; nor does
    it where an award is hidden and two entries have its id.
    """
    facts = _from_awards(shown.filter(pl.col("lieu").is_not_null()), waves)
    known = registry.select(
        "livraison",
        "ligne",
        pl.col("nom").is_not_null().alias("_nom"),
        pl.any_horizontal(pl.col(SAID_BY_REGISTRY).is_not_null()).alias("_porteur"),
        pl.any_horizontal(pl.col("commune", "departement").is_not_null()).alias("_localite"),
    )
    persons = shown.filter(NATURAL)["lieu"].drop_nulls().implode()
    reserved = pl.col("lieu").is_in(hidden["lieu"].drop_nulls().implode())
    twice = registry.filter(pl.col("lieu").is_duplicated())["lieu"].drop_nulls().implode()
    silent = ~pl.col("lieu").is_in(shown["lieu_designe"].drop_nulls().implode()) | (reserved & pl.col("lieu").is_in(twice))
    again = reserved | silent
    rows = places.with_columns(
        again.alias("_a_refaire"), (again | pl.col("lieu").is_in(persons)).alias("_a_renommer"), silent.alias("_muette")
    )
    rows = rows.join(known, on=["livraison", "ligne"], how="left", maintain_order="left")
    rows = rows.join(facts, on="lieu", how="left", maintain_order="left")
    return rows.with_columns(_retold()).select(places.columns)


def _retold() -> list[pl.Expr]:
    """Each column that awards feed: what the awards shown say where the place is told again, unless the registry says it."""
    flags = {"nom": "_nom", **dict.fromkeys(BEARER, "_porteur"), **dict.fromkeys((*LOCALITY, "population_commune"), "_localite")}
    kept = {name: pl.col(flag).fill_null(False) & ~pl.col("_muette") for name, flag in flags.items()}
    kept |= dict.fromkeys((*SUMMED, "source_url"), pl.lit(False)) | dict.fromkeys(ORIGIN, ~pl.col("_muette"))
    again = dict.fromkeys(kept, pl.col("_a_refaire")) | dict.fromkeys(("nom", "source_url"), pl.col("_a_renommer"))
    return [pl.when(~again[name] | keep).then(pl.col(name)).otherwise(_announced(name)).alias(name) for name, keep in kept.items()]


def _announced(name: str) -> pl.Expr:
    if name == "population_commune":  # awards do not carry it
        return pl.lit(None, pl.Int64)
    value = pl.col(f"{name}_annonce")
    if name in ORIGIN:  # a place without any award shown is hidden, and keeps its line
        return value.fill_null(pl.col(name))
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
            pl.col("nom_lieu").filter(~NATURAL).drop_nulls().last().alias("nom"),
            _last("categorie"),
            pl.col("dispositif").min(),
            _last("classe_officielle"),
            _last("types"),
            pl.col("_vague").drop_nulls().first().alias("premiere_vague"),
            _last("_vague").alias("derniere_vague"),
            pl.len().cast(pl.Int64).alias("attributions"),
            pl.when(relabelled).then(True).when(pl.col("nature").is_not_null().all()).then(False).alias("relabellise"),
            pl.col("source_url").filter(~NATURAL).drop_nulls().first(),
            *(pl.col(name).last() for name in ORIGIN),
            *(pl.col(name).filter(pl.col("statut_porteur") != "sans_porteur").last() for name in BEARER),
            *(pl.col(name).filter(pl.any_horizontal(pl.col("commune", "departement").is_not_null())).last() for name in LOCALITY),
        )
        .rename(lambda name: name if name == "lieu" else f"{name}_annonce")
    )


def _last(name: str) -> pl.Expr:
    return pl.col(name).drop_nulls().last()
