"""Whoever a delivered line declares a natural person, be it rejected or replaced since, shows neither name nor number.

The audit's own reading: it shares no code with what built the tables.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from pipeline.protect.echoes import words

Frames = Mapping[str, pl.DataFrame]
Lines = Mapping[str, pl.LazyFrame]

FORMS = ("forme_juridique", "formeJuridiqueBeneficiaire")
NUMBERS = ("siret_porteur", "siren", "idBeneficiaire")
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


def sirens(deliveries: Lines) -> set[str]:
    """SIREN of the natural persons that a line declares, those of public bodies (1 or 2) apart."""
    found: set[str] = set()
    for rows in deliveries.values():
        columns = rows.collect_schema().names()
        form, number = (next((name for name in names if name in columns), None) for names in (FORMS, NUMBERS))
        if form and number:
            said = words(pl.col(form).cast(pl.String)).str.replace_all(r"\s+", " ").str.contains(NATURAL)
            forms = rows.select(pl.col(form).cast(pl.String)).drop_nulls().unique().filter(said).collect().to_series()
            of_them = rows.filter(pl.col(form).cast(pl.String).is_in(forms.implode()))
            found |= set(of_them.select(pl.col(number).cast(pl.String).str.slice(0, 9)).unique().collect().to_series().drop_nulls())
    return {siren for siren in found if len(siren) == 9 and siren[0] not in "12"}


def natural(tables: Frames, read: Frames, deliveries: Lines) -> Iterator[str]:
    """A number of theirs in a public row, or the name of one on a public award."""
    persons = sorted(sirens(deliveries))
    for table, field in PUBLISHED.items():
        if tables[table].filter(pl.col(field).str.slice(0, 9).is_in(persons)).height:
            yield f"{table}.{field} : le numéro de qui une ligne livrée dit personne physique"
    theirs = read["model/attributions"].filter(pl.col("siren").is_in(persons)).select("attribution")
    if tables["attributions"].join(theirs, on="attribution", how="semi")["porteur"].count():
        yield "attributions.porteur : le nom de qui une ligne livrée dit personne physique"
