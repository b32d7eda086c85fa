import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.schema import load
from pipeline.tableschema import SchemaInvalide
from pipeline.validate import judge_by
from tests.validate.contract import NAMES, lines, schema


def reasons(frame: pl.LazyFrame, **root: Any) -> list[tuple[int, str | None, str]]:
    return [tuple(row) for row in judge_by(schema(**root), frame).motifs.select("ligne", "champ", "regle").rows()]


def test_an_accepted_line_is_typed() -> None:
    judged = judge_by(
        schema(),
        lines({"montant": "12350.5", "taux": "0.25", "jour": "2024-10-28", "annee": "2024", "actif": "oui", "rang": "-3", "code": "007"}),
    )
    accepted = judged.accepted.collect()
    assert judged.motifs.is_empty()
    assert accepted.columns == ["livraison", "ligne", *NAMES]
    assert dict(list(accepted.schema.items())[2:]) == schema().polars_schema
    assert accepted.row(0) == ("essai-1", 2, "Atelier", None, Decimal("12350.50"), 0.25, date(2024, 10, 28), 2024, True, -3, "007")


def test_a_line_of_the_wrong_width_is_rejected_for_that_alone() -> None:
    frame = lines({"defaut": "extra-cell", "nom": None, "montant": "x"}, {"defaut": "missing-cell"}, {})
    judged = judge_by(schema(), frame)
    assert judged.motifs.select("ligne", "champ", "regle").rows() == [(2, None, "extra-cell"), (3, None, "missing-cell")]
    assert judged.accepted.select("ligne").collect().to_series().to_list() == [4]


def test_every_reason_of_a_line_is_told() -> None:
    frame = lines({"nom": None, "montant": "douze", "jour": "28/10/2024"})
    assert reasons(frame) == [(2, "nom", "required"), (2, "montant", "type"), (2, "jour", "type")]


def test_uniqueness_holds_within_a_delivery() -> None:
    first, second = lines({"code": "a"}, {"code": "a"}), lines({"code": "a"}, livraison="essai-2")
    judged = judge_by(schema(), pl.concat([first, second]))
    assert judged.motifs.select("livraison", "ligne", "regle").rows() == [("essai-1", 3, "unique")]
    assert judged.accepted.select("livraison", "ligne").collect().rows() == [("essai-1", 2), ("essai-2", 2)]


@pytest.mark.parametrize(
    ("field", "text", "regle"),
    [
        ("montant", "1.005", "montant-precision"),
        ("montant", "1000000000000", "montant-precision"),
        ("montant", "1e3", "montant-precision"),
        ("montant", "NaN", "montant-precision"),
        ("montant", "1_000", "montant-precision"),
        ("montant", "50.000", "montant-ambigu"),  # fifty, or fifty thousand
        ("montant", "-120.500", "montant-ambigu"),
        ("taux", "INF", "conversion"),
        ("taux", "1e400", "conversion"),
        ("rang", "１２", "conversion"),
        ("rang", "9" * 19, "conversion"),
        ("annee", "1_00", "conversion"),
        ("jour", "２024-01-05", "conversion"),
    ],
)
def test_what_table_schema_admits_and_the_column_cannot_hold_is_rejected(field: str, text: str, regle: str) -> None:
    judged = judge_by(schema(), lines({field: text}, {}))
    assert judged.motifs.select("ligne", "champ", "regle").rows() == [(2, field, regle)]
    assert text not in judged.motifs["message"][0]
    assert judged.accepted.select("ligne").collect().to_series().to_list() == [3]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.from_regex(r"[+-]?[0-9]{0,14}(\.[0-9]{0,4})?", fullmatch=True) | st.decimals(allow_nan=False, allow_infinity=False).map(str),
        min_size=1,
        max_size=40,
    )
)
def test_an_amount_is_kept_to_the_cent_or_its_line_is_rejected(texts: list[str]) -> None:
    judged = judge_by(schema(), lines(*({"montant": text or None} for text in texts)))
    kept = dict(judged.accepted.select("ligne", "montant").collect().iter_rows())
    rejected = set(judged.motifs["ligne"])
    for line, text in enumerate(texts, start=2):
        assert (line in kept) != (line in rejected)
        try:
            exact = Decimal(text) if text else None
        except InvalidOperation:
            assert line in rejected
            continue
        if line in kept:
            assert kept[line] == exact
        elif "e" not in text.lower():
            assert exact is not None
            ambiguous = re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d\d0", text)
            assert ambiguous or abs(exact) >= 10**12 or exact != round(exact, 2)


def test_a_missing_value_of_the_schema_is_no_text() -> None:
    judged = judge_by(schema(missingValues=["", "#N/D"]), lines({"siret": "#N/D", "montant": "#N/D", "actif": "#N/D"}))
    assert judged.motifs.is_empty()
    assert judged.accepted.select("siret", "montant", "actif").collect().row(0) == (None, None, None)


def test_the_schema_asks_for_the_strict_rules() -> None:
    checks = [{"name": name, "params": {"column": "siret"}} for name in ("french-siret-value", "siret-strict", "siret-arrondi")]
    frame = lines({"siret": "73282932000074"}, {"siret": "00000000000000"}, {"siret": None})
    assert reasons(frame, custom_checks=checks[:1]) == []
    assert reasons(frame, custom_checks=checks) == [(3, "siret", "siret-strict"), (3, "siret", "siret-arrondi")]


@pytest.mark.parametrize(
    ("siret", "rule"),
    [("35181600000000", "siret-arrondi"), ("00000036400000", "siret-arrondi"), ("2,18602E+13", "siret-notation-scientifique")],
)
def test_a_siret_that_lost_digits_is_rejected_by_conventions_for_its_own_reason(siret: str, rule: str) -> None:
    strict = load("deliveries", "conventions")
    types = {"livraison": pl.String, "ligne": pl.UInt32, "defaut": pl.String, "recollages": pl.UInt64, **strict.text_schema}
    row = {"livraison": "L1", "ligne": 2, "idBeneficiaire": siret}
    judged = judge_by(strict, pl.LazyFrame([{name: row.get(name) for name in types}], schema=types))
    (message,) = judged.motifs.filter(pl.col("champ") == "idBeneficiaire", pl.col("regle") == rule)["message"]
    assert "avis de situation SIRENE" in message and siret not in message


def test_a_schema_that_cannot_judge_is_not_taken_for_a_valid_table() -> None:
    check = {"name": "cohesive-columns-value", "params": {"column": "nom", "othercolumns": ["inconnue"]}}
    with pytest.raises(SchemaInvalide, match="essai"):
        judge_by(schema(custom_checks=[check]), lines({}))


def test_a_table_without_lines() -> None:
    judged = judge_by(schema(), lines())
    assert judged.accepted.collect().is_empty()
    assert judged.motifs.is_empty()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "defaut": st.sampled_from(["extra-cell", "missing-cell"]),
                "nom": st.sampled_from([None, "A", "B" * 30]),
                "montant": st.sampled_from(["1", "1.005", "x", "NaN"]),
                "code": st.sampled_from(["a", "b"]),
                "livraison": st.sampled_from(["essai-1", "essai-2"]),
            },
        ),
        max_size=12,
    )
)
def test_each_line_is_accepted_or_has_a_reason_never_both(rows: list[dict[str, Any]]) -> None:
    frame = lines(*rows)
    judged = judge_by(schema(), frame)
    every = frame.select("livraison", "ligne").collect().rows()
    accepted = judged.accepted.select("livraison", "ligne").collect().rows()
    rejected = set(judged.motifs.select("livraison", "ligne").rows())
    assert len(accepted) + len(rejected) == len(every)
    assert accepted == [key for key in every if key not in rejected]
    assert all(message for message in judged.motifs["message"])


@pytest.mark.parametrize(
    ("table", "field", "text", "regle"),
    [
        ("conventions", "montant", "100000000.01", "montant-plafond"),
        ("conventions", "montant", "-100000000.01", "montant-plafond"),
        ("conventions", "montantBase", "600000000000", "maximum"),
        ("echeancier", "montant_engage", "600000000000", "maximum"),
        ("versements", "montant_paye", "-600000000000", "minimum"),
        ("candidatures", "montant_demande", "600000000000", "maximum"),
        *((table, field, year, bound)
          for table, field in (("suivi", "annee"), ("echeancier", "annee"), ("versements", "exercice"))
          for year, bound in (("0000", "minimum"), ("9999", "maximum"))),
    ],
)  # fmt: skip
def test_an_amount_or_a_year_beyond_all_that_is_real_is_rejected(table: str, field: str, text: str, regle: str) -> None:
    strict = load("deliveries", table)
    types = {"livraison": pl.String, "ligne": pl.UInt32, "defaut": pl.String, "recollages": pl.UInt64, **strict.text_schema}
    example = {column.name: column.descriptor.get("example") for column in strict.fields}
    rows = [{"livraison": "L1", "ligne": line, **example, field: cell} for line, cell in ((2, example[field]), (3, text))]
    judged = judge_by(strict, pl.LazyFrame([{name: row.get(name) for name in types} for row in rows], schema=types))
    assert (field, regle) in judged.motifs.filter(pl.col("ligne") == 3).select("champ", "regle").rows()
    assert judged.motifs.filter(pl.col("ligne") == 2, pl.col("champ") == field).is_empty()
