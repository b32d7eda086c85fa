import subprocess
import sys

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.documentation import rules_table
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "regles-harmonisation.md"


def test_the_page_of_the_rules_is_up_to_date() -> None:
    """`make docs` regenerates it."""
    done = subprocess.run([sys.executable, "-m", "cogapp", "--check", str(PAGE)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_change_that_can_be_in_the_ledger_is_told_once_with_its_columns() -> None:
    rows = [line.split(" | ") for line in rules_table().splitlines()[2:]]
    ids = [row[0].strip("| `") for row in rows]
    assert ids[:4] == ["largeur-montant", "largeur-unique", "cellule-fusionnee", "constante-declaree"]
    assert ids[4:-1] == [rule.id for rule in Contract.of("subventions").rules]
    assert ids[-1] == "annee-seule"
    assert len({*ids}) == len(ids)
    assert all(len(row) == 5 and all(cell.strip(" |") for cell in row) for row in rows)
    assert rules_table() in PAGE.read_text(encoding="utf-8")
