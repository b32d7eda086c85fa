"""Decide whether the protected tables may be released. It shares no code with what built them and does not read the policy.

It starts again from the sources: which waves are announced, who is a legal person, which contacts the deliveries hold. What no setting
may allow is written here. A reason never shows a value.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline import schema as schemas
from pipeline.protect.audit import civilities, declared, disclosures, echoes, leaks, mentions, recounts, skeletons, tallies
from pipeline.protect.audit.awaited import Awaited
from pipeline.protect.audit.expected import SOURCES, announced, awarded, expected, held, that_speak

WAVES = {"attributions": ("vague",), "conventions": ("vague",), "vagues": ("vague",), "fabriques": ("premiere_vague", "derniere_vague")}
WAVES |= {"candidatures_agregees": ("vague",)}
EVERY_WAVE = "ensemble"  # the margin of the counts of applications
COMPUTED = ("financements", "candidatures_agregees", "anomalies")  # made of sums and counts: other checks
# Delivered table whose lines feed sums only, and the field by which a line leads to a row that may be hidden → that row's table and field.
LEADS = {"echeancier": ("convention", "conventions", "idConvention"), "versements": ("numero_ej", "conventions", "numeroEJ")}
LEADS |= {"suivi": ("lieu", "fabriques", "lieu")}
COUNTS: tuple[str, ...] = ("enregistrements", "lignes_recues", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")
COUNTS += ("lignes_remplacees", "lignes_valides_telles_quelles")
COUNTED = pl.any_horizontal(pl.col(COUNTS).is_not_null())

# Payments are many, and bring many columns that no check reads.
PAYMENTS = "model/versements"
READ = ("versement", "convention", "numero_ej", "fournisseur_paye", "siret", "statut_fournisseur", "exercice", "montant_paye")
READ_FROM = ("livraison", "ligne")
TEXTS = ("centre_financier", "domaine_fonctionnel", "referentiel_programmation")

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Verdict:
    """`motifs`: French sentences, each with a table, none with a value."""

    ok: bool
    motifs: tuple[str, ...]

    def __and__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.ok and other.ok, self.motifs + other.motifs)


def audit(
    tables: Frames, account: pl.DataFrame, sources: Mapping[str, pl.LazyFrame], deliveries: Mapping[str, pl.LazyFrame], as_of: dt.date
) -> Verdict:
    """Every check on the tables as built.

    `account`: what the builder says it hid; `deliveries`: the rows as delivered, by table, private fields included.
    """
    shape = tuple(_shape(tables))
    if shape:  # the other checks read columns that may not be there
        return Verdict(False, shape)
    read = {name: (frame.select(*READ, *READ_FROM, *TEXTS) if name == PAYMENTS else frame).collect() for name, frame in sources.items()}
    waves = announced(read, as_of)
    awards = awarded(read, waves, as_of)
    waits = Awaited(read, deliveries, awards, waves, as_of)
    shown = expected(read, awards, waits, waves)
    shown["suivi"] = disclosures.answered(shown["suivi"], tables["fabriques"])
    reserved = held(read, shown)
    late = sorted(set(read["model/attributions"].join(shown["attributions"], on="attribution", how="anti")["vague"].drop_nulls()) & waves)
    cells = skeletons.cells(tables).with_columns(said=echoes.words(pl.col("cell")))
    opened = waits.opened
    checks = (
        _keys(tables),
        _embargo(tables, read, waves, shown),
        _reserved_deliveries(tables, read, reserved),
        _scheme(tables),
        _rows(tables, account, read),
        _cited(tables, read, deliveries, _leads(reserved, shown), opened),
        _replaced(tables, read, reserved),
        recounts.accounts(tables, read, shown),
        disclosures.followup(tables, read, awards),
        disclosures.anomalies(
            tables,
            read,
            _lines([*reserved.values(), read["model/vagues"].filter(pl.col("vague").is_in(late))]),
            _lines(read[f"model/{SOURCES.get(name, name)}"] for name in shown),
        ),
        tallies.applications(tables, read, waves - set(late)),
        disclosures.applicants(cells, deliveries, shown, opened),
        mentions.told(cells, read, deliveries, shown, waits),
        leaks.people(tables, read),
        civilities.natural(tables),
        declared.natural(tables, read, deliveries),
        echoes.repeated(tables, read, shown["attributions"]),
        leaks.names_of_natural_persons(tables, read),
        leaks.private_columns(tables, deliveries),
        leaks.texts(cells, read, deliveries),
    )
    motifs = tuple(motif for check in checks for motif in check)
    return Verdict(not motifs, motifs)


def published(tables: Frames, audited: Frames) -> Verdict:
    """What goes out is what was audited, less the line numbers of deliveries that say no count: their gaps would tell it."""
    motifs = []
    for name in sorted(set(tables) | set(audited)):
        public, judged = (frames.get(name, pl.DataFrame()) for frames in (tables, audited))
        if not public.drop("ligne", strict=False).equals(judged.drop("ligne", strict=False)) or public.schema != judged.schema:
            motifs.append(f"{name} : ce qui paraîtrait n'est pas ce que l'audit a jugé")
        elif "ligne" in public.columns:
            silent = tables["livraisons"].filter(~COUNTED).select("livraison")
            if public.drop_nulls("ligne").join(silent, on="livraison", how="semi").height:
                motifs.append(f"{name}.ligne : des numéros de ligne d'une livraison qui ne dit pas ses comptes")
            if public.filter(pl.col("ligne").is_not_null() & pl.col("ligne").ne_missing(judged["ligne"])).height:
                motifs.append(f"{name}.ligne : mène à une autre ligne que celle que l'audit a jugée")
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


def _lines(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frame.select("livraison", "ligne") for frame in frames).drop_nulls().unique()


def _embargo(tables: Frames, read: Frames, waves: set[str], shown: Frames) -> Iterator[str]:
    """Nothing of a wave that is not announced: no row, no count."""
    for name, columns in WAVES.items():
        for column in columns:
            if not set(tables[name][column].drop_nulls()) - {EVERY_WAVE} <= waves:
                yield f"{name}.{column} : une vague sous embargo"
    for name in sorted(set(tables) & set(shown)):
        if tables[name].height != shown[name].height:
            yield f"{name} : {tables[name].height} lignes publiques, {shown[name].height} attendues hors embargo"
    if set(tables["fabriques"]["fabrique"]) != set(shown["fabriques"]["lieu"]):
        yield "fabriques : des lieux sans label publié, ou des lieux labellisés absents"
    yield from _counts(tables, shown["attributions"])
    yield from _said_in_public(tables, read, shown["attributions"])


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
    """What a place says of itself comes from the registry or from one of its public awards, never from an award under embargo, nor from
    the entry of a place that is to be named."""
    lines = that_speak(read, awards).drop("lieu")
    registry = read["model/lieux"].select("lieu", "livraison", "ligne").join(lines, on=["livraison", "ligne"])
    for field, told in (("nom", "nom_lieu"), ("porteur", "porteur"), ("commune", "commune")):
        said = pl.concat([registry.select("lieu", field), awards.select("lieu", pl.col(told).alias(field))])
        shown = tables["fabriques"].select(pl.col("fabrique").alias("lieu"), field).drop_nulls()
        if shown.join(said, on=["lieu", field], how="anti").height:
            yield f"fabriques.{field} : ne vient ni du registre ni d'un label publié"


def _reserved_deliveries(tables: Frames, read: Frames, reserved: Frames) -> Iterator[str]:
    """A delivery with reserved rows says no count; one with nothing else is not named."""
    for name, closed in reserved.items():
        source = read[f"model/{SOURCES.get(name, name)}"]
        named = tables["livraisons"].join(closed.select("livraison").drop_nulls(), on="livraison", how="semi")
        if named.filter(COUNTED).height:
            yield f"livraisons : une livraison qui alimente « {name} » compte des lignes réservées"
        opened = source.join(closed.select("livraison", "ligne"), on=["livraison", "ligne"], how="anti")
        if named.join(opened, on="livraison", how="anti").height:
            yield f"livraisons : une livraison qui alimente « {name} » n'a que des lignes réservées"
        if tables["qualite"].join(closed.select("livraison").drop_nulls(), on="livraison", how="semi").height:
            yield f"qualite : une livraison qui alimente « {name} » a des lignes réservées"
    yield from _applications(tables, read)


def _applications(tables: Frames, read: Frames) -> Iterator[str]:
    """A delivery of applications says no number, and is named when a published row counts one of its lines."""
    named = tables["livraisons"].filter(pl.col("table") == "candidatures")
    if named.filter(COUNTED).height or tables["qualite"].join(named, on="livraison", how="semi").height:
        yield "livraisons : une livraison de candidatures compte ses lignes"
    told = read["model/candidatures"].filter(pl.col("vague").is_in(tables["candidatures_agregees"]["vague"].implode()))
    if named.join(told, on="livraison", how="anti").height:
        yield "livraisons : une livraison de candidatures qui n'alimente aucune ligne publique"


def _replaced(tables: Frames, read: Frames, reserved: Frames) -> Iterator[str]:
    """The replaced lines told are those of the model; a registry that named a place which is reserved, or gone since, says no count."""
    lines = read["model/lignes_remplacees"]
    counts = tables["livraisons"].join(lines.group_by("livraison").agg(pl.len().alias("_n")), on="livraison", how="left")
    if counts.filter(pl.col("lignes_remplacees") != pl.col("_n").fill_null(0)).height:
        yield "livraisons.lignes_remplacees : n'est pas le nombre des lignes remplacées"
    kept_back = pl.col("lieu").is_in(reserved["fabriques"]["lieu"].implode()) | ~pl.col("lieu").is_in(read["model/lieux"]["lieu"].implode())
    former = read["validate/lieux"].join(lines, on=["livraison", "ligne"], how="semi").filter(kept_back)
    if tables["livraisons"].filter(COUNTED).join(former, on="livraison", how="semi").height:
        yield "livraisons : une livraison du registre, remplacée depuis, compte un lieu qui n'est pas public"


def _leads(reserved: Frames, shown: Frames) -> dict[str, list[str]]:
    """Of each table of `LEADS`, what leads to reserved rows only."""
    keys = {name: (reserved[table][key], shown[table][key]) for name, (_, table, key) in LEADS.items()}
    return {name: sorted(set(secret.drop_nulls()) - set(told.drop_nulls())) for name, (secret, told) in keys.items()}


def _cited(
    tables: Frames, read: Frames, deliveries: Mapping[str, pl.LazyFrame], leads: Mapping[str, list[str]], opened: list[str]
) -> Iterator[str]:
    """A delivery that cites a wave not announced, or a reserved row, be it on a rejected line, says no count.

    One of which every line was replaced is not even named.
    """
    gone = read["model/livraisons_effectives"].filter(pl.col("lignes_effectives") == 0, pl.col("lignes_remplacees") > 0)
    for name, rows in deliveries.items():
        fields = rows.collect_schema().names()
        wave = pl.lit(None, pl.String) if "vague" not in fields else pl.col("vague").cast(pl.String).str.strip_chars()
        award = pl.lit(None, pl.String) if "attribution" not in fields else pl.col("attribution").cast(pl.String)
        cited = [wave, award.str.extract(r"_([a-z]+-\d{2,4})(?:_\d+)?$")]
        closed = pl.any_horizontal((~each.is_in(opened)).fill_null(False) for each in cited)
        if name in LEADS and LEADS[name][0] in fields:
            closed |= pl.col(LEADS[name][0]).cast(pl.String).is_in(leads[name]).fill_null(False)
        named = rows.filter(closed).select("livraison").unique().collect()
        if tables["livraisons"].join(named, on="livraison", how="semi").join(gone, on="livraison", how="semi").height:
            yield f"livraisons : une livraison de « {name} », remplacée en entier, cite une vague sous embargo"
        for table, frame in (("livraisons", tables["livraisons"].filter(COUNTED)), ("qualite", tables["qualite"])):
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
    for name, frame in ((name, frame) for name, frame in tables.items() if name not in COMPUTED):
        hidden = account.filter(pl.col("table") == name, pl.col("etape") == "lignes")["nombre"].sum()
        if frame.height + hidden != read[origins.get(name, f"model/{name}")].height:
            yield f"{name} : lignes publiques et lignes masquées ne font pas le total de la source"
