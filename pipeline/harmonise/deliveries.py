"""From records as read to one table of the schema's fields, delivery by delivery, with the ledger of what changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline import programme
from pipeline.harmonise.alignment import aligned, width_of
from pipeline.harmonise.headers import Column, matched, refusal
from pipeline.harmonise.ledger import ENTRIES, declared, ordered, repaired
from pipeline.harmonise.rules import Rule, rules
from pipeline.schema import Field, TableSchema, load
from pipeline.schema.records import cell, cells
from pipeline.schema.vocabulary import Vocabulary, vocabulary

COLUMNS: Mapping[str, pl.DataType] = {
    "livraison": pl.String(),
    "position": pl.UInt16(),
    "libelle": pl.String(),
    "champ": pl.String(),
    "regle": pl.String(),
}
REFUSALS: Mapping[str, pl.DataType] = {"livraison": pl.String(), "refus": pl.String()}


@dataclass(frozen=True)
class Harmonised:
    """What the stage hands on for one table.

    `table`: livraison, ligne, defaut, then the schema's fields as text, an empty cell being null. A line whose `defaut` is set has not as
    many cells as its header: no column can be trusted, and all its fields are null. `registre`: the ledger (`ENTRIES`). `colonnes`: what
    each column of each delivery was taken for. `refus`: the deliveries that cannot be used, with the reason in French; none of their
    lines is in `table`.
    """

    table: pl.LazyFrame
    registre: pl.LazyFrame
    colonnes: pl.DataFrame
    refus: pl.DataFrame


@dataclass(frozen=True)
class Contract:
    """What harmonising a table depends on: its schema, what its columns may be called, the labels of the waves."""

    schema: TableSchema
    vocabulary: Vocabulary
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, table: str) -> "Contract":
        """The contract of a delivery table. SchemaError when there is no such table."""
        return cls(load("deliveries", table), vocabulary(table), rules(programme.load().labels()))

    def rules_of(self, field: Field) -> tuple[Rule, ...]:
        """The rules that the schema calls for on a field, in order."""
        return tuple(
            rule
            for rule in self.rules
            if rule.concerns(field, self.schema) and not (rule.id == "espaces" and field.name in self.vocabulary.kept)
        )


def harmonise(
    table_name: str,
    livraisons: pl.LazyFrame | pl.DataFrame,
    enregistrements: pl.LazyFrame | pl.DataFrame,
    irreguliers: pl.LazyFrame | pl.DataFrame,
    entetes: pl.LazyFrame | pl.DataFrame,
) -> Harmonised:
    """Harmonise the usable deliveries of a table, in the order of `livraisons`. The four frames are those that ingest hands on."""
    return harmonise_under(Contract.of(table_name), livraisons.lazy(), enregistrements.lazy(), irreguliers.lazy(), entetes.lazy())


def harmonise_under(
    contract: Contract, livraisons: pl.LazyFrame, enregistrements: pl.LazyFrame, irreguliers: pl.LazyFrame, entetes: pl.LazyFrame
) -> Harmonised:
    """`harmonise` under a contract given by the caller."""
    usable = livraisons.filter(pl.col("table") == contract.schema.name, pl.col("refus").is_null())
    tables, ledgers, columns, refusals = [], [], [], []
    for delivery, declarations in usable.select("livraison", "constantes").collect().iter_rows():
        header = entetes.filter(pl.col("livraison") == delivery).sort("position").select("position", "libelle").collect().rows()
        values = _as_text(declarations)
        found = matched(header, contract.vocabulary)
        constants = [Column(None, name, name if name in contract.schema.field_names else None, "constante") for name in values]
        columns += [(delivery, column.position, column.libelle, column.champ, column.regle) for column in (*found, *constants)]
        reason = refusal(found, values, contract.schema, contract.vocabulary)
        if reason is not None:
            refusals.append((delivery, reason))
            continue
        data = (pl.col("livraison") == delivery) & (pl.col("role") == "donnees")
        regular = enregistrements.filter(data).select("ligne", *cells(width_of(found))).collect()
        irregular = irreguliers.filter(data).select("ligne", "cellules", "defaut").collect()
        table, ledger = _delivery(delivery, aligned(regular, irregular, found), found, values, contract)
        tables.append(table)
        ledgers.append(ledger)
    empty = pl.DataFrame(schema=_table_schema(contract.schema))
    return Harmonised(
        pl.concat([empty, *tables]).lazy(),
        pl.concat([pl.DataFrame(schema=ENTRIES), *ledgers]).lazy(),
        pl.DataFrame(columns, schema=COLUMNS, orient="row"),
        pl.DataFrame(refusals, schema=REFUSALS, orient="row"),
    )


def _delivery(
    delivery: str, records: pl.DataFrame, columns: Sequence[Column], constants: Mapping[str, str], contract: Contract
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The table and the ledger of one delivery, one column of the schema at a time."""
    lines, defects = records["ligne"], records["defaut"]
    positions = {column.champ: column.position for column in columns}
    entries: list[pl.DataFrame] = []
    made: list[pl.Series] = []
    for field in contract.schema.fields:
        position, chain = positions.get(field.name), contract.rules_of(field)
        if position is not None:
            series, changes = repaired(records[cell(position)].rename(field.name), lines, field, chain)
        elif field.name in constants:
            value, changes = declared(constants[field.name], field, chain)
            series = pl.select(pl.when(defects.is_null()).then(pl.lit(value, pl.String)).alias(field.name)).to_series()
        else:
            series, changes = pl.Series(field.name, [None], pl.String).new_from_index(0, len(lines)), []
        made.append(series)
        entries += changes
    table = pl.DataFrame([lines, defects, *made]).select(pl.lit(delivery).alias("livraison"), pl.all())
    return table, ordered(entries, delivery)


def _as_text(constants: str | None) -> dict[str, str]:
    """The declared constants as a cell would write them."""
    values = json.loads(constants) if constants else {}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _table_schema(schema: TableSchema) -> dict[str, pl.DataType]:
    return {"livraison": pl.String(), "ligne": pl.UInt32(), "defaut": pl.String(), **schema.text_schema}
