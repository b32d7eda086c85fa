"""French identifiers as Polars expressions. A leaf: it knows identifiers, not tables, stages or files.

Every expression is true or false where the column is filled and null where it is null; it looks at the value as it is: spaces
are the business of `harmonise`. Belongs here: form and check digits. Does not: whether an identifier exists or is still in use.
"""

from pipeline.identifiants.commune import is_commune_code
from pipeline.identifiants.rna import is_rna
from pipeline.identifiants.siren import is_public_body_siren, is_siren
from pipeline.identifiants.siret import is_rounded_siret, is_siret, siren_of_siret

__all__ = ["is_commune_code", "is_public_body_siren", "is_rna", "is_rounded_siret", "is_siren", "is_siret", "siren_of_siret"]
