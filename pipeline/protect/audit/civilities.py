"""Names that say a natural person by themselves, as the audit reads them: no status, of whatever evidence, lets them be shown.

It shares no code with what decides of statuses; a reason never shows a value.
"""

from collections.abc import Iterator, Mapping

import polars as pl

NAMES = {
    "fabriques": "porteur",
    "attributions": "porteur",
    "conventions": "nom_beneficiaire",
    "subventions": "nom_beneficiaire",
    "versements": "nom_beneficiaire",
}
TITLED = r"(?i)^[\s\"«(]*(?:(?:mr|mme|mmes|mlle|mlles|monsieur|madame|mademoiselle)(?:[\s.,]|$)|m[.\s]\s*\p{L}{2})"
OFFICE = r"(?i)^\W*\w+\.?\s+(?:l[ea]|l.)\s*(?:maire|pr.sident|direct|pr.fet|tr.sori|proviseur|principal|rect|receveu|comptable|agent)"
LAST = r"(?i)[\s,(](?:mme|mlle|mr)[\s.)]*$"
ALONE = (
    r"(?i)(?:^|[\s,;/(–-])(?:ei|eirl|e\.i\.|entrepreneure?[\s-]individuel(?:le)?|entreprise[\s-]individuelle"
    r"|(?:auto|micro)[\s-]?(?:entrepreneure?|entrepreneuse|entreprise))(?:[\s,;/)–-]|$)"
)


def natural(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """A public bearer, beneficiary or payee whose name says « Mme », « M. » or « EI »."""
    for table, field in NAMES.items():
        name = pl.col(field)
        titled = name.str.contains(TITLED) & ~name.str.contains(OFFICE)
        if tables[table].select(name).drop_nulls().unique().filter(titled | name.str.contains(LAST) | name.str.contains(ALONE)).height:
            yield f"{table}.{field} : un nom qui dit une personne physique"
