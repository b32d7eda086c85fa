"""A whole run with one protection taken away stops: exit code 1 or 2, a sentence that says why, and not one byte published.

The command runs in a process of its own in which one function is replaced first: what a mistake in the builder would do.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.protect import policy
from tests import marked_programme
from tests.conftest import ROOT, Fabriques
from tests.controls import Blocks

POLICY = """
from pipeline.protect import policy
shipped = policy.load()
def rule(name, **changes):
    return shipped.model_copy(update={"regles": {**shipped.regles, name: shipped.regles[name].model_copy(update=changes)}})
def field(table, name, **changes):
    kept = shipped.tables[table]
    fed = {**kept.champs, name: kept.champs[name].model_copy(update=changes)}
    return shipped.model_copy(update={"tables": {**shipped.tables, table: kept.model_copy(update={"champs": fed})}})
"""
BUILT = """
import dataclasses
import polars as pl
from pipeline.protect import assets
protect = assets.protect
def changed(change):
    def build(*arguments):
        made = protect(*arguments)
        return dataclasses.replace(made, tables={**made.tables, **change(made.tables)})
    assets.protect = build
"""
# What is taken away → the code that does it, and the sentence of the block.
REMOVED = {
    "one private column let through": (
        f'{POLICY}\nchanged = field("attributions", "commune", champ="forme_juridique")\npolicy.load = lambda: changed',
        "attributions.commune : reprend le champ privé « resultats.forme_juridique »",
    ),
    "an applicant's row": (
        f"""{BUILT}
refused = pl.lit("CanariCandidatRefusee Association")
changed(lambda tables: {{"attributions": pl.concat([
    tables["attributions"], tables["attributions"].head(1).with_columns(attribution=pl.lit("x"), porteur=refused)])}})""",
        "attributions.porteur : l'identité d'un candidat non retenu, ou pas encore annoncé",
    ),
    "a natural person unmasked": (
        f'{POLICY}\nchanged = rule("identite", classes=policy.CLASSES)\npolicy.load = lambda: changed',
        "versements.nom_beneficiaire : rempli sur une ligne masquée",
    ),
    "the embargo ignored": (
        'from pipeline.protect import visibility\nvisibility.announced = lambda waves, as_of: waves["vague"].implode()',
        "vagues.vague : une vague sous embargo",
    ),
    "line numbers of a file that mixes waves": (
        "from pipeline.protect import deliveries\ndeliveries.untraced = dict",
        "attributions.ligne : des numéros de ligne d'une livraison qui ne dit pas ses comptes",
    ),
    "a canary in a free text": (
        """
import polars as pl
from pipeline.protect import texts
texts.scan = lambda frame, *_: (frame, pl.DataFrame(schema=texts.HITS))""",
        "recensement.site_web : un contact connu par une livraison",
    ),
}
# The small counts alone are hidden, and the builder believes its own table to be safe: the audit of the release has to see it.
ONLY_SMALL_ONES = """
import dataclasses
from pipeline.protect.effectifs import paliers
hide, audit = paliers._hide, paliers.audit
def only_small_ones(*arguments):
    hidden = hide(*arguments)
    nothing = hidden.complementary & ~hidden.complementary
    return dataclasses.replace(hidden, complementary=nothing, unprotected=nothing)
paliers._hide = only_small_ones
paliers.audit = lambda *arguments: dataclasses.replace(audit(*arguments), ok=True)"""
LOWERED = """
from pathlib import Path
from pipeline.protect import policy
policy.load = lambda: policy.read(Path("protection.toml"))"""


def run(folder: Path, code: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", f"{code}\nfrom pipeline.cli import main\nmain()", "run", *map(str, arguments)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FABRIQUES_")}
    done = subprocess.run(
        command, cwd=folder, env=clean | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marques")
    marked_programme.write(folder)
    done = run(folder, "", "--sources", "sources.toml", "--au", "2024-06-01", "--home", "temoin", "--published", "temoin-public")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("removed", REMOVED)
def test_a_run_without_one_protection_publishes_nothing(marked: Path, tmp_path: Path, removed: str, blocks: Blocks) -> None:
    code, sentence = REMOVED[removed]
    public = tmp_path / "published"
    arguments = ("--sources", marked / "sources.toml", "--au", "2024-06-01", "--home", tmp_path / "var", "--published", public)
    done = run(tmp_path, code, *arguments)
    assert done.returncode == 1, done.stderr
    blocks(f"run: {removed}", sentence, done.stderr.splitlines())
    assert not [path for path in public.rglob("*") if path.is_file()]


def test_a_run_without_complementary_hiding_publishes_nothing(tmp_path: Path, fabriques: Fabriques, blocks: Blocks) -> None:
    """On the fictional programme, whose counts are many."""
    assert fabriques("demo", "livraisons", cwd=tmp_path).returncode == 0
    done = run(tmp_path, ONLY_SMALL_ONES, "--sources", "livraisons/sources.toml")
    assert done.returncode == 1, done.stderr
    blocks("run: complementary hiding skipped", "candidatures_agregees : un effectif masqué se calcule", done.stderr.splitlines())
    assert not [path for path in (tmp_path / "published").rglob("*") if path.is_file()]


def test_a_threshold_below_its_floor_publishes_nothing(marked: Path, tmp_path: Path, blocks: Blocks) -> None:
    shipped = (policy.schemas_dir() / "protection.toml").read_text(encoding="utf-8")
    (tmp_path / "protection.toml").write_text(shipped.replace("valeur = 5\nplancher = 3", "valeur = 2\nplancher = 3", 1), encoding="utf-8")
    done = run(tmp_path, LOWERED, "--sources", marked / "sources.toml", "--au", "2024-06-01")
    assert done.returncode in (1, 2), done.stderr
    blocks("run: a threshold lowered below its floor", "plancher", done.stderr.splitlines())
    assert not (tmp_path / "published").exists()


def test_fiction_under_a_real_name_publishes_nothing(tmp_path: Path, fabriques: Fabriques, blocks: Blocks) -> None:
    marked_programme.write(tmp_path, fictif=False)
    done = fabriques("run", "--sources", "sources.toml", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    blocks("run: fiction under a real name", "Données fictives dans une exécution réelle", done.stderr.splitlines())
    assert not [path for path in (tmp_path / "published").rglob("*") if path.is_file()]
