"""From a sources file to the tables that ingest hands on: every delivery has its row, the refused ones with the reason."""

import datetime as dt
import hashlib
import itertools
import json
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import Any, TypeVar

import polars as pl

from pipeline import schema
from pipeline.ingest.fetch import Frozen, clear_partial, freeze, locate, shown
from pipeline.ingest.header import Labels, Sought
from pipeline.ingest.modes import REPLACES
from pipeline.ingest.reading import Read, read_file
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.roles import ROLES
from pipeline.ingest.sources import PROGRAMME_THRESHOLD, Source, Sources, is_url
from pipeline.ingest.web import file_name
from pipeline.schema.records import ENREGISTREMENTS, IRREGULIERS, cells
from pipeline.settings import Settings

LIVRAISONS = {
    "livraison": pl.String(),
    "table": pl.String(),
    "fichier": pl.String(),
    "sha256": pl.String(),
    "editeur": pl.String(),
    "licence": pl.String(),
    "date": pl.Date(),
    "mode": pl.String(),
    "periode": pl.String(),
    "entree": pl.String(),
    "fictif": pl.Boolean(),
    "encodage": pl.String(),
    "separateur": pl.String(),
    "feuille": pl.String(),
    "enregistrements": pl.UInt32(),
    "donnees": pl.UInt32(),
    "entetes": pl.UInt32(),
    "preambules": pl.UInt32(),
    "vides": pl.UInt32(),
    "totaux": pl.UInt32(),
    "notes": pl.UInt32(),
    "constantes": pl.String(),
    "seuil_rejet": pl.Float64(),
    "refus": pl.String(),
    # What the person who delivers should know and no line tells, in French sentences.
    "avis": pl.List(pl.String()),
    # Cells of a sheet that run over several rows: their first column, from 0, and their first and last lines.
    "fusions": pl.List(pl.Struct({"position": pl.UInt16(), "premiere": pl.UInt32(), "derniere": pl.UInt32()})),
}
ENTETES = {"livraison": pl.String(), "position": pl.UInt16(), "libelle": pl.String()}
# Of the texts that are not all UTF-8 only: `lignes` counts their lines that are not plain ASCII, `premiere` is the first of them.
ENCODAGES = {"livraison": pl.String(), "encodage": pl.String(), "lignes": pl.UInt32(), "premiere": pl.UInt32()}
COUNTS = dict(zip(("donnees", "entetes", "preambules", "vides", "totaux", "notes"), ROLES, strict=True))
ID_HEX, SHEET_HEX = 12, 6

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """One delivery: its row of `livraisons` (columns of LIVRAISONS), and what was read of it (nothing when it is refused)."""

    livraison: Mapping[str, Any]
    enregistrements: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ENREGISTREMENTS))
    irreguliers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=IRREGULIERS))
    entetes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ENTETES))
    encodages: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ENCODAGES))


@dataclass(frozen=True)
class Tables:
    """What ingest hands on; columns and types are LIVRAISONS, ENREGISTREMENTS (then one column a position: `schema.records`),
    IRREGULIERS, ENTETES and ENCODAGES, in the order (table, fichier, sha256)."""

    livraisons: pl.DataFrame
    enregistrements: pl.DataFrame
    irreguliers: pl.DataFrame
    entetes: pl.DataFrame
    encodages: pl.DataFrame


def ingest(sources: Sources, labels_by_table: Mapping[str, Labels], settings: Settings) -> Tables:
    """Freeze and read every delivery of a sources file. A delivery that fails is a row with its reason, never an exception.

    The caller holds the lock of the home, whose private zones exist. `labels_by_table` has every table that an entry may name.
    """
    clear_partial(settings)
    done = [_refused(_row(entry.table, entry.path, sources.fictif), entry.reason) for entry in sources.refused]
    frozen: list[tuple[Source, Frozen]] = []
    for source in sources.entries:
        found = _guarded(_source_row(source, source.path), partial(locate, source))
        if isinstance(found, Delivery):
            done.append(found)
            continue
        for location in found:
            row = _source_row(source, location.fichier)
            kept = _guarded(row, partial(freeze, location, source.sha256, settings))
            if isinstance(kept, Delivery):
                done.append(kept)
            else:
                frozen.append((source, kept))
    once = _once(frozen, done)
    together = _together(once)
    done += [read_delivery(source, file, labels_by_table[source.table], settings, together[id(source)]) for source, file in once]
    return _gather(done)


def read_delivery(source: Source, frozen: Frozen, labels: Labels, settings: Settings, entry: str | None = None) -> Delivery:
    """Read one frozen delivery: records with their roles, header labels, counts. A failure is told in `refus`, never raised.

    `entry` names the entry of the sources file whose files act together; by default, the delivery is alone in its own.
    """
    id_ = _delivery_id(source, frozen)
    row = _source_row(source, frozen.fichier) | {"livraison": id_, "sha256": frozen.sha256, "entree": entry or id_}
    return _guarded(row, partial(_read, row, source, frozen, labels, settings))


def _guarded(row: Mapping[str, Any], work: Callable[[], T]) -> T | Delivery:
    """What `work` gives, or the delivery refused with the reason why it could not."""
    try:
        return work()
    except DeliveryRefused as refusal:
        return _refused(row, str(refusal))
    except BaseException as error:
        # A library that fails on one file must not take the other deliveries with it; a panic of a Rust one is not an Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        kind = type(error).__name__  # its message may quote a cell
        where = traceback.extract_tb(error.__traceback__)[-1]
        logger.error("%s: unexpected %s in %s, line %s", row["livraison"] or row["table"], kind, where.name, where.lineno)
        return _refused(row, f"lecture impossible (erreur {kind}) ; le réenregistrer en CSV (UTF-8), ou nous signaler ce fichier")


def _read(row: Mapping[str, Any], source: Source, frozen: Frozen, labels: Labels, settings: Settings) -> Delivery:
    sought = Sought(labels, _expected(source.table, labels), source.header_row)
    read = read_file(frozen.path, source.sheet, sought, settings)
    reguliers, irreguliers = read.records.reguliers, read.records.irreguliers
    roles = Counter(dict(reguliers["role"].value_counts().iter_rows())) + Counter(dict(irreguliers["role"].value_counts().iter_rows()))
    counts = {name: roles[role] for name, role in COUNTS.items()}
    id_ = pl.lit(row["livraison"]).alias("livraison")
    entetes = pl.DataFrame({"libelle": read.header.labels}, schema={"libelle": pl.String}).with_row_index("position")
    return Delivery(
        {**row, **read.found, "enregistrements": read.records.height, **counts, **_told(read, counts["donnees"])},
        reguliers.select(id_, "ligne", "role", *cells(read.header.width)),
        irreguliers.select(id_, *list(IRREGULIERS)[1:]),
        entetes.select(id_, pl.col("position").cast(pl.UInt16), "libelle"),
        pl.DataFrame([(row["livraison"], *told) for told in read.encodings.counts], schema=ENCODAGES, orient="row"),
    )


def _told(read: Read, lines: int) -> dict[str, Any]:
    empty = [] if lines else ["Aucune ligne de données sous l'en-tête : vérifier que le fichier livré est bien complet."]
    return {"avis": [*empty, *read.notices] or None, "fusions": [span._asdict() for span in read.merged] or None}


def _expected(table: str, labels: Labels) -> Sequence[str]:
    """Columns to name to somebody whose file shows none: the schema's, else the labels sought."""
    return schema.load("deliveries", table).field_names if table in schema.names("deliveries") else sorted(labels)


def _once(frozen: Sequence[tuple[Source, Frozen]], done: list[Delivery]) -> list[tuple[Source, Frozen]]:
    """The same bytes (the same sheet of them, where entries name it) are read once for a table, at their first date; the others join the
    refused. The order declared plays no part."""
    first: dict[tuple[str, str, str | None], str] = {}
    named = {(source.table, file.sha256) for source, file in frozen if source.sheet}
    once = []
    for source, file in sorted(frozen, key=lambda pair: (pair[0].table, pair[0].date or dt.date.min, pair[1].fichier, pair[0].path)):
        key = (source.table, file.sha256, source.sheet)
        if key in first:
            reason = f"même contenu que « {first[key]} », déjà livré pour cette table ; ne le déclarer qu'une fois"
        elif source.sheet is None and key[:2] in named:
            reason = "une autre entrée nomme une feuille de ce classeur ; nommer aussi par « sheet » celle de cette entrée, ou la retirer"
        else:
            first[key] = file.fichier
            once.append((source, file))
            continue
        done.append(_refused(_source_row(source, file.fichier) | {"sha256": file.sha256}, reason))
    return once


def _delivery_id(source: Source, frozen: Frozen) -> str:
    """Of the table and the bytes, and of the sheet where the entry names one: each sheet of a workbook can be a delivery."""
    sheet = f"-{hashlib.sha256(source.sheet.encode()).hexdigest()[:SHEET_HEX]}" if source.sheet else ""
    return f"{source.table}-{frozen.sha256[:ID_HEX]}{sheet}"


def _together(frozen: Sequence[tuple[Source, Frozen]]) -> dict[int, str]:
    """Identity of an entry → the first of the ids of its deliveries: a name that depends on content only."""
    first: dict[int, str] = {}
    for source, file in frozen:
        first[id(source)] = min(first.get(id(source), _delivery_id(source, file)), _delivery_id(source, file))
    return first


def _row(table: str, path: str, fictif: bool) -> dict[str, Any]:
    """The row of a delivery of which nothing is known yet but what was declared."""
    name = file_name(path) if is_url(path) else PurePath(path).name
    return (
        dict.fromkeys(LIVRAISONS)
        | dict.fromkeys(("enregistrements", *COUNTS), 0)
        | {
            "table": table,
            "fichier": shown(name),
            "mode": REPLACES,
            "fictif": fictif,
            "seuil_rejet": PROGRAMME_THRESHOLD,
        }
    )


def _source_row(source: Source, path: str) -> dict[str, Any]:
    return _row(source.table, path, source.fictif) | {
        "editeur": source.publisher,
        "licence": source.licence,
        "date": source.date,
        "mode": source.mode,
        "periode": source.periode,
        "seuil_rejet": source.seuil_rejet,
        "constantes": json.dumps(source.constantes, ensure_ascii=False, sort_keys=True) if source.constantes else None,
    }


def _refused(row: Mapping[str, Any], reason: str) -> Delivery:
    told = f"Livraison « {row['fichier'] or '?'} » (table « {row['table'] or '?'} ») : {reason}."
    return Delivery({**row, "refus": told})


def _gather(deliveries: Sequence[Delivery]) -> Tables:
    order = ("table", "fichier", "sha256", "livraison", "refus")
    ordered = sorted(deliveries, key=lambda one: tuple(one.livraison[name] or "" for name in order))
    unnamed = itertools.count(1)
    rows = [
        {**one.livraison, "livraison": one.livraison["livraison"] or f"{one.livraison['table'] or 'inconnue'}-refus-{next(unnamed)}"}
        for one in ordered
    ]
    return Tables(
        pl.DataFrame(rows, schema=LIVRAISONS),
        pl.concat([pl.DataFrame(schema=ENREGISTREMENTS), *(one.enregistrements for one in ordered)], how="diagonal"),
        pl.concat([pl.DataFrame(schema=IRREGULIERS), *(one.irreguliers for one in ordered)]),
        pl.concat([pl.DataFrame(schema=ENTETES), *(one.entetes for one in ordered)]),
        pl.concat([pl.DataFrame(schema=ENCODAGES), *(one.encodages for one in ordered)]),
    )
