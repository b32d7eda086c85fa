"""What a release holds, its name, and what is refused."""

import csv
import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from frictionless import Package

from pipeline.release.build import Release, build
from pipeline.release.errors import ReleaseError, ReleaseExists
from pipeline.schema import load, names
from tests.release.protected import AMOUNTS, PAYMENTS, frames, write_zone


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("release")
    return build(write_zone(folder / "protege"), folder / "published")


def package(release: Release) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((release.path / "datapackage.json").read_text(encoding="utf-8"))
    return loaded


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_table_is_there_in_each_form(release: Release) -> None:
    described = {resource["name"]: resource for resource in package(release)["resources"]}
    assert sorted(described) == sorted(names("public"))
    with closing(sqlite3.connect(release.path / "fabriques.db")) as base:
        for name, frame in frames().items():
            rows = csv_rows(release.path / described[name]["path"])
            parquet = pl.read_parquet(release.path / described[name]["autres_formats"][0]["path"])
            assert dict(parquet.schema) == load("public", name).polars_schema
            assert len(rows) == parquet.height == base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] == frame.height
            key = list(load("public", name).primary_key)
            assert parquet.select(key).rows() == sorted(frame.select(key).rows())
            assert [tuple(row[column] for column in key) for row in rows] == parquet.select(key).rows()


def test_money_is_the_same_to_the_cent_in_each_form(release: Release) -> None:
    with closing(sqlite3.connect(release.path / "fabriques.db")) as base:
        for table, column, amounts in (("conventions", "montant", AMOUNTS), ("versements", "montant_paye", PAYMENTS)):
            assert [row[column] for row in csv_rows(release.path / f"csv/{table}.csv")] == amounts
            parquet = duckdb.sql(f"SELECT {column} FROM '{release.path}/parquet/{table}.parquet'").fetchall()
            assert [row[0] for row in parquet] == [Decimal(amount) for amount in amounts]
            stored = base.execute(f"SELECT {column}, typeof({column}) FROM {table} ORDER BY 1, rowid").fetchall()
            assert stored == sorted((float(amount), "real") for amount in amounts)


def test_csv_is_exact_and_plain(release: Release) -> None:
    content = (release.path / "csv/fabriques.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    rows = csv_rows(release.path / "csv/fabriques.csv")
    assert [row["nom"] for row in rows] == ['Le « L@bo », dit "l\'atelier"', "@Deux\nlignes", "=SOMME(A1:A2)"]
    assert rows[0]["porteur"] == ""  # unknown, not zero
    assert csv_rows(release.path / "csv/attributions.csv")[0]["date_annonce"] == "2020-10-22"
    assert [row["notification_ue"] for row in csv_rows(release.path / "csv/conventions.csv")] == ["true", "false", "false", "false"]


def test_sqlite_has_types_keys_indexes_and_statistics(release: Release) -> None:
    with closing(sqlite3.connect(release.path / "fabriques.db")) as base:
        assert base.execute("PRAGMA page_size").fetchone() == (4096,)
        assert base.execute("PRAGMA freelist_count").fetchone() == (0,)
        columns = {row[1]: (row[2], row[3], row[5]) for row in base.execute("PRAGMA table_info(conventions)")}
        assert columns["convention"] == ("TEXT", 1, 1)
        assert columns["montant"][0] == "REAL"
        assert columns["notification_ue"][0] == "INTEGER"
        assert {row[2] for row in base.execute("PRAGMA foreign_key_list(conventions)")} == {"vagues", "attributions", "livraisons"}
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        indexed = {base.execute(f"PRAGMA index_info('{row[1]}')").fetchone()[2] for row in base.execute("PRAGMA index_list(fabriques)")}
        assert {"fabrique", "region", "categorie", "premiere_vague", "livraison"} <= indexed
        assert base.execute("SELECT count(*) FROM sqlite_stat1").fetchone()[0] > 0
        assert base.execute("SELECT relabellise FROM fabriques ORDER BY fabrique").fetchall() == [(None,), (None,), (1,)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ile", {"lieu-0002", "lieu-0003"}),
        ("ILE", {"lieu-0002", "lieu-0003"}),
        ("oeuf", {"lieu-0001"}),
        ("œuf", {"lieu-0001"}),
        ("lyon", set()),
    ],
)
def test_search_ignores_accents_case_and_ligatures(release: Release, words: str, expected: set[str]) -> None:
    query = "SELECT fabrique FROM fabriques WHERE rowid IN (SELECT rowid FROM fabriques_fts WHERE fabriques_fts MATCH ?)"
    with closing(sqlite3.connect(release.path / "fabriques.db")) as base:
        assert {row[0] for row in base.execute(query, (words,))} == expected


def test_data_package_is_accepted_by_frictionless_and_says_who_when_and_how(release: Release) -> None:
    assert Package(str(release.path / "datapackage.json")).validate().valid
    described = package(release)
    assert described["$schema"].endswith("/2.0/datapackage.json")
    assert (described["version"], described["created"], described["fictif"]) == (release.name, "2024-11-04T00:00:00Z", False)
    assert described["licenses"][0]["name"] == "etalab-2.0"
    assert described["contributors"][0]["title"] == "Éditeur d'essai"
    assert described["sources"][0]["livraison"] == "resultats-0a1b2c3d4e5f"
    for resource in described["resources"]:
        content = (release.path / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        assert [field["name"] for field in resource["schema"]["fields"]] == list(load("public", resource["name"]).field_names)


def test_fingerprints_name_every_other_file(release: Release) -> None:
    announced = json.loads((release.path / "empreintes.json").read_text(encoding="utf-8"))
    present = {path.relative_to(release.path).as_posix(): path for path in release.path.rglob("*") if path.is_file()}
    del present["empreintes.json"]
    assert list(announced) == sorted(present)
    assert announced == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in present.items()}


def test_duckdb_opens_the_release_from_its_folder(release: Release) -> None:
    script = "import duckdb; base = duckdb.connect(); base.execute(open('ouvrir.sql', encoding='utf-8').read());"
    script += "print(base.execute('SELECT sum(montant)::VARCHAR FROM conventions').fetchone()[0]);"
    script += "print(base.execute('SELECT count(*) FROM duckdb_views() WHERE NOT internal AND comment IS NOT NULL').fetchone()[0])"
    done = subprocess.run([sys.executable, "-c", script], cwd=release.path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(sum(map(Decimal, AMOUNTS))), str(len(names("public")))]


def test_readme_says_what_is_not_available_and_how_to_cite(release: Release) -> None:
    text = (release.path / "LISEZMOI.md").read_text(encoding="utf-8")
    assert f"{load('public', 'recensement').title} : non disponible" in text
    assert f"{load('public', 'fabriques').title} : non disponible" not in text
    assert "mise à jour du 4 novembre 2024" in text
    assert "Licence Ouverte 2.0" in text
    assert "$" not in text
    assert "fictive" not in text


def test_a_table_without_source_may_be_missing_altogether(tmp_path: Path) -> None:
    some = {name: frame for name, frame in frames().items() if name in {"livraisons", "qualite", "vagues", "fabriques"}}
    made = build(write_zone(tmp_path / "protege", some), tmp_path / "published")
    assert Package(str(made.path / "datapackage.json")).validate().valid
    assert f"{load('public', 'conventions').title} : non disponible" in (made.path / "LISEZMOI.md").read_text(encoding="utf-8")


def test_fiction_is_apart_and_says_so(tmp_path: Path) -> None:
    made = build(write_zone(tmp_path / "protege", fictif=True), tmp_path / "published")
    assert made.path.parent == tmp_path / "published" / "fictif"
    assert (tmp_path / "published/fictif/latest").resolve() == made.path
    assert not (tmp_path / "published/latest").exists()
    assert package(made)["fictif"] is True
    for file in ("LISEZMOI.md", "dictionnaire.md", "ouvrir.sql", "datapackage.json", "protection.json", "protection.html"):
        text = (made.path / file).read_text(encoding="utf-8")
        head = text[text.find("<body>") + 1 :][:800]
        assert "fictives" in head or "[FICTIF]" in head, file
    assert pl.read_parquet_metadata(made.path / "parquet/fabriques.parquet")["fictif"] == "true"
    for file in made.path.rglob("*.csv"):
        assert pl.read_csv(file, infer_schema=False)["donnees_fictives"].unique().to_list() in (["true"], []), file.name
    with closing(sqlite3.connect(made.path / "fabriques.db")) as base:
        assert "fictives" in base.execute("SELECT texte FROM _avertissement").fetchone()[0]


def test_what_was_hidden_is_told_with_its_reasons(tmp_path: Path) -> None:
    made = build(write_zone(tmp_path / "protege"), tmp_path / "published")
    told = json.loads((made.path / "protection.json").read_text(encoding="utf-8"))
    assert [entry["nombre"] for entry in told["masquages"]] == [12, 1200]
    html = (made.path / "protection.html").read_text(encoding="utf-8")
    assert "1\u202f200 cellules" in html and "12 lignes" in html
    assert "Identité masquée" in html and 'href="https://www.legifrance.gouv.fr/"' in html
    assert "Choix &lt;du&gt; projet" in html and "<script" not in html


def test_default_name_is_the_day_and_the_content(tmp_path: Path) -> None:
    zone = write_zone(tmp_path / "protege")
    first = build(zone, tmp_path / "published")
    assert first.name.startswith("2024-11-04-")
    again = build(zone, tmp_path / "published")
    assert (again.name, again.deja) == (first.name, True)
    undated = build(write_zone(tmp_path / "undated", date=None), tmp_path / "published")
    assert undated.name.startswith("2024-12-31-")
    assert (tmp_path / "published/latest").readlink() == Path(undated.name)
    back = build(zone, tmp_path / "published")
    assert (back.name, back.deja) == (first.name, True)
    assert (tmp_path / "published/latest").readlink() == Path(first.name)
    tables = frames()
    tables["fabriques"] = tables["fabriques"].with_columns(nom=pl.lit("Autre"))
    other = build(write_zone(tmp_path / "other", tables), tmp_path / "published")
    assert other.name.startswith("2024-11-04-")
    assert other.name != first.name


def test_an_existing_name_is_refused(tmp_path: Path) -> None:
    zone, published = write_zone(tmp_path / "protege"), tmp_path / "published"
    build(zone, published, "essai")
    with pytest.raises(ReleaseExists, match="existe déjà"):
        build(zone, published, "essai")  # the latest, even with the same bytes
    build(write_zone(tmp_path / "after", au="2025-01-01"), published, "apres")
    with pytest.raises(ReleaseExists):
        build(write_zone(tmp_path / "later", au="2025-02-01"), published, "essai")  # other bytes
    assert (published / "latest").readlink() == Path("apres")
    assert build(zone, published, "essai").deja  # the same bytes, not the latest: an interrupted swap is finished
    assert (published / "latest").readlink() == Path("essai")


def test_a_default_name_that_holds_other_bytes_is_refused(tmp_path: Path) -> None:
    zone, published = write_zone(tmp_path / "protege"), tmp_path / "published"
    first = build(zone, published)
    (first.path / "LISEZMOI.md").write_text("réécrit", encoding="utf-8")
    with pytest.raises(ReleaseExists):
        build(zone, published)
    assert (first.path / "LISEZMOI.md").read_text(encoding="utf-8") == "réécrit"


@pytest.mark.parametrize(
    "name", ["latest", "fictif", "fabriques", "..", "../dehors", "a/b", ".cache", "Majuscule", "é", "", "a" * 65, "a\n", "-x"]
)
def test_a_name_that_climbs_hides_or_confuses_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseError, match="refusé"):
        build(write_zone(tmp_path / "protege"), tmp_path / "published", name)
    assert not (tmp_path / "published").exists()


def _rewrite(zone: Path, **changes: Any) -> None:
    path = zone / "manifeste.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def _entry(zone: Path, name: str, **changes: Any) -> None:
    tables = json.loads((zone / "manifeste.json").read_text(encoding="utf-8"))["tables"]
    _rewrite(zone, tables=tables | {name: tables.get(name, tables["qualite"]) | changes})


def _spoiled(name: str, **columns: pl.Expr) -> dict[str, pl.DataFrame]:
    tables = frames()
    return tables | {name: tables[name].with_columns(**columns)}


REFUSED = {
    "no manifest": (lambda zone: (zone / "manifeste.json").unlink(), "illisible"),
    "damaged manifest": (lambda zone: (zone / "manifeste.json").write_text("{"), "non conforme"),
    "unknown version": (lambda zone: _rewrite(zone, version=2), r"non conforme \(version\)"),
    "impossible date": (lambda zone: _rewrite(zone, date="2024-02-30"), r"non conforme \(date\)"),
    "audit refused": (lambda zone: _rewrite(zone, verdict={"ok": False, "motifs": ["courriel trouvé"]}), "courriel trouvé"),
    "nothing": (lambda zone: _rewrite(zone, tables={}), "aucune table"),
    "unnamed table": (lambda zone: (zone / "candidatures.parquet").write_bytes(b"PAR1"), "ne nomme pas : candidatures.parquet"),
    "missing table": (lambda zone: (zone / "vagues.parquet").unlink(), "Table « vagues »"),
    "changed table": (lambda zone: frames()["vagues"].head(1).write_parquet(zone / "vagues.parquet"), "empreinte"),
    "wrong count": (lambda zone: _entry(zone, "qualite", lignes=7), "1 lignes au lieu des 7"),
    "climbing file": (lambda zone: _entry(zone, "qualite", fichier="../prive/qualite.parquet"), "s'appeler comme son fichier"),
    "climbing table": (lambda zone: _entry(zone, "../qualite", fichier="../qualite.parquet"), "s'appeler comme son fichier"),
    "not a Parquet file": (
        lambda zone: _entry(zone, "vagues", fichier="vagues.parquet", sha256=_overwritten(zone / "vagues.parquet")),
        "Parquet lisible",
    ),
    "changed schema": (
        lambda zone: _entry(zone, "vagues", fichier="vagues.parquet", schema_sha256="0" * 64),
        "son schéma public a changé",
    ),
    "unknown table": (
        lambda zone: _entry(_copied(zone, "candidatures"), "candidatures", fichier="candidatures.parquet"),
        "aucun schéma public",
    ),
}


def _overwritten(path: Path) -> str:
    path.write_bytes(b"PAR1 but no more")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _copied(zone: Path, name: str) -> Path:
    (zone / f"{name}.parquet").write_bytes((zone / "qualite.parquet").read_bytes())
    return zone


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_manifest_does_not_vouch_for_is_refused(tmp_path: Path, case: str) -> None:
    published = tmp_path / "published"
    build(write_zone(tmp_path / "before"), published, "avant")
    zone = write_zone(tmp_path / "protege", au="2025-01-01")
    spoil, reason = REFUSED[case]
    spoil(zone)
    with pytest.raises(ReleaseError, match=reason):
        build(zone, published)
    assert sorted(path.name for path in published.iterdir()) == ["avant", "latest"]
    assert (published / "latest").readlink() == Path("avant")


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        (_spoiled("vagues", vague=pl.lit("fdt-01")), "répétée sur 1 ligne"),
        (_spoiled("vagues", libelle=pl.lit(None, pl.String)), r"obligatoire vide \(libelle\)"),
        (_spoiled("vagues", ordinal=pl.lit(1, pl.Int32)), "types différents"),
        (_spoiled("vagues", courriel=pl.lit("x")), "colonnes"),
        (_spoiled("vagues", note=pl.lit("")), "texte vide"),
        (_spoiled("attributions", fabrique=pl.lit("lieu-9999")), "ligne absente de « fabriques »"),
        (_spoiled("vagues", couverture=pl.lit(float("nan"))), "diffèrent"),
    ],
    ids=["doubled key", "empty where required", "wrong type", "extra column", "empty text", "dangling reference", "not a number"],
)
def test_a_table_that_breaks_its_schema_is_refused(tmp_path: Path, tables: dict[str, pl.DataFrame], reason: str) -> None:
    with pytest.raises(ReleaseError, match=reason):
        build(write_zone(tmp_path / "protege", tables), tmp_path / "published")
    assert list((tmp_path / "published").iterdir()) == []
