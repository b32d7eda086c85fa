"""What ingest hands on, made from lists of cells: its contract, not its code."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl


class Ingested(NamedTuple):
    livraisons: pl.DataFrame
    enregistrements: pl.DataFrame
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
) -> Ingested:
    """One delivery whose header is its line 1 and whose data records follow, one a line unless `lines` says otherwise."""
    cells = [list(header), *(list(record) for record in records)]
    return Ingested(
        pl.DataFrame(
            {"livraison": [livraison], "table": [table], "constantes": [json.dumps(constants) if constants else None], "refus": [refused]},
            schema={"livraison": pl.String, "table": pl.String, "constantes": pl.String, "refus": pl.String},
        ),
        pl.DataFrame(
            {
                "livraison": [livraison] * len(cells),
                "ligne": [1, *(lines or range(2, len(cells) + 1))],
                "role": ["entete", *["donnees"] * len(records)],
                "cellules": cells,
            },
            schema={"livraison": pl.String, "ligne": pl.UInt32, "role": pl.String, "cellules": pl.List(pl.String)},
        ),
        pl.DataFrame(
            {"livraison": [livraison] * len(header), "position": range(len(header)), "libelle": [label.strip() for label in header]},
            schema={"livraison": pl.String, "position": pl.UInt16, "libelle": pl.String},
        ),
    )


def together(*deliveries: Ingested) -> Ingested:
    """Several deliveries, in that order."""
    return Ingested(*(pl.concat(frames) for frames in zip(*deliveries, strict=True)))
