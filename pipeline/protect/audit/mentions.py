"""What the audit seeks of whom no public row names, in another writing: a unit by its SIREN, a name without « Mme », « EI » or « (Zed) ».

Applicants not retained, awards to come, natural persons of any line of the registry, contacts. It shares no code with what built the
tables; a reason never shows a value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import polars as pl

from pipeline import schema as schemas
from pipeline.protect.audit import declared, fullnames
from pipeline.protect.audit.awaited import Awaited
from pipeline.protect.audit.disclosures import NAMED
from pipeline.protect.audit.echoes import PERSONAL, words

LEGAL = "personne_morale"
STATUSES = {"fabriques": "statut_porteur", "attributions": "statut_porteur", "conventions": "statut_beneficiaire"}
STATUSES |= {"subventions": "statut_beneficiaire", "versements": "statut_fournisseur"}
OF_ANYBODY = ("nom", "nom_lieu", "nomAttribuant", "NOM_TL")  # named whatever the status of the row
TITLE = re.compile(r"(m\.|(m|mr|mme|mlle|mademoiselle|monsieur|madame)(\.|(?!\w)))\s*((et|ou)\s)?", re.IGNORECASE)
ALONE = r"(?:ei|eirl|entrepreneure?[ -]individuel(?:le)?|entreprise[ -]individuelle)"
TRADER = re.compile(rf"[\s,;–—-]+\(?{ALONE}\)?$|^{ALONE}\s", re.IGNORECASE)
ASIDE = re.compile(r"\([^()]*\)$")
UNIT = re.compile(r"\d{9}(\d{5})?")
GROUPED = r"[0-9](?:[^\p{L}\p{N}]{0,2}[0-9]){8,}"
CODES = r"\.(siret|siren|rna|numero_|id_|code_|identifiant|convention$|versement$|attribution$|subvention$|fabrique$|livraison$)"
EMPTY = set(re.findall(r"\w+", "a au aux d de des du en et l la le les ou pour sur un une"))
# What any place or body may be called: a name made of these alone is nobody's.
ORDINARY = EMPTY | set(
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

Frames = Mapping[str, pl.DataFrame]
Lines = Mapping[str, pl.LazyFrame]


class Sought(NamedTuple):
    """Words (as `words` gives them) and SIREN. `persons` are sought in whole texts, `others` beside the names that are public, `full` names
    in any order."""

    persons: set[str]
    others: set[str]
    units: set[str]
    full: set[str]


def told(cells: pl.DataFrame, read: Frames, deliveries: Lines, shown: Frames, waits: Awaited) -> Iterator[str]:
    """Whoever is named in no row that may be shown (`shown`) is in no text. `cells`: place, cell, said."""
    public, legal = _public(cells, shown)
    hidden = [a | b for a, b in zip(_lost(deliveries, waits.opened), _to_come(waits), strict=True)]
    sought = _sought(hidden, _natural(read, deliveries), (_contacts(deliveries), _traders(deliveries)), public, legal)
    cells = cells.filter(~pl.col("place").str.contains(r"\.(?:livraison|sha256)$"))
    wide = cells.with_columns(pl.col("said").str.replace_all(" ", "  "))
    found = set(wide.filter(pl.col("said").str.contains_any(_wide(sought.persons)))["place"]) if sought.persons else set()
    found |= set(_beside(wide, sought.others, public)["place"]) if sought.others else set()
    found |= set(fullnames.places(cells, sought.full))
    for place in sorted(found):
        yield f"{place} : l'identité, écrite autrement, de qui n'est nommé nulle part"
    if rnas := sorted(_rnas(waits) - public):
        joined = pl.col("cell").str.replace_all(r"[^\pL\pN]", "").str.to_uppercase()
        for place in cells.filter(joined.str.contains_any(rnas))["place"].unique().sort():
            yield f"{place} : le numéro RNA de qui attend son annonce"
    for place in _units(cells, sought.units):
        yield f"{place} : le SIREN de qui n'est nommé nulle part"


def _public(cells: pl.DataFrame, shown: Frames) -> tuple[set[str], set[str]]:
    """What rows that may be shown say of somebody or of a place; and, of that, what is said of places and of legal persons."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for name, fields in NAMED.items():
        rows = shown[name]
        legal = rows.filter(pl.col(STATUSES[name]) == LEGAL) if name in STATUSES else rows
        for field in fields:
            found[True] |= set(rows[field].cast(pl.String).drop_nulls())
            found[False] |= set((rows if field in OF_ANYBODY else legal)[field].cast(pl.String).drop_nulls())
    own = set(cells.filter(pl.col("place").is_in([f"fabriques.{field}" for field in ("nom", "porteur", "siren", "rna")]))["cell"])
    return found[True] | own, found[False] | own


def _sought(
    hidden: list[set[str]], natural: tuple[set[str], set[str]], called_by: tuple[set[str], set[str]], public: set[str], legal: set[str]
) -> Sought:
    """`hidden`: bearers, places and numbers; `natural`: names and numbers; `called_by`: contacts, natural applicants."""
    (bearers, places, numbers), (persons, theirs), (contacts, traders) = hidden, natural, called_by
    known, lawful = _said(public), _said(legal)
    inside = {name for name in _said(persons) if len(name.split()) > 1} | _said(map(_bare, persons), own=True)
    others = (
        {name for name in _said(bearers) if len(name.split()) > 1} | _said(places, own=True) | _said(map(_bare, bearers | places), own=True)
    )
    called = _said(map(_bare, contacts), own=True)
    units = (_sirens(numbers) - _sirens(public)) | (_sirens(theirs) - _sirens(legal) - _sirens(public))
    plain = {" ".join(name.split()) for name in known}
    full = fullnames.persons(inside, contacts | traders) - plain
    return Sought((inside - lawful - known) | (called - known), others - known, units, {name for name in full if _names(set(name.split()))})


def _lost(deliveries: Lines, opened: list[str]) -> tuple[set[str], set[str], set[str]]:
    """Bearers, places and numbers of those who applied and are not among the announced laureates."""
    if "candidatures" not in deliveries:
        return set(), set(), set()
    fields = ("porteur", "nom_lieu", "siret_porteur")
    rows = deliveries["candidatures"].select(pl.col("vague", "decision", *fields).cast(pl.String)).collect()
    won = pl.col("vague").str.strip_chars().is_in(opened) & (pl.col("decision") == "retenue")
    lost = rows.filter(~won.fill_null(False))
    bearers, places, numbers = (set(lost[field].drop_nulls()) for field in fields)
    return bearers, places, numbers


def _to_come(waits: Awaited) -> tuple[set[str], set[str], set[str]]:
    """Bearers, places and numbers of the awards, applications, entries of the registry and agreements that wait."""
    bearers, places = waits.values("porteur", "nomBeneficiaire"), waits.values("nom_lieu", "nom")
    former = {name for names in waits.values("noms_anterieurs") for name in names.split("|")}
    return bearers, places | former, waits.values("siren", "siret_porteur", "idBeneficiaire")


def _rnas(waits: Awaited) -> set[str]:
    return {number for number in waits.values("rna", "rna_porteur", "rnaBeneficiaire") if re.fullmatch(r"W\d{9}", number)}


def _natural(read: Frames, deliveries: Lines) -> tuple[set[str], set[str]]:
    """Names and numbers of natural persons, by any line delivered, rejected ones included, and by rows of money and awards."""
    form = words(pl.col("forme_juridique")).str.replace_all(r"\s+", " ").str.contains(declared.NATURAL).fill_null(False)
    lines = read["validate/lieux"].filter((pl.col("statut_porteur") == "personne_physique").fill_null(False) | form)
    names, numbers = declared.persons(deliveries)
    names, numbers = names | set(lines["porteur"].drop_nulls()), numbers | set(lines["siren"].drop_nulls())
    for name, bearer, number in (
        ("attributions", "porteur", "siren"),
        ("conventions", "nomBeneficiaire", "idBeneficiaire"),
        ("subventions", "nomBeneficiaire", "idBeneficiaire"),
    ):
        rows = read[f"model/{name}"].filter(pl.col(STATUSES[name]) == "personne_physique")
        names |= set(rows[bearer].drop_nulls())
        numbers |= set(rows[number].drop_nulls())
    return names, numbers


def _contacts(deliveries: Lines) -> set[str]:
    values: set[str] = set()
    for name, rows in deliveries.items():
        present = rows.collect_schema()
        for field in schemas.load("deliveries", name).fields:
            if field.descriptor.get("contact") == PERSONAL and field.name in present:
                values |= set(rows.select(pl.col(field.name).cast(pl.String)).unique().collect().to_series().drop_nulls())
    return values


def _traders(deliveries: Lines) -> set[str]:
    """The applicants who say that they are natural persons, by their form or by their name."""
    if "candidatures" not in deliveries:
        return set()
    rows = deliveries["candidatures"].select(pl.col("porteur", "forme_juridique").cast(pl.String)).unique().collect()
    form = words(pl.col("forme_juridique")).str.replace_all(r"\s+", " ").str.contains(declared.NATURAL).fill_null(False)
    return set(
        rows.filter(form | pl.col("porteur").str.contains(r"^(?:Mme|Mlle|Monsieur|Madame) ").fill_null(False))["porteur"].drop_nulls()
    )


def _bare(name: str) -> str:
    """« Mme Zoé Fictive (EI) » → « Zoé Fictive »; nothing when nothing was to be taken away, or when a function is left (« le maire »)."""
    left = before = name.strip()
    for aside in (ASIDE, TRADER, ASIDE, TRADER):
        left = aside.sub("", left).strip()
    while match := TITLE.match(left):
        left = left[match.end() :].strip()
    return "" if left == before or re.match(r"(le|la|les)\s|l['’]", left, re.IGNORECASE) else left


def _said(names: Iterable[str], *, own: bool = False) -> set[str]:
    """The words of each name; `own`: of those that have two words that say something, one of which is not ordinary."""
    said = set(pl.Series("nom", sorted(set(names)), pl.String).to_frame().select(words(pl.col("nom"))).to_series())
    filled = {name for name in said if name.strip()}
    return {name for name in filled if not own or _names(set(name.split()))}


def _names(parts: set[str]) -> bool:
    return len(parts - EMPTY) > 1 and any(len(part) > 1 for part in parts - ORDINARY)


def _sirens(numbers: Iterable[str]) -> set[str]:
    digits = (re.sub(r"[\s.-]", "", number) for number in numbers)
    return {number[:9] for number in digits if UNIT.fullmatch(number)}


def _wide(names: Iterable[str]) -> list[str]:
    return sorted(name.replace(" ", "  ") for name in names)


def _beside(cells: pl.DataFrame, others: set[str], public: set[str]) -> pl.DataFrame:
    """The cells that say one of the others, once the public names that say it too are left out of them."""
    doubtful = cells.filter(pl.col("said").str.contains_any(_wide(others)))
    longer = sorted(_wide(_said(public)), key=len, reverse=True)
    kept = doubtful.with_columns(pl.col("said").str.replace_many(dict.fromkeys(longer, "    "), leftmost=True)) if longer else doubtful
    return kept.filter(pl.col("said").str.contains_any(_wide(others)))


def _units(cells: pl.DataFrame, units: set[str]) -> list[str]:
    """Where a SIREN is said: inside a free text, grouped or not; in a code, as a whole."""
    if not units:
        return []
    free = [
        f"{name}.{field.name}"
        for name in schemas.names("public")
        for field in schemas.load("public", name).fields
        if field.type == "string" and not {"pattern", "enum"} & set(field.descriptor.get("constraints", {}))
    ]
    cell, sirens = pl.col("cell"), sorted(units)
    cells = cells.filter(cell.str.count_matches("[0-9]") > 8)
    numbers = cell.str.extract_all(GROUPED).list.eval(pl.element().str.replace_all("[^0-9]", "")).list.join("|")
    code = cell.str.contains(r"^\d{9}(\d{5})?$")
    inside = pl.col("place").is_in(free) & ~pl.col("place").str.contains(CODES) & numbers.str.contains_any(sirens)
    return cells.filter((code & cell.str.slice(0, 9).is_in(sirens)) | inside)["place"].unique().sort().to_list()
