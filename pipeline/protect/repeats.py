"""The identity that a masked row hides, when another text of the row repeats it: an object, a page's address, the name of the place.

Texts are compared in small letters, without accents, signs or spaces; a short identity only as whole words. The row's own identity alone is
sought: what one row hides may be a common word elsewhere.
"""

from collections.abc import Sequence

import polars as pl

from pipeline.protect.policy import FieldRule, Policy
from pipeline.protect.reading import decoded, folded
from pipeline.protect.texts import HITS, UNPUBLISHED
from pipeline.protect.visibility import STATUT
from pipeline.schema import TableSchema

RULE = "identite_repetee"
SHORT = 4  # letters and digits: below, an identity is in too many words


def hide(frame: pl.DataFrame, rows: pl.DataFrame, policy: Policy, schema: TableSchema) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Empty the cells of masked rows that repeat their identity; the cells emptied, counted by column.

    `frame` is the public table, `rows` the source, line for line.
    """
    table = policy.tables[schema.name]
    rules: dict[str, FieldRule] = {name: policy.regles[fed.regle] for name, fed in table.champs.items()}
    sought = {table.champ(name): rule for name, rule in rules.items() if rule.cherchee}
    if table.statut is None or not sought:
        return frame, pl.DataFrame(schema=HITS)
    sought |= dict.fromkeys(table.identite, next(iter(sought.values())))
    masked = {champ: ~pl.col(STATUT).is_in(list(rule.classes)) for champ, rule in sought.items()}
    identities = rows.select(pl.when(hidden).then(pl.col(champ).cast(pl.String)).alias(champ) for champ, hidden in masked.items())
    numbers = identities.columns
    identities = identities.with_columns(pl.col(champ).str.extract(r"^(\d{9})\d{5}$").alias(f"{champ}.siren") for champ in numbers)
    hiding = identities.select(pl.any_horizontal(pl.all().is_not_null()).alias("masquee")).to_series()
    names = _texts(frame, schema, table.codes)
    seen = [hiding & frame[name].is_not_null() for name in names]
    searches = [_search(identities, frame[name], rows_of, rules[name].dans_l_identite) for name, rows_of in zip(names, seen, strict=True)]
    replaced, counts = [], []
    for name, rows_of, found in zip(names, seen, pl.collect_all(searches), strict=True):
        repeated = rows_of.scatter(rows_of.arg_true(), found.to_series())
        if repeated.any():
            required = schema.field(name).required
            counts.append((name, RULE, repeated.sum()))
            replaced.append(pl.when(repeated).then(pl.lit(UNPUBLISHED if required else None)).otherwise(pl.col(name)).alias(name))
    return frame.with_columns(replaced), pl.DataFrame(counts, schema=HITS, orient="row")


def _texts(frame: pl.DataFrame, schema: TableSchema, codes: tuple[str, ...]) -> list[str]:
    """Columns that may hold free words: not keys, codes nor enumerations."""
    keys = {*schema.primary_key, *(link["fields"] for link in schema.foreign_keys), *codes}
    fields = (field for field in schema.fields if field.name not in keys and frame.schema[field.name] == pl.String)
    return [field.name for field in fields if "enum" not in field.descriptor.get("constraints", {})]


def _search(identities: pl.DataFrame, cells: pl.Series, rows: pl.Series, inside: bool) -> pl.LazyFrame:
    """Whether each cell of these rows repeats the identity of its row."""
    said = cells.filter(rows)
    words = identities.lazy().filter(rows).with_columns(pl.lit(said.replace(decoded(said))).alias("_cellule")).select(folded(pl.all()))
    return words.select(_repeated(identities.columns, inside))


def _repeated(identities: Sequence[str], inside: bool) -> pl.Expr:
    """True where the cell holds one of the identities or, with `inside`, where an identity holds the cell."""
    cell = pl.col("_cellule")
    said = [_holds(cell, pl.col(name)) for name in identities]
    said += [_holds(pl.col(name), cell) for name in identities] if inside else []
    return pl.any_horizontal(said).alias("repete")


def _holds(text: pl.Expr, part: pl.Expr) -> pl.Expr:
    letters = part.str.replace_all(" ", "", literal=True)
    whole = pl.concat_str(pl.lit(" "), text, pl.lit(" ")).str.contains(pl.concat_str(pl.lit(" "), part, pl.lit(" ")), literal=True)
    anywhere = text.str.replace_all(" ", "", literal=True).str.contains(letters, literal=True)
    held = pl.when(letters.str.len_chars() < SHORT).then(whole).otherwise(anywhere)
    return (held & (letters.str.len_chars() > 0)).fill_null(False)
