"""What the audit seeks of a masked identity: repeated in another cell of its row, or a person's name inside any text.

It shares no code with what built the tables; a reason never shows a value.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from pipeline import schema as schemas
from pipeline.protect.audit import skeletons

UNSAID = "Non publié"
MASKED = ("personne_physique", "non_etabli")
PERSONAL, ACCOUNT = "personne", "compte"
SHORTEST_CONTACT = 8
JOINED = 10  # letters: a full name in one piece, in the address of a page
WHOLE_WORDS = 4  # letters: an identity that has fewer is sought as whole words
# Public table → its source, the identity there, public text → source text, and the public text that names the place.
ROWS = {
    "fabriques": ("model/lieux", ("porteur", "siren", "rna"), ("nom", "commune", "region", "source_url"), "nom"),
    "attributions": ("model/attributions", ("porteur", "siren", "rna"), ("nom_lieu", "commune", "region", "source_url"), "nom_lieu"),
    "conventions": (
        "model/conventions",
        ("nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire"),
        ("nom_attribuant", "objet", "conditions_versement", "dispositif_aide"),
        None,
    ),
    "subventions": (
        "model/subventions",
        ("nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire"),
        ("nom_attribuant", "objet", "nature", "conditions_versement", "dates_periode_versement", "dispositif_aide"),
        None,
    ),
    "versements": (
        "model/versements",
        ("fournisseur_paye", "siret"),
        ("centre_financier", "domaine_fonctionnel", "referentiel_programmation"),
        None,
    ),
}
NAMESAKES = {
    "nom_attribuant": "nomAttribuant",
    "conditions_versement": "conditionsVersement",
    "dispositif_aide": "dispositifAide",
    "dates_periode_versement": "datesPeriodeVersement",
}

Frames = Mapping[str, pl.DataFrame]


def repeated(tables: Frames, read: Frames, awards: pl.DataFrame) -> Iterator[str]:
    """A text of a masked row that says the identity of its row. `awards`: those that may be shown."""
    for name, (source, identity, texts, place) in ROWS.items():
        masked = tables[name].filter(pl.col("ligne").is_null())
        present = read[source].columns  # payments are read in part
        sought = [text for text in texts if NAMESAKES.get(text, text) in present and masked[text].count()]
        if name == "fabriques":
            lines = [_of_places(masked, read, awards, text) for text in sought]
        else:
            closed = _closed(tables[name], read[source])
            lines = [closed.with_columns(pl.col(NAMESAKES.get(text, text)).alias("_texte")) for text in sought]
        said = pl.collect_all(_says(told, identity, text == place) for told, text in zip(lines, sought, strict=True))
        for text, told, says in zip(sought, lines, said, strict=True):
            repeats = says.to_series()
            leak = repeats.any() if name == "fabriques" else _more_often(masked[text], told.filter(~repeats))
            if leak:
                yield f"{name}.{text} : répète l'identité masquée de sa ligne"


def _of_places(masked: pl.DataFrame, read: Frames, awards: pl.DataFrame, text: str) -> pl.DataFrame:
    """The masked places with their bearer; those that have a reserved award are told by others than the source's bearer."""
    hidden = read["model/attributions"].join(awards, on="attribution", how="anti").select("lieu").drop_nulls()
    bearers = read["model/lieux"].join(hidden, on="lieu", how="anti").select("lieu", "porteur", "siren", "rna")
    return masked.select(pl.col("fabrique").alias("lieu"), pl.col(text).alias("_texte")).join(bearers, on="lieu")


def _closed(table: pl.DataFrame, origin: pl.DataFrame) -> pl.DataFrame:
    """The lines of the source that no public row leads to."""
    lines = table.filter(pl.col("ligne").is_not_null()).select("livraison", pl.col("ligne").cast(pl.UInt32))
    return origin.join(lines, on=["livraison", "ligne"], how="anti")


def _more_often(told: pl.Series, innocent: pl.DataFrame) -> bool:
    """A masked row leads to no line: its text must be that of a closed line which does not repeat its own identity."""
    allowed = innocent["_texte"].drop_nulls().value_counts(name="permis")
    public = told.drop_nulls().alias("_texte").value_counts(name="dits").filter(pl.col("_texte") != UNSAID)
    both = public.join(allowed, on="_texte", how="left")
    return both.filter(pl.col("dits") > pl.col("permis").fill_null(0)).height > 0


def _says(lines: pl.DataFrame, identity: tuple[str, ...], is_place: bool) -> pl.LazyFrame:
    """One column, true where `_texte` says one of the identity's values; for a place, also where it is a part of one."""
    texts = pl.col("_texte").replace(skeletons.plain(lines["_texte"]))
    persons = {
        f"_{name}{part}": words(pl.col(name).cast(pl.String) if not part else pl.col(name).cast(pl.String).str.extract(r"^(\d{9})\d{5}$"))
        for name in identity
        for part in ("", "_siren")
    }
    read = lines.lazy().select(words(texts).alias("_dit"), **persons)
    found = [_within(pl.col(name), pl.col("_dit")) for name in persons]
    found += [_within(pl.col("_dit"), pl.col(name)) for name in persons] if is_place else []
    return read.select(pl.any_horizontal(found).alias("dit"))


def words(text: pl.Expr) -> pl.Expr:
    """« Été-Nœud » → «  ete noeud  »."""
    plain = skeletons.skeleton(text).str.to_lowercase().str.normalize("NFKD")
    return pl.format(" {} ", plain.str.replace_all(r"\p{Mn}", "").str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars())


def _within(part: pl.Expr, text: pl.Expr) -> pl.Expr:
    letters = part.str.replace_all(" ", "")
    joined = text.str.replace_all(" ", "").str.contains(letters, literal=True)
    found = pl.when(letters.str.len_chars() < WHOLE_WORDS).then(text.str.contains(part, literal=True)).otherwise(joined)
    return found.fill_null(False) & (letters != "").fill_null(False)


def names(cells: pl.DataFrame, persons: list[str], deliveries: Mapping[str, pl.LazyFrame]) -> Iterator[str]:
    """The full name of a natural person or of a contact inside any text, an account as a whole cell. `cells`: place, cell, said."""
    said = pl.Series("nom", persons, pl.String).to_frame().select(words(pl.col("nom"))).to_series()
    contacts = _private(deliveries, PERSONAL)
    inside = {name for name in said if len(name.split()) > 1} | contacts
    accounts = sorted(_private(deliveries, ACCOUNT))
    if inside:
        pages = cells.filter(pl.col("cell").str.contains("://|www")).with_columns(pl.col("said").str.replace_all(" ", ""))
        turned = inside | {f"  {' '.join(reversed(name.split()))}  " for name in inside}
        whole = sorted({each for name in turned if len(each := name.replace(" ", "")) >= JOINED}) if pages.height else []
        found = [cells.filter(pl.col("said").str.contains_any(sorted(turned)))["place"]]
        found += [pages.filter(pl.col("said").str.contains_any(whole))["place"]] if whole else []
        for place in pl.concat(found).unique().sort():
            yield f"{place} : le nom d'une personne ou d'un contact"
    if accounts:
        for place in cells.filter(pl.col("said").is_in(accounts))["place"].unique().sort():
            yield f"{place} : un contact connu par une livraison"


def _private(deliveries: Mapping[str, pl.LazyFrame], kind: str) -> set[str]:
    """The contacts of one kind that the deliveries hold."""
    values: set[str] = set()
    for name, rows in deliveries.items():
        for field in schemas.load("deliveries", name).fields:
            if field.descriptor.get("contact") == kind and field.name in rows.collect_schema():
                values |= set(rows.select(words(pl.col(field.name).cast(pl.String))).unique().collect().to_series().drop_nulls())
    return {value for value in values if len(value.strip()) >= SHORTEST_CONTACT}
