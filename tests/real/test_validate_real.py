"""Validate on real files, read here with `csv` alone: no encoding, dialect or repair of ours between the file and the verdict."""

import codecs
import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import frictionless
import polars as pl
import pytest
from frictionless.formats import CsvControl
from stdnum.fr import siret

from pipeline.schema import TableSchema, load
from pipeline.tableschema import contract, files, source, validate
from pipeline.validate import fictional, judge
from tests.tableschema.oracle import errors_of

SIRETS = ("idAttribuant", "idBeneficiaire")


def read(path: Path) -> pl.DataFrame:
    """Records of a UTF-8 file with commas, as text, an empty cell being null."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        labels, *records = csv.reader(file)
    cells = [[cell or None for cell in record] for record in records]
    return pl.DataFrame(cells, schema=dict.fromkeys(labels, pl.String), orient="row")


def harmonised(table: pl.DataFrame, schema: TableSchema) -> pl.LazyFrame:
    """What harmonise would hand on for a file already in canonical form: spaces at the ends trimmed, absent fields empty."""
    absent = [pl.lit(None, pl.String).alias(name) for name in schema.field_names if name not in table.columns]
    trimmed = table.with_columns(pl.all().str.strip_chars().replace("", None)).with_columns(absent)
    provenance = {
        "livraison": pl.lit("reelle"),
        "ligne": pl.int_range(2, table.height + 2, dtype=pl.UInt32),
        "defaut": pl.lit(None, pl.String),
        "recollages": pl.lit(None, pl.UInt64),
    }
    return trimmed.select(*(expr.alias(name) for name, expr in provenance.items()), *schema.field_names).lazy()


def test_the_valid_scdl_example_is_accepted_whole(real_data: Path) -> None:
    table = read(real_data / "subventions" / "scdl_exemple_valide.csv")
    schema = load("deliveries", "conventions")
    judged = judge("conventions", harmonised(table, schema))
    accepted = judged.accepted.collect()
    assert judged.motifs.rows() == []
    assert accepted.height == table.height == 29
    assert str(accepted["montant"].sum()) == str(pl.Series(table["montant"]).cast(pl.Decimal(14, 2)).sum())
    assert accepted["notificationUE"].value_counts().sort("notificationUE").rows() == [(False, 11), (True, 18)]
    assert fictional("conventions", judged.accepted).is_empty()


def test_the_invalid_scdl_example_gives_frictionless_errors(real_data: Path) -> None:
    """The pinned SCDL schema, as published, without its custom checks (frictionless knows none), on the file as it is."""
    path = real_data / "subventions" / "scdl_exemple_invalide_erreurs_colonnes.csv"
    descriptor = json.loads((real_data.parent / "reference" / "scdl-subventions-2.1.1.json").read_text(encoding="utf-8"))
    resource = frictionless.Resource(
        path=path.name,
        basepath=str(path.parent),
        encoding="utf-8",
        schema=frictionless.Schema.from_descriptor(descriptor),
        dialect=frictionless.Dialect(controls=[CsvControl(delimiter=",", quote_char='"', skip_initial_space=False)]),
    )
    theirs = Counter(map(tuple, resource.validate(limit_errors=10**9).flatten(["type", "rowNumber", "fieldNumber"])))
    report = frictionless.Report.from_descriptor(validate(read(path), {**descriptor, "custom_checks": []}).report.to_descriptor())
    ours = Counter(map(tuple, report.flatten(["type", "rowNumber", "fieldNumber"])))
    assert ours == theirs
    assert ours.total() > 29


def test_the_checks_of_validata_on_the_invalid_scdl_example(real_data: Path) -> None:
    """Every funder's SIRET is the same rounded one, which fails Luhn; 20 of the 28 beneficiaries' numbers are no SIRET either."""
    table = read(real_data / "subventions" / "scdl_exemple_invalide_erreurs_colonnes.csv")
    descriptor = json.loads((real_data.parent / "reference" / "scdl-subventions-2.1.1.json").read_text(encoding="utf-8"))
    errors = validate(table, descriptor).report.errors
    wrong = {name: [row for row, number in enumerate(table[name]) if number and not siret.is_valid(number)] for name in SIRETS}
    assert [len(rows) for rows in wrong.values()] == [29, 20]
    for name, rows in wrong.items():
        found = errors.filter(pl.col("rule") == "french-siret-value", pl.col("field") == name)
        assert found["row"].to_list() == rows
    nobody = [row for row, numbers in enumerate(table.select("idBeneficiaire", "rnaBeneficiaire").iter_rows()) if not any(numbers)]
    assert errors.filter(pl.col("rule") == "one-of-required")["row"].to_list() == nobody
    assert nobody


def test_the_census_has_decimal_commas_that_only_harmonise_may_read(real_data: Path) -> None:
    judged = judge("recensement", harmonised(read(real_data / "CGET_TiersLieux_2019.csv"), load("deliveries", "recensement")))
    assert judged.motifs.group_by("champ", "regle").len().rows() == [("POPCOM", "type", 13)]
    assert judged.accepted.select(pl.len()).collect().item() == 1512 - 13


@pytest.mark.parametrize(
    ("table", "file", "lines"),
    [
        ("recensement", "CGET_TiersLieux_2019.csv", 1512),
        ("resultats", "laureats_fabriques.csv", 58),
        ("vagues", "vagues.csv", 14),
        ("indicateurs_publies", "indicateurs_publies.csv", 99),
    ],
)
def test_every_line_of_a_collected_file_is_accepted(real_data: Path, table: str, file: str, lines: int) -> None:
    schema = load("deliveries", table)
    raw = read(real_data / file)
    if table == "recensement":
        raw = raw.with_columns(pl.col("POPCOM").str.replace(",", ".", literal=True))
    judged = judge(table, harmonised(raw, schema))
    assert judged.motifs.group_by("champ", "regle").len().rows() == []
    accepted = judged.accepted.collect()
    assert accepted.height == lines
    assert dict(list(accepted.schema.items())[2:]) == schema.polars_schema
    assert fictional(table, judged.accepted).is_empty()


def text_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("**/*.csv")) if "rapport" not in path.name]


def described(labels: list[str], match: str) -> dict[str, Any]:
    """A schema that no file was written for: types by turns, so that each file breaks it in many ways."""
    kinds: list[dict[str, Any]] = [
        {"constraints": {"required": True, "maxLength": 20}},
        {"type": "number", "constraints": {"minimum": 1}},
        {"type": "date", "format": "%d/%m/%Y"},
        {"type": "integer"},
        {"constraints": {"unique": True, "pattern": r"[\w .'-]+"}},
        {"type": "date"},
        {"type": "number", "decimalChar": ",", "groupChar": " "},
    ]
    names = list(dict.fromkeys(label.strip() or f"colonne {rank}" for rank, label in enumerate(labels)))
    fields = [{"name": name, **kinds[rank % len(kinds)]} for rank, name in enumerate(names)]
    return {"name": "essai", "fields": fields, "fieldsMatch": match, "primaryKey": names[:2]}


def test_every_real_file_gives_the_verdicts_of_frictionless(real_data: Path, tmp_path: Path) -> None:
    """Each file with SCDL's schema and with one made to be broken; frictionless reads it in UTF-8 and with the separator given."""
    scdl = json.loads((real_data.parent / "reference" / "scdl-subventions-2.1.1.json").read_text(encoding="utf-8"))
    compared = 0
    for path in text_files(real_data / "subventions"):
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
        copy = tmp_path / path.name
        copy.write_bytes(text.encode())
        separator = source.separator_of(text[: source.SAMPLE], scdl_names(scdl))
        labels = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        for schema in ({**scdl, "custom_checks": []}, described(labels, "exact"), described(labels, "partial")):
            with path.open("rb") as stream:
                report = files.check(stream, contract.read(schema)).report
            read = frictionless.Report.from_descriptor(report.to_descriptor())
            ours = Counter(map(tuple, read.flatten(["type", "rowNumber", "fieldNumber"])))
            assert ours == errors_of(copy, schema, separator), path.name
            compared += ours.total()
    assert compared > 100_000


def scdl_names(schema: dict[str, Any]) -> set[str]:
    return {field["name"] for field in schema["fields"]}
