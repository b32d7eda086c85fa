"""The reports of a run, for the people who deliver: two tables of counts, and one page per delivery, as HTML and as text."""

import re
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.presentation import Citation, Frame, Html, counted, data_table, element, number, page
from pipeline.validate.account import Account, Known, accounts
from pipeline.validate.summary import Summary

_FICTION = "Données fictives : aucune de ces lignes n'est réelle."
_IGNORED = "Colonnes ignorées, qu'aucun champ n'attend"
_NOTICE = "À savoir"
_UNCHANGED = "Aucune cellule modifiée."
_CORRECT = "Ce qui est à corriger, le plus fréquent d'abord"


def write_reports(folder: Path, deliveries: pl.LazyFrame, summary: Summary, motifs: pl.LazyFrame, known: Known) -> list[Path]:
    """Write `livraisons.csv`, `qualite.csv` and `<livraison>.html` and `.txt` into `folder`, made if absent; the paths written.

    `deliveries` is ingest's table, `motifs` the reasons of the rejected lines. Each file appears whole or not at all, and depends on its
    inputs only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        _write(folder / "livraisons.csv", summary.livraisons.write_csv),
        _write(folder / "qualite.csv", summary.qualite.write_csv),
    ]
    for account in accounts(deliveries, summary, motifs, known):
        name = re.sub(r"[^A-Za-z0-9_-]", "_", account.livraison)
        written.append(_write_text(folder / f"{name}.html", as_page(account)))
        written.append(_write_text(folder / f"{name}.txt", as_text(account)))
    return written


def _write(path: Path, write: Callable[[Path], Any]) -> Path:
    """Written aside, then renamed: a reader never meets half a report."""
    aside = path.with_name(f".{path.name}.partiel")
    write(aside)
    return aside.replace(path)


def _write_text(path: Path, text: str) -> Path:
    return _write(path, lambda aside: aside.write_text(text, encoding="utf-8", newline="\n"))


def as_text(account: Account) -> str:
    """The report as plain text."""
    heading = [account.titre, *account.apropos, *([_FICTION] if account.fictif else []), *(["", account.motif] if account.motif else [])]
    heading += ["", f"{_NOTICE} :", *(f"  - {sentence}" for sentence in account.avis)] if account.avis else []
    ignored = ["", f"{_IGNORED} :", *(f"  - {column}" for column in account.ignorees)] if account.ignorees else []
    return "\n".join(chain(heading, _text_of_counts(account), ignored, _text_of_changes(account), _text_of_reasons(account))) + "\n"


def _text_of_counts(account: Account) -> list[str]:
    roles = ", ".join(f"{label} {number(count)}" for label, count in account.roles)
    received = dict(account.roles)["données"]
    return [
        "",
        f"{counted(account.enregistrements, 'enregistrement lu', 'enregistrements lus')} : {roles}.",
        *([f"Encodage : {', '.join(account.encodages)}."] if account.encodages else []),
        f"{counted(received, 'ligne reçue', 'lignes reçues')}, dont :",
        *(f"  - {label} : {number(count)}" + (f" ({share})" if share else "") for label, count, share in account.jugees),
    ]


def _text_of_changes(account: Account) -> list[str]:
    if not account.changements:
        return ["", _UNCHANGED]
    cells = counted(account.cellules, "cellule modifiée", "cellules modifiées")
    lines = ["", f"Ce qui a été changé : {cells}."]
    for change in account.changements:
        lines.append(f"  - {change.champ}, règle {change.regle} : {number(change.lignes)}")
        lines += [f"    {change.phrase}"] if change.phrase else []
    return lines


def _text_of_reasons(account: Account) -> list[str]:
    lines = ["", f"{_CORRECT} :"] if account.motifs else []
    for rank, reason in enumerate(account.motifs, start=1):
        lines += ["", f"{rank}. {reason.message}", f"   Règle {reason.regle} ; {counted(reason.lignes, 'ligne')} : {reason.ou}."]
        lines.append(f"   {reason.gain}")
    return lines


def as_page(account: Account) -> str:
    """The report as a page that stands alone."""
    citation = Citation(account.editeur or "Éditeur non déclaré", account.fichier, account.date, account.licence or "Licence non déclarée")
    frame = Frame(citation, site="Rapport de livraison", notice=_FICTION if account.fictif else None)
    parts = [
        *(element("p", sentence) for sentence in account.apropos),
        *([element("p", element("strong", account.motif))] if account.motif else []),
        *([element("h2", _NOTICE), element("ul", *(element("li", one) for one in account.avis))] if account.avis else []),
        *_read(account),
        *([element("h2", _IGNORED), element("ul", *(element("li", one) for one in account.ignorees))] if account.ignorees else []),
        *_changed(account),
        *_to_correct(account),
    ]
    return page(frame, account.titre, *parts)


def _read(account: Account) -> list[Html]:
    told = counted(account.enregistrements, "enregistrement lu", "enregistrements lus")
    roles = [(label, number(count)) for label, count in account.roles]
    encodings = [element("p", f"Encodage : {', '.join(account.encodages)}.")] if account.encodages else []
    judged = [(label, number(count), share) for label, count, share in account.jugees]
    return [
        element("h2", "Ce qui a été reçu"),
        data_table(told, ("Rôle", "Enregistrements"), roles, numeric={1}),
        *encodings,
        data_table("Lignes de données", ("Lignes", "Nombre", "Part des lignes reçues"), judged, numeric={1, 2}),
    ]


def _changed(account: Account) -> list[Html]:
    if not account.changements:
        return [element("h2", "Ce qui a été changé"), element("p", _UNCHANGED)]
    rows = [(one.regle, one.champ, number(one.lignes), one.phrase or "") for one in account.changements]
    caption = counted(account.cellules, "cellule modifiée", "cellules modifiées")
    return [
        element("h2", "Ce qui a été changé"),
        data_table(caption, ("Règle", "Champ", "Lignes", "Ce que fait la règle"), rows, numeric={2}),
    ]


def _to_correct(account: Account) -> list[Html]:
    if not account.motifs:
        return []
    rows = [(one.message, one.regle, number(one.lignes), one.ou, one.gain) for one in account.motifs]
    header = ("Motif et correction", "Règle", "Lignes", "Numéros de ligne", "Ce que cette correction gagne")
    return [element("h2", _CORRECT), data_table("Motifs de rejet", header, rows, numeric={2})]
