"""Decide whether the protected tables may be released. It shares no code with what built them and does not read the policy.

It starts again from the sources: which waves are announced, who is a legal person, which contacts the deliveries hold. What no setting
may allow is written here. A reason never shows a value.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline import schema as schemas

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
        ("objet", "numero_ej", "reference_decision"),
    ),
    "versements": (
        "model/versements",
        "statut_fournisseur",
        {"nom_beneficiaire": "fournisseur_paye", "siret_beneficiaire": "siret"},
        ("numero_ej",),
    ),
}
WAVES = {"attributions": ("vague",), "conventions": ("vague",), "vagues": ("vague",), "fabriques": ("premiere_vague", "derniere_vague")}
COUNTS = ("enregistrements", "lignes_recues", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")
ADDRESS = re.compile(r"[\w.+%-](?:@|%40|&#0*64;|&commat;)[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Verdict:
    """`motifs`: French sentences, each with a table, none with a value."""

    ok: bool
    motifs: tuple[str, ...]


def audit(
    tables: Frames, account: pl.DataFrame, sources: Mapping[str, pl.LazyFrame], deliveries: Mapping[str, pl.LazyFrame], as_of: dt.date
) -> Verdict:
    """Every check on the tables as built.

    `account`: what the builder says it hid; `deliveries`: the rows as delivered, by table, private fields included.
    """
    shape = tuple(_shape(tables))
    if shape:  # the other checks read columns that may not be there
        return Verdict(False, shape)
    read = {name: frame.collect() for name, frame in sources.items()}
    checks = (_keys(tables), _embargo(tables, read, as_of), _people(tables, read), _scheme(tables), _rows(tables, account, read))
    motifs = [motif for check in checks for motif in check]
    motifs += _texts(tables, _contacts(deliveries), _natural_persons(read))
    return Verdict(not motifs, tuple(motifs))


def _shape(tables: Frames) -> Iterator[str]:
    """The public tables are those of the schemas, with their columns and types, in their order."""
    expected = {name: schemas.load("public", name).polars_schema for name in schemas.names("public")}
    yield from (f"{name} : table qui n'est pas publique" for name in sorted(set(tables) - set(expected)))
    yield from (f"{name} : table publique absente" for name in sorted(set(expected) - set(tables)))
    for name in sorted(set(expected) & set(tables)):
        if list(tables[name].schema.items()) != list(expected[name].items()):
            strangers = ", ".join(sorted(set(tables[name].columns) ^ set(expected[name]))) or "ordre ou types"
            yield f"{name} : colonnes différentes de celles du schéma ({strangers})"


def _keys(tables: Frames) -> Iterator[str]:
    """Primary keys whole and unique; each foreign key leads to a public row."""
    for name, frame in tables.items():
        schema = schemas.load("public", name)
        key = frame.select(schema.primary_key)
        if key.null_count().sum_horizontal().item() or key.is_duplicated().any():
            yield f"{name} : clé primaire vide ou répétée"
        for link in schema.foreign_keys:
            field, target = link["fields"], link["reference"]
            if not set(frame[field].drop_nulls()) <= set(tables[target["resource"]][target["fields"]]):
                yield f"{name}.{field} : mène à une ligne de « {target['resource']} » qui n'est pas publique"


def _announced(read: Frames, as_of: dt.date) -> set[str]:
    return {wave for wave, day in read["model/vagues"].select("vague", "embargo_jusqu_au").rows() if day is not None and day <= as_of}


def _embargo(tables: Frames, read: Frames, as_of: dt.date) -> Iterator[str]:
    """Nothing of a wave that is not announced: no row, no count, no delivery that would count its rows."""
    announced = _announced(read, as_of)
    for name, columns in WAVES.items():
        for column in columns:
            if not set(tables[name][column].drop_nulls()) <= announced:
                yield f"{name}.{column} : une vague sous embargo"
    expected = _expected(read, announced)
    for name, rows in expected.items():
        if tables[name].height != rows.height:
            yield f"{name} : {tables[name].height} lignes publiques, {rows.height} attendues hors embargo"
    if set(tables["fabriques"]["fabrique"]) != set(expected["fabriques"]["lieu"]):
        yield "fabriques : des lieux sans label publié, ou des lieux labellisés absents"
    yield from _counts(tables, expected["attributions"])
    yield from _reserved_deliveries(tables, read, expected)


def _expected(read: Frames, announced: set[str]) -> dict[str, pl.DataFrame]:
    """The source rows that may be shown, table by table."""
    said = pl.col("vague").is_in(sorted(announced))
    awards = read["model/attributions"].filter(said | (pl.col("vague").is_null() & pl.col("source_url").is_not_null()))
    own = awards.filter(pl.col("dispositif") == "fabrique_de_territoire").select("lieu").drop_nulls().unique()
    places = read["model/lieux"].join(own, on="lieu", how="semi")
    shown = set(awards["attribution"])
    cited = read["model/attributions"].filter(~pl.col("attribution").is_in(sorted(shown)) & pl.col("vague").is_not_null())["attribution"]
    agreements = read["model/conventions"]
    wave_cited = {
        text: match[1]
        for text in agreements["attribution"].drop_nulls().unique()
        if (match := re.search(r"_([a-z-]+-\d{2,4})(_\d+)?$", text))
    }
    reserved = sorted({text for text, wave in wave_cited.items() if wave not in announced} | set(cited))
    kept = agreements.filter(
        (pl.col("vague").is_null() | said) & (pl.col("attribution").is_null() | ~pl.col("attribution").is_in(reserved))
    )
    held = agreements.join(kept, on="convention", how="anti")
    payments = read["model/versements"].join(held, on="convention", how="anti")
    payments = payments.join(held.filter(pl.col("numeroEJ").is_not_null()), left_on="numero_ej", right_on="numeroEJ", how="anti")
    return {
        "attributions": awards, "fabriques": places, "conventions": kept, "versements": payments,
        "vagues": read["model/vagues"].filter(said), "recensement": read["model/recensement"],
        "indicateurs_publies": read["model/indicateurs_publies"],
    }  # fmt: skip


def _counts(tables: Frames, awards: pl.DataFrame) -> Iterator[str]:
    """Published counts count public rows only."""
    by_place = awards.drop_nulls("lieu").group_by("lieu").agg(pl.len().alias("n"))
    places = tables["fabriques"].join(by_place, left_on="fabrique", right_on="lieu", how="left")
    if places.filter(pl.col("attributions") != pl.col("n")).height:
        yield "fabriques.attributions : compte des labels qui ne sont pas publics"
    by_wave = tables["attributions"].group_by("vague", "dispositif").agg(pl.len().alias("n"))
    waves = tables["vagues"].join(by_wave, on=["vague", "dispositif"], how="left").with_columns(pl.col("n").fill_null(0))
    if waves.filter(pl.col("attributions_connues") != pl.col("n")).height:
        yield "vagues.attributions_connues : n'est pas le nombre de lignes publiques de la vague"


def _reserved_deliveries(tables: Frames, read: Frames, expected: Frames) -> Iterator[str]:
    """A delivery with reserved rows says no count; one with nothing else is not named."""
    for name, rows in expected.items():
        source = read[f"model/{'lieux' if name == 'fabriques' else name}"]
        held = source.join(rows.select("livraison", "ligne"), on=["livraison", "ligne"], how="anti")
        if name == "attributions":
            held = held.filter(pl.col("vague").is_not_null())
        elif name == "fabriques":  # a place of the other scheme keeps nothing back
            held = held.join(expected["attributions"].select("lieu").drop_nulls(), on="lieu", how="anti")
        named = tables["livraisons"].join(held.select("livraison").drop_nulls(), on="livraison", how="semi")
        if named.filter(pl.any_horizontal(pl.col(COUNTS).is_not_null())).height:
            yield f"livraisons : une livraison qui alimente « {name} » compte des lignes réservées"
        if named.join(rows, on="livraison", how="anti").height:
            yield f"livraisons : une livraison qui alimente « {name} » n'a que des lignes réservées"
        if tables["qualite"].join(held.select("livraison").drop_nulls(), on="livraison", how="semi").height:
            yield f"qualite : une livraison qui alimente « {name} » a des lignes réservées"


def _people(tables: Frames, read: Frames) -> Iterator[str]:
    """A row is masked when it has no line: it then names nobody. A row with a line is one whose source may be led back to."""
    for name, (source, status, identity, leading) in PEOPLE.items():
        frame, origin = tables[name], read[source]
        masked = frame.filter(pl.col("ligne").is_null())
        yield from (f"{name}.{field} : rempli sur une ligne masquée" for field in (*identity, *leading) if masked[field].count())
        named = frame.filter(pl.col("ligne").is_not_null())
        if named.select("livraison", "ligne").is_duplicated().any():
            yield f"{name} : deux lignes publiques mènent à la même ligne"
        evidence = _evidence(name, read, status)
        traced = named.with_columns(pl.col("ligne").cast(pl.UInt32)).join(origin, on=["livraison", "ligne"], how="left", suffix="_origine")
        if traced.join(evidence.filter(pl.col("statut").is_in(OPEN)), on=["livraison", "ligne"], how="anti").height:
            yield f"{name} : une ligne à masquer mène à sa ligne d'origine"
        legal = evidence.filter(pl.col("statut").is_in(NAMED))
        nobody = traced.join(legal, on=["livraison", "ligne"], how="anti")
        yield from (f"{name}.{field} : rempli sans preuve d'une personne morale" for field in identity if nobody[field].count())
        key = schemas.load("public", name).primary_key[0]
        if name != "fabriques" and masked.filter(~pl.col(key).str.starts_with("lieu-"), pl.col(key).is_in(origin[key].implode())).height:
            yield f"{name}.{key} : l'identifiant d'une ligne masquée est celui de sa source"


def _evidence(name: str, read: Frames, status: str) -> pl.DataFrame:
    """(livraison, ligne, statut) of the sources. A place may owe its public bearer to an earlier award than the one the model kept."""
    source = PEOPLE[name][0]
    own = read[source].select("livraison", "ligne", pl.col(status).alias("statut"))
    if name != "fabriques":
        return own
    awards = read["model/attributions"].select("lieu", pl.col(status).alias("statut")).drop_nulls("lieu")
    return pl.concat([own, read[source].select("lieu", "livraison", "ligne").join(awards, on="lieu").drop("lieu")]).unique()


def _scheme(tables: Frames) -> Iterator[str]:
    """A manufacture is never counted among the Fabriques."""
    if tables["fabriques"].filter(pl.col("categorie") == "manufacture_de_proximite").height:
        yield "fabriques : une Manufacture de proximité"
    if tables["attributions"].filter(pl.col("dispositif") == "manufacture_de_proximite", pl.col("fabrique").is_not_null()).height:
        yield "attributions : une Manufacture de proximité rattachée à une Fabrique"


def _rows(tables: Frames, account: pl.DataFrame, read: Frames) -> Iterator[str]:
    """Public rows and rows said to be hidden make the source: no row is lost, none is made."""
    origins = {"fabriques": "model/lieux", "livraisons": "validate/livraisons", "qualite": "validate/qualite"}
    for name, frame in tables.items():
        hidden = account.filter(pl.col("table") == name, pl.col("etape") == "lignes")["nombre"].sum()
        if frame.height + hidden != read[origins.get(name, f"model/{name}")].height:
            yield f"{name} : lignes publiques et lignes masquées ne font pas le total de la source"


def _natural_persons(read: Frames) -> set[str]:
    """Who is declared a natural person, and their numbers, in small letters."""
    values: set[str] = set()
    for source, status, identity, _ in PEOPLE.values():
        rows = read[source].filter(pl.col(status) == "personne_physique")
        values |= {str(value).strip().lower() for field in identity.values() for value in rows[field].drop_nulls()}
    return values


def _contacts(deliveries: Mapping[str, pl.LazyFrame]) -> tuple[list[str], set[str]]:
    """Addresses and telephone numbers (digits only) that lie in private fields."""
    addresses, phones = set(), set()
    for name, frame in deliveries.items():
        rows = frame.collect()
        private = [
            field.name for field in schemas.load("deliveries", name).fields if field.diffusion == "interdite" and field.name in rows.columns
        ]
        for value in {str(value) for column in private for value in rows[column].drop_nulls().unique()}:
            addresses |= {word.lower() for word in re.split(r"[\s,;:<>()\"]+", value) if re.fullmatch(r"[^@]+@[^@]+\.[^@.]{2,}", word)}
            digits = re.sub(r"^(?:00)?330?(?=[1-9]\d{8}$)", "0", re.sub(r"\D", "", value))
            phones |= {digits} if re.fullmatch(r"0[1-9]\d{8}", digits) and len(value) <= 25 else set()
    return sorted(addresses), phones


def _texts(tables: Frames, contacts: tuple[list[str], set[str]], persons: set[str]) -> Iterator[str]:
    """No address, no known contact, no natural person in any cell."""
    addresses, phones = contacts
    for name, frame in tables.items():
        for column in (column for column, dtype in frame.schema.items() if dtype == pl.String):
            cells = frame[column].drop_nulls().unique()
            doubtful = cells.filter(cells.str.contains(r"@|%40|&#0*64;|&commat;"))
            if any(ADDRESS.search(cell) for cell in doubtful):
                yield f"{name}.{column} : une adresse électronique"
            if addresses and cells.str.to_lowercase().str.contains_any(addresses).any():
                yield f"{name}.{column} : un contact connu par une livraison"
            digits = cells.str.replace_all(r"\D", "").str.replace(r"^(?:00)?330?([1-9]\d{8})$", "0${1}")
            if digits.is_in(sorted(phones)).any():
                yield f"{name}.{column} : un numéro de téléphone connu par une livraison"
            if cells.str.strip_chars().str.to_lowercase().is_in(sorted(persons)).any():
                yield f"{name}.{column} : l'identité d'une personne physique"
