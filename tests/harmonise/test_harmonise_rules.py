import re
from calendar import monthrange
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline import programme
from pipeline.harmonise.ledger import repaired
from pipeline.harmonise.rules import Rule, rules
from pipeline.schema import Field, TableSchema, from_descriptor, load

WAVES = {"1": "fdt-01", "Vague 1": "fdt-01", "2": "fdt-02", "MP-1": "mp-01", "A": "fdt-03", "a": "fdt-04"}
RULES = {rule.id: rule for rule in rules(WAVES)}
NBSP, NARROW, THIN, ZERO_WIDTH, MINUS = "\u00a0", "\u202f", "\u2009", "\u200b", "\u2212"

SCHEMA: TableSchema = from_descriptor(
    {
        "name": "essai",
        "title": "Essai",
        "description": "Un champ de chaque sorte",
        "version": "1",
        "fields": [
            {"name": "texte", "type": "string"},
            {"name": "jour", "type": "date"},
            {"name": "montant", "type": "number", "unit": "EUR"},
            {"name": "mesure", "type": "number"},
            {"name": "compte", "type": "integer"},
            {"name": "annee", "type": "year"},
            {"name": "siret", "type": "string", "constraints": {"pattern": r"^\d{14}$"}},
            {"name": "siren", "type": "string", "constraints": {"pattern": "^[0-9]{9}$"}},
            {"name": "rna", "type": "string", "constraints": {"pattern": r"^W\d{9}$"}},
            {"name": "vague", "type": "string"},
        ],
        "custom_checks": [{"name": "one-of-required", "params": {"column1": "siret", "column2": "rna"}}],
    }
)


def applied(rule: Rule, field: Field, *values: str | None) -> list[str | None]:
    """The column after one rule, as the stage applies it."""
    cells = pl.Series(field.name, values, pl.String)
    return repaired(cells, pl.Series(range(len(values)), dtype=pl.UInt32), field, [rule])[0].to_list()


CASES = {
    ("vide", "texte"): [("", None), ("   ", None), (NBSP + "\t\n", None), (ZERO_WIDTH, None), ("0", "0"), (" a ", " a "), (None, None)],
    ("espaces", "texte"): [
        (" a b ", "a b"),
        (f"{NBSP}36 quai Fulchiron{NARROW}\r\n", "36 quai Fulchiron"),
        ("\ufeffLuzin\u2060", "Luzin"),
        (f"L'Île{NBSP}: le  lieu", f"L'Île{NBSP}: le  lieu"),  # inner spaces are content
        ("ligne 1\nligne 2", "ligne 1\nligne 2"),
        (None, None),
    ],
    ("date-jjmmaaaa", "jour"): [
        ("28/10/2024", "2024-10-28"),
        ("29/02/2024", "2024-02-29"),
        ("29/02/2023", "29/02/2023"),  # no such day
        ("10/28/2024", "10/28/2024"),
        ("00/01/2024", "00/01/2024"),
        ("01/01/0000", "01/01/0000"),
        ("28/10/24", "28/10/24"),  # which century?
        ("1/2/2024", "1/2/2024"),
        ("28.10.2024", "28.10.2024"),
        ("28/10/2024 12:00", "28/10/2024 12:00"),
        ("2024-10-28", "2024-10-28"),
        ("2024/10/28", "2024/10/28"),
        ("２８/10/2024", "２８/10/2024"),
        (None, None),
    ],
    ("date-points", "jour"): [("01.01.1970", "1970-01-01"), ("31.04.2021", "31.04.2021"), ("28/10/2024", "28/10/2024"), ("1.234", "1.234")],
    ("date-minuit", "jour"): [
        ("2018-03-23 00:00:00", "2018-03-23"),
        ("2018-03-23T00:00", "2018-03-23"),
        ("2018-03-23 00:00:00.000", "2018-03-23"),
        ("2018-03-23 12:00:00", "2018-03-23 12:00:00"),  # an hour is content
        ("2018-02-30 00:00:00", "2018-02-30 00:00:00"),
    ],
    ("montant-francais", "montant"): [
        ("12 350,00 €", "12350.00"),
        (f"12{NBSP}350,00{NBSP}€", "12350.00"),
        (f"1{NARROW}234{NARROW}567,8", "1234567.8"),
        (f"24{THIN}975", "24975"),
        ("12350,00", "12350.00"),
        ("1,00", "1.00"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("12 350.5 euros", "12350.5"),
        ("250 EUR", "250"),
        ("-1 200,50", "-1200.50"),
        (f"{MINUS}300,00", "-300.00"),
        ("1,234", "1,234"),  # 1.234, or 1234 in English
        ("-1,234", "-1,234"),
        ("- 1,234", "- 1,234"),
        ("999,999 €", "999,999 €"),
        ("1.234 €", "1.234 €"),  # 1.234, or 1234 in German
        ("1,234,567", "1,234,567"),
        ("1.234,56", "1.234,56"),
        ("1,234.56", "1,234.56"),
        ("12 35", "12 35"),
        ("12 3500", "12 3500"),
        ("0 012", "0 012"),
        ("12350.00", "12350.00"),
        ("12,", "12,"),
        (",5", ",5"),
        ("1e5", "1e5"),
        ("80 %", "80 %"),
        ("12 350 € HT", "12 350 € HT"),
        ("€", "€"),
        ("-", "-"),
        (None, None),
    ],
    ("montant-francais", "mesure"): [
        ("47,2459", "47.2459"),
        ("1 061 271", "1061271"),
        ("12,5 €", "12,5 €"),
        ("7027,81283976", "7027.81283976"),
    ],
    ("montant-francais", "compte"): [
        ("1 200", "1200"),
        (f"-1{NBSP}200", "-1200"),
        ("12,0", "12,0"),
        ("1 200,00", "1 200,00"),
        ("12 €", "12 €"),
    ],
    ("siret-espaces", "siret"): [
        ("732 829 320 00074", "73282932000074"),
        (f"732{NBSP}829{NARROW}320  00074", "73282932000074"),
        ("732 829 320", "732829320"),  # a SIREN stays one
        ("732829320 0007", "732829320 0007"),
        ("W751 234 567", "W751 234 567"),
        ("73282932000074", "73282932000074"),
    ],
    ("siren-espaces", "siren"): [("732 829 320", "732829320"), ("732 829 320 00074", "732 829 320 00074")],
    ("vague-libelle", "vague"): [
        ("1", "fdt-01"),
        ("vague 1", "fdt-01"),
        ("mp-1", "mp-01"),
        ("FDT-02", "fdt-02"),
        ("fdt-02", "fdt-02"),
        ("A", "A"),  # two waves claim it
        ("11", "11"),
        (None, None),
    ],
}


@pytest.mark.parametrize(("rule", "field", "given_", "expected"), [(*key, *case) for key, cases in CASES.items() for case in cases])
def test_known_cases(rule: str, field: str, given_: str | None, expected: str | None) -> None:
    assert RULES[rule].concerns(SCHEMA.field(field), SCHEMA)
    assert applied(RULES[rule], SCHEMA.field(field), given_) == [expected]


def test_every_rule_has_cases_that_change_and_cases_that_do_not() -> None:
    assert {rule for rule, _ in CASES} == set(RULES)
    for rule in RULES:
        changes = {before != after for (name, _), cases in CASES.items() if name == rule for before, after in cases}
        assert changes == {True, False}, rule


def test_the_rules_and_their_order() -> None:
    assert list(RULES) == [
        "vide",
        "espaces",
        "date-jjmmaaaa",
        "date-points",
        "date-minuit",
        "montant-francais",
        "siret-espaces",
        "siren-espaces",
        "vague-libelle",
    ]
    assert [rule.id for rule in RULES.values() if not rule.recorded] == ["vide"]
    assert all(rule.sentence.endswith(".") for rule in RULES.values())


@pytest.mark.parametrize(
    ("table", "field", "expected"),
    [
        ("conventions", "idAttribuant", ["siret-espaces"]),
        ("conventions", "idBeneficiaire", ["siret-espaces"]),  # by its check: it has no pattern
        ("conventions", "rnaBeneficiaire", []),
        ("conventions", "dateConvention", ["date-jjmmaaaa", "date-points", "date-minuit"]),
        ("conventions", "datesPeriodeVersement", []),
        ("conventions", "montant", ["montant-francais"]),
        ("conventions", "vague", ["vague-libelle"]),
        ("lieux", "siren", ["siren-espaces"]),
        ("vagues", "nb_laureats", ["montant-francais"]),
        ("versements", "exercice", []),
        ("recensement", "CP", []),
    ],
)
def test_the_schema_says_what_a_rule_concerns(table: str, field: str, expected: list[str]) -> None:
    schema = load("deliveries", table)
    concerned = [rule.id for rule in RULES.values() if rule.concerns(schema.field(field), schema)]
    assert concerned == ["vide", "espaces", *expected]


ANY_TEXT = st.one_of(
    st.text(max_size=12),
    st.text(f"0123456789 ,.-€{NBSP}{NARROW}{MINUS}", max_size=14),
    st.from_regex(r"[0-3][0-9][/.][01][0-9][/.][0-9]{4}( 00:00:00)?", fullmatch=True),
    st.sampled_from(["1", "vague 1", " MP-1", "732 829 320 00074", "12 350,00 €", "2018-03-23 00:00:00"]),
)


@pytest.mark.parametrize("field", SCHEMA.fields, ids=lambda field: field.name)
@settings(deadline=None)
@given(values=st.lists(ANY_TEXT, max_size=20))
def test_rules_applied_twice_change_nothing_more(field: Field, values: list[str]) -> None:
    chain = [rule for rule in RULES.values() if rule.concerns(field, SCHEMA)]
    lines = pl.Series(range(len(values)), dtype=pl.UInt32)
    once, _ = repaired(pl.Series(field.name, values, pl.String), lines, field, chain)
    twice, entries = repaired(once, lines, field, chain)
    assert twice.to_list() == once.to_list()
    assert entries == []


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.recorded], ids=lambda rule: rule.id)
@settings(deadline=None)
@given(values=st.lists(ANY_TEXT, min_size=1, max_size=20))
def test_a_cell_that_is_not_suspect_is_one_that_the_rule_leaves_alone(rule: Rule, values: list[str]) -> None:
    field = next(field for field in SCHEMA.fields if rule.concerns(field, SCHEMA))
    everywhere = pl.DataFrame({"cell": values}, schema={"cell": pl.String}).select(rule.repaired(pl.col("cell"), field)).to_series()
    assert applied(rule, field, *values) == everywhere.to_list()


@settings(deadline=None)
@given(st.text(max_size=20))
def test_edges_are_what_unicode_calls_a_space_or_three_invisible_marks(text: str) -> None:
    start, end = 0, len(text)
    while start < end and (text[start].isspace() or text[start] in "\u200b\u2060\ufeff"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "\u200b\u2060\ufeff"):
        end -= 1
    assert applied(RULES["espaces"], SCHEMA.field("texte"), text) == [text[start:end]]


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 14), st.integers(0, 2999), st.sampled_from([("date-jjmmaaaa", "/"), ("date-points", ".")]))
def test_a_french_date_becomes_iso_when_the_day_exists(day: int, month: int, year: int, form: tuple[str, str]) -> None:
    rule, separator = form
    written = f"{day:02}{separator}{month:02}{separator}{year:04}"
    exists = year > 0 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    assert applied(RULES[rule], SCHEMA.field("jour"), written) == [f"{year:04}-{month:02}-{day:02}" if exists else written]


@settings(deadline=None)
@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    st.sampled_from([" ", NBSP, NARROW, ""]),
    st.sampled_from(["", "€", " €", f"{NBSP}€", " EUR", " euros"]),
)
@example(Decimal("1234.00"), " ", " €")
def test_an_amount_keeps_its_value(amount: Decimal, group: str, currency: str) -> None:
    whole, cents = f"{amount:,.2f}".split(".")
    (read,) = applied(RULES["montant-francais"], SCHEMA.field("montant"), f"{whole.replace(',', group)},{cents}{currency}")
    assert read is not None
    assert re.fullmatch(r"-?[0-9]+\.[0-9]{2}", read)
    assert Decimal(read) == amount


@settings(deadline=None)
@given(st.integers(1_000, 999_999))
def test_an_english_thousand_is_left_alone(count: int) -> None:
    assert applied(RULES["montant-francais"], SCHEMA.field("montant"), f"{count:,}", f"{count:,} €") == [f"{count:,}", f"{count:,} €"]


@settings(deadline=None)
@given(st.text(f"0123456789 ,.-€{NBSP}", max_size=14))
def test_a_changed_amount_has_the_same_digits_in_the_same_order(text: str) -> None:
    (read,) = applied(RULES["montant-francais"], SCHEMA.field("montant"), text)
    assert read is not None
    if read != text:
        assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", read)
        assert re.sub("[^0-9]", "", read) == re.sub("[^0-9]", "", text)


@settings(deadline=None)
@given(
    st.text("0123456789", min_size=14, max_size=14),
    st.lists(st.tuples(st.integers(0, 14), st.sampled_from(" " + NBSP + NARROW)), max_size=6),
)
def test_a_siret_is_found_under_its_spaces(siret: str, spaces: list[tuple[int, str]]) -> None:
    written = siret
    for place, space in spaces:
        written = written[:place] + space + written[place:]
    assert applied(RULES["siret-espaces"], SCHEMA.field("siret"), written) == [siret]


def test_every_label_of_the_programme_leads_to_its_wave_and_every_slug_to_itself() -> None:
    known = programme.load()
    rule = next(rule for rule in rules(known.labels()) if rule.id == "vague-libelle")
    labels = known.labels()
    assert applied(rule, SCHEMA.field("vague"), *labels) == list(labels.values())
    slugs = [wave.slug for wave in known.waves]
    assert applied(rule, SCHEMA.field("vague"), *slugs) == slugs


def test_without_a_known_wave_nothing_changes() -> None:
    rule = next(rule for rule in rules({}) if rule.id == "vague-libelle")
    assert applied(rule, SCHEMA.field("vague"), "1", None) == ["1", None]
