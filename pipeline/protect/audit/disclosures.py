"""What the audit seeks in the tables that publish less than a delivery says: follow-up, anomalies, and who applied in vain.

It shares no code with what built the tables; a reason never shows a value.
"""

import re
from collections.abc import Iterator, Mapping

import polars as pl

from pipeline.protect.audit.echoes import JOINED, words
from pipeline.protect.audit.expected import answers, opened_by_all, to_be_named

OF_A_BEARER = ("emplois_etp", "chiffre_affaires", "ressources_propres", "financements_publics", "horaires_ouverture")
SHORTEST = 8
# What may be named: source → fields; whoever is there is public elsewhere than among applicants.
NAMED = {
    "fabriques": ("nom", "porteur", "siren", "rna"),
    "attributions": ("nom_lieu", "porteur", "siren", "rna"),
    "conventions": ("nomAttribuant", "idAttribuant", "nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire"),
    "subventions": ("nomAttribuant", "idAttribuant", "nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire"),
    "versements": ("fournisseur_paye", "siret"),
    "recensement": ("NOM_TL",),
}

Frames = Mapping[str, pl.DataFrame]


def followup(tables: Frames, read: Frames, awards: pl.DataFrame) -> Iterator[str]:
    """A value of a place and year is one that every line of that place and year names as publishable, but for those of a place to be
    named (`awards`: those that may be shown); a masked place shows no account."""
    lines = read["model/suivi"].filter(~pl.col("lieu_cite").is_in(to_be_named(read, awards)))
    shown, told, fields = tables["suivi"], opened_by_all(lines).with_columns(pl.col("lieu").alias("fabrique")), answers()
    for name in fields:
        opened = pl.format("|{}|", pl.col("champs_publiables")).str.contains(f"|{name}|", literal=True)
        natural = (pl.col("statut_cite") == "personne_physique").fill_null(False) & pl.lit(name in OF_A_BEARER)
        allowed = told.filter(opened.fill_null(False), ~natural).select("fabrique", "annee", name)
        if shown.select("fabrique", "annee", name).drop_nulls().join(allowed, on=["fabrique", "annee", name], how="anti").height:
            yield f"suivi.{name} : une valeur que le lieu n'a pas déclarée publiable"
    masked = tables["fabriques"].filter(pl.col("ligne").is_null())
    closed = shown.join(masked, on="fabrique", how="semi")
    yield from (f"suivi.{name} : rempli pour un lieu masqué" for name in (*OF_A_BEARER, "ligne") if closed[name].count())
    if shown.filter(pl.all_horizontal(pl.col(name).is_null() for name in fields)).height:
        yield "suivi : une ligne qui ne dit rien"


def answered(rows: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The expected lines of follow-up that say something once the accounts of masked places (`places`: the public ones) are kept back."""
    masked = places.filter(pl.col("ligne").is_null())["fabrique"].implode()
    opened = pl.format("|{}|", pl.col("champs_publiables"))
    free = (name for name in answers() if name not in OF_A_BEARER)
    says = pl.any_horizontal(pl.col(name).is_not_null() & opened.str.contains(f"|{name}|", literal=True) for name in free)
    natural = (pl.col("statut_cite") == "personne_physique").fill_null(False)
    return rows.filter(~(pl.col("lieu").is_in(masked) | natural) | says.fill_null(False))


def anomalies(tables: Frames, read: Frames, held: pl.DataFrame, judged: pl.DataFrame) -> Iterator[str]:
    """No number counts a line of `held` (livraison, ligne), nor a line that is not of `judged` in a delivery that holds one; none is of
    applications."""
    found = read["model/anomalies"].join(held, on=["livraison", "ligne"], how="anti")
    unseen = found.join(judged, on=["livraison", "ligne"], how="anti").join(held, on="livraison", how="semi")
    most = found.join(unseen, on=["livraison", "ligne"], how="anti").group_by("regle", "table").agg(pl.len().alias("permis"))
    told = tables["anomalies"].join(most, on=["regle", "table"], how="left")
    if told.filter(pl.col("nombre") > pl.col("permis").fill_null(0)).height:
        yield "anomalies.nombre : compte des lignes réservées"
    if told.filter((pl.col("table") == "candidatures") & pl.col("nombre").is_not_null()).height:
        yield "anomalies.nombre : compte des candidatures hors du secret"
    if told.filter((pl.col("etat") == "non évaluée") & pl.col("nombre").is_not_null()).height:
        yield "anomalies.nombre : rempli pour une règle non évaluée"


def applicants(cells: pl.DataFrame, deliveries: Mapping[str, pl.LazyFrame], expected: Frames, opened: list[str]) -> Iterator[str]:
    """Whoever applied and is not among the announced laureates is in no cell, unless a row that may be shown names them. `cells`: place,
    cell, said; `opened`: the labels of announced waves."""
    if "candidatures" not in deliveries:
        return
    rows = deliveries["candidatures"].select(
        pl.col("vague", "decision", "porteur", "nom_lieu", "siret_porteur", "rna_porteur").cast(pl.String)
    )
    won = (pl.col("vague").str.strip_chars().is_in(opened) & (pl.col("decision") == "retenue")).fill_null(False)
    lost = rows.filter(~won).collect()
    named = [expected[name].select(pl.col(column).cast(pl.String).alias("mot")) for name, fields in NAMED.items() for column in fields]
    public = pl.concat(named)["mot"].drop_nulls().unique()
    said = public.to_frame().select(words(pl.col("mot"))).to_series().implode()
    bearers, places = (
        lost.select(words(pl.col(name)).alias("mot"))
        .unique()
        .filter(pl.col("mot").str.strip_chars() != "", ~pl.col("mot").is_in(said))["mot"]
        for name in ("porteur", "nom_lieu")
    )
    declared = pl.concat([lost["siret_porteur"], lost["rna_porteur"]]).drop_nulls().unique()
    told = declared.str.slice(0, 9).is_in(public.str.slice(0, 9).implode()) | declared.is_in(public.implode())
    numbers = declared.filter((declared.str.len_chars() >= SHORTEST) & ~told).to_list()
    inside = bearers.filter(bearers.str.strip_chars().str.contains(" ")).to_list()
    whole = pl.concat([bearers, places]).implode()
    leak = pl.col("said").is_in(whole)
    leak |= pl.col("said").str.contains_any(inside) if inside else pl.lit(False)
    leak |= pl.col("cell").str.contains_any(numbers) if numbers else pl.lit(False)
    for place in sorted({*cells.filter(leak)["place"], *_in_one_piece(cells, inside)}):
        yield f"{place} : l'identité d'un candidat non retenu, ou pas encore annoncé"


def _in_one_piece(cells: pl.DataFrame, names: list[str]) -> Iterator[str]:
    """Where the letters of a name of JOINED letters or more stand, from the beginning of a word to the end of one."""
    letters = {joined: name for name in names if len(joined := name.replace(" ", "")) >= JOINED}
    if letters:
        glued = cells.with_columns(joined=pl.col("said").str.replace_all(" ", ""))
        doubtful = glued.filter(pl.col("joined").str.contains_any(sorted(letters)))
        for place, said, joined in doubtful.select("place", "said", "joined").iter_rows():
            if any(name in joined and re.search(r"\b" + " *".join(name) + r"\b", said) for name in letters):
                yield place
