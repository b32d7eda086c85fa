"""Cells merged over several lines of a sheet: what they say holds for each of these lines, though the format writes it on the first."""

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.harmonise.ledger import entries_of
from pipeline.harmonise.rules.rule import Described
from pipeline.schema import Field

MERGED = Described(
    id="cellule-fusionnee",
    sentence="Le texte d'une cellule fusionnée sur plusieurs lignes d'un classeur est écrit sur chacune de ces lignes.",
    reason="À l'écran, la cellule est en face de chacune d'elles. Un nombre (un montant) n'est pas répété : il peut valoir pour "
    "l'ensemble, et le total serait faux.",
    example=(None, "Association sportive"),
)
# First column of a merged cell, from 0 → its first and last lines.
Spans = Mapping[int, pl.DataFrame]


def spans_of(merged: Sequence[Mapping[str, int]] | None) -> Spans:
    """Ingest's list (position, premiere, derniere) of one delivery, by column."""
    types = {"position": pl.UInt16, "premiere": pl.UInt32, "derniere": pl.UInt32}
    frame = pl.DataFrame(list(merged or ()), schema=types, orient="row").sort("premiere")
    return {int(position): part.drop("position") for (position,), part in frame.group_by("position", maintain_order=True)}


def filled_down(cells: pl.Series, lines: pl.Series, spans: pl.DataFrame | None, field: Field) -> tuple[pl.Series, list[pl.DataFrame]]:
    """The column of one field with the text of each merged cell on its empty lines, and the ledger's entries.

    `cells` and `lines` (sorted) are those of one delivery. A cell whose first line is no line of data gives nothing.
    """
    if spans is None or field.type in ("number", "integer"):
        return cells, []
    column = pl.DataFrame({"ligne": lines, "cellule": cells})
    under = column.join_asof(spans, left_on="ligne", right_on="premiere", strategy="backward", coalesce=False)
    first = under.join(column.select(premiere="ligne", texte="cellule"), on="premiere", how="left", maintain_order="left")
    covered = (pl.col("ligne") > pl.col("premiere")) & (pl.col("ligne") <= pl.col("derniere")) & (pl.col("cellule").fill_null("") == "")
    at = first.select((covered & (pl.col("texte").fill_null("") != "")).fill_null(False)).to_series().arg_true()
    if at.is_empty():
        return cells, []
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(at))
    texts = first["texte"].gather(at)
    return cells.clone().scatter(at, texts), [entries_of(lines.gather(at), field.name, MERGED.id, nothing, texts)]
