"""The README tells what the commands really do."""

import re
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.ingest.modes import MODES
from pipeline.ingest.sources import read_sources
from pipeline.model import rules
from pipeline.run import OK, execute
from pipeline.schema import names
from pipeline.settings import Settings
from tests.conftest import ROOT, Fabriques

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_generated_parts_are_in_step() -> None:
    """`make docs` regenerates them."""
    done = subprocess.run([sys.executable, "-m", "cogapp", "--check", "README.md"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"\bmake ([a-z]+)", README))
    assert {"run", "test"} <= told <= targets


@pytest.mark.parametrize("shown", blocks("toml"))
def test_the_sources_file_shown_is_one_that_is_read(tmp_path: Path, shown: str) -> None:
    path = tmp_path / "mes-sources.toml"
    path.write_text(shown, encoding="utf-8")
    sources = read_sources(path, names("deliveries"))
    assert [entry.table for entry in sources.entries] == [entry["table"] for entry in tomllib.loads(shown)["source"]]
    assert sources.refused == ()


def test_the_modes_told_are_those_that_exist() -> None:
    told = re.findall(r"^\| `([a-z]+)`(?: \(the default\))? \|", README, re.MULTILINE)
    assert tuple(mode for mode in told if mode in MODES) == MODES
    anomalies = re.findall(r"`(correction-[a-z-]+)`", README)
    assert {rule.id for rule in rules.load()} >= set(anomalies) and len(anomalies) == 2


def test_the_deliveries_shown_follow_one_another_as_told(tmp_path: Path) -> None:
    """The second sources file of the README, run: each payment is counted once, the correction holds, the first delivery is replaced."""
    _, shown = blocks("toml")
    (tmp_path / "mes-sources.toml").write_text(shown.replace(".xlsx", ".csv"), encoding="utf-8")
    header = "numero_ej;poste_ej;numero_dp;poste_dp;societe;exercice;montant_paye\n"
    for name, lines in {
        "chorus_2022.csv": ("1", "10,00"),
        "chorus_2022_definitif.csv": ("1", "20,00"),
        "erratum.csv": ("1", "21,00"),
    }.items():
        (tmp_path / name).write_text(f"{header}21000000{lines[0]};1;1;1;A;2022;{lines[1]}\n", encoding="utf-8")
    results = "vague,nom_lieu,commune,departement,source_url\nfdt-03,Le Moulin,Mende,48,https://www.lozere.fr/annonce\n"
    (tmp_path / "vague_3.csv").write_text(results, encoding="utf-8")
    settings = Settings(home=tmp_path / "var", published=tmp_path / "published", sources=tmp_path / "mes-sources.toml")
    outcome = execute(settings, lambda _step: None)
    assert outcome.code == OK, outcome.reasons
    release = tmp_path / "published" / "latest" / "parquet"
    assert pl.read_parquet(release / "versements.parquet")["montant_paye"].to_list() == [Decimal("21.00")]
    replaced = pl.read_parquet(release / "livraisons.parquet").select("fichier", "lignes_acceptees", "lignes_remplacees")
    assert sorted(replaced.rows()) == [
        ("chorus_2022.csv", 1, 1),
        ("chorus_2022_definitif.csv", 1, 1),
        ("erratum.csv", 1, 0),
        ("vague_3.csv", 1, 0),
    ]


def test_the_run_shown_works_on_that_sources_file(tmp_path: Path, fabriques: Fabriques) -> None:
    """The command of the README, on its sources file, with deliveries in the places it names."""
    shown, _ = blocks("toml")
    command = next(line for block in blocks("sh") for line in block.splitlines() if line.startswith("fabriques run"))
    (tmp_path / "mes-sources.toml").write_text(shown.replace(".xlsx", ".csv").replace('sheet = "Lauréats"', "#"), encoding="utf-8")
    (tmp_path / "chorus").mkdir()
    header = "vague,categorie,nom_lieu,commune,departement,source_url"
    line = "fdt-10,fabrique_de_territoire,Le Moulin,Mende,48,https://www.lozere.fr/annonce"
    (tmp_path / "resultats_vague_10.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")
    (tmp_path / "chorus" / "janvier.csv").write_text("numero_ej;montant_paye\n2100000001;12,50\n", encoding="utf-8")
    done = fabriques(*command.split()[1:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "published" / "latest" / "csv" / "attributions.csv").is_file()


def test_links_and_pictures_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
