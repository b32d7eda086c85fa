"""What became of each delivery: counts, state, and the rules at work, without a value."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from pipeline.presentation import counted, percentage

ACCEPTED, REFUSED, BLOCKED = "acceptée", "refusée", "bloquée"
LIVRAISONS: Mapping[str, type[pl.DataType]] = MappingProxyType(
    {
        **dict.fromkeys(("livraison", "table", "fichier", "sha256", "editeur", "licence"), pl.String),
        "date": pl.Date,
        **dict.fromkeys(("mode", "periode", "entree"), pl.String),
        "fictif": pl.Boolean,
        **dict.fromkeys(("enregistrements", "lignes_recues", "lignes_valides_telles_quelles"), pl.UInt32),
        **dict.fromkeys(("lignes_acceptees", "lignes_rejetees", "cellules_modifiees", "lignes_completes_scdl"), pl.UInt32),
        "seuil_rejet": pl.Float64,
        "etat": pl.String,
        "motif": pl.String,
    }
)
QUALITE: Mapping[str, type[pl.DataType]] = MappingProxyType(
    {"livraison": pl.String, "regle": pl.String, "champ": pl.String, "lignes": pl.UInt32, "etape": pl.String}
)
WHOLE_LINE = "*"
# In the ledger, the line of what the operator declared for a whole delivery: no cell of the file changed.
_WHOLE_DELIVERY = 0
_MILLIONTHS = 1_000_000


class Summary(NamedTuple):
    """`livraisons` (LIVRAISONS, in the order of ingest) and `qualite` (QUALITE, sorted), one row per delivery, step, rule and field."""

    livraisons: pl.DataFrame
    qualite: pl.DataFrame


class Verdicts(NamedTuple):
    """What the lines are worth: the accepted ones by table, the reasons of the others (MOTIFS), and how many are valid as delivered, by
    delivery (livraison, telles_quelles; a delivery without a row has none). `complete` (livraison, completes): the accepted lines that
    are complete under SCDL; a delivery without a row has no count."""

    accepted: Mapping[str, pl.LazyFrame]
    motifs: pl.LazyFrame
    delivered: pl.DataFrame
    complete: pl.DataFrame = pl.DataFrame(schema={"livraison": pl.String, "completes": pl.UInt32})


def summarise(deliveries: pl.LazyFrame, refusals: pl.LazyFrame, ledger: pl.LazyFrame, verdicts: Verdicts) -> Summary:
    """Sum up a run. `deliveries` is ingest's table, `refusals` (livraison, refus) what a later step refused, `ledger` harmonise's register.

    All the lines of a refused delivery count as rejected, and none as valid as delivered. A delivery is blocked when the share of its
    rejected lines is above its own threshold, not when it equals it.
    """
    accepted, motifs, delivered, complete = verdicts
    kept = _accepted(accepted)
    rejected = motifs.group_by("livraison").agg(rejetees=pl.col("ligne").n_unique()).collect()
    changed = ledger.filter(pl.col("ligne") != _WHOLE_DELIVERY).group_by("livraison")
    cells = changed.agg(cellules=pl.struct("ligne", "colonne").n_unique()).collect()
    later = refusals.group_by("livraison").agg(refus_ensuite=pl.col("refus").sort().str.join(" ")).collect()
    known = deliveries.collect()
    for frame in (kept, rejected, cells, later, delivered, complete):
        known = known.join(frame, on="livraison", how="left", maintain_order="left")
    refusal = pl.coalesce("refus", "refus_ensuite")
    counts = known.with_columns(
        pl.col("acceptees", "rejetees", "cellules", "telles_quelles").fill_null(0),
        motif=refusal,
        lignes_recues="donnees",
    ).with_columns(
        lignes_valides_telles_quelles=pl.when(refusal.is_null()).then("telles_quelles").otherwise(0),
        lignes_acceptees=pl.when(refusal.is_null()).then("acceptees").otherwise(0),
        lignes_rejetees=pl.when(refusal.is_null()).then("rejetees").otherwise("donnees"),
        cellules_modifiees="cellules",
        lignes_completes_scdl=pl.when(refusal.is_null()).then("completes"),
    )
    livraisons = _with_state(counts).select(pl.col(name).cast(dtype) for name, dtype in LIVRAISONS.items())
    return Summary(livraisons, _quality(livraisons, ledger, motifs))


def _accepted(accepted: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    frames = [table.select("livraison") for table in accepted.values()]
    lines = pl.concat([pl.LazyFrame(schema={"livraison": pl.String}), *frames])
    return lines.group_by("livraison").agg(acceptees=pl.len()).collect()


def _with_state(counts: pl.DataFrame) -> pl.DataFrame:
    """`etat` and, where it is not accepted, `motif`. The threshold is compared in millionths, in integers: exactly 5 % does not block."""
    threshold = (pl.col("seuil_rejet") * _MILLIONTHS).round().cast(pl.Int64)
    above = pl.col("lignes_rejetees").cast(pl.Int64) * _MILLIONTHS > threshold * pl.col("lignes_recues").cast(pl.Int64)
    state = pl.when(pl.col("motif").is_not_null()).then(pl.lit(REFUSED)).when(above).then(pl.lit(BLOCKED)).otherwise(pl.lit(ACCEPTED))
    stated = counts.with_columns(etat=state)
    motifs = [
        _blocked(*row) if etat == BLOCKED else motif
        for etat, motif, *row in stated.select("etat", "motif", "lignes_rejetees", "lignes_recues", "seuil_rejet").iter_rows()
    ]
    return stated.with_columns(motif=pl.Series(motifs, dtype=pl.String))


def _blocked(rejected: int, received: int, threshold: float) -> str:
    return (
        f"{counted(rejected, 'ligne rejetée', 'lignes rejetées')} sur {counted(received, 'reçue')} "
        f"({percentage(rejected / received)}), au-dessus du seuil de {percentage(threshold)} : corriger la livraison ou relever son seuil."
    )


def _quality(livraisons: pl.DataFrame, ledger: pl.LazyFrame, motifs: pl.LazyFrame) -> pl.DataFrame:
    """Cells changed by rule and field (harmonisation), lines rejected by rule and field (validation). A refused delivery is one rule."""
    received = livraisons.lazy().select("livraison", recues="lignes_recues")
    declared = pl.col("ligne") == _WHOLE_DELIVERY
    changed = (
        ledger.join(received, on="livraison", how="inner")
        .group_by("livraison", "regle", champ="colonne")
        .agg(lignes=pl.when(declared).then("recues").otherwise(1).sum())
        .with_columns(etape=pl.lit("harmonisation"))
    )
    lines = motifs.group_by("livraison", "regle", "champ").agg(lignes=pl.col("ligne").n_unique()).with_columns(etape=pl.lit("validation"))
    refused = livraisons.lazy().filter(pl.col("etat") == REFUSED)
    whole = refused.select("livraison", pl.lit(None, pl.String).alias("champ"), regle=pl.lit("livraison-refusee"), lignes="lignes_recues")
    columns = [pl.col(name).cast(dtype) for name, dtype in QUALITE.items()]
    parts = [frame.select(columns) for frame in (changed, lines, whole.with_columns(etape=pl.lit("validation")))]
    return pl.concat(parts).with_columns(pl.col("champ").fill_null(WHOLE_LINE)).sort("livraison", "etape", "regle", "champ").collect()
