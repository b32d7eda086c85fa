"""French identifiers as Polars expressions. A leaf: it knows identifiers, not tables, stages or files.

Each takes a column, by its name or as an expression, and is true or false where it is filled, null where it is null. It looks at the
value as it is: spaces are the business of `harmonise`. Belongs here: form and check digits. Does not: whether an identifier exists or is
still in use.
"""

from pipeline.identifiants.commune import is_commune_code
from pipeline.identifiants.rna import is_rna
from pipeline.identifiants.siren import is_public_body_siren, is_siren
from pipeline.identifiants.siret import is_in_scientific_notation, is_rounded_siret, is_siret, siren_of_siret

__all__ = [
    "is_commune_code",
    "is_in_scientific_notation",
    "is_public_body_siren",
    "is_rna",
    "is_rounded_siret",
    "is_siren",
    "is_siret",
    "siren_of_siret",
]
