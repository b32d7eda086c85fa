"""The rules applied to a column, and the account of what each of them changed."""

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.harmonise.rules import Rule
from pipeline.harmonise.rules.rule import Described, Expression
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
NOWHERE = pl.Series([], dtype=pl.UInt32)
# Cells that tell whether a column repeats itself.
SAMPLE = 10_000
DECLARED_CONSTANT = Described(
    id="constante-declaree",
    sentence="Une valeur que l'opérateur déclare pour toute la livraison est écrite sur chaque ligne.",
    reason="Le fichier des sources le dit ; le fichier livré ne doit pas avoir de colonne pour ce champ.",
    example=(None, "2017"),
)
# Line of the entries that hold for the whole delivery.
WHOLE_DELIVERY = 0


def repaired(cells: pl.Series, lines: pl.Series, field: Field, rules: Sequence[Rule]) -> tuple[pl.Series, list[pl.DataFrame]]:
    """The column after all `rules`, in order, and one frame (ligne, colonne, regle, avant, apres) for each rule that changed a cell.

    `cells` is the whole column of one delivery: the proofs of the rules look at all of it. A cell without any character is null.
    """
    cells = cells.to_frame("cell").select(pl.when(pl.col("cell") != "").then("cell").alias(field.name)).to_series()
    given = _suspects(cells, rules)
    if given.is_empty():
        return cells, []
    # A cell that no rule suspects at first is one that none will change. The others go through the chain, each distinct text once.
    values, where, codes = given, NOWHERE, NOWHERE
    entries: list[pl.DataFrame] = []
    for rule in rules:
        suspects = values.str.contains(rule.suspects).arg_true()
        if suspects.is_empty():
            continue
        if rule.proof and not _shown(rule.proof, cells.clone().scatter(where, values.gather(codes)) if entries else cells, field):
            continue
        after = values.gather(suspects).to_frame("cell").select(rule.repaired(pl.col("cell"), field)).to_series()
        repaired_values = values.clone().scatter(suspects, after)
        changes = values.ne_missing(repaired_values)
        if not changes.any():
            continue
        if not entries:
            where, codes = _places(cells, given)
        at = changes.gather(codes).arg_true()
        changed = codes.gather(at)
        entries.append(
            entries_of(lines.gather(where.gather(at)), field.name, rule.id, values.gather(changed), repaired_values.gather(changed))
        )
        values = repaired_values
    return cells.scatter(where, values.gather(codes)) if entries else cells, entries


def _suspects(cells: pl.Series, rules: Sequence[Rule]) -> pl.Series:
    """The distinct texts that some rule may change. A column that repeats itself is searched through its distinct texts."""
    if not rules:
        return cells.clear()
    pattern = "|".join(f"(?:{rule.suspects})" for rule in rules)
    if cells.head(SAMPLE).n_unique() > SAMPLE // 2:
        return cells.filter(cells.str.contains(pattern)).unique(maintain_order=True)
    texts = cells.unique(maintain_order=True)
    return texts.filter(texts.str.contains(pattern))


def _places(cells: pl.Series, texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Where the cells are that hold one of the distinct `texts`, and which of them."""
    where = cells.is_in(texts.implode()).fill_null(False).arg_true()
    places = pl.DataFrame({"text": texts}).with_row_index("place")
    return where, cells.gather(where).to_frame("text").join(places, on="text", how="left", maintain_order="left")["place"]


def _shown(proof: Expression, column: pl.Series, field: Field) -> bool:
    return bool(column.to_frame("column").select(proof(pl.col("column"), field)).item())


def declared(value: str, field: Field, rules: Sequence[Rule]) -> tuple[str | None, list[pl.DataFrame]]:
    """A constant in its canonical form, and its entries: that it was declared, then what the rules changed in it."""
    given, line = pl.Series(field.name, [value], pl.String()), pl.Series([WHOLE_DELIVERY], dtype=pl.UInt32())
    nothing = pl.Series(field.name, [None], pl.String())
    after, entries = repaired(given, line, field, rules)
    return after.item(), [entries_of(line, field.name, DECLARED_CONSTANT.id, nothing, given), *entries]


def entries_of(lines: pl.Series, column: str, rule: str, before: pl.Series, after: pl.Series) -> pl.DataFrame:
    """The frame (ligne, colonne, regle, avant, apres) of what one rule changed in one column."""
    return pl.DataFrame({"ligne": lines, "avant": before, "apres": after}).select(
        "ligne", colonne=pl.lit(column), regle=pl.lit(rule), avant="avant", apres="apres"
    )


def ordered(entries: Sequence[pl.DataFrame], delivery: str) -> pl.DataFrame:
    """The entries of one delivery by line, then in the order in which they are given (field by field, rule by rule)."""
    if not entries:
        return pl.DataFrame(schema=ENTRIES)
    return pl.concat(entries).sort("ligne", maintain_order=True).select(pl.lit(delivery).alias("livraison"), pl.all())
