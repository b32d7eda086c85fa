"""Ready questions: each runs on real and made-up releases, and its figures equal those counted apart on the release's Parquet files."""

import csv
import html
import re
import sqlite3
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest

from pipeline.release import fiction
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


def known(values: Iterable[Any]) -> tuple[float | None, int]:
    """The sum of what is known, None when nothing is, and how many are not."""
    given = list(values)
    told = [value for value in given if value is not None]
    return (float(sum(told)) if told else None), len(given) - len(told)


def money(lines: list[dict[str, Any]]) -> tuple[Any, ...]:
    """For money that leads to places: how many, then each sum and how many places say nothing. For the rest, the sums alone."""
    sums = [known(line[name] for line in lines) for name in ("engage", "verse", "reste")]
    attached = lines[0]["fabrique"] is not None
    return (len(lines) if attached else None, *(part for total, unknown in sums for part in (total, unknown if attached else None)))


def financements_par_annee(read: Tables) -> Rows:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in read("financements").iter_rows(named=True):
        groups.setdefault((line["exercice"], line["rattachement"]), []).append(line)
    ordered = sorted(groups, key=lambda key: (key[0] is None, key[0] or 0, key[1]))
    return [(*key, *money(groups[key])) for key in ordered]


def financements_par_region(read: Tables) -> Rows:
    regions = dict(read("fabriques").select("fabrique", "region").rows())
    places: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in read("financements").iter_rows(named=True):
        places.setdefault((line["fabrique"], line["rattachement"]), []).append(line)
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for (place, attached), lines in places.items():
        whole: dict[str, Any] = {"fabrique": place, "reste": max(lines, key=lambda line: line["exercice"] or 0)["reste"]}
        for name in ("engage", "verse"):
            told = [line[name] for line in lines if line[name] is not None]
            whole[name] = sum(told, Decimal(0)) if told else None
        groups.setdefault((regions.get(place) or "non disponible", attached), []).append(whole)
    rows = [(*key, *money(lines)) for key, lines in groups.items()]
    return sorted(rows, key=lambda row: (row[1], row[5] is None, -(row[5] or 0), row[0]))


def candidatures_par_vague(read: Tables) -> Rows:
    rows = read("candidatures_agregees").select("vague", "region", "classe", "candidatures", "laureats", "non_retenues", "secret").rows()
    margins = [(row[0], *row[3:]) for row in rows if row[1:3] == ("ensemble", "ensemble")]
    return sorted(margins, key=lambda row: (row[0] == "ensemble", row[0]))


def suivi_par_annee(read: Tables) -> Rows:
    rows = []
    lines = read("suivi").rows(named=True)
    for year in sorted({line["annee"] for line in lines}):
        told = [line for line in lines if line["annee"] == year]
        figures = []
        for name in ("emplois_etp", "visiteurs", "personnes_formees"):
            total, unknown = known(None if line[name] is None else Decimal(str(line[name])) for line in told)
            figures += [total, len(told) - unknown]
        rows.append((year, len(told), *figures))
    return rows


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
        financements_par_annee,
        financements_par_region,
        candidatures_par_vague,
        suivi_par_annee,
        chiffres_contradictoires,
        qualite_des_livraisons,
    )
}
ASKED = {"fabriques_dans_un_departement": {"departement": " 29 "}}
# What only the programme's own deliveries say: nothing of it is in the embedded public facts.
CONFIDENTIAL = ("candidatures_par_vague", "financements_par_annee", "financements_par_region", "suivi_par_annee")
CASES = [("made_up", name) for name in sorted(COUNTED)] + [("embedded", name) for name in sorted(COUNTED) if name not in CONFIDENTIAL]
on_each_release = pytest.mark.parametrize(("site", "name"), CASES, indirect=["site"])


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questions") / "published"
    publish(folder)
    return folder


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[tuple[Visit, Tables]]:
    published: Path = request.getfixturevalue(request.param)
    with visiting(published) as visit:
        yield visit, lambda name: pl.read_parquet(published / f"latest/parquet/{name}.parquet")


def test_every_question_is_counted_apart_here() -> None:
    assert set(QUESTION) == set(COUNTED)


@on_each_release
def test_the_figures_of_a_question_are_those_of_the_parquet_files(site: tuple[Visit, Tables], name: str) -> None:
    visit, read = site
    query = urlencode({**ASKED.get(name, {}), "_shape": "arrays"})
    page, data = visit.ask(f"/fabriques/{name}?{query}", f"/fabriques/{name}.json?{query}")
    assert page.status_code == 200, page.text
    assert [tuple(row) for row in data.json()["rows"]] == COUNTED[name](read)
    assert data.json()["rows"]
    assert data.json()["truncated"] is False


@on_each_release
def test_a_question_is_asked_and_explained_in_french(site: tuple[Visit, Tables], name: str) -> None:
    visit, _ = site
    [listed] = visit.ask("/fabriques.json")
    question = next(query for query in listed.json()["queries"] if query["name"] == name)
    assert question["title"].endswith(" ?")
    assert question["description"].endswith((".", "…"))
    assert question["license"] == "Licence Ouverte 2.0"


@on_each_release
def test_the_rows_come_first_and_the_query_is_a_click_away(site: tuple[Visit, Tables], name: str) -> None:
    visit, _ = site
    query = urlencode(ASKED.get(name, {}))
    [page] = visit.ask(f"/fabriques/{name}?{query}")
    assert 'id="sql-query"' not in page.text
    [link] = re.findall(r'href="([^"]*_show_sql=1[^"]*)"', page.text)
    [shown] = visit.ask(html.unescape(link))
    assert QUESTION[name]["sql"].strip().splitlines()[-1] in html.unescape(shown.text)
    assert "fiction" not in shown.text


@pytest.mark.parametrize("site", ["embedded"], indirect=True)
def test_public_facts_say_nothing_of_money_applications_or_followup_and_are_not_asked(site: tuple[Visit, Tables]) -> None:
    visit, read = site
    assert [read(name).height for name in ("financements", "candidatures_agregees", "suivi")] == [0, 0, 0]
    offered = {query["name"] for query in visit.ask("/fabriques.json")[0].json()["queries"]}
    assert offered == set(COUNTED) - set(CONFIDENTIAL)
    for name in CONFIDENTIAL:
        assert {answer.status_code for answer in visit.ask(f"/fabriques/{name}", f"/fabriques/{name}.json", f"/fabriques/{name}.csv")} == {
            404
        }


@pytest.mark.parametrize(("site", "name"), [("made_up", "financements_par_annee"), ("made_up", "suivi_par_annee")], indirect=["site"])
def test_what_nobody_says_is_empty_and_what_is_zero_is_zero(site: tuple[Visit, Tables], name: str) -> None:
    """By hand, on the made-up rows: 2025 is one place that says neither; 0.10 + 0.20 is 0.3; nobody opens a figure of 2021."""
    rows = site[0].ask(f"/fabriques/{name}.json?_shape=array")[0].json()
    if name == "suivi_par_annee":
        assert [list(row.values()) for row in rows] == [
            [2021, 1, None, 0, None, 0, None, 0],
            [2022, 1, None, 0, None, 0, 0, 1],
            [2023, 3, 0.3, 2, 1500, 2, None, 0],
        ]
    else:
        by_key = {(row["exercice"], row["rattachement"]): list(row.values())[2:] for row in rows}
        assert by_key[2023, "lieu"] == [3, 100000000000.09, 1, 0.3, 1, 1.03, 1]
        assert by_key[2025, "lieu"] == [1, None, 1, None, 1, 3.3, 0]
        assert by_key[2023, "non_rattache"] == [None, 1.05, None, None, None, None, None]
        assert list(by_key)[-2:] == [(None, "lieu"), (None, "non_rattache")]


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_question_of_a_fictional_release_says_so_in_each_row(made_up: Path, tmp_path: Path, name: str) -> None:
    """In the copied CSV too: the same rows in the same order, and the column that each fictional table has, with the value it has there."""
    publish(tmp_path / "published", fictif=True)
    query = urlencode(ASKED.get(name, {}))
    with visiting(made_up) as true, visiting(tmp_path / "published/fictif") as fictional:
        [plain] = true.ask(f"/fabriques/{name}.csv?{query}")
        table, marked, data = fictional.ask(
            "/fabriques/vagues.csv?_size=1", f"/fabriques/{name}.csv?{query}", f"/fabriques/{name}.json?{query}&_shape=array"
        )
    [[column, value]] = [line for line in zip(*csv.reader(table.text.splitlines()), strict=True) if line[0] == fiction.FIELD["name"]]
    header, *rows = csv.reader(plain.text.splitlines())
    assert rows
    assert column not in header
    assert list(csv.reader(marked.text.splitlines())) == [[*header, column], *([*row, value] for row in rows)]
    assert {str(row[column]) for row in data.json()} == {value}


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
