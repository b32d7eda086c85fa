"""What ingest hands on, made from lists of cells: its contract, not its code."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl


class Ingested(NamedTuple):
    livraisons: pl.DataFrame
    enregistrements: pl.DataFrame
    irreguliers: pl.DataFrame
    entetes: pl.DataFrame


def ingested(
    table: str,
    header: Sequence[str],
    records: Sequence[Sequence[str]],
    *,
    livraison: str = "livraison-1",
    lines: Sequence[int] | None = None,
    constants: Mapping[str, object] | None = None,
    refused: str | None = None,
    separator: str | None = None,
) -> Ingested:
    """One delivery whose header is its line 1 and whose data records follow, one a line unless `lines` says otherwise."""
    told = list(zip(lines or range(2, len(records) + 2), records, strict=True))
    regular = [(1, "entete", header), *((line, "donnees", record) for line, record in told if len(record) == len(header))]
    names = [f"c{position}" for position in range(len(header))]
    return Ingested(
        pl.DataFrame(
            [(livraison, table, json.dumps(constants) if constants else None, separator, refused, None)],
            schema={
                **dict.fromkeys(("livraison", "table", "constantes", "separateur", "refus"), pl.String),
                "fusions": pl.List(pl.Struct({"position": pl.UInt16, "premiere": pl.UInt32, "derniere": pl.UInt32})),
            },
            orient="row",
        ),
        pl.DataFrame(
            [(livraison, line, role, *record) for line, role, record in regular],
            schema={"livraison": pl.String, "ligne": pl.UInt32, "role": pl.String, **dict.fromkeys(names, pl.String)},
            orient="row",
        ),
        pl.DataFrame(
            [(livraison, line, "donnees", list(record), None) for line, record in told if len(record) != len(header)],
            schema={
                "livraison": pl.String,
                "ligne": pl.UInt32,
                "role": pl.String,
                "cellules": pl.List(pl.String),
                "defaut": pl.String,
            },
            orient="row",
        ),
        pl.DataFrame(
            {"livraison": [livraison] * len(header), "position": range(len(header)), "libelle": [label.strip() for label in header]},
            schema={"livraison": pl.String, "position": pl.UInt16, "libelle": pl.String},
        ),
    )


def together(*deliveries: Ingested) -> Ingested:
    """Several deliveries, in that order."""
    return Ingested(*(pl.concat(frames, how="diagonal") for frames in zip(*deliveries, strict=True)))
