"""Known awards against the official figures, wave by wave: null where something has no source, never zero."""

from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

import pipeline.data
from pipeline import programme
from pipeline.evaluate.figures import SORT, evaluate
from pipeline.model.warehouse import build
from tests.model.delivered import Row, read_csv, write

FABRIQUE, MANUFACTURE = "fabrique_de_territoire", "manufacture_de_proximite"
COLUMNS = ["vague", "attributions_connues", "lieux_connus", "laureats_officiels", "ecart", "couverture", "etat", "source_url"]


def reconcile(folder: Path, tables: dict[str, list[Row]]) -> dict[str, dict[str, object]]:
    """Wave → its line of the reconciliation."""
    database = folder / "prive" / "entrepot.duckdb"
    build(write(folder / "validate", tables), programme.load(), database, folder / "model")
    frame = pl.read_parquet(evaluate(database, folder / "evaluate")["rapprochement"])
    assert frame.columns == COLUMNS
    assert frame["vague"].to_list() == sorted(wave.slug for wave in programme.load().waves)
    return {row["vague"]: row for row in frame.iter_rows(named=True)}


def figures(line: dict[str, object]) -> tuple[object, ...]:
    return tuple(line[column] for column in COLUMNS[1:7])


def test_states(tmp_path: Path) -> None:
    waves: list[Row] = [
        {"vague": "1", "dispositif": FABRIQUE, "nb_laureats": 3, "source_url": "https://exemple.example/1"},
        {"vague": "2", "dispositif": FABRIQUE, "nb_laureats": 1},
        {"vague": "3", "dispositif": FABRIQUE, "nb_laureats": 1},
        {"vague": "4", "dispositif": FABRIQUE, "nb_laureats": 2},
        {"vague": "5", "dispositif": FABRIQUE},
        {"vague": "6", "dispositif": FABRIQUE, "nb_laureats": 0},
        {"vague": "MP-1", "dispositif": MANUFACTURE, "nb_laureats": 1},
        {"vague": "99", "dispositif": FABRIQUE, "nb_laureats": 5},
    ]
    results: list[Row] = [
        {"vague": "1", "lieu": "lieu-0001"},
        {"vague": "1", "lieu": "lieu-0001"},  # a second award of one place
        {"vague": "2", "lieu": "lieu-0002"},
        {"vague": "3", "lieu": "lieu-0001"},
        {"vague": "3", "nom_lieu": "inconnu du registre"},
        {"vague": "5", "lieu": "lieu-0002"},
        {"vague": "1", "lieu": "lieu-0002", "categorie": MANUFACTURE},  # not one of the wave's scheme
        {"vague": "MP-1", "lieu": "lieu-0002"},
        {"lieu": "lieu-0002"},
        {"vague": "99", "lieu": "lieu-0002"},
    ]
    lines = reconcile(tmp_path, {"vagues": waves, "resultats": results, "lieux": [{"lieu": "lieu-0001"}, {"lieu": "lieu-0002"}]})
    assert figures(lines["fdt-01"]) == (2, 1, 3, -1, 0.6667, "partiel")
    assert figures(lines["fdt-02"]) == (1, 1, 1, 0, 1.0, "complet")
    assert figures(lines["fdt-03"]) == (2, 1, 1, 1, 2.0, "dépassé")
    assert figures(lines["fdt-04"]) == (None, None, 2, None, None, "non disponible")  # no line speaks of it: not zero
    assert figures(lines["fdt-05"]) == (1, 1, None, None, None, "non disponible")
    assert figures(lines["fdt-06"]) == (None, None, 0, None, None, "non disponible")
    assert figures(lines["mp-01"]) == (1, 1, 1, 0, 1.0, "complet")
    assert lines["fdt-01"]["source_url"] == "https://exemple.example/1"


WAVE: Row = {"vague": "1", "dispositif": FABRIQUE, "nb_laureats": 80}


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({}, (None, None, None, None, None, "non disponible")),
        ({"vagues": [WAVE]}, (None, None, 80, None, None, "non disponible")),
        ({"vagues": [WAVE], "resultats": [{"vague": "1"}]}, (1, None, 80, -79, 0.0125, "partiel")),
        ({"vagues": [WAVE], "lieux": [{"lieu": "lieu-0001"}]}, (None, None, 80, None, None, "non disponible")),
        ({"resultats": [], "lieux": []}, (None, None, None, None, None, "non disponible")),
    ],
)
def test_what_has_no_source_is_not_available(tmp_path: Path, tables: dict[str, list[Row]], expected: tuple[object, ...]) -> None:
    assert figures(reconcile(tmp_path, tables)["fdt-01"]) == expected


def test_the_embedded_facts_against_the_official_figures(tmp_path: Path) -> None:
    folder = Path(pipeline.data.__file__).parent / "faits"
    names = {"resultats": "laureats_fabriques.csv", "lieux": "lieux.csv", "vagues": "vagues.csv"}
    facts: dict[str, list[Row]] = {table: list(read_csv(folder / name)) for table, name in names.items()}
    lines = reconcile(tmp_path, facts)
    by_label = programme.load().labels()
    for wave in facts["vagues"]:
        known = sum(result["vague"] == wave["vague"] for result in facts["resultats"])
        official = int(str(wave["nb_laureats"]))
        line = lines[by_label[str(wave["vague"])]]
        spoken_of = (known, known, official, known - official, round(known / official, 4), "partiel")
        assert figures(line) == (spoken_of if known else (None, None, official, None, None, "non disponible"))
        assert line["source_url"] == wave["source_url"]
    assert figures(lines["fdt-01"])[:3] == (22, 22, 80)
    crafts = [line for slug, line in lines.items() if slug.startswith("mp-")]
    assert sum(int(str(line["laureats_officiels"])) for line in crafts) == 116


def test_figures_can_be_made_again_with_the_same_bytes(tmp_path: Path) -> None:
    tables: dict[str, list[Row]] = {"vagues": [WAVE], "resultats": [{"vague": "1"}]}
    database = tmp_path / "entrepot.duckdb"
    build(write(tmp_path / "validate", tables), programme.load(), database, tmp_path / "model")
    digests = {
        sha256(evaluate(database, tmp_path / "evaluate", threads=threads)["rapprochement"].read_bytes()).hexdigest()
        for threads in (None, 1, 4)
    }
    assert len(digests) == 1
    assert {path.stem for path in (tmp_path / "evaluate").iterdir()} == set(SORT)


def test_without_warehouse_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="exécuter d'abord l'étape « model »"):
        evaluate(tmp_path / "absent.duckdb", tmp_path / "evaluate")
