"""What the audit expects to be shown, and what to be kept back, reckoned again from the sources.

It shares no code with what built the tables.
"""

import datetime as dt
import re
from collections.abc import Mapping

import polars as pl

from pipeline import schema as schemas
from pipeline.protect.echoes import words

LINE = ["livraison", "ligne"]
SOURCES = {"fabriques": "lieux"}  # public table → table of the model, where their names differ

# Of the awards that are not shown: one that nothing announces, nor is to, keeps nothing back.
SECRET = pl.col("vague").is_not_null() | pl.col("source_url").is_not_null()

Frames = Mapping[str, pl.DataFrame]


def answers() -> tuple[str, ...]:
    """The fields of the public follow-up that a place opens or not: all but what identifies the row and its origin."""
    return schemas.load("public", "suivi").field_names[2:-2]


def announced(read: Frames, as_of: dt.date) -> set[str]:
    """The waves whose day is known and has come."""
    return {wave for wave, day in read["model/vagues"].select("vague", "embargo_jusqu_au").rows() if day is not None and day <= as_of}


def expected(read: Frames, waves: set[str], as_of: dt.date) -> dict[str, pl.DataFrame]:
    """The source rows that may be shown, or counted, table by table."""
    said = pl.col("vague").is_in(sorted(waves))
    awards = read["model/attributions"].filter(said | (pl.col("vague").is_null() & pl.col("source_url").is_not_null()))
    awards = awards.filter(pl.col("date_annonce").is_null() | (pl.col("date_annonce") <= as_of))
    own = awards.filter(pl.col("dispositif") == "fabrique_de_territoire").select("lieu").drop_nulls().unique()
    places = read["model/lieux"].join(own, on="lieu", how="semi")
    kept = _agreements(read, awards, waves)
    held = read["model/conventions"].join(kept, on="convention", how="anti")
    payments = read["model/versements"].join(held, on="convention", how="anti")
    by_number = held["numeroEJ"].drop_nulls().implode()
    payments = payments.filter(pl.col("convention").is_not_null() | ~pl.col("numero_ej").is_in(by_number).fill_null(False))
    payments = payments.filter(~_to_come(read, awards, ("siret", "fournisseur_paye"), kept))
    return {
        "attributions": awards, "fabriques": places, "conventions": kept, "versements": payments,
        "vagues": read["model/vagues"].filter(said), "recensement": read["model/recensement"],
        "indicateurs_publies": read["model/indicateurs_publies"], "subventions": read["model/subventions"],
        "suivi": _answers(read["model/suivi"].join(places, on="lieu", how="semi"), to_be_named(read, awards)),
        "echeancier": read["model/echeancier"].join(held, left_on="convention", right_on="idConvention", how="anti"),
        "candidatures": read["model/candidatures"].filter(said),
    }  # fmt: skip


def held(read: Frames, shown: Frames) -> dict[str, pl.DataFrame]:
    """The source rows that are reserved, table by table: a row hidden for another reason keeps nothing back."""
    rows = {name: read[f"model/{SOURCES.get(name, name)}"].join(frame.select(LINE), on=LINE, how="anti") for name, frame in shown.items()}
    told = shown["attributions"].select("lieu").drop_nulls()
    rows["attributions"] = rows["attributions"].filter(SECRET)
    rows["fabriques"] = rows["fabriques"].join(told, on="lieu", how="anti")  # a place of the other scheme keeps nothing back
    known = rows["suivi"].filter(pl.col("lieu").is_not_null())
    secret = known.filter(pl.col("lieu_cite").is_in(to_be_named(read, shown["attributions"])))
    rows["suivi"] = pl.concat([known.join(told, on="lieu", how="anti"), secret]).unique(LINE, maintain_order=True)
    return rows


def _agreements(read: Frames, awards: pl.DataFrame, waves: set[str]) -> pl.DataFrame:
    shown = set(awards["attribution"])
    cited = read["model/attributions"].filter(~pl.col("attribution").is_in(sorted(shown)) & SECRET)["attribution"]
    agreements = read["model/conventions"]
    wave_cited = {
        text: match[1]
        for text in agreements["attribution"].drop_nulls().unique()
        if (match := re.search(r"_([a-z-]+-\d{2,4})(_\d+)?$", text))
    }
    reserved = sorted({text for text, wave in wave_cited.items() if wave not in waves} | set(cited))
    said = pl.col("vague").is_null() | pl.col("vague").is_in(sorted(waves))
    to_come = _to_come(read, awards, ("idBeneficiaire", "nomBeneficiaire", "rnaBeneficiaire"))
    return agreements.filter(said & ~to_come & (pl.col("attribution").is_null() | ~pl.col("attribution").is_in(reserved)))


def _to_come(read: Frames, awards: pl.DataFrame, columns: tuple[str, ...], agreements: pl.DataFrame | None = None) -> pl.Expr:
    """True where one of the columns says who has an award to be announced, and none of those that are. With the `agreements` that may be
    shown, the same of who benefits from the others."""
    secret = read["model/attributions"].join(awards, on="attribution", how="anti").filter(SECRET)

    def said(rows: pl.DataFrame, numbers: tuple[str, ...], name: str) -> set[str]:
        found = {number[:9] if number.isdigit() else number for column in numbers for number in rows[column].drop_nulls()}
        return found | set(rows.select(words(pl.col(name).drop_nulls())).to_series())

    bearer, paid = (("siren", "rna"), "porteur"), (("idBeneficiaire", "rnaBeneficiaire"), "nomBeneficiaire")
    only, told = said(secret, *bearer), said(awards, *bearer)
    if agreements is not None:
        only |= said(read["model/conventions"].join(agreements, on="convention", how="anti"), *paid)
        told |= said(agreements, *paid)
    written = [pl.col(name) for name in columns] + [pl.col(columns[0]).str.slice(0, 9)] + [words(pl.col(name)) for name in columns]
    return pl.any_horizontal(text.is_in(sorted(only - told - {"", "    "})).fill_null(False) for text in written)


def to_be_named(read: Frames, awards: pl.DataFrame) -> list[str]:
    """The entries of the registry to which only awards not shown were given, whatever they were merged into since."""
    given = set(read["model/attributions"].filter(SECRET)["lieu_designe"].drop_nulls())
    return sorted(given - set(awards["lieu_designe"].drop_nulls()))


def that_speak(read: Frames, awards: pl.DataFrame) -> pl.DataFrame:
    """The lines of the registry that may say what a place is: those of the ids given an award shown; when the place has a secret one too,
    only if one line has the id."""
    lines = read["validate/lieux"].join(read["model/lignes_remplacees"], on=LINE, how="anti")
    secret = set(read["model/attributions"].join(awards, on="attribution", how="anti")["lieu"].drop_nulls())
    given = set(awards["lieu_designe"].drop_nulls())
    twice = {place for place, number in lines["lieu"].drop_nulls().value_counts().rows() if number > 1}
    return lines.filter(pl.col("lieu").is_in(sorted(given - (secret & twice))))


def opened_by_all(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines of follow-up, each with the only fields that every line of its place and year opens: one silent line closes them all."""
    said = rows.select("lieu", "annee", pl.col("champs_publiables").str.split("|").list.unique()).explode("champs_publiables")
    lines = rows.group_by("lieu", "annee").len("lignes")
    naming = said.group_by("lieu", "annee", "champs_publiables").len("nommee").join(lines, on=["lieu", "annee"], nulls_equal=True)
    common = naming.filter(pl.col("nommee") == pl.col("lignes")).group_by("lieu", "annee").agg(pl.col("champs_publiables").sort())
    kept = common.with_columns(pl.col("champs_publiables").list.join("|", ignore_nulls=True))
    return rows.drop("champs_publiables").join(kept, on=["lieu", "annee"], how="left", nulls_equal=True, maintain_order="left")


def _answers(rows: pl.DataFrame, secret: list[str]) -> pl.DataFrame:
    """One line a place and year, the one that cites the place's own id first; it says something that the place opened, and does not cite
    the id of a place to be named."""
    rows = opened_by_all(rows).sort(pl.col("lieu_cite") != pl.col("lieu"), *LINE)
    first = rows.unique(["lieu", "annee"], keep="first", maintain_order=True)
    opened = pl.format("|{}|", pl.col("champs_publiables")).fill_null("")
    said = (pl.col(name).is_not_null() & opened.str.contains(f"|{name}|", literal=True) for name in answers())
    return first.filter(pl.any_horizontal(said), ~pl.col("lieu_cite").is_in(secret))
