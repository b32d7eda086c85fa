"""Lines that say all that SCDL asks for, among the accepted ones."""

from typing import Any

import polars as pl
import pytest

from pipeline.schema import load
from pipeline.validate import judge
from pipeline.validate.complete import complete

TABLE = "subventions"
WHOLE: dict[str, Any] = {
    "nomAttribuant": "Ville fictive",
    "idAttribuant": "00000001800010",
    "dateConvention": "2024-01-02",
    "nomBeneficiaire": "Compagnie fictive",
    "idBeneficiaire": "00000002600013",
    "objet": "Saison",
    "montant": "1500.50",
    "nature": "aide en numéraire",
    "conditionsVersement": "unique",
    "datesPeriodeVersement": "2024-01-02/2024-12-31",
    "notificationUE": "non",
    "pourcentageSubvention": "0.8",
}


def counted(*rows: dict[str, Any]) -> list[tuple[str, int]]:
    types = {
        "livraison": pl.String,
        "ligne": pl.UInt32,
        "defaut": pl.String,
        "recollages": pl.UInt64,
        **load("deliveries", TABLE).text_schema,
    }
    lines = [{name: row.get(name) for name in types} | {"ligne": line} for line, row in enumerate(rows, start=2)]
    table = pl.LazyFrame(lines, schema=types)
    return complete({TABLE: table}, {TABLE: judge(TABLE, table).accepted}).rows()


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 1),
        ({"rnaBeneficiaire": "W751234567", "idBeneficiaire": None}, 1),
        ({"idBeneficiaire": None}, 0),
        ({"idBeneficiaire": "00000002600014"}, 0),  # accepted, but its keys are wrong
        ({"idBeneficiaire": "0" * 14}, 0),  # both pass Luhn
        ({"idAttribuant": "00000036400000"}, 0),
        ({"objet": "o" * 257}, 0),
        ({"dateConvention": None, "exercice": "2024"}, 0),
        ({"montant": None}, 0),  # rejected
    ],
)
def test_a_line_is_complete_when_it_is_accepted_and_the_pinned_schema_takes_it(change: dict[str, Any], count: int) -> None:
    assert counted({"livraison": "a", **WHOLE, **change}) == [("a", count)]


def test_each_delivery_has_its_count() -> None:
    assert counted({"livraison": "a", **WHOLE}, {"livraison": "b", **WHOLE, "objet": None}, {"livraison": "a", **WHOLE}) == [
        ("a", 2),
        ("b", 0),
    ]
