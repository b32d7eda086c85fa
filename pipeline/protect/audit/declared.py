"""Whoever a delivered line declares a natural person, be it rejected or replaced since, shows neither name nor number.

The audit's own reading: it shares no code with what built the tables.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from pipeline.protect.audit.echoes import words

Frames = Mapping[str, pl.DataFrame]
Lines = Mapping[str, pl.LazyFrame]

FORMS = ("forme_juridique", "formeJuridiqueBeneficiaire")
NUMBERS = ("siret_porteur", "siren", "idBeneficiaire")
NAMES = ("porteur", "nomBeneficiaire")
NATURAL = (
    r" (entrepreneur|entrepreneuse|individuel|individuelle|ei|eirl|(auto|micro) ?entrepr\w+|personne physique|liberale?|nom propre"
    r"|artiste) "
)
PUBLISHED = {
    "fabriques": "siren",
    "conventions": "siret_beneficiaire",
    "subventions": "id_beneficiaire",
    "versements": "siret_beneficiaire",
}


def persons(deliveries: Lines) -> tuple[set[str], set[str]]:
    """Names and SIREN of the natural persons that a line declares, public bodies (1 or 2) apart."""
    names: set[str] = set()
    sirens: set[str] = set()
    for rows in deliveries.values():
        columns = rows.collect_schema().names()
        form, number, name = (next((field for field in fields if field in columns), "") for fields in (FORMS, NUMBERS, NAMES))
        if form and number and name:
            said = words(pl.col(form).cast(pl.String)).str.replace_all(r"\s+", " ").str.contains(NATURAL)
            forms = rows.select(pl.col(form).cast(pl.String)).drop_nulls().unique().filter(said).collect().to_series()
            siren = pl.col(number).cast(pl.String).str.slice(0, 9)
            theirs = rows.filter(pl.col(form).cast(pl.String).is_in(forms.implode()), ~siren.str.contains("^[12]").fill_null(False))
            found = theirs.select(siren.alias("siren"), pl.col(name).cast(pl.String).alias("nom")).unique().collect()
            names |= set(found["nom"].drop_nulls())
            sirens |= {text for text in found["siren"].drop_nulls() if len(text) == 9}
    return names, sirens


def natural(tables: Frames, read: Frames, deliveries: Lines) -> Iterator[str]:
    """A number of theirs in a public row, or the name of one on a public award."""
    theirs = sorted(persons(deliveries)[1])
    for table, field in PUBLISHED.items():
        if tables[table].filter(pl.col(field).str.slice(0, 9).is_in(theirs)).height:
            yield f"{table}.{field} : le numéro de qui une ligne livrée dit personne physique"
    awards = read["model/attributions"].filter(pl.col("siren").is_in(theirs)).select("attribution")
    if tables["attributions"].join(awards, on="attribution", how="semi")["porteur"].count():
        yield "attributions.porteur : le nom de qui une ligne livrée dit personne physique"
