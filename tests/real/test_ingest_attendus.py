"""What reading gives of each real file as a delivery of `subventions`, against the committed figures: records by role, encoding, layout."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.ingest.deliveries import COUNTS, Tables, ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings

EXPECTED = Path(__file__).parent / "attendus"
FILES = {path.stem: path for path in sorted(EXPECTED.glob("*.toml"))}
TABLE = "subventions"


@pytest.fixture(scope="module")
def read(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("attendus")
    settings = Settings(home=folder / "home")
    settings.private_dirs()
    sources = folder / "sources.toml"
    sources.write_text(f"[[source]]\ntable = '{TABLE}'\npath = '{real_data}/subventions/*'\n", encoding="utf-8")
    return ingest(read_sources(sources, (TABLE,)), {TABLE: labels(TABLE)}, settings)


def test_every_file_has_its_figures(read: Tables) -> None:
    assert {Path(name).stem for name in read.livraisons["fichier"]} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_expected(read: Tables, name: str) -> None:
    expected: dict[str, Any] = tomllib.loads(FILES[name].read_text(encoding="utf-8"))["ingest"]
    assert told(read, name) == expected


def told(read: Tables, name: str) -> dict[str, Any]:
    """The figures of one file, as its TOML writes them: nothing that is null."""
    (row,) = (row for row in read.livraisons.iter_rows(named=True) if Path(row["fichier"]).stem == name)
    irregular = read.irreguliers.filter(livraison=row["livraison"], role="donnees").height
    header = read.enregistrements.filter(livraison=row["livraison"], role="entete")["ligne"].to_list()
    known = ("encodage", "separateur", "feuille", "enregistrements", *COUNTS, "refus")
    return {name: row[name] for name in known if row[name] is not None} | {"donnees_irregulieres": irregular, "lignes_entete": header}
