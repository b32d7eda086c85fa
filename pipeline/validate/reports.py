"""The reports of a run, for the people who deliver: two tables of counts, and one page of French text per delivery. No value of a field."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.presentation import counted, day, percentage
from pipeline.tableschema import line_ranges
from pipeline.validate.summary import Summary

_ROLES = {"donnees": "données", "entetes": "en-têtes", "preambules": "préambule", "vides": "lignes vides", "totaux": "totaux"}


def write_reports(
    folder: Path, deliveries: pl.LazyFrame, summary: Summary, motifs: pl.LazyFrame, ignored: Mapping[str, Sequence[str]]
) -> list[Path]:
    """Write `livraisons.csv`, `qualite.csv` and `<livraison>.txt` for each delivery into `folder`, made if absent; the paths written.

    `deliveries` is ingest's table, `motifs` the reasons of the rejected lines, `ignored` the columns that no field takes, in words. Each
    file appears whole or not at all, and depends on its inputs only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        _write(folder / "livraisons.csv", summary.livraisons.write_csv),
        _write(folder / "qualite.csv", summary.qualite.write_csv),
    ]
    roles = {row["livraison"]: row for row in deliveries.collect().iter_rows(named=True)}
    reasons = _by_delivery(_reasons(motifs))
    changes = _by_delivery(
        summary.qualite.filter(pl.col("etape") == "harmonisation").sort("lignes", "regle", "champ", descending=[True, False, False])
    )
    for row in summary.livraisons.iter_rows(named=True):
        name = row["livraison"]
        parts = (
            _heading(row),
            _counts(row, roles.get(name, {})),
            _ignored(ignored.get(name, ())),
            _changes(row, changes.get(name, [])),
            _to_correct(row, reasons.get(name, [])),
        )
        text = "\n".join(chain.from_iterable(parts)) + "\n"
        written.append(_write_text(folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.txt", text))
    return written


def _write(path: Path, write: Callable[[Path], Any]) -> Path:
    """Written aside, then renamed: a reader never meets half a report."""
    aside = path.with_name(f".{path.name}.partiel")
    write(aside)
    return aside.replace(path)


def _write_text(path: Path, text: str) -> Path:
    return _write(path, lambda aside: aside.write_text(text, encoding="utf-8", newline="\n"))


def _by_delivery(frame: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    return {str(name): part.rows(named=True) for (name,), part in frame.group_by("livraison", maintain_order=True)}


def _reasons(motifs: pl.LazyFrame) -> pl.DataFrame:
    """One row per delivery, rule and message: its lines, and how many a correction of that field alone would save. Most frequent first."""
    place = pl.coalesce("champ", "regle")
    alone = place.n_unique().over("livraison", "ligne") == 1
    groups = motifs.with_columns(seul=alone).group_by("livraison", "regle", "champ", "message")
    found = groups.agg(lignes=pl.col("ligne").unique().sort(), sauvees=pl.col("ligne").filter("seul").n_unique()).collect()
    order = ("livraison", pl.col("lignes").list.len(), "regle", "message")
    return found.sort(*order, descending=[False, True, False, False])


def _heading(row: Mapping[str, Any]) -> list[str]:
    read = row["sha256"] is not None  # of an entry refused before its file was read, what it declares may not be known
    editor = row["editeur"] or ("éditeur non déclaré" if read else None)
    licence = row["licence"] or ("licence non déclarée" if read else None)
    source = [part for part in (editor, licence, day(row["date"]) if row["date"] else None) if part]
    return [
        f"Livraison {row['livraison']} : {row['etat']}",
        f"Fichier « {row['fichier']} », table « {row['table']} »" + (f" ({', '.join(source)})" if source else ""),
        *([f"Mode « {row['mode']} »" + (f", période {row['periode']}" if row["periode"] else "") + "."] if read else []),
        *(["Données fictives : aucune de ces lignes n'est réelle."] if row["fictif"] else []),
        *(["", row["motif"]] if row["motif"] else []),
    ]


def _counts(row: Mapping[str, Any], roles: Mapping[str, Any]) -> list[str]:
    read = ", ".join(f"{label} {roles.get(name) or 0}" for name, label in _ROLES.items())
    received, rejected = row["lignes_recues"], row["lignes_rejetees"]
    share = f" ({percentage(rejected / received)})" if received else ""
    return [
        "",
        f"{counted(row['enregistrements'], 'enregistrement lu', 'enregistrements lus')} : {read}.",
        f"{counted(received, 'ligne reçue', 'lignes reçues')} : {counted(row['lignes_acceptees'], 'acceptée')}, "
        f"{counted(rejected, 'rejetée')}{share}.",
    ]


def _ignored(columns: Sequence[str]) -> list[str]:
    return ["", "Colonnes ignorées, qu'aucun champ n'attend :", *(f"  - {column}" for column in columns)] if columns else []


def _changes(row: Mapping[str, Any], changes: list[dict[str, Any]]) -> list[str]:
    if not changes:
        return ["", "Aucune cellule modifiée."]
    cells = counted(row["cellules_modifiees"], "cellule modifiée", "cellules modifiées")
    return ["", f"Ce qui a été changé : {cells}.", *(f"  - {one['champ']}, règle {one['regle']} : {one['lignes']}" for one in changes)]


def _to_correct(row: Mapping[str, Any], reasons: list[dict[str, Any]]) -> list[str]:
    if not reasons:
        return []
    lines = ["", "Ce qui est à corriger, le plus fréquent d'abord :"]
    for rank, reason in enumerate(reasons, start=1):
        numbers, saved = reason["lignes"], reason["sauvees"]
        what = f"ce champ (« {reason['champ']} »)" if reason["champ"] else "ce point"
        lines += [
            "",
            f"{rank}. {reason['message']}.",
            f"   Règle {reason['regle']} ; {counted(len(numbers), 'ligne')} : {line_ranges(numbers)}.",
            f"   Corriger {what} suffirait pour {counted(saved, 'ligne')}, {percentage(saved / row['lignes_recues'])} des lignes reçues."
            if saved
            else f"   Corriger {what} ne suffit pour aucune ligne : chacune a aussi un autre motif.",
        ]
    return lines
