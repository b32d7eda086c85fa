"""One file, whatever its format, as records with their roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.ingest.below import below_another, headers_below
from pipeline.ingest.encoding import Encodings
from pipeline.ingest.excel import SheetRecords, read_workbook
from pipeline.ingest.formats import format_of
from pipeline.ingest.header import Header, Labels, Sought
from pipeline.ingest.records import read_text
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.roles import with_roles
from pipeline.ingest.shape import Records
from pipeline.ingest.sheet_xml import Span, Unsaid
from pipeline.schema.labels import shown_label
from pipeline.schema.records import OTHER_HEADER, STRAY_QUOTE, UNKNOWN_ENCODING, cell
from pipeline.settings import Settings


@dataclass(frozen=True)
class Read:
    """`records` have a `role`, the irregular ones a `defaut` as well. `found`: what the file is (columns of `livraisons`).

    `notices`: what the person who delivers should know and no line tells, in French sentences. `merged`: cells over several rows.
    """

    records: Records
    header: Header
    found: Mapping[str, str]
    encodings: Encodings = field(default_factory=Encodings)
    notices: Sequence[str] = ()
    merged: Sequence[Span] = ()


def read_file(path: Path, sheet: str | None, sought: Sought, settings: Settings) -> Read:
    """Every record of a text or of a workbook. DeliveryRefused when it cannot be read, with the reason."""
    form = format_of(path)
    if form == "csv":
        if sheet:
            raise DeliveryRefused("« sheet » est donné mais le fichier est un texte, pas un classeur : retirer « sheet »")
        text = read_text(path, sought, settings)
        defects = {UNKNOWN_ENCODING: text.encodings.unknown, STRAY_QUOTE: text.stray}
        records = _told(text.records, text.header, sought.labels, defects)
        return Read(records, text.header, {"encodage": text.encodings.name, "separateur": text.separator}, text.encodings)
    book = read_workbook(path, form, sheet, sought, settings)
    records = _told(book.records, book.header, sought.labels, {})
    notices = [*_unread(book), *_missing(book.unsaid)]
    return Read(records, book.header, {"feuille": book.sheet}, notices=notices, merged=book.unsaid.merged)


def _told(records: Records, header: Header, labels: Labels, defects: Mapping[str, Sequence[int]]) -> Records:
    """The records with their roles and, apart, those of which no cell can be trusted."""
    same, other = headers_below(records, header, labels)
    with_their_roles = with_roles(records, header, [*same, *other])
    return _set_apart(with_their_roles, {**defects, OTHER_HEADER: below_another(with_their_roles, other)}, header.width)


def _unread(book: SheetRecords) -> list[str]:
    """The sheets left aside: a year of grants in one of them must not be lost in silence."""
    told = []
    for name, rows, hidden in book.unread:
        shown = shown_label(name)
        what = f"La feuille « {shown} »" if shown else "Une autre feuille, au nom trop long ou chiffré pour être répété ici,"
        why = "elle est masquée" if hidden else f"« {shown_label(book.sheet) or 'une autre'} » ressemble plus au schéma"
        told.append(
            f"{what} n'a pas été lue (lignes remplies : {rows}) : {why}. "
            "Si elle a aussi des lignes à publier, ajouter une entrée pour elle, avec « sheet » dans les deux."
        )
    return told


def _missing(unsaid: Unsaid) -> list[str]:
    if not unsaid.missing:
        return []
    where = f" ; la première est à la ligne {unsaid.first}" if unsaid.first else ""
    return [
        f"Cellules lues comme vides : {unsaid.missing}, en erreur (#REF!, #N/A…) ou formules enregistrées sans leur valeur{where}. "
        "Ouvrir le classeur, le recalculer, corriger, puis l'enregistrer."
    ]


def _set_apart(records: Records, defects: Mapping[str, Sequence[int]], width: int) -> Records:
    """Records with `defaut`: those of the lines that have a defect, the first of them, go with the irregular ones."""
    reguliers, irreguliers = records.reguliers, records.irreguliers
    lines = pl.concat([reguliers["ligne"], irreguliers["ligne"]]).sort()
    found = [pl.DataFrame({"ligne": _records_of(told, lines), "defaut": [defect] * len(told)}) for defect, told in defects.items() if told]
    if not found:
        return Records(reguliers, irreguliers.with_columns(defaut=pl.lit(None, pl.String)))
    wrong = pl.concat(found).unique("ligne", keep="first", maintain_order=True)
    apart = reguliers.join(wrong, on="ligne", how="semi", maintain_order="left")
    as_lists = apart.select("ligne", pl.concat_list(cell(position) for position in range(width)).alias("cellules"), "role")
    both = pl.concat([irreguliers.select("ligne", "cellules", "role"), as_lists]).sort("ligne")
    told = both.join(wrong, on="ligne", how="left", maintain_order="left")
    return Records(reguliers.join(wrong, on="ligne", how="anti", maintain_order="left"), told)


def _records_of(physical: Sequence[int], lines: pl.Series) -> pl.Series:
    """First line of the record that holds each physical line: a record runs from its line to the next one's."""
    return lines.gather(lines.search_sorted(pl.Series(physical, dtype=lines.dtype), side="right") - 1)
