"""Decide whether the protected tables may be released. It shares no code with what built them and does not read the policy.

It starts again from the sources: which waves are announced, who is a legal person, which contacts the deliveries hold. What no setting
may allow is written here. A reason never shows a value.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline import programme
from pipeline import schema as schemas
from pipeline.protect import echoes, leaks

WAVES = {"attributions": ("vague",), "conventions": ("vague",), "vagues": ("vague",), "fabriques": ("premiere_vague", "derniere_vague")}
COUNTS = ("enregistrements", "lignes_recues", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")

# Payments are many, and bring many columns that no check reads.
PAYMENTS = "model/versements"
READ = ("versement", "convention", "numero_ej", "fournisseur_paye", "siret", "statut_fournisseur", "livraison", "ligne")
TEXTS = ("centre_financier", "domaine_fonctionnel", "referentiel_programmation")

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
    read = {name: (frame.select(*READ, *TEXTS) if name == PAYMENTS else frame).collect() for name, frame in sources.items()}
    checks = (
        _keys(tables),
        _embargo(tables, read, as_of),
        _scheme(tables),
        _rows(tables, account, read),
        _cited_waves(tables, deliveries, _announced(read, as_of)),
        leaks.people(tables, read),
        echoes.repeated(tables, read, _expected(read, _announced(read, as_of))["attributions"]),
        leaks.names_of_natural_persons(tables, read),
        leaks.private_columns(tables, deliveries),
        leaks.texts(tables, read, deliveries),
    )
    motifs = tuple(motif for check in checks for motif in check)
    return Verdict(not motifs, motifs)


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
    yield from _said_in_public(tables, read, expected["attributions"])
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
    payments = read[PAYMENTS].join(held, on="convention", how="anti")
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


def _said_in_public(tables: Frames, read: Frames, awards: pl.DataFrame) -> Iterator[str]:
    """What a place says of itself comes from the registry or from one of its public awards, never from an award under embargo."""
    registry = read["model/lieux"].select("lieu", "livraison", "ligne").join(read["validate/lieux"].drop("lieu"), on=["livraison", "ligne"])
    for field, announced in (("nom", "nom_lieu"), ("porteur", "porteur"), ("commune", "commune")):
        said = pl.concat([registry.select("lieu", field), awards.select("lieu", pl.col(announced).alias(field))])
        shown = tables["fabriques"].select(pl.col("fabrique").alias("lieu"), field).drop_nulls()
        if shown.join(said, on=["lieu", field], how="anti").height:
            yield f"fabriques.{field} : ne vient ni du registre ni d'un label publié"


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
        opened = source.join(held.select("livraison", "ligne"), on=["livraison", "ligne"], how="anti")
        if named.join(opened, on="livraison", how="anti").height:
            yield f"livraisons : une livraison qui alimente « {name} » n'a que des lignes réservées"
        if tables["qualite"].join(held.select("livraison").drop_nulls(), on="livraison", how="semi").height:
            yield f"qualite : une livraison qui alimente « {name} » a des lignes réservées"


def _cited_waves(tables: Frames, deliveries: Mapping[str, pl.LazyFrame], announced: set[str]) -> Iterator[str]:
    """A delivery that cites a wave not announced, be it on a rejected line, says no count."""
    opened = [label for label, wave in programme.load().labels().items() if wave in announced]
    for name, rows in deliveries.items():
        fields = rows.collect_schema().names()
        wave = pl.lit(None, pl.String) if "vague" not in fields else pl.col("vague").cast(pl.String).str.strip_chars()
        award = pl.lit(None, pl.String) if "attribution" not in fields else pl.col("attribution").cast(pl.String)
        cited = [wave, award.str.extract(r"_([a-z]+-\d{2,4})(?:_\d+)?$")]
        closed = rows.filter(pl.any_horizontal((~each.is_in(opened)).fill_null(False) for each in cited))
        named = closed.select("livraison").unique().collect()
        counted = tables["livraisons"].filter(pl.any_horizontal(pl.col(COUNTS).is_not_null()))
        for table, frame in (("livraisons", counted), ("qualite", tables["qualite"])):
            if frame.join(named, on="livraison", how="semi").height:
                yield f"{table} : une livraison de « {name} » cite une vague sous embargo et compte ses lignes"


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
