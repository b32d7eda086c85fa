"""Ready questions: each runs on real and made-up releases, and its figures equal those counted apart on the release's Parquet files."""

import sqlite3
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest

from pipeline.schema import names
from pipeline.serve.labels import QUESTIONS
from tests.serve.editions import Visit, publish, tables, visiting

QUESTION = {question["name"]: question for question in tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"]}
Tables = Callable[[str], pl.DataFrame]
Rows = list[tuple[Any, ...]]


def lieux_et_labels(read: Tables) -> Rows:
    waves = read("vagues").filter(pl.col("dispositif") == "fabrique_de_territoire")
    announced = waves["laureats"].to_list()
    labels = [scheme for scheme in read("attributions")["dispositif"] if scheme == "fabrique_de_territoire"]
    places = max((total for total in waves["cumul_lieux"] if total is not None), default=None)
    return [(read("fabriques").height, len(labels), places, None if None in announced else sum(announced))]


def rapprochement_par_vague(read: Tables) -> Rows:
    shown = ["vague", "libelle", "date_annonce", "candidatures", "laureats", "attributions_connues", "ecart", "couverture"]
    rows = read("vagues").sort("dispositif", "ordinal", "vague", nulls_last=False)
    dated = rows.with_columns(pl.col("date_annonce").cast(pl.String))
    return dated.select(*shown, "etat_rapprochement", "source_url").rows()


def fabriques_par_region(read: Tables) -> Rows:
    counted: dict[str, int] = {}
    for region in read("fabriques")["region"]:
        counted[region or "non disponible"] = counted.get(region or "non disponible", 0) + 1
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def fabriques_dans_un_departement(read: Tables) -> Rows:
    rows = read("fabriques").filter(pl.col("departement") == "29").sort("commune", "nom", "fabrique", nulls_last=False)
    return rows.select("fabrique", "nom", "porteur", "commune", "premiere_vague", "source_url").rows()


def chiffres_contradictoires(read: Tables) -> Rows:
    values: dict[tuple[str, int, str], set[float]] = {}
    for name, year, unit, value in read("indicateurs_publies").select("indicateur", "annee", "unite", "valeur").rows():
        values.setdefault((name, year, unit), set()).add(value)
    return sorted((*key, len(found), min(found), max(found)) for key, found in values.items() if len(found) > 1)


def qualite_des_livraisons(read: Tables) -> Rows:
    counts = (
        "lignes_recues",
        "lignes_valides_telles_quelles",
        "lignes_acceptees",
        "lignes_rejetees",
        "lignes_remplacees",
        "cellules_modifiees",
    )
    rows = read("livraisons").sort("table", "fichier", "livraison")
    return rows.select("table", "fichier", "editeur", "etat", *counts, "sha256").rows()


COUNTED: Mapping[str, Callable[[Tables], Rows]] = {
    function.__name__: function
    for function in (
        lieux_et_labels,
        rapprochement_par_vague,
        fabriques_par_region,
        fabriques_dans_un_departement,
        chiffres_contradictoires,
        qualite_des_livraisons,
    )
}
ASKED = {"fabriques_dans_un_departement": {"departement": " 29 "}}


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questions") / "published"
    publish(folder)
    return folder


@pytest.fixture(scope="module", params=["embedded", "made_up"])
def site(request: pytest.FixtureRequest) -> Iterator[tuple[Visit, Tables]]:
    published: Path = request.getfixturevalue(request.param)
    with visiting(published) as visit:
        yield visit, lambda name: pl.read_parquet(published / f"latest/parquet/{name}.parquet")


def test_every_question_is_counted_apart_here() -> None:
    assert set(QUESTION) == set(COUNTED)


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_the_figures_of_a_question_are_those_of_the_parquet_files(site: tuple[Visit, Tables], name: str) -> None:
    visit, read = site
    query = urlencode({**ASKED.get(name, {}), "_shape": "arrays"})
    page, data = visit.ask(f"/fabriques/{name}?{query}", f"/fabriques/{name}.json?{query}")
    assert page.status_code == 200, page.text
    assert [tuple(row) for row in data.json()["rows"]] == COUNTED[name](read)
    assert data.json()["rows"]
    assert data.json()["truncated"] is False


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_question_is_asked_and_explained_in_french(site: tuple[Visit, Tables], name: str) -> None:
    visit, _ = site
    [listed] = visit.ask("/fabriques.json")
    question = next(query for query in listed.json()["queries"] if query["name"] == name)
    assert question["title"].endswith(" ?")
    assert question["description"].endswith((".", "…"))
    assert question["license"] == "Licence Ouverte 2.0"


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_question_names_the_tables_it_reads_and_orders_its_rows(made_up: Path, name: str) -> None:
    """As SQLite itself says; and the order of the rows leaves nothing to chance."""
    connection = sqlite3.connect(f"{(made_up / 'latest/fabriques.db').resolve().as_uri()}?mode=ro", uri=True)
    read: set[str] = set()

    def authorised(action: int, table: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_READ and table in names("public"):
            read.add(table)
        return sqlite3.SQLITE_OK

    connection.set_authorizer(authorised)
    sql = QUESTION[name]["sql"]
    given = ASKED.get(name, {})
    once = connection.execute(sql, given).fetchall()
    connection.execute("PRAGMA reverse_unordered_selects = 1")
    assert connection.execute(sql, given).fetchall() == once
    connection.close()
    assert read == set(QUESTION[name]["tables"])


def test_the_official_sum_is_unknown_as_soon_as_one_wave_is(tmp_path: Path) -> None:
    made = tables()
    made["vagues"] = made["vagues"].with_columns(
        laureats=pl.when(pl.col("vague") == "fdt-02").then(None).otherwise("laureats"), cumul_lieux=pl.lit(None, pl.Int64)
    )
    publish(tmp_path / "published", made=made)
    with visiting(tmp_path / "published") as visit:
        [data] = visit.ask("/fabriques/lieux_et_labels.json?_shape=arrays")
        assert data.json()["rows"] == [[6, 54, None, None]]


def test_a_question_without_its_tables_is_not_offered(tmp_path: Path) -> None:
    made = tables()
    without = {name: frame.clear() if name in ("attributions", "indicateurs_publies") else frame for name, frame in made.items()}
    publish(tmp_path / "published", made=without)
    with visiting(tmp_path / "published") as visit:
        offered = {query["name"] for query in visit.ask("/fabriques.json")[0].json()["queries"]}
        assert offered == set(COUNTED) - {"lieux_et_labels", "chiffres_contradictoires"}
        assert visit.ask("/fabriques/lieux_et_labels")[0].status_code == 404
