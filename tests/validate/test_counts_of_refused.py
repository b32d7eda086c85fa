"""Counts through the three stages that make them: whatever becomes of a delivery, its lines received are the accepted and the rejected."""

from pathlib import Path

import polars as pl
import pytest

from pipeline import schema
from pipeline.harmonise import harmonise
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings
from pipeline.validate import Verdicts, judge, summarise, valid_as_delivered

TABLE = "versements"
HEADER = "numero_ej,siret,montant_paye"


@pytest.mark.parametrize(
    ("header", "lines", "more", "expected"),
    [
        (HEADER, ["2100000001,,1.00"] * 3, "", ("acceptée", 3, 3, 3, 0)),
        (HEADER, ["2100000001,,1.00", ",,x", "2100000001,,1.00,x"], "", ("bloquée", 3, 1, 1, 2)),
        (HEADER, ["2100000001,,1.00"] * 3, '[source.constantes]\ninconnue = "x"', ("refusée", 3, 0, 0, 3)),
        (HEADER, ["2100000001,,1.00"] * 3, '[source.constantes]\nmontant_paye = "1"', ("refusée", 3, 0, 0, 3)),
        (HEADER, ["2100000001,,1.00"] * 3, '[source.constante]\nexercice = "1"', ("refusée", 0, 0, 0, 0)),
        (HEADER, ["2100000001,,1.00"] * 3, "header_row = 9", ("refusée", 0, 0, 0, 0)),
        ("numero_ej,siret,montant", ["2100000001,,1.00"] * 3, "", ("refusée", 3, 0, 0, 3)),
        (HEADER, [], "", ("acceptée", 0, 0, 0, 0)),
    ],
)
def test_received_is_accepted_and_rejected_in_every_state(
    tmp_path: Path, header: str, lines: list[str], more: str, expected: tuple[str, int, int, int, int]
) -> None:
    settings = Settings(home=tmp_path / "home")
    settings.private_dirs()
    (tmp_path / "a.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    (tmp_path / "sources.toml").write_text(f'[[source]]\ntable = "{TABLE}"\npath = "a.csv"\n{more}\n', encoding="utf-8")
    read = ingest(read_sources(tmp_path / "sources.toml", schema.names("deliveries")), {TABLE: labels(TABLE)}, settings)
    done = harmonise(TABLE, read.livraisons, read.enregistrements, read.irreguliers, read.entetes)
    judged = judge(TABLE, done.table)
    usable = read.livraisons.filter(pl.col("refus").is_null(), ~pl.col("livraison").is_in(done.refus["livraison"].implode()))
    delivered = valid_as_delivered(TABLE, usable, read.enregistrements.lazy(), done.colonnes)
    accepted = {TABLE: judged.accepted}
    summary = summarise(read.livraisons.lazy(), done.refus.lazy(), done.registre, Verdicts(accepted, judged.motifs.lazy(), delivered))
    columns = ("etat", "lignes_recues", "lignes_valides_telles_quelles", "lignes_acceptees", "lignes_rejetees")
    assert summary.livraisons.select(columns).rows() == [expected], summary.livraisons["motif"].to_list()
