"""What the audit seeks in the public cells: a person, a private field, a contact. It shares no code with what built the tables.

What no policy may allow is written here; a reason never shows a value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from pipeline import schema as schemas
from pipeline.protect.audit import addressed, echoes, numbers

NAMED = ("personne_morale",)
OPEN = ("personne_morale", "sans_porteur")
# Public table → its source, the source's status, and public field → source field: identity, then what leads to the person.
PEOPLE = {
    "fabriques": ("model/lieux", "statut_porteur", {"porteur": "porteur", "siren": "siren", "rna": "rna"}, ()),
    "attributions": ("model/attributions", "statut_porteur", {"porteur": "porteur"}, ()),
    "conventions": (
        "model/conventions",
        "statut_beneficiaire",
        {"nom_beneficiaire": "nomBeneficiaire", "siret_beneficiaire": "idBeneficiaire", "rna_beneficiaire": "rnaBeneficiaire"},
        ("objet", "dispositif_aide", "numero_ej", "reference_decision"),
    ),
    "subventions": (
        "model/subventions",
        "statut_beneficiaire",
        {"nom_beneficiaire": "nomBeneficiaire", "id_beneficiaire": "idBeneficiaire", "rna_beneficiaire": "rnaBeneficiaire"},
        ("objet", "dispositif_aide", "reference_decision"),
    ),
    "versements": (
        "model/versements",
        "statut_fournisseur",
        {"nom_beneficiaire": "fournisseur_paye", "siret_beneficiaire": "siret"},
        ("numero_ej",),
    ),
}
# Columns of identifiers, where digits are a code.
CODES = re.compile(r"(siret|siren|rna|sha256|code_|numero_|id_|identifiant$|livraison$|convention$|versement$|attribution$|subvention$)")
LONGEST_PHONE = 25  # characters: a longer text holds more than a number
PHYSIQUE = "personne_physique"
# Public table → its source, and the field of both that names the place.
PLACES = {"fabriques": ("model/lieux", "nom"), "attributions": ("model/attributions", "nom_lieu")}

Frames = Mapping[str, pl.DataFrame]
Lines = Mapping[str, pl.LazyFrame]


def people(tables: Frames, read: Frames) -> Iterator[str]:
    """A row is masked when it has no line: it then names nobody. A row with a line is one whose source may be led back to."""
    for name, (source, status, identity, leading) in PEOPLE.items():
        frame, origin = tables[name], read[source]
        masked = frame.filter(pl.col("ligne").is_null())
        yield from (f"{name}.{field} : rempli sur une ligne masquée" for field in (*identity, *leading) if masked[field].count())
        named = frame.filter(pl.col("ligne").is_not_null())
        if named.select("livraison", "ligne").is_duplicated().any():
            yield f"{name} : deux lignes publiques mènent à la même ligne"
        if status in frame.columns and named.filter(~pl.col(status).is_in(OPEN)).height:
            yield f"{name} : une ligne à masquer mène à sa ligne d'origine"
        key = schemas.load("public", name).primary_key[0]
        if name == "fabriques":
            yield from _bearers(named, read)
            continue
        evidence = origin.select("livraison", pl.col("ligne").cast(pl.Int64), pl.col(status).alias("_statut"))
        traced = named.join(evidence, on=["livraison", "ligne"], how="left")
        if traced.filter(~pl.col("_statut").is_in(OPEN).fill_null(False)).height:
            yield f"{name} : une ligne à masquer mène à sa ligne d'origine"
        nobody = traced.filter(~pl.col("_statut").is_in(NAMED).fill_null(False))
        yield from (f"{name}.{field} : rempli sans preuve d'une personne morale" for field in identity if nobody[field].count())
        if masked.filter(~pl.col(key).str.starts_with("lieu-"), pl.col(key).is_in(origin[key].implode())).height:
            yield f"{name}.{key} : l'identifiant d'une ligne masquée est celui de sa source"


def _bearers(named: pl.DataFrame, read: Frames) -> Iterator[str]:
    """A place may owe its bearer to the registry or to an award: it is one that some source says to be a legal person, of that place."""
    for field in ("porteur", "siren", "rna"):
        sources = (read["model/lieux"], read["model/attributions"])
        legal = pl.concat(rows.filter(pl.col("statut_porteur").is_in(NAMED)).select("lieu", field) for rows in sources)
        bearers = named.select(pl.col("fabrique").alias("lieu"), field).drop_nulls()
        if bearers.join(legal, on=["lieu", field], how="anti").height:
            yield f"fabriques.{field} : rempli sans preuve d'une personne morale"


def names_of_natural_persons(tables: Frames, read: Frames) -> Iterator[str]:
    """The name of a natural person's place, and the page that announces it, when no other line gives them."""
    awards = read["model/attributions"]
    entry = (pl.col("statut_designe") == PHYSIQUE).fill_null(False) & pl.col("statut_porteur").is_in(["non_etabli", "sans_porteur"])
    awards = awards.with_columns(statut_porteur=pl.when(entry).then(pl.lit(PHYSIQUE)).otherwise("statut_porteur"))
    # What the registry itself names: `model/lieux` also has names and pages that it owes to awards.
    named = (
        read["model/lieux"].drop("nom", "source_url").join(read["validate/lieux"].drop("lieu", "statut_porteur"), on=["livraison", "ligne"])
    )
    told = {"model/attributions": awards, "model/lieux": named.with_columns(source_url=pl.lit(None, pl.String))}
    rows = [told[source].select("statut_porteur", pl.col(name).alias("nom"), "source_url") for source, name in PLACES.values()]
    lines = pl.concat(rows)
    for field, columns in (
        ("nom", {table: name for table, (_, name) in PLACES.items()}),
        ("source_url", dict.fromkeys(PLACES, "source_url")),
    ):
        own = set(lines.filter(pl.col("statut_porteur") == PHYSIQUE)[field].drop_nulls())
        own -= set(lines.filter(pl.col("statut_porteur") != PHYSIQUE)[field].drop_nulls())
        for table, column in columns.items():
            if own & set(tables[table][column].drop_nulls()):
                yield f"{table}.{column} : rempli pour une personne physique"


def private_columns(tables: Frames, deliveries: Lines) -> Iterator[str]:
    """No public column repeats, line after line, a private field of the lines that it leads to; what a public field says too is no leak."""
    places = {name: rows.select("livraison", "ligne").with_row_index("_place").collect() for name, rows in deliveries.items()}
    known = {name: set(rows["livraison"].unique()) for name, rows in places.items()}
    for name, frame in tables.items():
        if "ligne" not in frame.columns:
            continue
        public = frame.select(pl.col(pl.String), pl.col("ligne").cast(pl.UInt32))
        cited = set(public["livraison"].drop_nulls().unique())
        for delivered, rows in deliveries.items():
            if cited & known[delivered]:
                lines = public.join(places[delivered], on=["livraison", "ligne"])
                yield from (
                    f"{name}.{column} : reprend le champ privé « {delivered}.{field} »"
                    for column, field in _repeated(lines, delivered, rows)
                )


def _repeated(lines: pl.DataFrame, delivered: str, rows: pl.LazyFrame) -> Iterator[tuple[str, str]]:
    """Public columns that say a private field on every line where both are filled and no public field says it."""

    def told(field: str) -> pl.Series:
        return rows.select(pl.col(field).cast(pl.String)).collect().to_series().gather(lines["_place"])

    columns = [column for column, dtype in lines.schema.items() if dtype == pl.String and column != "livraison"]
    for field in _fields(delivered, rows, public=False):
        private = told(field)
        for column in columns:
            public = lines[column]
            same = (public == private).fill_null(False)
            if not same.any():
                continue
            both = public.is_not_null() & private.is_not_null()
            for other in _fields(delivered, rows, public=True):
                both &= (public != told(other)).fill_null(True)
            if both.any() and same.filter(both).all():
                yield column, field


def _fields(name: str, rows: pl.LazyFrame, *, public: bool) -> list[str]:
    """The fields of a delivered table that are public, or those that are not."""
    present = set(rows.collect_schema().names())
    fields = schemas.load("deliveries", name).fields
    return [field.name for field in fields if field.name in present and (field.diffusion == "publique") == public]


def _natural_persons(read: Frames) -> set[str]:
    """Who is declared a natural person, and their numbers, in small letters."""
    values: set[str] = set()
    for source, status, identity, _ in PEOPLE.values():
        rows = read[source].filter(pl.col(status) == PHYSIQUE)
        values |= {str(value).strip().lower() for field in identity.values() for value in rows[field].drop_nulls()}
    return values


def _contacts(deliveries: Lines) -> tuple[list[str], list[str]]:
    """Addresses and telephone numbers (digits only) that lie in private fields, sorted."""
    addresses, phones = set(), set()
    for name, rows in deliveries.items():
        for column in _fields(name, rows, public=False):
            cell = pl.col(column).cast(pl.String)
            likely = rows.select(cell).filter(cell.str.contains("@") | (cell.str.count_matches(r"\d") >= 9)).unique().collect()
            for value in likely.to_series():
                addresses |= {word.lower() for word in re.split(r"[\s,;:<>()\"]+", value) if re.fullmatch(r"[^@]+@[^@]+\.[^@.]{2,}", word)}
                digits = re.sub(r"^(?:00)?330?(?=[1-9]\d{8}$)", "0", re.sub(r"\D", "", value))
                phones |= {digits} if re.fullmatch(r"0[1-9]\d{8}", digits) and len(value) <= LONGEST_PHONE else set()
    return sorted(addresses), sorted(phones)


def texts(cells: pl.DataFrame, read: Frames, deliveries: Lines) -> Iterator[str]:
    """No address, no known contact, no natural person in any cell. `cells`: place, cell, said."""
    addresses, phones = _contacts(deliveries)
    persons = sorted(_natural_persons(read))
    cell = pl.col("cell")
    yield from _told(addressed.told(cells), "une adresse électronique")
    yield from _told(addressed.known(cells, addresses), "un contact connu par une livraison")
    free = _free_texts()
    yield from _told(numbers.called(cells, phones, free), "un numéro de téléphone connu par une livraison")
    named = cells.filter(cell.str.strip_chars().str.to_lowercase().is_in(persons))
    yield from _told(named["place"], "l'identité d'une personne physique")
    for what, places in _by_what(numbers.told(cells.filter(pl.col("place").is_in(free)))):
        yield from _told(places, what)
    yield from echoes.names(cells, persons, deliveries)


def _free_texts() -> list[str]:
    """The columns whose schema leaves the words free: neither codes nor lists of values."""
    return [
        f"{name}.{field.name}"
        for name in schemas.names("public")
        for field in schemas.load("public", name).fields
        if field.type == "string" and not {"pattern", "enum"} & set(field.descriptor.get("constraints", {})) and not CODES.match(field.name)
    ]


def _by_what(found: Iterable[tuple[str, str]]) -> Iterator[tuple[str, set[str]]]:
    places: dict[str, set[str]] = {}
    for place, what in found:
        places.setdefault(what, set()).add(place)
    yield from sorted(places.items())


def _told(places: Iterable[str], what: str) -> Iterator[str]:
    yield from (f"{place} : {what}" for place in sorted(set(places)))
