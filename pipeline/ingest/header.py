"""The header: the record most like the schema, wherever titles put it."""

from collections.abc import Collection, Sequence

import polars as pl

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.schema.labels import normalise_label

# Every normalised label that a column of the table may bear: names, titles and aliases.
Labels = Collection[str]

SEARCHED_RECORDS = 200
ENOUGH_LABELS = 2
_SHOWN = 12


def resemblance(cells: Sequence[str], labels: Labels) -> int:
    """Number of distinct known labels among the cells."""
    return len({key for cell in cells if (key := normalise_label(cell)) in labels})


def best(records: pl.DataFrame, labels: Labels) -> tuple[int, int]:
    """(known labels, minus the index) of the record most like the schema among the first ones; the first of equals; (0, 0) when none is."""
    cells = records.head(SEARCHED_RECORDS)["cellules"].to_list()
    return max(((resemblance(record, labels), -index) for index, record in enumerate(cells)), default=(0, 0))


def find_header(records: pl.DataFrame, labels: Labels, header_row: int | None, expected: Sequence[str]) -> int:
    """Index of the header among `records` (ligne, cellules). `header_row`, when the operator gives it, is a line of the file.

    DeliveryRefused when no record has enough known labels (the message names the `expected` ones), or none begins at the given line.
    """
    if header_row is not None:
        found = (records["ligne"] == header_row).arg_true()
        if found.is_empty():
            raise DeliveryRefused(f"« header_row = {header_row} » : aucun enregistrement ne commence à cette ligne")
        return int(found[0])
    known, minus_index = best(records, labels)
    if known < min(ENOUGH_LABELS, len(labels)):
        shown = ", ".join(expected[:_SHOWN]) + (", …" if len(expected) > _SHOWN else "")
        raise DeliveryRefused(
            f"aucune ligne d'en-tête reconnue parmi les {SEARCHED_RECORDS} premiers enregistrements ; colonnes attendues : {shown} ; "
            "ajouter l'en-tête, ou donner sa ligne par « header_row »"
        )
    return -minus_index


def check_preamble(records: pl.DataFrame, header: int) -> None:
    """DeliveryRefused when a record above the header fills as many cells as it does: a title fills fewer, data would be lost in silence."""
    filled = records.head(header + 1)["cellules"].list.eval(pl.element().str.strip_chars() != "").list.sum()
    as_wide = (filled.head(header) >= filled[header]).arg_true()
    if not as_wide.is_empty():
        line, title = records["ligne"][header], records["ligne"][as_wide[0]]
        raise DeliveryRefused(
            f"la ligne {title}, au-dessus de l'en-tête trouvé à la ligne {line}, remplit autant de cellules que lui et ne serait pas lue ; "
            f"mettre l'en-tête au-dessus des données, ou donner header_row ({line}) si la ligne {title} est bien un titre"
        )
