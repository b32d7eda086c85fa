"""What the audit expects to be shown, and what to be kept back, reckoned again from the sources.

It shares no code with what built the tables.
"""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from pipeline import schema as schemas
from pipeline.protect.audit.awaited import SECRET, Awaited
from pipeline.protect.audit.echoes import words

LINE = ["livraison", "ligne"]
SOURCES = {"fabriques": "lieux"}  # public table → table of the model, where their names differ

Frames = Mapping[str, pl.DataFrame]


def answers() -> tuple[str, ...]:
    """The fields of the public follow-up that a place opens or not: all but what identifies the row and its origin."""
    return schemas.load("public", "suivi").field_names[2:-2]


def announced(read: Frames, as_of: dt.date) -> set[str]:
    """The waves whose day is known and has come."""
    return {wave for wave, day in read["model/vagues"].select("vague", "embargo_jusqu_au").rows() if day is not None and day <= as_of}


def awarded(read: Frames, waves: set[str], as_of: dt.date) -> pl.DataFrame:
    """The awards that may be shown."""
    said = pl.col("vague").is_in(sorted(waves)) | (pl.col("vague").is_null() & pl.col("source_url").is_not_null())
    return read["model/attributions"].filter(said, pl.col("date_annonce").is_null() | (pl.col("date_annonce") <= as_of))


def expected(read: Frames, awards: pl.DataFrame, waits: Awaited, waves: set[str]) -> dict[str, pl.DataFrame]:
    """The source rows that may be shown, or counted, table by table; `awards`: as `awarded` gives them."""
    said = pl.col("vague").is_in(sorted(waves))
    own = awards.filter(pl.col("dispositif") == "fabrique_de_territoire").select("lieu").drop_nulls().unique()
    places = read["model/lieux"].join(own, on="lieu", how="semi")
    closed = waits.kept_back(read["model/conventions"])
    kept = read["model/conventions"].join(closed, on="convention", how="anti")
    payments = read["model/versements"].join(closed, on="convention", how="anti")
    alone = payments.filter(pl.col("convention").is_null())["numero_ej"]
    by_number = sorted({*closed["numeroEJ"].drop_nulls(), *waits.cited("numeroEJ", kept, alone)})
    payments = payments.filter(pl.col("convention").is_not_null() | ~pl.col("numero_ej").is_in(by_number).fill_null(False))
    payments = payments.filter(~_paid_to(waits.who(kept)))
    ids = pl.Series("idConvention", waits.cited("idConvention", kept, read["model/echeancier"]["convention"]), pl.String)
    return {
        "attributions": awards, "fabriques": places, "conventions": kept, "versements": payments,
        "vagues": read["model/vagues"].filter(said), "recensement": read["model/recensement"],
        "indicateurs_publies": read["model/indicateurs_publies"], "subventions": read["model/subventions"],
        "suivi": _answers(read["model/suivi"].join(places, on="lieu", how="semi"), to_be_named(read, awards)),
        "echeancier": read["model/echeancier"].join(ids.to_frame(), left_on="convention", right_on="idConvention", how="anti"),
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


def _paid_to(who: set[str]) -> pl.Expr:
    """True where the payee is one of these names, SIREN or RNA numbers."""
    written = (pl.col("siret").str.slice(0, 9), pl.col("siret"), words(pl.col("fournisseur_paye")))
    return pl.any_horizontal(text.is_in(sorted(who)).fill_null(False) for text in written)


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
    """One line a place and year, of those that do not cite the id of a place to be named: the one that cites the place's own id first; it
    says something that the place opened."""
    rows = opened_by_all(rows.filter(~pl.col("lieu_cite").is_in(secret))).sort(pl.col("lieu_cite") != pl.col("lieu"), *LINE)
    first = rows.unique(["lieu", "annee"], keep="first", maintain_order=True)
    opened = pl.format("|{}|", pl.col("champs_publiables")).fill_null("")
    said = (pl.col(name).is_not_null() & opened.str.contains(f"|{name}|", literal=True) for name in answers())
    return first.filter(pl.any_horizontal(said))
