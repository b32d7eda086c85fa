"""The rules applied to a column, and the account of what each of them changed."""

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.harmonise.rules import Rule
from pipeline.schema import Field

# One entry: a cell that a rule changed. Entries of one cell follow each other, the `apres` of one being the `avant` of the next.
ENTRIES: Mapping[str, pl.DataType] = {
    "livraison": pl.String(),
    "ligne": pl.UInt32(),
    "colonne": pl.String(),
    "regle": pl.String(),
    "avant": pl.String(),
    "apres": pl.String(),
}
DECLARED = "constante-declaree"
# Line of the entries that hold for the whole delivery.
WHOLE_DELIVERY = 0


def repaired(cells: pl.Series, lines: pl.Series, field: Field, rules: Sequence[Rule]) -> tuple[pl.Series, list[pl.DataFrame]]:
    """The column after all `rules`, in order, and one frame (ligne, colonne, regle, avant, apres) for each rule that changed a cell."""
    entries = []
    for rule in rules:
        suspects = cells.str.contains(rule.suspects).fill_null(False).arg_true()
        if suspects.is_empty():
            continue
        before = cells.gather(suspects)
        after = before.to_frame("cell").with_columns(rule.repaired(pl.col("cell"), field).alias("cell")).to_series()
        changed = before.ne_missing(after)
        if not changed.any():
            continue
        before, after, where = before.filter(changed), after.filter(changed), suspects.filter(changed)
        if rule.recorded:
            entries.append(_entries(lines.gather(where), field.name, rule.id, before, after))
        cells = cells.clone().scatter(where, after)
    return cells, entries


def declared(value: str, field: Field, rules: Sequence[Rule]) -> tuple[str | None, list[pl.DataFrame]]:
    """A constant in its canonical form, and its entries: that it was declared, then what the rules changed in it."""
    given, line = pl.Series(field.name, [value], pl.String()), pl.Series([WHOLE_DELIVERY], dtype=pl.UInt32())
    nothing = pl.Series(field.name, [None], pl.String())
    after, entries = repaired(given, line, field, rules)
    return after.item(), [_entries(line, field.name, DECLARED, nothing, given), *entries]


def _entries(lines: pl.Series, column: str, rule: str, before: pl.Series, after: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"ligne": lines, "avant": before, "apres": after}).select(
        "ligne", colonne=pl.lit(column), regle=pl.lit(rule), avant="avant", apres="apres"
    )


def ordered(entries: Sequence[pl.DataFrame], delivery: str) -> pl.DataFrame:
    """The entries of one delivery by line, then in the order in which they are given (field by field, rule by rule)."""
    if not entries:
        return pl.DataFrame(schema=ENTRIES)
    return pl.concat(entries).sort("ligne", maintain_order=True).select(pl.lit(delivery).alias("livraison"), pl.all())
