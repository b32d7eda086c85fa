"""Who a delivered line says to be a natural person, be it rejected, or replaced since: a correction is no evidence of a legal person."""

from collections.abc import Mapping

import polars as pl

from pipeline.protect.reading import folded

FORM = (
    r"\b(entrepreneur|entrepreneuse|entreprise individuelle|individuel|individuelle|ei|eirl|(micro|auto) ?entrepr\w+|personne physique|"
    r"particuli(er|ere)|liberale?|nom propre|independante?|artisane?|artiste|auteure?|autrice|agricult\w+|commercante?|exploitante?|"
    r"freelance|etudiante?|monsieur|madame|mme)\b"
)
# Delivered table → the form, the number and the name of whoever a line speaks of.
SPOKEN_OF = {
    "resultats": ("forme_juridique", "siret_porteur", "porteur"),
    "candidatures": ("forme_juridique", "siret_porteur", "porteur"),
    "lieux": ("forme_juridique", "siren", "porteur"),
    "conventions": ("formeJuridiqueBeneficiaire", "idBeneficiaire", "nomBeneficiaire"),
    "subventions": ("formeJuridiqueBeneficiaire", "idBeneficiaire", "nomBeneficiaire"),
}
PUBLIC_BODY = r"^[12]"


def persons(delivered: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """siren, nom: each natural person that a line declares; null where the line does not say it. No public body is one."""
    found = [pl.DataFrame(schema={"siren": pl.String, "nom": pl.String})]
    for table, (form, number, name) in SPOKEN_OF.items():
        if table in delivered:
            lines = delivered[table].select(pl.col(form, number, name).cast(pl.String))
            forms = lines.select(form).drop_nulls().unique().collect().to_series()
            natural = forms.filter(forms.to_frame().select(folded(pl.col(form)).str.contains(FORM)).to_series())
            said = lines.filter(pl.col(form).is_in(natural.implode())).select(siren=pl.col(number).str.slice(0, 9), nom=name)
            found.append(said.unique().collect())
    return pl.concat(found).filter(~pl.col("siren").str.contains(PUBLIC_BODY).fill_null(False)).unique()


def sirens(delivered: Mapping[str, pl.LazyFrame]) -> pl.Series:
    """The SIREN of those persons."""
    return persons(delivered)["siren"].drop_nulls().unique().implode()
