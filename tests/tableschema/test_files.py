"""Files of every kind, judged as they are."""

import io
import json
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import polars as pl
import pytest

from pipeline.tableschema import contract, files, render, source
from pipeline.tableschema.frictionless_report import report_json
from pipeline.tableschema.report import Report

SCHEMA: dict[str, Any] = {
    "name": "prix",
    "fields": [
        {"name": "nom", "title": "Nom", "constraints": {"required": True}},
        {"name": "montant", "type": "number", "constraints": {"minimum": 0}},
        {"name": "jour", "type": "date"},
    ],
}


def check(data: bytes, schema: dict[str, Any] = SCHEMA, **options: Any) -> Report:
    return files.check(io.BytesIO(data), contract.read(schema), **options).report


def found(report: Report) -> list[tuple[Any, ...]]:
    """(line of the file, field, rule) of each error."""
    rows = report.errors.with_columns(line=report.numbers(report.errors["row"].fill_null(0)))
    return rows.select(pl.when(pl.col("row").is_not_null()).then("line"), "field", "rule").rows()


@pytest.mark.parametrize("block", [3, 40, 1 << 20])
def test_a_record_and_its_physical_line_are_told_apart(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(source, "BLOCK", block)
    text = 'nom,montant,jour\n"a\n\nb",1,2024-01-05\n\n"c\n",x,\nd,y\n'
    report = check(text.encode())
    assert found(report) == [(5, None, "blank-row"), (6, "montant", "type"), (8, "montant", "type"), (8, "jour", "missing-cell")]
    records = [error["rowNumber"] for error in report.to_descriptor()["tasks"][0]["errors"]]
    assert records == [3, 4, 5, 5]
    assert "1 ligne : 5" in "".join(render.text([report]))


def test_separator_and_encoding_are_found() -> None:
    report = check("nom;montant;jour\né;1,5;2024-01-05\n".encode("cp1252"))
    assert found(report) == [(2, "montant", "type")]
    assert "cp1252" in report.warnings[0]
    assert check("\ufeffnom\tmontant\tjour\né\t1.5\t\n".encode()).valid
    assert check("\ufeffnom,montant,jour\né,1.5,\n".encode("utf-16-le")).valid


def test_bytes_that_turn_out_not_to_be_utf8_far_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BLOCK", 64)
    report = check(b"nom,montant,jour\n" + b"a,1,\n" * 100 + b"\xe9,x,\n")
    assert found(report) == [(102, "montant", "type")]
    assert report.lines == 101


def test_a_workbook() -> None:
    book = openpyxl.Workbook()
    book.active.append(["autre feuille"])
    sheet = book.create_sheet("prix")
    for row in (["nom", "montant", "jour"], ["a", 12.5, None], [None, -3, "2024-02-30"], [None, None, None], ["b", "x", None]):
        sheet.append(row)
    import datetime as dt

    sheet["C2"] = dt.date(2024, 1, 5)
    stream = io.BytesIO()
    book.save(stream)
    assert found(check(stream.getvalue())) == [
        *[(3, "nom", "required"), (3, "montant", "minimum"), (3, "jour", "type")],
        *[(4, None, "blank-row"), (5, "montant", "type")],
    ]


def test_a_parquet_file(tmp_path: Path) -> None:
    import datetime as dt

    table = pl.DataFrame({"nom": ["a", None], "montant": [1.0, -0.5], "jour": [dt.date(2024, 1, 5), None]})
    table.write_parquet(tmp_path / "t.parquet")
    assert found(check((tmp_path / "t.parquet").read_bytes())) == [(3, "nom", "required"), (3, "montant", "minimum")]
    whole = {"fields": [{"name": "n", "type": "integer"}, {"name": "b", "type": "boolean"}, {"name": "d", "type": "date"}]}
    pl.DataFrame({"n": [1.0], "b": [True], "d": [dt.datetime(2024, 1, 5)]}).write_parquet(tmp_path / "t.parquet")  # noqa: DTZ001
    assert check((tmp_path / "t.parquet").read_bytes(), whole).valid


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04 not a workbook", "classeur abîmé"),
        (b"PAR1 not a parquet", "abîmé"),
        (b"%PDF-1.4\0\0", "fichier binaire"),
        (b"\xff\xfea,b\n\x00\xd8", "codage inconnu"),
    ],
)
def test_what_cannot_be_read_is_told_in_french(data: bytes, told: str) -> None:
    with pytest.raises(files.FileUnreadable, match=told):
        check(data)


def test_an_empty_file_and_a_header_alone() -> None:
    assert [row[2] for row in found(check(b""))] == ["source-error"]
    assert check(b"nom,montant,jour\n").valid
    assert check(b"nom,montant,jour").lines == 0


def test_labels_that_come_twice_stop_a_match_by_name() -> None:
    report = check(b"nom,nom,jour\na,b,c\n", {**SCHEMA, "fieldsMatch": "equal"})
    assert report.errors["type"].to_list() == ["error"]
    assert "Deux colonnes" in report.messages[0]
    assert not frictionless.Report.from_descriptor(report.to_descriptor()).valid


MANY = b"nom,montant,jour\n" + b"".join(b",C4NARI%d,x\n" % row for row in range(2500))


def test_max_errors_limits_the_list_not_the_counts() -> None:
    report = check(MANY)
    whole, cut = (json.loads("".join(report_json([report], limit))) for limit in (None, 3))
    assert (
        len(whole["tasks"][0]["errors"]) == 7500 == whole["stats"]["errors"] == cut["stats"]["errors"] == cut["tasks"][0]["stats"]["errors"]
    )
    assert cut["tasks"][0]["errors"] == whole["tasks"][0]["errors"][:3]
    assert frictionless.Report.from_descriptor(whole).stats["errors"] == 7500


def test_ids_are_unique_in_a_table_and_the_same_from_one_run_to_the_next() -> None:
    first, second = (json.loads("".join(report_json([check(MANY)]))) for _ in range(2))
    ids = [error["id"] for error in first["tasks"][0]["errors"]]
    assert first == second
    assert len(set(ids)) == len(ids) == 7500
    extra = check(b"nom,montant,jour\na,1,,x,y\nb,x,,z\n").to_descriptor()["tasks"][0]["errors"]
    assert [(error["type"], error["rowNumber"], error["fieldNumber"]) for error in extra] == [
        *[("extra-cell", 2, 4), ("extra-cell", 2, 5), ("type-error", 3, 2), ("extra-cell", 3, 4)],
    ]
    assert len({error["id"] for error in extra}) == 4
    same_kind = next(error["id"] for error in first["tasks"][0]["errors"] if error["rowNumber"] == 3 and error["rule"] == "type")
    assert same_kind == extra[2]["id"]


def test_no_cell_is_shown_unless_asked_for() -> None:
    quiet, shown = check(MANY), check(MANY, samples=2)
    for told in (render.text([quiet]), render.page([quiet]), report_json([quiet]), report_json([shown])):
        assert "C4NARI" not in "".join(told)
    for told in (render.text([shown]), render.page([shown])):
        text = "".join(told)
        assert "« C4NARI0 », « C4NARI1 »" in text
        assert "C4NARI2" not in text


def test_a_shown_cell_cannot_command_a_terminal_nor_a_page() -> None:
    report = check(b'nom,montant,jour\na,\x1b[31m<script>alert(1)</script>,\nb,"1\n2",\n', samples=2)
    assert "\x1b" not in "".join(render.text([report]))
    page = "".join(render.page([report]))
    assert "<script" not in page
    assert "\x1b" not in page


def test_html_is_whole_by_itself_and_each_kind_of_error_has_an_anchor() -> None:
    page = "".join(render.page([check(MANY, place="<b>.csv")]))
    assert page.startswith('<!doctype html>\n<html lang="fr">')
    assert "&lt;b&gt;.csv" in page
    assert "http" not in page
    for group in check(MANY).groups():
        assert page.count(f'id="t1-{group.id}"') == page.count(f'href="#t1-{group.id}"') == 1


def test_who_judges_each_rule_is_explained() -> None:
    schema = {"fields": [{"name": "a", "type": "date", "format": "%d %B %Y"}, {"name": "b", "constraints": {"pattern": r"(a)\1|\w"}}]}
    explained = files.check(io.BytesIO(b"a,b\n"), contract.read(schema)).explained
    assert explained == [("a", "type", False), ("b", "type", True), ("b", "pattern", False)]


LABELS = [field["name"] for field in SCHEMA["fields"]]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("COLL_NOM;SUB_MONTANT;SUB_DATE", "L'en-tête n'est pas celui du schéma (colonnes de même nom : 0 sur 3)"),
        ("Nom;montant ;jour", ""),
        ("Nom;montant ;date", "L'en-tête n'est pas celui du schéma (colonnes de même nom : 1 sur 3)"),
        ("jour;nom;montant", "Les colonnes ne sont pas dans l'ordre du schéma"),
        ("nom;montant;jour;note", ""),
        ("nom", ""),
        ("titre", "L'en-tête n'est pas celui du schéma"),
    ],
)
def test_a_header_of_others_is_told_before_its_misleading_errors(header: str, told: str) -> None:
    """The errors stay frictionless's: only a sentence comes before them."""
    report = check(f"{header}\nVille;12;2024-01-05\n".encode())
    head = "".join(render.text([report])).splitlines()[2]
    assert head.startswith(f"Remarque : {told}") if told else not report.warnings
    assert report.valid == (header == ";".join(LABELS))


def test_a_format_that_needs_more_than_frictionless_is_told() -> None:
    schema = {"name": "lieux", "fields": [{"name": "nom"}, {"name": "contour", "format": "wkt"}]}
    with pytest.raises(contract.SchemaInvalide, match=r"un format demande « frictionless\[wkt\] », qui n'est pas installé"):
        check(b"nom,contour\na,POINT (1 2)\n", schema)


def test_a_reference_to_another_table_is_told_and_one_to_itself_is_judged() -> None:
    keys = [
        {"fields": "parent", "reference": {"resource": "", "fields": "nom"}},
        {"fields": "nom", "reference": {"resource": "autre", "fields": "x"}},
    ]
    schema = {"name": "lieux", "fields": [{"name": "nom"}, {"name": "parent"}], "foreignKeys": keys}
    report = check(b"nom,parent\na,\nb,a\nc,d\n", schema)
    assert found(report) == [(4, None, "foreignKey")]
    assert report.warnings == ("Clé étrangère vers « autre » non jugée : elle demande une autre table.",)
