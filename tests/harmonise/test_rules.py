"""What holds for every rule, whatever it repairs."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.ledger import repaired
from pipeline.schema import Field, load
from tests.harmonise.essai import CONTRACT, MINUS, NARROW, NBSP, RULES, SCHEMA

FIELDS_OF = {rule: [field for field in SCHEMA.fields if RULES[rule] in CONTRACT.rules_of(field)] for rule in RULES}
FIELDS_OF["montant-zero-final"] = [load("deliveries", "echeancier").field("montant_engage")]  # the trial table has a funder's forms

ANY_TEXT = st.one_of(
    st.text(max_size=12),
    st.text(f"0123456789 ,.-€%()'{NBSP}{NARROW}{MINUS}", max_size=15),
    st.from_regex(r"[0-3][0-9][/.-][01][0-9][/.-][0-9]{4}( 00:00:00)?", fullmatch=True),
    st.from_regex(r"20[0-9]{2}[/-][01][0-9][/-][0-3][0-9]( 00:00:00)?([_/]| au )20[0-9]{2}[/-][01][0-9][/-][0-3][0-9]", fullmatch=True),
    st.sampled_from(
        ["1", "80", "80 %", "1,234", "1,234,567", "1,234.50", "1.234,56", "350,00", "12 350,00 €", "43182", "2018-03-23 00:00:00", "2014"]
    ),
    st.sampled_from(["vague 1", " MP-1", "732 829 320 00074", "35181600000000.0", "5520135400010", "w123 456 789", "2a", "1004"]),
    st.sampled_from(
        ["NON", "Oui", "en numéraire", "AIDE EN NATURE", "Fablab, France Services", "non précisé", "Ã©tÃ©", "Ãƒ©", "9 mai 2023"]
    ),
)


def test_the_rules_and_their_order() -> None:
    assert list(RULES) == [
        "formule-texte",
        "vide",
        "texte-double",
        "espaces",
        "non-precise",
        "date-minuit",
        "date-jjmmaaaa",
        "date-points",
        "date-aaaammjj",
        "date-lettres",
        "date-serie-excel",
        "periode-dates",
        "periode-separateur",
        "montant-centimes",
        "montant-anglais",
        "montant-zero-final",
        "montant-milliers",
        "montant-francais",
        "entier-virgule-zero",
        "part-signe",
        "part-colonne",
        "identifiant-virgule-zero",
        "siret-espaces",
        "siren-espaces",
        "siret-zero-perdu",
        "siret-arrondi",
        "siret-notation-scientifique",
        "rna-forme",
        "code-zero-perdu",
        "oui-non",
        "libelle",
        "vague-libelle",
    ]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_each_rule_is_told_in_french_with_its_reason_and_an_example(rule: object) -> None:
    told = RULES[rule.id]  # type: ignore[attr-defined]
    assert re.fullmatch(r"[A-ZÀ-Ý].*\.", told.sentence)
    assert re.fullmatch(r"[A-ZÀ-Ý«].*\.", told.reason)
    assert told.example[0] != told.example[1]


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_concerns_a_field_of_the_trial_table_and_changes_its_own_example(rule: str) -> None:
    before, after = RULES[rule].example
    column = [before, *{"montant-anglais": ["1,234,567"], "montant-zero-final": ["50.5"]}.get(rule, [])]
    results = []
    for field in FIELDS_OF[rule]:
        cells = pl.Series(field.name, column, pl.String)
        results.append(repaired(cells, pl.Series(range(len(column)), dtype=pl.UInt32), field, [RULES[rule]])[0][0])
    assert after in results


@pytest.mark.parametrize(
    ("table", "field", "expected"),
    [
        ("conventions", "idAttribuant", ["non-precise", "identifiant-virgule-zero", "siret-espaces", "siret-zero-perdu"]),
        ("conventions", "idBeneficiaire", ["non-precise", "identifiant-virgule-zero", "siret-espaces", "siret-zero-perdu"]),  # by its check
        (
            "subventions",
            "idBeneficiaire",
            [
                "non-precise",
                "identifiant-virgule-zero",
                "siret-espaces",
                "siret-zero-perdu",
                "siret-arrondi",
                "siret-notation-scientifique",
            ],
        ),
        ("conventions", "rnaBeneficiaire", ["non-precise", "rna-forme"]),
        ("conventions", "datesPeriodeVersement", ["non-precise", "date-minuit", "periode-dates", "periode-separateur"]),
        ("subventions", "datesPeriodeVersement", ["non-precise", "date-minuit", "periode-dates", "periode-separateur"]),  # by `formes`
        ("conventions", "montant", ["non-precise", "montant-anglais", "montant-zero-final", "montant-milliers", "montant-francais"]),
        ("subventions", "montant", ["non-precise", "montant-centimes", "montant-anglais", "montant-milliers", "montant-francais"]),
        ("conventions", "nature", ["libelle"]),
        ("subventions", "notificationUE", ["non-precise", "oui-non"]),
        ("conventions", "vague", ["vague-libelle"]),
        ("lieux", "siren", ["non-precise", "identifiant-virgule-zero", "siren-espaces"]),
        ("lieux", "departement", ["non-precise", "identifiant-virgule-zero", "code-zero-perdu"]),
        ("resultats", "territoire", ["libelle"]),
        ("versements", "exercice", ["non-precise", "entier-virgule-zero"]),
        ("versements", "siret", []),  # no form in its schema: Chorus writes codes of its own there
        ("recensement", "CP", []),
    ],
)
def test_the_schema_says_what_a_rule_concerns(table: str, field: str, expected: list[str]) -> None:
    contract = Contract.of(table)
    concerned = [rule.id for rule in contract.rules_of(load("deliveries", table).field(field))]
    assert [rule for rule in concerned if rule not in ("formule-texte", "vide", "espaces", "texte-double")] == expected
    assert "vide" in concerned


@pytest.mark.parametrize("field", SCHEMA.fields, ids=lambda field: field.name)
@settings(deadline=None, max_examples=25)
@given(values=st.lists(ANY_TEXT, max_size=20))
def test_rules_applied_twice_change_nothing_more(field: Field, values: list[str]) -> None:
    chain = CONTRACT.rules_of(field)
    lines = pl.Series(range(len(values)), dtype=pl.UInt32)
    once, _ = repaired(pl.Series(field.name, values, pl.String), lines, field, chain)
    twice, entries = repaired(once, lines, field, chain)
    assert twice.to_list() == once.to_list()
    assert entries == []


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None, max_examples=25)
@given(values=st.lists(ANY_TEXT, min_size=1, max_size=20))
def test_a_cell_that_is_not_suspect_is_one_that_the_rule_leaves_alone(rule: str, values: list[str]) -> None:
    """`suspects` only saves work: the expression gives the same on the whole column."""
    field, told = FIELDS_OF[rule][0], RULES[rule]
    cells = pl.DataFrame({"cell": values}, schema={"cell": pl.String}).filter(pl.col("cell") != "")
    everywhere = cells.select(told.repaired(pl.col("cell"), field)).to_series()
    if told.proof is not None and not cells.select(told.proof(pl.col("cell"), field)).item():
        everywhere = cells.to_series()
    applied, _ = repaired(cells.to_series(), pl.Series(range(cells.height), dtype=pl.UInt32), field, [told])
    assert applied.to_list() == everywhere.to_list()


@pytest.mark.parametrize("field", SCHEMA.fields, ids=lambda field: field.name)
@settings(deadline=None, max_examples=25)
@given(values=st.lists(ANY_TEXT, max_size=20))
def test_the_entries_lead_from_the_cells_as_delivered_to_those_harmonised(field: Field, values: list[str]) -> None:
    after, entries = repaired(
        pl.Series(field.name, values, pl.String), pl.Series(range(len(values)), dtype=pl.UInt32), field, CONTRACT.rules_of(field)
    )
    cells: list[str | None] = [value or None for value in values]
    for entry in entries:
        for line, column, _, before, result in entry.iter_rows():
            assert column == field.name
            assert cells[line] == before
            assert before != result
            cells[line] = result
    assert cells == after.to_list()
