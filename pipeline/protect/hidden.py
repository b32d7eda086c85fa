"""How whoever is public nowhere may be written in a text: without a civility, a legal form or a bracket, by the SIREN of its unit.

Whom it seeks besides the applicants: awards to come, contacts, natural persons that a line of the registry told, be it replaced since.
"""

import re
from collections.abc import Mapping

import polars as pl

from pipeline import schema as schemas
from pipeline.protect import natural
from pipeline.protect import persons as full_names
from pipeline.protect.places import PHYSIQUE
from pipeline.protect.reading import folded
from pipeline.protect.texts import Known
from pipeline.protect.visibility import Frames

REGISTRY, APPLICANTS = "validate/lieux", "candidatures"
_CIVILITY = r"(?i)^(?:(?:m\.|(?:mr|mme|mlle|monsieur|madame|mademoiselle|m)\b\.?)\s*(?:(?:et|ou)\s+)?)+"
_FORM = r"(?i)[\s,;–—-]+\(?(?:ei|e\.i\.?|eirl|entrepreneure?[\s-]individuel(?:le)?|entreprise[\s-]individuelle)\)?$"
_FORM_FIRST = r"(?i)^(?:ei|eirl|entrepreneure?[\s-]individuel(?:le)?|entreprise[\s-]individuelle)\s+"
_BRACKET = r"\s*\([^()]*\)$"
# A folded name that says a natural person.
_PERSON = (
    r"^(?:mme|mlle|mr|monsieur|madame|mademoiselle) |^m \p{L}{2}|(?:^| )(?:ei|eirl)(?: |$)|entreprise individuelle"
    r"|(?:micro|auto) ?entrepr|entrepreneure? individuel"
)
_SMALL = frozenset(re.findall(r"\w+", "a au aux d de des du en et l la le les ou pour sur un une"))
# Words of which the names of places and bodies are made: alone, they name nobody.
_COMMON = _SMALL | frozenset(
    re.findall(
        r"\w+",
        """
    association atelier ateliers ateliere bar bureau cafe campus centre club collectif comite commune communaute cooperative
    cowork coworking culture directeur directrice ecole espace espaces fab fablab fabrique fabriques ferme fetes fictif
    fictifs fictive fictives foyer friche gare general generale grange hub jardin labo local lieu lieux maire mairie maison
    nouveau nouvelle numerique numeriques petit petite pole president presidente quartier rural rurale social sociale societe
    solidaire station territoire territoires tiers ville village
""",
    )
)


def stripped(names: pl.Series) -> pl.Series:
    """The names less civility, form of a natural person and final bracket, folded: those that it changes and that still name somebody."""
    name = pl.col("nom").str.normalize("NFKC").str.strip_chars()
    for pattern in (_BRACKET, _FORM, _BRACKET, _FORM_FIRST, _CIVILITY):
        name = name.str.replace(pattern, "").str.strip_chars()
    left = names.alias("nom").to_frame().select(folded(name).alias("nom"), folded(pl.col("nom")).alias("entier"))
    changed = left.filter(pl.col("nom") != pl.col("entier"))["nom"].drop_nulls().unique()
    return changed.filter(~changed.str.contains(r"^(l|la|le|les)\s") & _naming(changed))


def naming(names: pl.Series) -> pl.Series:
    """The folded names of two words or more, one of which is not common."""
    return names.filter(_naming(names))


def _naming(names: pl.Series) -> pl.Series:
    words = names.str.split(" ").list.set_difference(pl.Series([sorted(_SMALL)]))
    own = names.str.split(" ").list.set_difference(pl.Series([sorted(_COMMON)]))
    return (words.list.len() > 1) & (own.list.eval(pl.element().str.len_chars() > 1).list.any())


def units(numbers: pl.Series, public: pl.Series) -> frozenset[str]:
    """The SIREN of the SIREN and SIRET numbers, unless a public row names that unit."""
    sirens, told = (_sirens(each) for each in (numbers, public))
    return frozenset(sirens) - frozenset(told)


def _sirens(numbers: pl.Series) -> pl.Series:
    digits = numbers.drop_nulls().unique().str.replace_all(r"[\s.\-]", "")
    return digits.filter(digits.str.contains(r"^[0-9]{9}([0-9]{5})?$")).str.slice(0, 9)


def fold(names: pl.Series) -> pl.Series:
    """Distinct folded names, none empty."""
    words = names.alias("nom").to_frame().select(folded(pl.col("nom"))).to_series().drop_nulls().unique()
    return words.filter(words != "")


def less(names: pl.Series, public: pl.Series) -> pl.Series:
    """The folded names that no public row has (`public`: folded)."""
    return names.filter(~names.is_in(public.implode()))


def to_come(reserved: pl.DataFrame, public: pl.Series) -> Known:
    """Bearers and places that wait (`porteur`, `nom_lieu`, `siren`, `rna`), and their numbers, unless a public row gives them."""
    said = fold(public)
    bearers, places = (less(fold(reserved[column]), said) for column in ("porteur", "nom_lieu"))
    bearers = bearers.filter(bearers.str.contains(" "))
    short = less(stripped(pl.concat([reserved["porteur"], reserved["nom_lieu"]])), said)
    rnas = reserved["rna"].drop_nulls().unique()
    return Known(
        anywhere=frozenset(rnas.filter(rnas.str.contains(r"^W[0-9]{9}$") & ~rnas.is_in(public.implode()))),
        titles=frozenset(bearers) | frozenset(naming(places)) | frozenset(short),
        units=units(reserved["siren"], public),
    )


def persons(read: Frames, identities: pl.Series, delivered: Mapping[str, pl.LazyFrame], public: pl.Series) -> Known:
    """Natural persons of the rows (`identities`), of the registry's lines and of those that declare one, and the contacts, as they may also
    be written."""
    lines = read[REGISTRY].filter((pl.col("statut_porteur") == PHYSIQUE).fill_null(False) | _is_natural())
    said = fold(public)
    bearers = less(fold(lines["porteur"]), said)
    called, declared = contacts(delivered), natural.persons(delivered)
    short = less(stripped(pl.concat([lines["porteur"], identities, called])), said)
    people = pl.concat([lines["porteur"], identities, _natural_applicants(delivered), declared["nom"].drop_nulls(), called])
    whole = pl.concat([fold(people), full_names.named_in(people), short]).unique()
    return Known(
        names=frozenset(bearers.filter(bearers.str.contains(" "))) | frozenset(short),
        whole=frozenset(bearers),
        units=units(pl.concat([lines["siren"], identities, declared["siren"]]), public),
        people=frozenset(less(naming(full_names.full(whole)), said)),
    )


def _is_natural() -> pl.Expr:
    """By the declared form of the bearer, or by their name itself."""
    form, name = (folded(pl.col(column)) for column in ("forme_juridique", "porteur"))
    return form.str.contains(natural.FORM).fill_null(False) | name.str.contains(_PERSON).fill_null(False)


def _natural_applicants(delivered: Mapping[str, pl.LazyFrame]) -> pl.Series:
    """The applicants who are natural persons, laureates included."""
    if APPLICANTS not in delivered:
        return pl.Series("porteur", [], pl.String)
    rows = delivered[APPLICANTS].select(pl.col("porteur", "forme_juridique").cast(pl.String)).unique()
    return rows.filter(_is_natural()).collect()["porteur"].drop_nulls().unique()


def contacts(delivered: Mapping[str, pl.LazyFrame]) -> pl.Series:
    """The names of persons that the private fields of deliveries hold, as written."""
    found = [pl.Series("nom", [], pl.String)]
    for name, rows in delivered.items():
        present = set(rows.collect_schema().names())
        for item in schemas.load("deliveries", name).fields:
            if item.descriptor.get("contact") == "personne" and item.name in present:
                found.append(rows.select(pl.col(item.name).cast(pl.String).alias("nom")).unique().collect()["nom"])
    return pl.concat(found).drop_nulls().unique()
