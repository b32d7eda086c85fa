"""What a run prints of its deliveries: each figure of each file, in lines that a terminal holds."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.run import Outcome
from pipeline.settings import Settings
from pipeline.summary import WIDTH, show
from pipeline.validate.judgement import MOTIFS
from pipeline.validate.summary import LIVRAISONS

LONG = "subventions_versees_aux_associations_par_la_collectivite_fictive_2024.csv"


def delivery(livraison: str, fichier: str, **known: Any) -> dict[str, Any]:
    counts = {"enregistrements": 12_345, "lignes_recues": 12_344, "lignes_valides_telles_quelles": 17}
    counts |= {"lignes_acceptees": 12_340, "lignes_rejetees": 4, "lignes_completes_scdl": 16, "cellules_modifiees": 9}
    return {
        "livraison": livraison,
        "fichier": fichier,
        "table": "subventions",
        "date": date(2024, 1, 2),
        "etat": "acceptée",
        **counts,
        **known,
    }


@pytest.fixture
def printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    settings = Settings(home=tmp_path / "home")
    settings.private_dirs()
    folder = settings.prive / "validate"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        delivery("a", LONG),
        delivery("b", "refus.csv", etat="refusée", motif="Illisible.", lignes_completes_scdl=None),
        delivery("c", "seuil.csv", etat="bloquée", motif="Trop."),
        delivery("d1", "aides.xlsx"),
        delivery("d2", "aides.xlsx"),
    ]
    pl.DataFrame([{name: row.get(name) for name in LIVRAISONS} for row in rows], schema=dict(LIVRAISONS)).write_parquet(
        folder / "livraisons.parquet"
    )
    reasons = [("a", "montant", "required", line) for line in (2, 3, 4)] + [("a", "objet", "maxLength", 2), ("c", None, "extra-cell", 9)]
    told = [{"livraison": a, "table": "subventions", "champ": b, "regle": c, "ligne": d, "message": "m"} for a, b, c, d in reasons]
    pl.DataFrame(told, schema=dict(MOTIFS)).write_parquet(folder / "motifs.parquet")
    (settings.prive / "ingest").mkdir()
    read = pl.DataFrame(
        {
            "livraison": ["a", "b", "d1", "d2"],
            "fichier": ["a.xlsx", "b.csv", "aides.xlsx", "aides.xlsx"],
            "feuille": ["Aides", None, "2019", "2020"],
            "avis": [["Une feuille n'a pas été lue."], None, None, None],
        }
    )
    read.write_parquet(settings.prive / "ingest" / "livraisons.parquet")
    show(Outcome(code=1, reasons=("Bloqué.",), judged=True), settings)
    return capsys.readouterr().out.splitlines()


def row(printed: list[str], name: str) -> str:
    (found,) = (line for line in printed if line.strip().startswith(name))
    return " ".join(found.replace("\u202f", "_").split())


def test_each_file_has_its_figures_and_the_reason_that_rejects_most_lines(printed: list[str]) -> None:
    assert row(printed, LONG[:20]).endswith("12_345 12_344 17 12_340 16 4 montant required")
    assert row(printed, "refus.csv") == "refus.csv 12_345 12_344 17 12_340 – 4 refusée"
    assert row(printed, "seuil.csv") == "seuil.csv 12_345 12_344 17 12_340 16 4 bloquée ; extra-cell"


def test_two_sheets_of_a_file_are_told_apart(printed: list[str]) -> None:
    assert row(printed, "aides.xlsx (2019)") and row(printed, "aides.xlsx (2020)")


def test_what_no_line_tells_is_said(printed: list[str]) -> None:
    assert [line for line in printed if line.startswith("À savoir")] == ["À savoir, « a.xlsx » : Une feuille n'a pas été lue."]


def test_no_line_is_wider_than_the_terminal_and_no_name_is_cut(printed: list[str]) -> None:
    assert max(map(len, printed)) <= WIDTH
    assert LONG in "".join(line[: len(line) // 2].split(" 12")[0].strip() for line in printed)
