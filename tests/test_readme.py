"""The README tells what the commands really do."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from pipeline.ingest.sources import read_sources
from pipeline.schema import names
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


def test_the_sources_file_shown_is_one_that_is_read(tmp_path: Path) -> None:
    (shown,) = blocks("toml")
    path = tmp_path / "mes-sources.toml"
    path.write_text(shown, encoding="utf-8")
    sources = read_sources(path, names("deliveries"))
    assert [entry.table for entry in sources.entries] == [entry["table"] for entry in tomllib.loads(shown)["source"]]
    assert sources.refused == ()


def test_the_run_shown_works_on_that_sources_file(tmp_path: Path, fabriques: Fabriques) -> None:
    """The command of the README, on its sources file, with deliveries in the places it names."""
    (shown,) = blocks("toml")
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
