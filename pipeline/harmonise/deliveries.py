"""From records as read to one table of the schema's fields, delivery by delivery, with the ledger of what changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.harmonise.columns import harmonised
from pipeline.harmonise.contract import Contract
from pipeline.harmonise.headers import Column, matched, refusal
from pipeline.harmonise.ledger import ENTRIES, ordered
from pipeline.harmonise.rules import EDGES
from pipeline.schema import TableSchema

COLUMNS: Mapping[str, pl.DataType] = {
    "livraison": pl.String(),
    "position": pl.UInt16(),
    "libelle": pl.String(),
    "champ": pl.String(),
    "regle": pl.String(),
}
REFUSALS: Mapping[str, pl.DataType] = {"livraison": pl.String(), "refus": pl.String()}
EXTRA_CELL, MISSING_CELL = "extra-cell", "missing-cell"


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


def harmonise(
    table_name: str,
    livraisons: pl.LazyFrame | pl.DataFrame,
    enregistrements: pl.LazyFrame | pl.DataFrame,
    entetes: pl.LazyFrame | pl.DataFrame,
) -> Harmonised:
    """Harmonise the usable deliveries of a table, in the order of `livraisons`. The three frames are those that ingest hands on."""
    return harmonise_under(Contract.of(table_name), livraisons.lazy(), enregistrements.lazy(), entetes.lazy())


def harmonise_under(contract: Contract, livraisons: pl.LazyFrame, enregistrements: pl.LazyFrame, entetes: pl.LazyFrame) -> Harmonised:
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
        records = enregistrements.filter(pl.col("livraison") == delivery, pl.col("role") == "donnees").select("ligne", "cellules").collect()
        table, ledger = _delivery(delivery, records, found, values, contract)
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
    narrowest = records["cellules"].list.len().min()
    defect = _defect(columns, narrowest if isinstance(narrowest, int) else 0).alias("defaut")
    width = max((column.position for column in columns if column.position is not None), default=-1) + 1
    under = [pl.col("cellules").list.get(place, null_on_oob=True).alias(f"c{place}") for place in range(width)]
    table, entries = harmonised(records.select("ligne", defect, *under), columns, constants, contract)
    return table.select(pl.lit(delivery).alias("livraison"), pl.all()), ordered(entries, delivery)


def _defect(columns: Sequence[Column], narrowest: int) -> pl.Expr:
    """Whether a record has another width than the header, so that its cells may stand under the wrong labels.

    Columns without label at the right end of the header may be missing, all of them. Empty cells beyond the header are no defect when
    every record has them (`narrowest` is the width of the narrowest): when only some do, a separator inside a cell may have shifted them.
    """
    positions = [column.position for column in columns if column.position is not None]
    read = [column.position for column in columns if column.position is not None and (column.champ or column.libelle.strip(EDGES))]
    width, needed = max(positions, default=-1) + 1, max(read, default=-1) + 1
    cells, count = pl.col("cellules"), pl.col("cellules").list.len()
    beyond = cells.list.slice(width).list.eval(pl.element().str.strip_chars(EDGES).fill_null("") != "").list.any()
    missing = (count < width) & (count != needed)
    return pl.when(missing).then(pl.lit(MISSING_CELL)).when((count > max(width, narrowest)) | beyond).then(pl.lit(EXTRA_CELL))


def _as_text(constants: str | None) -> dict[str, str]:
    """The declared constants as a cell would write them."""
    values = json.loads(constants) if constants else {}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _table_schema(schema: TableSchema) -> dict[str, pl.DataType]:
    return {"livraison": pl.String(), "ligne": pl.UInt32(), "defaut": pl.String(), **schema.text_schema}
