"""`verify` finds what damages a release, also when whoever did it mended the hashes."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.release.build import build
from pipeline.release.contract import problems
from pipeline.release.errors import ReleaseError
from pipeline.release.verify import verify
from tests.release.protected import frames, write_zone

FILES = (
    "LISEZMOI.md",
    "csv/fabriques.csv",
    "datapackage.json",
    "dictionnaire.md",
    "empreintes.json",
    "fabriques.db",
    "inspect.json",
    "livraisons.csv",
    "ouvrir.sql",
    "parquet/versements.parquet",
    "protection.html",
    "protection.json",
    "qualite.csv",
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    return build(write_zone(folder / "protege"), folder / "published").path


@pytest.fixture
def release(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "copie"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def reseal(release: Path) -> None:
    """Mend every hash and size that the release announces, as a careful forger would."""
    package = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    for item in [
        *package["resources"],
        *package["autres_formats"],
        *(other for part in package["resources"] for other in part["autres_formats"]),
    ]:
        item["bytes"] = (release / item["path"]).stat().st_size
        item["hash"] = f"sha256:{sha256(release / item['path'])}"
    (release / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    inspect = json.loads((release / "inspect.json").read_text(encoding="utf-8"))
    inspect["fabriques"] |= {"hash": sha256(release / "fabriques.db"), "size": (release / "fabriques.db").stat().st_size}
    with closing(sqlite3.connect(release / "fabriques.db")) as base:
        tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        inspect["fabriques"]["tables"] = {name: {"count": base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]} for name in tables}
    (release / "inspect.json").write_text(json.dumps(inspect), encoding="utf-8")
    files = [path for path in release.rglob("*") if path.is_file() and path.name != "empreintes.json"]
    announced = {path.relative_to(release).as_posix(): sha256(path) for path in files}
    (release / "empreintes.json").write_text(json.dumps(announced), encoding="utf-8")


def test_a_fresh_release_has_no_problem(release: Path) -> None:
    assert verify(release) == []


def test_the_forger_alone_is_not_seen(release: Path) -> None:
    """The control of the tests below: what they find is the damage, not the new hashes."""
    reseal(release)
    assert verify(release) == []


@pytest.mark.parametrize("file", FILES)
def test_a_changed_byte_is_found(release: Path, file: str) -> None:
    content = bytearray((release / file).read_bytes())
    content[len(content) // 2] ^= 1
    (release / file).write_bytes(content)
    problems = verify(release)
    assert len(problems) >= 1
    assert file == "empreintes.json" or problems == [f"{file} : contenu modifié (empreinte différente)"]


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_found(release: Path, file: str) -> None:
    (release / file).unlink()
    assert any(file in problem for problem in verify(release))


def test_an_added_file_is_found(release: Path) -> None:
    (release / "csv" / ".notes").write_text("")
    assert verify(release) == ["csv/.notes : fichier en trop, absent de empreintes.json"]


def test_a_link_is_found_even_to_the_same_bytes(release: Path, original: Path) -> None:
    (release / "qualite.csv").unlink()
    (release / "qualite.csv").symlink_to(original / "qualite.csv")
    (release / "ailleurs").symlink_to(original)
    assert verify(release) == ["ailleurs : lien au lieu d'un fichier", "qualite.csv : lien au lieu d'un fichier"]


def _sql(statement: str) -> Callable[[Path], None]:
    def run(release: Path) -> None:
        with closing(sqlite3.connect(release / "fabriques.db", isolation_level=None)) as base:
            base.executescript(statement)

    return run


def _parquet(table: str, *columns: pl.Expr) -> Callable[[Path], None]:
    def run(release: Path) -> None:
        path = release / f"parquet/{table}.parquet"
        pl.read_parquet(path).with_columns(*columns).write_parquet(path)

    return run


def _csv(table: str, before: str, after: str) -> Callable[[Path], None]:
    def run(release: Path) -> None:
        path = release / f"csv/{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1
        path.write_text(text.replace(before, after), encoding="utf-8")

    return run


def _last_row(release: Path) -> None:
    path = release / "csv/versements.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")


FORGERIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "row removed from the CSV": (_last_row, "2 lignes dans le CSV, 3 dans le Parquet"),
    "cent in the CSV": (_csv("versements", "-1250.50", "-1250.51"), "le CSV et le Parquet diffèrent (montant_paye)"),
    "third decimal in the CSV": (_csv("versements", "50000.00", "50000.001"), "diffèrent (montant_paye)"),
    "short year in the CSV": (
        _csv("conventions", "c-0,Préfecture fictive,00000002600013,2024-02-01", "c-0,Préfecture fictive,00000002600013,24-2-1"),
        "date_convention",
    ),
    "column renamed in the CSV": (_csv("versements", "montant_paye", "montant"), "illisible"),
    "text in the CSV": (_csv("fabriques", "Saint-Ouen", "Saint-Ouën"), "diffèrent (commune)"),
    "row removed from SQLite": (_sql("DELETE FROM versements WHERE versement = 'v-2'"), "2 lignes dans la base, 3 dans le Parquet"),
    "cent in SQLite": (_sql("UPDATE conventions SET montant = 0.11 WHERE convention = 'c-1'"), "somme de montant"),
    "less than a cent in SQLite": (
        _sql("UPDATE conventions SET montant = 0.1000001 WHERE convention = 'c-1'"),
        "la base et le Parquet diffèrent",
    ),
    "text in SQLite": (_sql("UPDATE fabriques SET nom = 'x' WHERE fabrique = 'lieu-0002'"), "la base et le Parquet diffèrent (nom)"),
    "reference in SQLite": (_sql("UPDATE attributions SET fabrique = 'x'"), "renvoie à une ligne absente de « fabriques »"),
    "table removed from SQLite": (_sql("DROP TABLE qualite_fts; DROP TABLE qualite"), "table « qualite » manquante"),
    "table added to SQLite": (_sql("CREATE TABLE candidatures (nom TEXT)"), "table « candidatures » en trop"),
    "cent in the Parquet": (_parquet("conventions", (pl.col("montant") + Decimal("0.01")).cast(pl.Decimal(14, 2))), "diffèrent (montant)"),
    "type in the Parquet": (_parquet("conventions", pl.col("montant").cast(pl.Float64)), "les colonnes et les types"),
    "key in the Parquet": (_parquet("versements", pl.lit("v-0").alias("versement")), "clé primaire (versement) répétée sur 2"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_with_mended_hashes_is_found(release: Path, forgery: str) -> None:
    damage, expected = FORGERIES[forgery]
    damage(release)
    reseal(release)
    problems = verify(release)
    assert any(expected in problem for problem in problems), problems


def test_a_broken_constraint_stops_the_release_and_is_told_without_the_value(tmp_path: Path) -> None:
    tables = frames()
    tables["vagues"] = tables["vagues"].with_columns(etat_rapprochement=pl.Series(["complet", "jamais vu"]))
    with pytest.raises(ReleaseError) as refused:
        build(write_zone(tmp_path / "protege", tables), tmp_path / "published")
    assert "csv/vagues.csv, ligne 3, champ etat_rapprochement : refusé par son schéma (constraint-error)" in str(refused.value)
    assert "jamais vu" not in str(refused.value)
    assert list((tmp_path / "published").iterdir()) == []


def test_a_broken_constraint_is_told_by_verify_too(release: Path) -> None:
    table = release / "csv" / "vagues.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[2] = lines[2].replace(",fabrique_de_territoire,", ",autre_chose,")
    table.write_text("".join(lines), encoding="utf-8")
    assert problems(release) and "autre_chose" not in "".join(problems(release))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"resources": 1}', '{"resources": [{"schema": {}}]}'])
def test_an_unreadable_description_is_a_problem_not_a_crash(release: Path, content: str) -> None:
    (release / "datapackage.json").write_text(content, encoding="utf-8")
    announced = json.loads((release / "empreintes.json").read_text(encoding="utf-8"))
    announced["datapackage.json"] = sha256(release / "datapackage.json")
    (release / "empreintes.json").write_text(json.dumps(announced), encoding="utf-8")
    assert any("datapackage.json" in problem for problem in verify(release))


def test_an_empty_folder_is_not_a_release(tmp_path: Path) -> None:
    assert verify(tmp_path) == ["empreintes.json : illisible (FileNotFoundError), rien ne peut être vérifié"]
