"""The shipped geography obeys its schemas, and its script gives the same bytes from the same package."""

import json
import tomllib
from pathlib import Path

import polars as pl
import pytest

from pipeline.data import reference, reference_path
from pipeline.data.geography import GeographyError, build
from pipeline.schema import load, names

COG = [
    {
        "code": "01002",
        "nom": "Commune fictive B",
        "departement": "01",
        "region": "84",
        "zone": "metro",
        "type": "commune-actuelle",
        "population": 270,
    },
    {
        "code": "01001",
        "nom": "Déléguée fictive",
        "departement": "01",
        "region": "84",
        "zone": "metro",
        "type": "commune-deleguee",
        "chefLieu": "01001",
    },
    {
        "code": "01001",
        "nom": "Commune fictive A",
        "departement": "01",
        "region": "84",
        "zone": "metro",
        "type": "commune-actuelle",
        "population": 860,
    },
    {
        "code": "75101",
        "nom": "Arrondissement",
        "departement": "75",
        "region": "11",
        "zone": "metro",
        "type": "arrondissement-municipal",
        "commune": "75056",
    },
    {"code": "98411", "nom": "Île fictive", "departement": "984", "region": "984", "zone": "com", "type": "commune-actuelle"},
]
DEPARTEMENTS = [{"code": "984", "nom": "Terres fictives", "region": "984", "chefLieu": "97502", "zone": "com"}]
REGIONS = [
    {"code": "84", "nom": "Région", "chefLieu": "69123", "zone": "metro"},
    {"code": "984", "nom": "T", "chefLieu": "97502", "zone": "com"},
]


def package(folder: Path, *, name: str = "@etalab/decoupage-administratif", version: str = "6.0.0") -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"name": name, "version": version}), encoding="utf-8")
    for table, rows in {"communes": COG, "departements": DEPARTEMENTS, "regions": REGIONS}.items():
        (folder / "data" / f"{table}.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", names("reference"))
def test_shipped_tables_obey_their_schema(name: str) -> None:
    schema, table = load("reference", name), reference(name).collect()
    assert dict(table.schema) == schema.polars_schema
    assert table.select(schema.primary_key).n_unique() == table.height
    assert table.equals(table.sort(schema.primary_key))
    for field in schema.fields:
        values, rules = table[field.name], field.descriptor.get("constraints", {})
        assert not (field.required and values.null_count()), field.name
        if "pattern" in rules:
            assert values.drop_nulls().str.contains(rules["pattern"]).all(), field.name
        if "enum" in rules:
            assert set(values.drop_nulls()) <= set(rules["enum"])


def test_shipped_tables_hold_together() -> None:
    communes, departements, regions = (reference(name).collect() for name in ("communes", "departements", "regions"))
    assert (departements.height, regions.height) == (109, 18)
    assert set(communes["departement"]) == set(departements["code"])
    assert set(communes["region"].drop_nulls()) == set(departements["region"].drop_nulls()) == set(regions["code"])
    current = communes.filter(pl.col("type") == "COM")
    assert set(communes["commune_parente"].drop_nulls()) <= set(current["code"])
    assert communes.filter(pl.col("type") != "COM")["commune_parente"].null_count() == 0
    assert {*departements["chef_lieu"], *regions["chef_lieu"]} <= set(current["code"])
    assert 65_000_000 < current["population"].sum() < 72_000_000
    assert dict(communes.group_by("type").len().rows()) == {"COM": 34_969, "COMD": 2_105, "COMA": 471, "ARM": 45}


def test_shipped_files_are_small_and_sourced() -> None:
    assert reference_path("communes").stat().st_size < 400_000
    source = tomllib.loads((reference_path("communes").parent / "SOURCE.toml").read_text(encoding="utf-8"))
    assert (source["version"], source["cog"], source["licence_code"]) == ("6.0.0", 2026, "MIT")
    assert source["communes"]["lignes"] == reference("communes").collect().height
    assert set(reference("communes").collect()["millesime"]) == {source["cog"]}


def test_the_script_keeps_what_the_schema_says(tmp_path: Path) -> None:
    tables = build(package(tmp_path / "p"), tmp_path / "out")
    assert tables["communes"].select("code", "type", "region", "population", "commune_parente").rows() == [
        ("01001", "COM", "84", 860, None),
        ("01001", "COMD", "84", None, "01001"),
        ("01002", "COM", "84", 270, None),
        ("75101", "ARM", "11", None, "75056"),
        ("98411", "COM", None, None, None),
    ]
    assert tables["departements"].rows() == [("984", "Terres fictives", None, "97502", 2026)]
    assert tables["regions"]["code"].to_list() == ["84"], "an overseas collectivity is no region"


def test_same_package_same_bytes(tmp_path: Path) -> None:
    for run in ("a", "b"):
        build(package(tmp_path / run / "p"), tmp_path / run / "out")
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / run / "out").iterdir()} for run in ("a", "b"))
    assert first == second
    assert set(first) == {"communes.parquet", "departements.parquet", "regions.parquet", "SOURCE.toml"}


@pytest.mark.parametrize(("name", "version"), [("autre-paquet", "6.0.0"), ("@etalab/decoupage-administratif", "7.0.0")])
def test_another_package_or_year_is_refused(tmp_path: Path, name: str, version: str) -> None:
    with pytest.raises(GeographyError, match="attendu @etalab/decoupage-administratif"):
        build(package(tmp_path / "p", name=name, version=version), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match=r"package\.json"):
        build(tmp_path, tmp_path / "out")


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(KeyError):
        reference("cantons")
