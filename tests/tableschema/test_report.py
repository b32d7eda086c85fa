import json
import subprocess
import sys

import frictionless
import polars as pl
import pytest

from pipeline.tableschema import SchemaInvalide, line_ranges, validate

CANARY = "C4NARI"
SCHEMA = {
    "name": "essai",
    "fields": [
        {"name": "nom", "title": "Nom du lieu", "constraints": {"required": True, "maxLength": 3, "unique": True}},
        {"name": "montant", "type": "number", "constraints": {"minimum": 0}},
        {"name": "jour", "type": "date"},
        {"name": "sorte", "constraints": {"enum": ["a", "b"]}},
        {"name": "parent", "constraints": {"pattern": "[0-9]+"}},
        {"name": "siret"},
    ],
    "primaryKey": ["nom"],
    "foreignKeys": [
        {"fields": ["parent"], "reference": {"resource": "", "fields": ["nom"]}},
        {"fields": ["sorte"], "reference": {"resource": "sortes", "fields": ["code"]}},
    ],
    "custom_checks": [
        {"name": "french-siret-value", "params": {"column": "siret"}},
        {"name": "one-of-required", "params": {"column1": "jour", "column2": "montant"}},
        {"name": "cohesive-columns-value", "params": {"column": "nom", "othercolumns": ["absente"]}},
    ],
}


def canaries(rows: int = 3) -> pl.DataFrame:
    names = [field["name"] for field in SCHEMA["fields"]]
    return pl.DataFrame({name: [f"{CANARY}-{name}-{row % 2}" for row in range(rows)] for name in [*names, f"{CANARY}-colonne"]})


def test_the_report_holds_no_cell_nor_label_of_the_table() -> None:
    verdict = validate(canaries(), SCHEMA)
    types = set(verdict.report.errors["type"])
    assert {
        "type-error",
        "constraint-error",
        "unique-error",
        "primary-key",
        "foreign-key",
        "cell-error",
        "extra-label",
        "check-error",
    } <= types
    descriptor = verdict.report.to_descriptor()
    for told in (json.dumps(descriptor), verdict.report.to_text(), str(verdict.report.errors.rows())):
        assert CANARY not in told
    read = frictionless.Report.from_descriptor(descriptor)
    assert CANARY not in json.dumps(read.to_descriptor())
    assert CANARY not in str(read)


def test_frictionless_reads_the_report_back() -> None:
    report = validate(canaries(), SCHEMA).report
    read = frictionless.Report.from_descriptor(report.to_descriptor())
    assert not read.valid
    assert read.stats["errors"] == report.errors.height == len(read.tasks[0].errors)
    assert read.tasks[0].stats["rows"] == 3
    assert [error.type for error in read.tasks[0].errors] == report.errors["type"].to_list()
    assert "sortes" in read.tasks[0].warnings[0]


def test_the_report_is_the_same_twice() -> None:
    first, second = (validate(canaries(50), SCHEMA).report for _ in range(2))
    assert json.dumps(first.to_descriptor()) == json.dumps(second.to_descriptor())
    assert first.to_text() == second.to_text()


def test_every_error_is_counted_far_beyond_a_thousand() -> None:
    table = pl.DataFrame({"a": ["x"] * 3000, "b": [None] * 3000}, schema={"a": pl.String, "b": pl.String})
    schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "constraints": {"required": True}}]}
    report = validate(table, schema).report
    assert report.errors.group_by("rule").len().sort("rule").rows() == [("required", 3000), ("type", 3000)]
    assert "3000 lignes : 2 à 3001" in report.to_text()


def test_the_text_says_where_which_rule_and_what_to_do() -> None:
    table = pl.DataFrame({"nom": ["a", "b", "c", "d"], "montant": ["12,5", "1", "1 000", "x"]})
    schema = {"name": "prix", "fields": [{"name": "nom"}, {"name": "montant", "title": "Montant", "type": "number"}]}
    assert validate(table, schema).report.to_text() == (
        "Table « prix » : 4 lignes lues, 1 acceptée, 3 rejetées.\n\n"
        "« Montant » (montant) : attendu, nombre sans espace ni symbole, avec « . » devant les décimales ; corriger la cellule.\n"
        "    règle type ; 3 lignes : 2, 4 à 5\n"
    )


def test_the_text_can_name_the_lines_of_the_file() -> None:
    table = pl.DataFrame({"a": ["x", "1", "y"], "ligne": pl.Series([4, 9, 17], dtype=pl.UInt32)})
    report = validate(table, {"fields": [{"name": "a", "type": "integer"}]}, carry=["ligne"]).report
    assert "2 lignes : 4, 17" in report.to_text(table["ligne"])


def test_a_valid_table() -> None:
    report = validate(pl.DataFrame({"a": ["1"]}), {"name": "t", "fields": [{"name": "a", "type": "integer"}]}).report
    assert report.valid
    assert report.to_text() == "Table « t » : 1 ligne lue, 1 acceptée, 0 rejetée.\n"
    assert frictionless.Report.from_descriptor(report.to_descriptor()).valid


def test_an_empty_table_and_one_without_columns() -> None:
    schema = {"fields": [{"name": "a"}]}
    assert validate(pl.DataFrame(schema={"a": pl.String}), schema).report.valid
    assert validate(pl.DataFrame(), schema).report.errors["type"].to_list() == ["source-error"]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([3], "3"), ([3, 4], "3 à 4"), ([1, 3, 4, 5, 9], "1, 3 à 5, 9"), (range(1, 200, 2), None)],
)
def test_line_ranges(numbers: list[int], words: str | None) -> None:
    told = line_ranges(list(numbers))
    assert told == words or (words is None and told.endswith("79 et 60 autres"))


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({}, "« fields » manque"),
        ({"fields": []}, "« fields » manque"),
        ({"fields": [{"type": "string"}]}, "n° 1 n'a pas de nom"),
        ({"fields": [{"name": "a"}, {"name": "a"}]}, "décrit deux fois"),
        ({"fields": [{"name": "a", "type": "monnaie"}]}, "inutilisable"),
        ({"fields": [{"name": "a", "type": "number", "constraints": {"pattern": "1"}}]}, "inutilisable"),
        ({"fields": [{"name": "a", "type": "number", "constraints": {"minimum": "beaucoup"}}]}, "la borne « minimum »"),
        ({"fields": [{"name": "a", "constraints": {"pattern": "("}}]}, "inutilisable"),
        ({"fields": [{"name": "a", "type": "date", "example": "28/10/2024"}]}, "inutilisable"),
        ({"fields": [{"name": "a"}], "primaryKey": ["b"]}, "inutilisable"),
        ({"fields": [{"name": "a"}], "custom_checks": ["french-siret-value"]}, "doit être une liste"),
        ({"fields": [{"name": "a"}], "custom_checks": [{"name": "opening-hours-value"}]}, "« opening-hours-value » inconnu"),
        ({"fields": [{"name": "a"}], "custom_checks": [{"name": "one-of-required", "params": {"column1": "a"}}]}, "« column2 »"),
    ],
)
def test_an_unusable_schema_is_refused_in_french(schema: dict[str, object], told: str) -> None:
    with pytest.raises(SchemaInvalide, match="schéma") as refusal:
        validate(pl.DataFrame({"a": ["1"]}), schema)
    assert told in str(refusal.value)


def test_a_typed_column_or_a_lost_one_is_a_fault_of_the_caller() -> None:
    schema = {"fields": [{"name": "a"}]}
    with pytest.raises(TypeError, match="autre type : a"):
        validate(pl.DataFrame({"a": [1]}), schema)
    with pytest.raises(KeyError, match="ligne"):
        validate(pl.DataFrame({"a": ["1"]}), schema, carry=["ligne"])


def test_frictionless_is_not_imported_before_a_table_is_judged() -> None:
    code = "import sys, pipeline.tableschema; sys.exit('frictionless' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
