"""What there is to tell about one delivery, in French and without the value of any cell, whatever page it is told on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from pipeline.presentation import counted, day, percentage
from pipeline.schema.labels import shown_label
from pipeline.tableschema import line_ranges
from pipeline.validate.summary import Summary

_ROLES = {"donnees": "données", "entetes": "en-têtes", "preambules": "préambule", "vides": "lignes vides", "totaux": "totaux"}
_ROLES |= {"notes": "notes"}


class Known(NamedTuple):
    """What earlier stages say of the deliveries. `ignored`: the columns that no field takes, in words, by delivery.

    `encodings`: ingest's table (livraison, encodage, lignes, premiere). `sentences`: what each rule of repair does, by its id.
    """

    ignored: Mapping[str, Sequence[str]]
    encodings: pl.DataFrame
    sentences: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """A rule at work on a field, and on how many lines."""

    champ: str
    regle: str
    lignes: int
    phrase: str | None


@dataclass(frozen=True)
class Reason:
    """Why lines are rejected: `lignes` their number, `ou` their ranges; `gain`: the lines that this correction alone would save."""

    message: str
    regle: str
    lignes: int
    ou: str
    gain: str


@dataclass(frozen=True)
class Account:
    """One delivery. `avis`: what no line tells, in sentences to put first; `roles` and `jugees`: figures with their labels."""

    livraison: str
    titre: str
    fichier: str
    editeur: str | None
    licence: str | None
    date: date | None
    apropos: tuple[str, ...]
    fictif: bool
    motif: str | None
    avis: tuple[str, ...]
    enregistrements: int
    roles: tuple[tuple[str, int], ...]
    encodages: tuple[str, ...]
    jugees: tuple[tuple[str, int, str], ...]
    ignorees: tuple[str, ...]
    cellules: int
    changements: tuple[Change, ...]
    motifs: tuple[Reason, ...]


def accounts(deliveries: pl.LazyFrame, summary: Summary, motifs: pl.LazyFrame, known: Known) -> Iterator[Account]:
    """The account of each delivery, in the order of ingest. `deliveries` is ingest's table, `motifs` the reasons of the rejected lines."""
    read = {row["livraison"]: row for row in deliveries.collect().iter_rows(named=True)}
    reasons = _by_delivery(_reasons(motifs))
    encodings = _by_delivery(known.encodings)
    order = ("lignes", "regle", "champ")
    changed = summary.qualite.filter(pl.col("etape") == "harmonisation").sort(order, descending=[True, False, False])
    changes = _by_delivery(changed)
    for row in summary.livraisons.iter_rows(named=True):
        name, roles = row["livraison"], read.get(row["livraison"], {})
        yield Account(
            livraison=name,
            titre=f"Livraison {name} : {row['etat']}",
            **{field: row[field] for field in ("fichier", "editeur", "licence", "date", "motif", "enregistrements", "fictif")},
            apropos=(*_about(row), *_sheet(roles.get("feuille"))),
            avis=tuple(roles.get("avis") or ()),
            roles=tuple((label, roles.get(role) or 0) for role, label in _ROLES.items()),
            encodages=_encodings(roles.get("encodage"), encodings.get(name, [])),
            jugees=_judged(row),
            ignorees=tuple(known.ignored.get(name, ())),
            cellules=row["cellules_modifiees"],
            changements=tuple(
                Change(one["champ"], one["regle"], one["lignes"], known.sentences.get(one["regle"])) for one in changes.get(name, [])
            ),
            motifs=tuple(_reason(one, row["lignes_recues"]) for one in reasons.get(name, [])),
        )


def _by_delivery(frame: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    return {str(name): part.rows(named=True) for (name,), part in frame.group_by("livraison", maintain_order=True)}


def _reasons(motifs: pl.LazyFrame) -> pl.DataFrame:
    """One row per delivery, rule and message: its lines, and how many a correction of that field alone would save. Most frequent first."""
    place = pl.coalesce("champ", "message")  # a rule on a whole line may ask for several things: each is corrected apart
    alone = place.n_unique().over("livraison", "ligne") == 1
    groups = motifs.with_columns(seul=alone).group_by("livraison", "regle", "champ", "message")
    found = groups.agg(lignes=pl.col("ligne").unique().sort(), sauvees=pl.col("ligne").filter("seul").n_unique()).collect()
    order = ("livraison", pl.col("lignes").list.len(), "regle", "message")
    return found.sort(*order, descending=[False, True, False, False])


def _about(row: Mapping[str, Any]) -> tuple[str, ...]:
    read = row["sha256"] is not None  # of an entry refused before its file was read, what it declares may not be known
    editor = row["editeur"] or ("éditeur non déclaré" if read else None)
    licence = row["licence"] or ("licence non déclarée" if read else None)
    source = [part for part in (editor, licence, day(row["date"]) if row["date"] else None) if part]
    told = [f"Fichier « {row['fichier']} », table « {row['table']} »" + (f" ({', '.join(source)})" if source else "")]
    if read:
        told.append(f"Mode « {row['mode']} »" + (f", période {row['periode']}" if row["periode"] else "") + ".")
    return tuple(told)


def _sheet(name: str | None) -> Iterator[str]:
    if name and (shown := shown_label(name)):
        yield f"Feuille « {shown} »."


def _encodings(whole: str | None, parts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The encodings met, with their lines where the file is not all in UTF-8; nothing for a workbook."""
    if not parts:
        return (whole,) if whole else ()
    return tuple(f"{one['encodage']} ({counted(one['lignes'], 'ligne')}, la première : {one['premiere']})" for one in parts)


def _judged(row: Mapping[str, Any]) -> tuple[tuple[str, int, str], ...]:
    """(label, lines, share of the lines received)."""
    named = {"valides telles que livrées": "lignes_valides_telles_quelles", "acceptées": "lignes_acceptees", "rejetées": "lignes_rejetees"}
    received = row["lignes_recues"]
    return tuple((label, row[field], percentage(row[field] / received) if received else "") for label, field in named.items())


def _reason(reason: Mapping[str, Any], received: int) -> Reason:
    numbers, saved = reason["lignes"], reason["sauvees"]
    what = f"ce champ (« {reason['champ']} »)" if reason["champ"] else "ce point"
    gain = (
        f"Corriger {what} suffirait pour {counted(saved, 'ligne')}, {percentage(saved / received)} des lignes reçues."
        if saved
        else f"Corriger {what} ne suffit pour aucune ligne : chacune a aussi un autre motif."
    )
    return Reason(f"{reason['message']}.", reason["regle"], len(numbers), line_ranges(numbers), gain)
