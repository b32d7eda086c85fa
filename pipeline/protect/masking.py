"""The public table, column by column from the policy: nothing is copied, then trimmed."""

from collections.abc import Mapping

import polars as pl

from pipeline.protect.places import PHYSIQUE
from pipeline.protect.policy import CLASSES, FieldRule, Policy, PolicyError, TablePolicy
from pipeline.protect.texts import HITS
from pipeline.protect.visibility import MOTIF, STATUT
from pipeline.schema import TableSchema

KEY = "_cle"
NAMING = ("nom", "nom_attribuant")  # public fields that name somebody or a place, whatever the row


def select(rows: pl.DataFrame, policy: Policy, schema: TableSchema) -> pl.DataFrame:
    """Exactly the columns of the public schema, each masked for the classes that may not show it, then `_cle`, the key of the source row.

    A number of order stands null until `number` gives it. PolicyError when the source lacks a field.
    """
    table = policy.tables[schema.name]
    missing = sorted({table.champ(name) for name in schema.field_names} - set(rows.columns))
    if missing:
        raise PolicyError(f"protection.toml, table « {schema.name} » : {' + '.join(table.sources)} n'a pas {', '.join(missing)}.")
    columns = [
        _shown(table, name, policy.regles[table.champs[name].regle]).cast(dtype).alias(name) for name, dtype in schema.polars_schema.items()
    ]
    key = pl.concat_str([pl.col(table.champ(name)).cast(pl.String).fill_null("") for name in schema.primary_key], separator="\x1f").alias(
        KEY
    )
    return rows.select(*columns, key)


def masked_cells(rows: pl.DataFrame, policy: Policy, schema: TableSchema) -> pl.DataFrame:
    """How many cells each rule masks, by column: champ, regle, nombre."""
    table = policy.tables[schema.name]
    if table.statut is None:
        return pl.DataFrame(schema=HITS)
    rules = {name: (table.champs[name].regle, policy.regles[table.champs[name].regle]) for name in schema.field_names}
    counted = rows.select(
        (pl.col(table.champ(name)).is_not_null() & ~_allowed(rule, pl.col(table.champ(name)))).sum().alias(name)
        for name, (_, rule) in rules.items()
    )
    found = [(name, rules[name][0], count) for name, count in counted.row(0, named=True).items() if count]
    return pl.DataFrame(found, schema=HITS, orient="row")


def private_identities(rows: pl.DataFrame, table: TablePolicy, policy: Policy) -> pl.Series:
    """What natural persons have in the fields whose value is sought everywhere, as distinct texts."""
    fields = sorted({table.champ(name) for name, fed in table.champs.items() if policy.regles[fed.regle].cherchee})
    if table.statut is None or not fields:
        return pl.Series("valeur", [], pl.String)
    values = rows.filter(pl.col(STATUT) == PHYSIQUE).select(pl.col(fields).cast(pl.String))
    return values.unpivot(variable_name="champ", value_name="valeur")["valeur"].drop_nulls().unique()


def published(judged: Mapping[str, pl.DataFrame], policy: Policy) -> pl.Series:
    """Names and identifiers that public rows show, as distinct texts: of bearers and beneficiaries, of places, of those who grant."""
    found = [pl.Series("valeur", [], pl.String)]
    for name, rows in judged.items():
        table = policy.tables[name]
        for field, fed in table.champs.items():
            rule = policy.regles[fed.regle]
            if field in NAMING or rule.cherchee or rule.dans_l_identite:
                value = pl.col(table.champ(field)).cast(pl.String)
                found.append(
                    rows.filter(pl.col(MOTIF).is_null() & _allowed(rule, value)).select(value.alias("valeur")).to_series().unique()
                )
    return pl.concat(found).drop_nulls().unique()


def follow(frame: pl.DataFrame, schema: TableSchema, keys: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Each foreign key led to the public key of its row; null when that row is not public. `keys`: table → (_cle, public key)."""
    for link in schema.foreign_keys:
        field, target = link["fields"], link["reference"]["resource"]
        if target in keys:
            found = keys[target].rename({KEY: field, keys[target].columns[1]: "_publique"})
            frame = (
                frame.join(found, on=field, how="left", maintain_order="left")
                .with_columns(pl.col("_publique").alias(field))
                .drop("_publique")
            )
    return frame


def number(frame: pl.DataFrame, schema: TableSchema, policy: Policy) -> pl.DataFrame:
    """Give the rows whose key is masked a number of order within their delivery, that depends on nothing but what they publish."""
    rule = policy.regles[policy.tables[schema.name].champs[schema.primary_key[0]].regle]
    if rule.sinon != "rang":
        return frame
    key = schema.primary_key[0]
    published = [name for name in schema.field_names if name not in (key, "ligne", "livraison")]
    rows = frame.sort("livraison", *published, KEY, nulls_last=False, maintain_order=True)
    order = (pl.int_range(pl.len()).over("livraison", pl.col(key).is_null()) + 1).cast(pl.String).str.zfill(4)
    made = pl.concat_str(pl.lit("masquee"), pl.col("livraison"), order, separator="-")
    return rows.with_columns(pl.when(pl.col(key).is_null()).then(made).otherwise(pl.col(key)).alias(key))


def _shown(table: TablePolicy, name: str, rule: FieldRule) -> pl.Expr:
    champ, vide = table.champ(name), table.champs[name].vide
    value = pl.col(STATUT if champ == table.statut else champ)
    value = value if vide is None else value.fill_null(vide)
    return value if set(rule.classes) == set(CLASSES) else pl.when(_allowed(rule, value)).then(value)


def _allowed(rule: FieldRule, value: pl.Expr) -> pl.Expr:
    if set(rule.classes) == set(CLASSES):
        return pl.lit(True)
    by_class = pl.col(STATUT).is_in(list(rule.classes))
    return by_class | value.cast(pl.String).str.contains(rule.forme).fill_null(False) if rule.forme else by_class
