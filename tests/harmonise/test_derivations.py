import polars as pl
import pytest

from pipeline.harmonise.derivations import derived
from pipeline.schema import load
from tests.harmonise.essai import SCHEMA


@pytest.mark.parametrize(
    ("day", "year", "expected", "told"),
    [
        ("2014", None, (None, "2014"), [("jour", "2014", None), ("exercice", None, "2014")]),
        ("2014", "2014", (None, "2014"), [("jour", "2014", None)]),
        ("2014", "2015", ("2014", "2015"), []),  # two years: the line is left to be judged
        ("2014-01-01", None, ("2014-01-01", None), []),
        (None, None, (None, None), []),
        ("0214", None, ("0214", None), []),
        ("20141", None, ("20141", None), []),
    ],
)
def test_a_year_given_for_a_day_goes_to_the_year(
    day: str | None, year: str | None, expected: tuple[str | None, str | None], told: list[tuple[str | None, ...]]
) -> None:
    table = pl.DataFrame(
        {"ligne": [7], "jour": [day], "exercice": [year]}, schema={"ligne": pl.UInt32, "jour": pl.String, "exercice": pl.String}
    )
    after, entries = derived(table, SCHEMA)
    assert after.select("jour", "exercice").row(0) == expected
    rows = [row for entry in entries for row in entry.iter_rows()]
    assert rows == [(7, column, "annee-seule", before, result) for column, before, result in told]
    again, more = derived(after, SCHEMA)
    assert again.equals(after)
    assert more == []


def test_no_year_is_moved_where_the_schema_asks_for_the_day_itself() -> None:
    schema = load("deliveries", "versements")
    table = pl.DataFrame({"ligne": [7], **{name: ["2014"] for name in schema.field_names}})
    after, entries = derived(table, schema)
    assert after.equals(table)
    assert entries == []
