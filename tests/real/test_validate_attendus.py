"""What becomes of each real file as a delivery of `subventions`, from its bytes to its verdicts, against the committed figures."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.harmonise import harmonise
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings
from pipeline.validate import Verdicts, judge, summarise, valid_as_delivered
from pipeline.validate.complete import complete

EXPECTED = Path(__file__).parent / "attendus"
FILES = {path.stem: path for path in sorted(EXPECTED.glob("*.toml"))}
TABLE = "subventions"
Figures = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def figures(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return told(real_data, tmp_path_factory.mktemp("verdicts"))


def told(real_data: Path, folder: Path) -> Figures:
    """The figures of every file, as its TOML writes them, by its name."""
    settings = Settings(home=folder / "home")
    settings.private_dirs()
    sources = folder / "sources.toml"
    sources.write_text("\n".join(entry(path) for path in sorted((real_data / "subventions").iterdir())), encoding="utf-8")
    read = ingest(read_sources(sources, (TABLE,)), {TABLE: labels(TABLE)}, settings)
    done = harmonise(TABLE, read.livraisons, read.enregistrements, read.irreguliers, read.entetes)
    assert done.refus.is_empty() and read.livraisons["refus"].null_count() == len(FILES)
    judged = judge(TABLE, done.table)
    delivered = valid_as_delivered(TABLE, read.livraisons, read.enregistrements.lazy(), done.colonnes)
    whole = complete({TABLE: done.table}, {TABLE: judged.accepted})
    verdicts = Verdicts({TABLE: judged.accepted}, judged.motifs.lazy(), delivered, whole)
    rows = summarise(read.livraisons.lazy(), done.refus.lazy(), done.registre, verdicts).livraisons.rows(named=True)
    totals = dict(judged.accepted.group_by("livraison").agg(pl.col("montant").sum().cast(pl.String)).collect().iter_rows())
    return {
        Path(row["fichier"]).stem: {
            "valides_telles_quelles": row["lignes_valides_telles_quelles"],
            "acceptees": row["lignes_acceptees"],
            "rejetees": row["lignes_rejetees"],
            "completes_scdl": row["lignes_completes_scdl"],
            "montant": totals[row["livraison"]],
            "motifs": motifs(judged.motifs.filter(livraison=row["livraison"])),
        }
        for row in rows
    }


def entry(path: Path) -> str:
    """The file as an operator declares it: with what the README of the data says that the file does not tell."""
    constants = expected(path.stem)["harmonise"].get("constantes", {})
    declared = [f"{field} = {json.dumps(str(value), ensure_ascii=False)}" for field, value in constants.items()]
    head = f"[[source]]\ntable = '{TABLE}'\npath = '{path}'\nmode = 'ajoute'"
    return "\n".join([head, *(["[source.constantes]", *declared] if declared else [])])


def motifs(found: pl.DataFrame) -> dict[str, int]:
    """Lines by field and rule."""
    place = pl.concat_str(pl.coalesce("champ", pl.lit("ligne")), "regle", separator=".")
    return dict(found.group_by(place.alias("motif")).agg(pl.col("ligne").n_unique()).sort("motif").iter_rows())


@cache
def expected(name: str) -> dict[str, Any]:
    return tomllib.loads(FILES[name].read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_judged_as_expected(figures: Figures, name: str) -> None:
    wanted = {key: value for key, value in expected(name)["validate"].items() if key != "note"}
    assert figures[name] == wanted


@pytest.mark.parametrize("name", FILES)
def test_no_line_is_lost(figures: Figures, name: str) -> None:
    assert figures[name]["acceptees"] + figures[name]["rejetees"] == expected(name)["ingest"]["donnees"]
