"""What may be told of applications: counts of announced waves, and no name of who was not retained."""

from collections.abc import Mapping

import polars as pl

from pipeline import schema
from pipeline.protect import hidden as writings
from pipeline.protect.effectifs.attack import TOTAL
from pipeline.protect.effectifs.paliers import ProtectedCounts, protect_counts
from pipeline.protect.masking import published
from pipeline.protect.policy import Policy
from pipeline.protect.reading import folded
from pipeline.protect.texts import Known
from pipeline.protect.visibility import MOTIF, Frames

DELIVERY = "candidatures"
BEARER, PLACE = "porteur", "nom_lieu"
NUMBERS = ("siret_porteur", "rna_porteur")
RETAINED = "retenue"
COUNTS = "evaluate/candidatures_comptees"
EARLIER = "release/candidatures_agregees"
BASE = ("vague", "region", "classe", "candidatures", "laureats")


def aggregated(read: Frames, policy: Policy, open_waves: pl.Series) -> ProtectedCounts | None:
    """The counts of announced waves that may be published: the table, or none and why; None without applications.

    A wave's official number of applications is public already, and so is what earlier releases show (`read[EARLIER]`, when there are some).
    """
    counts = read[COUNTS].filter(pl.col("vague").is_in(open_waves)).select(*BASE)
    if counts.is_empty():
        return None
    announced = read["model/vagues"].filter(pl.col("candidatures").is_not_null(), pl.col("vague").is_in(counts["vague"].implode()))
    elsewhere = announced.select("vague", pl.lit(TOTAL).alias("region"), pl.lit(TOTAL).alias("classe"))
    earlier = read[EARLIER].partition_by("publication", include_key=False) if EARLIER in read else []
    return protect_counts(counts, policy.effectifs.values(), elsewhere, earlier)


def published_counts(counts: ProtectedCounts | None) -> pl.DataFrame:
    """The rows of `candidatures_agregees`: none when no detail protects enough, for a release does not wait for its counts."""
    if counts is None or counts.table is None:
        return pl.DataFrame(schema=schema.load("public", "candidatures_agregees").polars_schema)
    return counts.table


def told(rows: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """The applications, judged; one of an announced wave that no published row counts feeds nothing public."""
    nowhere = pl.when(~pl.col("vague").is_in(counted["vague"].implode())).then(pl.lit("sans_compte"))
    return rows.with_columns(pl.coalesce(MOTIF, nowhere).alias(MOTIF))


def unsuccessful(
    delivered: Mapping[str, pl.LazyFrame], judged: Frames, policy: Policy, labels: Mapping[str, str], open_waves: pl.Series
) -> Known:
    """Who applied and was not retained, or not yet announced, and is named in no public row: sought in every public text.

    `delivered`: the delivered tables as text; `labels`: label of a wave → its slug. A name of one word may be a common one: it is compared
    with whole cells, and so is the name of a place made of common words.
    """
    if DELIVERY not in delivered:
        return Known()
    rows = delivered[DELIVERY].select(pl.col("vague", "decision", BEARER, PLACE, *NUMBERS).cast(pl.String))
    wave = pl.col("vague").str.strip_chars().replace_strict(labels, default=None, return_dtype=pl.String)
    announced = wave.is_in(open_waves).fill_null(False) & (pl.col("decision") == RETAINED).fill_null(False)
    hidden = rows.filter(~announced).collect()
    elsewhere = published(judged, policy)
    named = elsewhere.to_frame("valeur").select(folded(pl.col("valeur"))).to_series().implode()
    bearers, places = (
        hidden.select(folded(pl.col(column)).alias("nom")).unique().filter(pl.col("nom") != "", ~pl.col("nom").is_in(named))["nom"]
        for column in (BEARER, PLACE)
    )
    short = writings.less(writings.stripped(pl.concat([hidden[BEARER], hidden[PLACE]])), writings.fold(elsewhere))
    return Known(
        anywhere=frozenset(_numbers(hidden, elsewhere)),
        names=frozenset(bearers.filter(bearers.str.contains(" "))),
        whole=frozenset(bearers) | frozenset(places),
        titles=frozenset(writings.naming(places)) | frozenset(short),
        units=writings.units(hidden["siret_porteur"], elsewhere),
    )


def _numbers(hidden: pl.DataFrame, elsewhere: pl.Series) -> pl.Series:
    """SIRET and RNA numbers, unless a public row gives them, or another establishment of the same unit."""
    numbers = hidden.select(pl.concat_list(NUMBERS).explode().alias("numero")).unique()["numero"].drop_nulls()
    units = elsewhere.filter(elsewhere.str.contains(r"^[0-9]{9}([0-9]{5})?$")).str.slice(0, 9)
    told = numbers.is_in(elsewhere.implode()) | numbers.str.slice(0, 9).is_in(units.implode())
    return numbers.filter(numbers.str.contains(r"^(W[0-9]{9}|[0-9]{14})$") & ~told)
