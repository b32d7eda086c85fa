"""A delivery that declares a period holds lines of that period only; the others are rejected, and the operator told why."""

from typing import Any

import polars as pl
import pytest

from pipeline.schema import from_descriptor, load
from pipeline.validate import Judged, judge_by


def judged(table: str, periods: dict[str, str], *rows: dict[str, Any]) -> Judged:
    """Rows of a delivery table as harmonise hands them on; a row may give its own `livraison`."""
    schema = load("deliveries", table)
    return judged_by(schema.descriptor, periods, *rows)


def judged_by(descriptor: Any, periods: dict[str, str], *rows: dict[str, Any]) -> Judged:
    schema = from_descriptor(
        {**descriptor, "custom_checks": [], "fields": [{**field, "constraints": {}} for field in descriptor["fields"]]}
    )
    columns = {"livraison": pl.String(), "ligne": pl.UInt32(), "defaut": pl.String(), "recollages": pl.UInt64()} | schema.text_schema
    lines = [{"livraison": "L1", "ligne": number, "defaut": None, "recollages": None, **row} for number, row in enumerate(rows, start=2)]
    return judge_by(schema, pl.LazyFrame(lines, schema=columns), periods)


def split(verdict: Judged) -> tuple[list[int], list[int]]:
    rejected = verdict.motifs.filter(pl.col("regle") == "hors-periode")["ligne"].to_list()
    return verdict.accepted.collect()["ligne"].to_list(), rejected


def test_a_year_a_date_a_wave() -> None:
    years = [{"exercice": "2022"}, {"exercice": "2023"}, {"exercice": "2024"}, {"numero_ej": "1"}]
    assert split(judged("versements", {"L1": "2023"}, *years)) == ([3], [2, 4, 5])
    assert split(judged("versements", {"L1": "2022/2023"}, *years)) == ([2, 3], [4, 5])
    days = [
        {"dateConvention": "2022-12-31"},
        {"dateConvention": "2023-01-01"},
        {"dateConvention": "2023-12-31"},
        {"dateConvention": "2024-01-01"},
    ]
    assert split(judged("conventions", {"L1": "2023"}, *days)) == ([3, 4], [2, 5])
    waves = [{"vague": "fdt-03"}, {"vague": "fdt-04"}, {"vague": "fdt-03 bis"}, {"commune": "A"}]
    assert split(judged("resultats", {"L1": "fdt-03"}, *waves)) == ([2], [3, 4, 5])


def test_only_the_deliveries_that_declare_one() -> None:
    rows = [{"exercice": "2022"}, {"exercice": "2022", "livraison": "L2"}, {"exercice": "2021", "livraison": "L3"}]
    verdict = judged("versements", {"L2": "2021", "L3": "2021"}, *rows)
    assert split(verdict) == ([2, 4], [3])
    assert split(judged("versements", {}, *rows)) == ([2, 3, 4], [])


def test_the_first_filled_of_several_columns_counts() -> None:
    day = "date_derniere_operation"
    succession = {"periode": "exercice", "periode_a_defaut": day}
    descriptor = {**load("deliveries", "versements").descriptor, "succession": succession}
    rows = [{"exercice": "2023", day: "2022-01-01"}, {day: "2023-05-01"}, {day: "2022-05-01"}, {"exercice": "2022", day: "2023-05-01"}]
    assert split(judged_by(descriptor, {"L1": "2023"}, *rows)) == ([2, 3], [4, 5])


def test_it_says_what_was_declared_and_what_to_do_and_no_value() -> None:
    (motif,) = judged("versements", {"L1": "2023"}, {"exercice": "1987"}).motifs.to_dicts()
    assert (motif["livraison"], motif["table"], motif["ligne"], motif["champ"]) == ("L1", "versements", 2, "exercice")
    assert "hors de la période déclarée pour cette livraison (2023)" in motif["message"]
    assert "corriger la cellule, ou « periode » dans le fichier de sources" in motif["message"]
    assert "1987" not in str(motif)


@pytest.mark.parametrize("value", ["20233", "deux mille"])
def test_a_line_that_no_type_takes_has_one_reason(value: str) -> None:
    verdict = judged("versements", {"L1": "2023"}, {"exercice": value})
    assert "hors-periode" not in verdict.motifs["regle"].to_list()
    assert (verdict.accepted.collect().height, verdict.motifs["ligne"].n_unique()) == (0, 1)
