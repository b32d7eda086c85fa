"""The identity that a masked row hides, when another text of the row repeats it: an object, a page's address, the name of the place.

Texts are compared in small letters, without accents, signs or spaces; a short identity only as whole words. The row's own identity alone is
sought: what one row hides may be a common word elsewhere.
"""

from urllib.parse import unquote

import polars as pl

from pipeline.protect.policy import FieldRule, Policy
from pipeline.protect.texts import HITS, UNPUBLISHED, folded
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
    replaced, counts = [], []
    for name in _texts(frame, schema, table.codes):
        sought_in = hiding & frame[name].is_not_null()
        cells = frame[name].filter(sought_in)
        found = _repeated(
            identities.filter(sought_in).with_columns(cells.replace(_decoded(cells)).alias("_cellule")), rules[name].dans_l_identite
        )
        if found.any():
            repeated = sought_in.scatter(sought_in.arg_true(), found)
            required = schema.field(name).required
            counts.append((name, RULE, repeated.sum()))
            replaced.append(pl.when(repeated).then(pl.lit(UNPUBLISHED if required else None)).otherwise(pl.col(name)).alias(name))
    return frame.with_columns(replaced), pl.DataFrame(counts, schema=HITS, orient="row")


def _texts(frame: pl.DataFrame, schema: TableSchema, codes: tuple[str, ...]) -> list[str]:
    """Columns that may hold free words: not keys, codes nor enumerations."""
    keys = {*schema.primary_key, *(link["fields"] for link in schema.foreign_keys), *codes}
    fields = (field for field in schema.fields if field.name not in keys and frame.schema[field.name] == pl.String)
    return [field.name for field in fields if "enum" not in field.descriptor.get("constraints", {})]


def _decoded(cells: pl.Series) -> dict[str, str]:
    """Texts written with percent signs, as in a URL, and what they say."""
    coded = cells.filter(cells.str.contains("%", literal=True).fill_null(False)).unique()
    return {text: unquote(text) for text in coded}


def _repeated(lines: pl.DataFrame, inside: bool) -> pl.Series:
    """True where the cell holds one of the identities or, with `inside`, where an identity holds the cell."""
    words = lines.select(folded(pl.all()))
    cell = pl.col("_cellule")
    identities = [pl.col(name) for name in words.columns if name != "_cellule"]
    said = [_holds(cell, identity) for identity in identities]
    said += [_holds(identity, cell) for identity in identities] if inside else []
    return words.select(pl.any_horizontal(said).alias("repete")).to_series()


def _holds(text: pl.Expr, part: pl.Expr) -> pl.Expr:
    letters = part.str.replace_all(" ", "", literal=True)
    whole = pl.concat_str(pl.lit(" "), text, pl.lit(" ")).str.contains(pl.concat_str(pl.lit(" "), part, pl.lit(" ")), literal=True)
    anywhere = text.str.replace_all(" ", "", literal=True).str.contains(letters, literal=True)
    held = pl.when(letters.str.len_chars() < SHORT).then(whole).otherwise(anywhere)
    return (held & (letters.str.len_chars() > 0)).fill_null(False)
