"""From records as read to one table of the schema's fields, delivery by delivery, with the ledger of what changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.harmonise.alignment import aligned, width_of
from pipeline.harmonise.columns import harmonised
from pipeline.harmonise.contract import Contract
from pipeline.harmonise.headers import Column, matched, refusal
from pipeline.harmonise.ledger import ENTRIES, ordered
from pipeline.harmonise.merged import spans_of
from pipeline.schema import TableSchema
from pipeline.schema.records import cells

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

    `table`: livraison, ligne, defaut, recollages, then the schema's fields as text, an empty cell being null. A line whose `defaut` is set
    has not as many cells as its header, or bytes that no encoding explains: no column can be trusted, and all its fields are null.
    `recollages`: in how many ways its cells could be joined (null: not counted). `registre`: the ledger (`ENTRIES`). `colonnes`: what each
    column of each delivery was taken for. `refus`: the deliveries that cannot be used, with the reason in French; none of their lines is in
    `table`.
    """

    table: pl.LazyFrame
    registre: pl.LazyFrame
    colonnes: pl.DataFrame
    refus: pl.DataFrame


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
    for delivery, declarations, separator, merged in (
        usable.select("livraison", "constantes", "separateur", "fusions").collect().iter_rows()
    ):
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
        records, joinings = aligned(regular, irregular, found, contract, separator)
        table, entries = harmonised(records, found, values, contract, spans_of(merged))
        tables.append(table.select(pl.lit(delivery).alias("livraison"), pl.all()))
        ledgers.append(ordered([*joinings, *entries], delivery))
    empty = pl.DataFrame(schema=_table_schema(contract.schema))
    return Harmonised(
        pl.concat([empty, *tables]).lazy(),
        pl.concat([pl.DataFrame(schema=ENTRIES), *ledgers]).lazy(),
        pl.DataFrame(columns, schema=COLUMNS, orient="row"),
        pl.DataFrame(refusals, schema=REFUSALS, orient="row"),
    )


def _as_text(constants: str | None) -> dict[str, str]:
    """The declared constants as a cell would write them."""
    values = json.loads(constants) if constants else {}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _table_schema(schema: TableSchema) -> dict[str, pl.DataType]:
    return {"livraison": pl.String(), "ligne": pl.UInt32(), "defaut": pl.String(), "recollages": pl.UInt64(), **schema.text_schema}
