"""The reference tables: real ones of another year keep the contract, and the shipped ones say the same of what has not changed."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.data import reference
from pipeline.schema import load
from pipeline.tableschema import validate

TYPES = {"COM": 34_935, "COMD": 2_081, "COMA": 483, "ARM": 45}  # COG 2024, counted in the file's README


def real(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / f"{name}.csv", infer_schema=False)


@pytest.mark.parametrize(("name", "rows"), [("communes", 37_544), ("departements", 101), ("regions", 18)])
def test_every_line_of_another_year_keeps_the_contract(real_data: Path, name: str, rows: int) -> None:
    schema = load("reference", name)
    table = real(real_data, name).with_columns(millesime=pl.lit("2024")).select(schema.field_names)
    report = validate(table, schema.descriptor).report
    assert table.height == rows
    assert report.errors.select("row", "field", "rule").head(3).rows() == []


def test_communes_have_the_published_types(real_data: Path) -> None:
    assert dict(real(real_data, "communes")["type"].value_counts().iter_rows()) == TYPES


def test_shipped_and_real_agree_on_what_has_not_changed(real_data: Path) -> None:
    """Two years apart, nearly all communes have the same code, name and département; départements and regions are the same."""
    for name in ("departements", "regions"):
        shipped = reference(name).select("code", "nom").collect()
        assert real(real_data, name).select("code", "nom").join(shipped, on=["code", "nom"], how="anti").height == 0
    shipped = reference("communes").filter(pl.col("type") == "COM").select("code", "nom", "departement").collect()
    before = real(real_data, "communes").filter(pl.col("type") == "COM").select("code", "nom", "departement")
    assert before.join(shipped, on=["code", "nom", "departement"], how="anti").height < before.height / 100
