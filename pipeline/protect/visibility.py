"""Which rows may be public, and which class each belongs to: the embargo, the labels that a place owes its being public to.

Every table gains `_motif` (the rule that hides the row, null when it is public) and, where it has a status, `_statut`.
"""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from pipeline.protect import followup, natural, reserved
from pipeline.protect.places import NATURAL, PHYSIQUE, UNSAID, as_announced
from pipeline.protect.policy import Policy

MOTIF, STATUT = "_motif", "_statut"
FABRIQUE = "fabrique_de_territoire"

Frames = Mapping[str, pl.DataFrame]


def judge(
    sources: Frames, policy: Policy, as_of: dt.date, delivered: Mapping[str, pl.LazyFrame]
) -> tuple[dict[str, pl.DataFrame], reserved.Waiting]:
    """The rows that feed each public table, judged, and what waits. The tables of sums, counts and deliveries come later: they depend on
    these. `delivered`: the lines of each delivered table, rejected ones included."""
    waves = sources["model/vagues"]
    open_waves = announced(waves, as_of)
    awards = kept(_awards(sources["model/attributions"], open_waves, as_of), policy, "attributions")
    registry = sources["validate/lieux"].join(sources["model/lignes_remplacees"], on=["livraison", "ligne"], how="anti")
    told = as_announced(sources["model/lieux"], registry, shown(awards), awards.filter(pl.col(MOTIF).is_not_null()), waves)
    persons = natural.sirens(delivered)
    borne = _places_of_natural_persons(told, shown(awards), persons)
    places = kept(_places(told, awards), policy, "fabriques").with_columns(_place_status(borne, persons))
    known = reserved.Told(awards, places, registry, open_waves)
    waiting = reserved.waiting(known, sources["model/conventions"], delivered, as_of)
    agreements = kept(_agreements(sources["model/conventions"], waiting, persons), policy, "conventions")
    judged = {
        "fabriques": places,
        "attributions": awards.with_columns(_stricter(_place_status(borne, persons), NATURAL)),
        "vagues": kept(waves.with_columns(_when(_reserved("vague", open_waves), "embargo")), policy, "vagues"),
        "conventions": agreements,
        "versements": kept(_payments(sources["model/versements"], agreements, waiting), policy, "versements"),
    }
    paid = pl.col("siret").str.slice(0, 9).is_in(persons)
    judged["versements"] = judged["versements"].with_columns(_stricter(pl.col(STATUT), paid.fill_null(False)))
    judged["suivi"] = kept(_followup(sources["model/suivi"], judged["fabriques"], awards), policy, "suivi")
    for name in ("recensement", "indicateurs_publies", "subventions"):
        judged[name] = sources[f"model/{name}"].with_columns(pl.lit(None, pl.String).alias(MOTIF))
    granted = pl.col("idBeneficiaire").str.slice(0, 9).is_in(persons).fill_null(False)
    judged["subventions"] = judged["subventions"].with_columns(_stricter(pl.col("statut_beneficiaire"), granted))
    return judged, waiting


def judge_summed(
    sources: Frames, agreements: pl.DataFrame, waiting: reserved.Waiting, policy: Policy, as_of: dt.date
) -> dict[str, pl.DataFrame]:
    """The rows that are published in sums and counts only, judged; `agreements` and `waiting` as `judge` returns them."""
    open_waves = announced(sources["model/vagues"], as_of)
    schedule = sources["model/echeancier"]
    closed = waiting.cited("idConvention", shown(agreements), schedule["convention"])
    schedule = schedule.with_columns(_when(pl.col("convention").is_in(closed.implode()), "embargo"))
    applications = sources["model/candidatures"].with_columns(_when(_reserved("vague", open_waves), "embargo"))
    return {
        "echeancier": kept(schedule, policy, "financements"),
        "candidatures": kept(applications, policy, "candidatures_agregees"),
    }


def compared(waves: pl.DataFrame, late: pl.Series) -> pl.DataFrame:
    """`evaluate/rapprochement`, « non disponible » where an award of an announced wave waits for a day of its own."""
    counts = [name for name in waves.columns if name != "vague"]
    return waves.with_columns(pl.when(~pl.col("vague").is_in(late)).then(pl.col(name)).alias(name) for name in counts)


def financed(judged: Frames) -> pl.DataFrame:
    """attribution, fabrique: the public awards that lead to a public place, those of a Manufacture leading to none."""
    places = shown(judged["fabriques"]).select(pl.col("lieu").alias("fabrique"))
    return shown(judged["attributions"]).select("attribution", "fabrique").join(places, on="fabrique", how="semi")


def shown(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that no rule hides."""
    return rows.filter(pl.col(MOTIF).is_null())


def announced(waves: pl.DataFrame, as_of: dt.date) -> pl.Series:
    """Waves that may be shown. One whose day is not known may not, nor one that `model/vagues` does not have."""
    return waves.filter(pl.col("embargo_jusqu_au") <= as_of)["vague"].implode()


def late(awards: pl.DataFrame, open_waves: pl.Series, as_of: dt.date) -> pl.Series:
    """Announced waves one award of which waits for a day of its own: what counts all their awards would tell of it."""
    return awards.filter(pl.col("vague").is_in(open_waves), pl.col("date_annonce") > as_of)["vague"].unique().implode()


def _reserved(column: str, open_waves: pl.Series) -> pl.Expr:
    """True where the row cites a wave that may not be shown; a row without wave cites none."""
    return pl.col(column).is_not_null() & ~pl.col(column).is_in(open_waves).fill_null(False)


def _when(condition: pl.Expr, rule: str) -> pl.Expr:
    return pl.when(condition.fill_null(False)).then(pl.lit(rule)).otherwise(pl.lit(None, pl.String)).alias(MOTIF)


def kept(rows: pl.DataFrame, policy: Policy, table: str) -> pl.DataFrame:
    """Only the rules that the policy names for the table hide a row."""
    return rows.with_columns(pl.when(pl.col(MOTIF).is_in(list(policy.tables[table].lignes))).then(pl.col(MOTIF)).alias(MOTIF))


def _places_of_natural_persons(places: pl.DataFrame, awards: pl.DataFrame, persons: pl.Series) -> pl.Series:
    """Places that the registry, or an award that it does not contradict, says to be borne by a natural person."""
    person = pl.col("siren").is_in(persons).fill_null(False)
    declared = awards.filter((pl.col("statut_porteur") == PHYSIQUE) | person)["lieu"].implode()
    status = pl.col("statut_porteur")
    borne = (status == PHYSIQUE) | person | (status.is_in(UNSAID) & pl.col("lieu").is_in(declared))
    return places.filter(borne)["lieu"].implode()


def _place_status(borne: pl.Series, persons: pl.Series) -> pl.Expr:
    said, person = pl.col("statut_porteur"), pl.col("siren").is_in(persons)
    person |= said.is_in(UNSAID) & pl.col("lieu").is_in(borne)
    return _stricter(said, person.fill_null(False))


def _stricter(status: pl.Expr, natural: pl.Expr) -> pl.Expr:
    """The status, or that of a natural person: a merge of places does not make somebody a legal person."""
    return pl.when(natural).then(pl.lit(PHYSIQUE)).otherwise(status).alias(STATUT)


def _awards(awards: pl.DataFrame, open_waves: pl.Series, as_of: dt.date) -> pl.DataFrame:
    """An award may have a day of its own, later than that of its wave."""
    embargo = _when(_reserved("vague", open_waves) | (pl.col("date_annonce") > as_of), "embargo")
    unsaid = _when(pl.col("vague").is_null() & pl.col("source_url").is_null(), "sans_source")
    fabrique = pl.when(pl.col("dispositif") == FABRIQUE).then(pl.col("lieu")).alias("fabrique")
    return awards.with_columns(pl.coalesce(unsaid, embargo).alias(MOTIF), fabrique)


def _places(places: pl.DataFrame, awards: pl.DataFrame) -> pl.DataFrame:
    """A place is a Fabrique, and public, by a public award of that scheme."""
    public = shown(awards).filter(pl.col("lieu").is_not_null())
    labelled = public.filter(pl.col("dispositif") == FABRIQUE)["lieu"].implode()
    elsewhere = public["lieu"].implode()
    reserved = awards.filter(pl.col(MOTIF) == "embargo")["lieu"].implode()
    place = pl.col("lieu")
    reason = (
        pl.when(place.is_in(labelled)).then(None)
        .when(place.is_in(elsewhere)).then(pl.lit("autre_dispositif"))
        .when(place.is_in(reserved)).then(pl.lit("embargo"))
        .otherwise(pl.lit("sans_label"))
    )  # fmt: skip
    return places.with_columns(reason.alias(MOTIF))


def _agreements(agreements: pl.DataFrame, waiting: reserved.Waiting, persons: pl.Series) -> pl.DataFrame:
    """The embargo of a wave covers the agreements that follow it, or one of its awards, or whose beneficiary is known by it alone."""
    person = pl.col("idBeneficiaire").str.slice(0, 9).is_in(persons).fill_null(False)
    return agreements.with_columns(_when(waiting.keeps_back(agreements), "embargo"), _stricter(pl.col("statut_beneficiaire"), person))


def _followup(rows: pl.DataFrame, places: pl.DataFrame, awards: pl.DataFrame) -> pl.DataFrame:
    """A year of a place is no more open than the place, be it that of the entry cited, merged since into one that is public. Of two lines
    for one place and year, the first stands, and a field that one does not open is closed; a line that waits has no say in it."""
    secret = awards.filter(pl.col(MOTIF) == "embargo").join(shown(awards), on="lieu_designe", how="anti")["lieu_designe"].drop_nulls()
    place = places.select("lieu", pl.col(MOTIF).alias("_lieu"), STATUT, pl.lit(True).alias("_connu"))
    waits = pl.col("lieu_cite").is_in(secret.implode()).fill_null(False)
    told = followup.without(rows, waits).join(place, on="lieu", how="left", maintain_order="left")
    reason = (
        pl.when(pl.col("_connu").is_null()).then(pl.lit("lieu_inconnu"))
        .when(pl.col("_lieu").is_not_null()).then(pl.col("_lieu"))
        .when(waits).then(pl.lit("embargo"))
        .when(pl.col("occurrence") > 1).then(pl.lit("doublon"))
    )  # fmt: skip
    cited = (pl.col("statut_cite") == PHYSIQUE).fill_null(False)
    return told.with_columns(reason.alias(MOTIF), _stricter(pl.col(STATUT), cited)).drop("_lieu", "_connu")


def _payments(payments: pl.DataFrame, agreements: pl.DataFrame, waiting: reserved.Waiting) -> pl.DataFrame:
    """A payment is no more open than the agreement that it pays, by its key or, when it has none, its commitment number, be it that of a
    rejected line; nor than who is paid."""
    hidden = agreements.filter(pl.col(MOTIF).is_not_null())
    embargo = pl.col("convention").is_in(hidden["convention"].implode()).fill_null(False)
    unattached = pl.col("convention").is_null()
    told = waiting.cited("numeroEJ", shown(agreements), payments.filter(unattached)["numero_ej"])
    numbers = pl.concat([hidden["numeroEJ"].drop_nulls(), told])
    embargo |= unattached & pl.col("numero_ej").is_in(numbers.implode()).fill_null(False)
    embargo |= waiting.paid(shown(agreements)).holds("siret", "fournisseur_paye")
    paid = agreements.select("convention", pl.col(STATUT).alias("_convention"))
    rows = payments.join(paid, on="convention", how="left", maintain_order="left")
    own, other = pl.col("statut_fournisseur"), pl.col("_convention")
    closer = (other == PHYSIQUE) | ((other == "non_etabli") & (own != PHYSIQUE))
    status = pl.when(closer.fill_null(False)).then(other).otherwise(own).alias(STATUT)
    return rows.with_columns(_when(embargo, "embargo"), status).drop("_convention")
