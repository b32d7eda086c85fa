import polars as pl
import pytest

from pipeline.validate import Verdicts, judge_by, summarise
from tests.validate.contract import lines, schema
from tests.validate.delivered import as_delivered, deliveries, delivery, ledger, refusals, run


def test_counts_states_and_reasons() -> None:
    _, _, summary = run()
    counts = ("lignes_recues", "lignes_valides_telles_quelles", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")
    seen = summary.livraisons.select("livraison", "enregistrements", *counts, "etat")
    assert seen.rows() == [
        ("essai-1", 22, 20, 17, 19, 1, 2, "acceptée"),
        ("essai-2", 5, 3, 2, 2, 1, 0, "bloquée"),
        ("essai-3", 7, 5, 0, 0, 5, 0, "refusée"),
        ("essai-4", 0, 0, 0, 0, 0, 0, "refusée"),
    ]
    motifs = summary.livraisons["motif"].to_list()
    assert motifs[0] is None
    assert motifs[1].startswith("1 ligne rejetée sur 3 reçues (33,3\u00a0%), au-dessus du seuil de 5,0\u00a0%")
    assert motifs[2:] == ["Colonne « nom » absente.", "Livraison illisible."]


def test_received_is_accepted_plus_rejected() -> None:
    _, _, summary = run()
    balance = summary.livraisons.select(pl.col("lignes_acceptees") + pl.col("lignes_rejetees") - pl.col("lignes_recues"))
    assert balance.to_series().to_list() == [0, 0, 0, 0]


def test_quality_counts_cells_changed_then_lines_rejected() -> None:
    _, _, summary = run()
    assert summary.qualite.rows() == [
        ("essai-1", "constante-declaree", "nom", 20, "harmonisation"),
        ("essai-1", "date", "jour", 2, "harmonisation"),
        ("essai-1", "espaces", "jour", 1, "harmonisation"),
        ("essai-1", "type", "montant", 1, "validation"),
        ("essai-2", "required", "nom", 1, "validation"),
        ("essai-2", "type", "montant", 1, "validation"),
        ("essai-3", "livraison-refusee", "*", 5, "validation"),
        ("essai-4", "livraison-refusee", "*", 0, "validation"),
    ]


def test_a_whole_line_is_the_field_star() -> None:
    judged = judge_by(schema(), lines({"defaut": "extra-cell"}))
    summary = summarise(
        deliveries(delivery("essai-1", 1)), refusals(), ledger(), Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered())
    )
    assert summary.qualite.rows() == [("essai-1", "extra-cell", "*", 1, "validation")]


def test_a_line_counts_once_under_a_rule() -> None:
    judged = judge_by(schema(), lines({"montant": "x"}, {}))
    twice = pl.concat([judged.motifs, judged.motifs]).lazy()
    summary = summarise(
        deliveries(delivery("essai-1", 2)), refusals(), ledger(), Verdicts({"essai": judged.accepted}, twice, as_delivered())
    )
    assert summary.qualite.rows() == [("essai-1", "type", "montant", 1, "validation")]
    assert summary.livraisons["lignes_rejetees"].to_list() == [1]


@pytest.mark.parametrize(
    ("rejected", "received", "threshold", "state"),
    [
        (1, 20, 0.05, "acceptée"),  # exactly the threshold
        (2, 20, 0.05, "bloquée"),
        (29, 100, 0.29, "acceptée"),  # 0.29 * 100 is 28.999999999999996 in floating point
        (20, 20, 1.0, "acceptée"),  # another funder's delivery never blocks
        (1, 20, 0.0, "bloquée"),
        (0, 0, 0.05, "acceptée"),
    ],
)
def test_the_threshold(rejected: int, received: int, threshold: float, state: str) -> None:
    judged = judge_by(schema(), lines(*({"nom": None if row < rejected else "A"} for row in range(received))))
    summary = summarise(
        deliveries(delivery("essai-1", received, seuil_rejet=threshold)),
        refusals(),
        ledger(),
        Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered()),
    )
    assert summary.livraisons["etat"].to_list() == [state]


def test_a_delivery_refused_after_its_lines_were_judged_keeps_none() -> None:
    judged = judge_by(schema(), lines({}, {}, {"nom": None}))
    refused = refusals(("essai-1", "Données fictives."))
    summary = summarise(
        deliveries(delivery("essai-1", 3)), refused, ledger(), Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered())
    )
    assert summary.livraisons.select("lignes_acceptees", "lignes_rejetees", "etat", "motif").rows() == [
        (0, 3, "refusée", "Données fictives.")
    ]
