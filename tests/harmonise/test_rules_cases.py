"""Known cells, one rule at a time: those that have one reading, and beside them those that have two or none."""

import polars as pl
import pytest

from pipeline import programme, schema
from pipeline.harmonise.contract import Contract
from pipeline.harmonise.ledger import repaired
from pipeline.harmonise.rules import rules
from pipeline.schema.vocabulary import read_vocabulary
from tests.harmonise.essai import CONTRACT, FIGURE, MINUS, NARROW, NBSP, RULES, SCHEMA, THIN, ZERO_WIDTH, applied, harmonised

# (rule, field) → cells before and after, each alone in its column. One text stands for a cell that the rule leaves as it is.
CASES: dict[tuple[str, str], list[tuple[str, str | None] | str]] = {
    ("vide", "texte"): [("   ", None), (NBSP + "\t\n", None), (ZERO_WIDTH, None), "0", " a ", "-"],
    ("espaces", "texte"): [
        (" a b ", "a b"),
        (f"{NBSP}36 quai Fulchiron{NARROW}\r\n", "36 quai Fulchiron"),
        ("\ufeffLuzin\u2060", "Luzin"),
        f"L'Île{NBSP}: le  lieu",  # inner spaces are content
        "ligne 1\nligne 2",
    ],
    ("formule-texte", "texte"): [
        ('="00123"', "00123"),
        ('="l\'été"', "l'été"),
        '="a"&"b"',
        "=A1",
        '="',
        '"00123"',
    ],
    ("espaces", "somme"): [("\u202a1 234,50\u202c", "1 234,50"), ("\u200e12\u200f", "12")],
    ("texte-double", "texte"): [
        ("FÃªte dâ€™Ã©tÃ©", "Fête d’été"),
        ("Ã‰cole", "École"),  # É is C3 89: a sign of Windows-1252
        ("Ã\x89cole", "École"),  # a control character of Latin-1
        ("notifiÃ©e Ã\xa0 l'Europe", "notifiée à l'Europe"),
        ("┬½ f├¬te ┬╗", "« fête »"),
        (f"{NBSP}FÃªte", f"{NBSP}Fête"),  # the edges are the next rule's
        "Fête d'Ã©tÃ©",  # half right: decoding it again would break « Fête »
        "45Ã‚Â°",  # « 45Â° », or « 45° »: how many times?
        "ÃƒÂ©",
        "Château d'Âge",
        "CANAÏ»",
        "45Â",
    ],
    ("non-precise", "jour"): [
        ("non précisé", None),
        ("Non renseignée", None),
        ("N/A", None),
        ("inconnue", None),
        "-",
        "néant",
        "acomptes non précisé",
    ],
    ("non-precise", "somme"): [("non communiqué", None), "-", "0"],
    ("date-minuit", "jour"): [
        ("2018-03-23 00:00:00", "2018-03-23"),
        ("2018-03-23T00:00", "2018-03-23"),
        ("2018-03-23 00:00:00.000", "2018-03-23"),
        ("23/03/2018 00:00:00", "23/03/2018"),
        "2018-03-23 12:00:00",  # an hour is content
        "2018-02-30 00:00:00",
    ],
    ("date-minuit", "periode"): [
        ("2018-06-01 00:00:00", "2018-06-01"),
        ("2018-06-01 00:00:00_2018-12-31 00:00:00", "2018-06-01_2018-12-31"),
        "2018-06-01 08:30:00",
        "réunion du 2018-06-01 00:00:00",
    ],
    ("date-jjmmaaaa", "jour"): [
        ("28/10/2024", "2024-10-28"),
        ("28-10-2024", "2024-10-28"),
        ("29/02/2024", "2024-02-29"),
        "29/02/2023",  # no such day
        "10/28/2024",
        "00/01/2024",
        "01/01/0000",
        "28/10/24",  # which century?
        ("3/12/2020", "2020-12-03"),  # as Excel in French writes a day in CSV
        ("1/2/2024", "2024-02-01"),
        ("03/1/2020", "2020-01-03"),
        "31/4/2021",
        "0/1/2024",
        "1/2/24",
        "1/2",
        "28.10.2024",
        "28/10/2024 12:00",
        "2024-10-28",
        "２８/10/2024",
        "2014",  # a year is not a day
    ],
    ("date-points", "jour"): [("01.01.1970", "1970-01-01"), ("1.2.1970", "1970-02-01"), "31.04.2021", "28/10/2024", "1.234"],
    ("date-aaaammjj", "jour"): [
        ("2017/09/08", "2017-09-08"),
        ("2017.09.08", "2017-09-08"),
        ("2017/9/8", "2017-09-08"),
        "2017/09/31",
        "0000/01/01",
        "17/09/08",
    ],
    ("date-lettres", "jour"): [
        ("9 novembre 2023", "2023-11-09"),
        ("1er janvier 2020", "2020-01-01"),
        ("09 NOVEMBRE 2023", "2023-11-09"),
        ("14 Juil. 2019", "2019-07-14"),
        ("2 févr. 2019", "2019-02-02"),
        ("3 aout 2019", "2019-08-03"),
        (f"31{NBSP}décembre 2019", "2019-12-31"),
        "31 novembre 2023",
        "novembre 2023",
        "9 thermidor 2023",
        "32 janvier 2020",
        "mardi 9 novembre 2023",
    ],
    ("date-serie-excel", "jour"): [
        ("43182", "2018-03-23"),
        ("43182.0", "2018-03-23"),
        ("29221", "1980-01-01"),
        ("54788", "2049-12-31"),
        "29220",
        "54789",
        "2018",
    ],
    ("periode-dates", "periode"): [
        ("2017/09/08_2021/09/07", "2017-09-08_2021-09-07"),
        ("2018-12-21_2021/12/31", "2018-12-21_2021-12-31"),
        ("20/06/2024_2024-10-30", "2024-06-20_2024-10-30"),
        ("2017/09/08/2021/09/07", "2017-09-08/2021-09-07"),
        ("du 01/01/2017 au 31/12/2017", "2017-01-01 au 2017-12-31"),
        ("01.01.1970", "1970-01-01"),
        "2019-0619_2023-06-19",
        "2017/09/31_2021/09/07",
        "2017-07-07\n2017-11-16",  # two payments: no period says them
        "2014",
    ],
    ("periode-separateur", "periode"): [
        ("2018-01-01_2018-03-31", "2018-01-01/2018-03-31"),
        ("2023-01-01_ 2025-01-31", "2023-01-01/2025-01-31"),
        ("2017-01-01 au 2017-12-31", "2017-01-01/2017-12-31"),
        ("2017-01-01 - 2017-12-31", "2017-01-01/2017-12-31"),
        "2018-01-01/2018-03-31",
        "2018-01-01",
        "2018-01-01_2018-03",
    ],
    ("montant-milliers", "somme"): [
        ("1,234,567", "1234567"),
        ("1,234.56", "1234.56"),
        (f"{MINUS}1,234.56", "-1234.56"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        "1,234",
        "1.234",
        "12,34,567",
        "1,234,56",
        "1.234.56",
    ],
    ("montant-milliers", "compte"): [("1,234,567", "1234567"), "1,234.56"],
    ("montant-francais", "somme"): [
        ("12 350,00 €", "12350.00"),
        (f"12{NBSP}350,00{NBSP}€", "12350.00"),
        (f"1{NARROW}234{NARROW}567,8", "1234567.8"),
        (f"24{THIN}975", "24975"),
        (f"24{FIGURE}975", "24975"),
        ("24\u3000975", "24975"),
        ("12350,00", "12350.00"),
        ("1,00", "1.00"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("12 350.5 euros", "12350.5"),
        ("250 EUR", "250"),
        ("€ 250", "250"),
        ("-1 200,50", "-1200.50"),
        (f"{MINUS}300,00", "-300.00"),
        "1,234",  # 1.234, or 1234 in English
        "-1,234",
        "- 1,234",
        "999,999 €",
        "1.234 €",  # 1.234, or 1234 in German
        "€ 1,234",
        "12 35",
        "12 3500",
        "0 012",
        "12350.00",
        "12,",
        ",5",
        "1e5",
        "80 %",
        "(1 200,00)",  # accounting: less than nothing; elsewhere: a remark
        "12 350 € HT",
        "€",
        "-",
    ],
    ("montant-francais", "mesure"): [("47,2459", "47.2459"), ("1 061 271", "1061271"), ("7027,81283976", "7027.81283976"), "12,5 €"],
    ("montant-francais", "compte"): [("1 200", "1200"), (f"-1{NBSP}200", "-1200"), "12,0", "1 200,00", "12 €"],
    ("montant-centimes", "somme"): [
        ("42166.9105", "42166.91"),
        ("119999.995333803", "120000.00"),
        ("-0.996", "-1.00"),
        ("0.0149", "0.01"),
        "22609.685",  # as near to 68 as to 69
        "22609.68500",
        "1.234",  # a thousand, or a euro and cents: nothing in this column says what the point is
        "-12.345",
        "250.00",
        "250.000",
        "250",
    ],
    ("entier-virgule-zero", "compte"): [("2017.0", "2017"), ("12,00", "12"), "2017.5", "2017"],
    ("entier-virgule-zero", "exercice"): [("2017.0", "2017"), "2017"],
    ("part-signe", "part"): [("80 %", "0.8"), ("33,3%", "0.333"), ("100%", "1.0"), ("0,5 %", "0.005"), "80", "1000 %", "80 % HT"],
    ("part-colonne", "part"): [("80", "0.8"), ("100", "1.0"), ("33.3", "0.333"), "1", "0.8", "101", "0"],
    ("identifiant-virgule-zero", "siret"): [
        ("21860194600013.0", "21860194600013"),
        ("3805449320029.0", "3805449320029"),
        "2.18601946E13",
        "1.5",
    ],
    ("siret-espaces", "siret"): [
        ("732 829 320 00074", "73282932000074"),
        (f"732{NBSP}829{NARROW}320  00074", "73282932000074"),
        ("'73282932000074", "73282932000074"),
        ("732.829.320.00074", "73282932000074"),
        ("732 829 320", "732829320"),  # a SIREN stays one
        "732829320 0007",
        "W751 234 567",
        "73282932000074",
    ],
    ("siren-espaces", "siren"): [("732 829 320", "732829320"), "732 829 320 00074"],
    ("siret-zero-perdu", "siret"): [
        ("5520135400010", "05520135400010"),
        "3805449320029",  # the keys are wrong with a zero before
        "7220220000000",  # rounded: nothing is left to check
        "1850600600016",  # the keys are right with a zero before, but it has the form of a NIR
        "732829320",
    ],
    ("siret-arrondi", "identifiant"): [("35181600000000", None), ("21860194600000", None), "73282932000074", "351816000"],
    ("siret-notation-scientifique", "identifiant"): [("2,18602E+13", None), ("7.3282932000074E13", None), "73282932000074", "732829320"],
    ("rna-forme", "rna"): [("w751234567", "W751234567"), ("W 751 234 567", "W751234567"), "W3222", "751234567", "W751234567"],
    ("code-zero-perdu", "departement"): [("1", "01"), ("9", "09"), ("2a", "2A"), "01", "974", "100", "0"],
    ("code-zero-perdu", "commune"): [("1004", "01004"), ("2b033", "2B033"), "01004", "33063", "104"],
    ("oui-non", "accord"): [
        ("OUI", "oui"),
        ("o", "oui"),
        ("yes", "oui"),
        ("VRAI", "oui"),
        ("NON", "non"),
        ("N", "non"),
        ("no", "non"),
        ("Faux", "non"),
        "oui",
        "non",
        "1",
        "0",
        "non concerné",
    ],
    ("libelle", "sorte"): [
        ("Aide en numéraire", "aide en numéraire"),
        ("AIDE EN NUMERAIRE", "aide en numéraire"),
        ("aide  en nature ", "aide en nature"),
        ("en numéraire", "aide en numéraire"),
        "aide en numéraire",
        "prêt",
        "en nature",  # not declared in this table
    ],
    ("libelle", "lieux"): [
        ("Fablab", "fablab"),
        ("France Services, Fablab", "france_services|fablab"),
        ("fablab|France services", "fablab|france_services"),
        "Fablab, école",
        "fablab|france_services",
    ],
    ("vague-libelle", "vague"): [
        ("1", "fdt-01"),
        ("vague 1", "fdt-01"),
        ("mp-1", "mp-01"),
        ("FDT-02", "fdt-02"),
        "fdt-02",
        "A",  # two waves claim it
        "11",
    ],
}
ALL = [(*key, *(case if isinstance(case, tuple) else (case, case))) for key, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("rule", "field", "before", "after"), ALL)
def test_known_cells(rule: str, field: str, before: str, after: str | None) -> None:
    assert RULES[rule] in CONTRACT.rules_of(SCHEMA.field(field))
    assert applied(rule, field, before, None) == [after, None]


def test_every_rule_has_cells_that_it_changes_and_cells_that_it_leaves() -> None:
    proven_by_others = {"montant-anglais", "montant-zero-final"}
    assert {rule for rule, _ in CASES} == set(RULES) - proven_by_others
    for rule in set(RULES) - proven_by_others:
        assert {isinstance(case, tuple) for (name, _), cases in CASES.items() if name == rule for case in cases} == {True, False}, rule


# What only a whole column can prove


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("somme", ["1,234", "1,234,567.80", "500"], ["1234", "1234567.80", "500"]),
        ("somme", ["1,234", "1,234.56"], ["1234", "1234.56"]),
        ("somme", ["1,234", "2,500"], ["1,234", "2,500"]),  # decimals or thousands: nothing says
        ("somme", ["1,234", "1,234,567", "12,5"], ["1,234", "1234567", "12.5"]),  # a French comma beside
        ("somme", ["1,234", "1,234,567", "12 350"], ["1,234", "1234567", "12350"]),
        ("part", ["80", "100", "33.3"], ["0.8", "1.0", "0.333"]),
        ("part", ["80", "1", "100"], ["80", "1", "100"]),  # 1 % or the whole?
        ("part", ["80", "0.8"], ["80", "0.8"]),
        ("part", ["80", "tout"], ["80", "tout"]),
        ("part", ["80 %", "80"], ["0.8", "80"]),
        ("somme", ["1.234", "42166.9105"], ["1.23", "42166.91"]),
        ("somme", ["1.234", "12.50"], ["1.23", "12.50"]),
        ("somme", ["1,234", "7027,81283976", "12,50"], ["1,234", "7027.81", "12.50"]),
        ("somme", ["1.234", "1.234,56"], ["1.234", "1234.56"]),
        ("somme", ["1.234", "1 234,56"], ["1.234", "1234.56"]),
        ("somme", ["1.234", "1250", "999.001"], ["1.234", "1250", "999.001"]),
        ("jour", ["43182", None, "43190.0"], ["2018-03-23", None, "2018-03-31"]),
        ("jour", ["43182", "2018-03-31"], ["43182", "2018-03-31"]),
        ("jour", ["43182", "75001"], ["43182", "75001"]),
        ("jour", ["05/12/2016", "28/10/2016"], ["2016-12-05", "2016-10-28"]),
        ("jour", ["05/12/2016", "10/28/2016"], ["05/12/2016", "10/28/2016"]),  # an American column
        ("periode", ["05/12/2016_06/12/2016", "10/28/2016"], ["05/12/2016_06/12/2016", "10/28/2016"]),
        ("periode", ["2017/09/18/2018/09/17", "2017-09-18/2018-09-17"], ["2017-09-18/2018-09-17", "2017-09-18/2018-09-17"]),
    ],
)
def test_what_a_column_proves(field: str, before: list[str | None], after: list[str | None]) -> None:
    assert harmonised(field, before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["50.000", "-12.500", "1250.00"], ["50.00", "-12.50", "1250.00"]),
        (["50.000", "12.5"], ["50.00", "12.5"]),
        (["50.000", "12.50", "1.250.000"], ["50.000", "12.50", "1250000"]),  # points of both kinds
        (["50.000", "12,50"], ["50.000", "12.50"]),  # the comma is decimal: the point may be of thousands
        (["50.000", "75000"], ["50.000", "75000"]),
        (["50.000"], ["50.000"]),
        (["50.001", "12.50"], ["50.001", "12.50"]),  # never rounded
    ],
)
def test_a_last_zero_of_an_amount_of_the_programme_is_one_where_the_column_proves_it(before: list[str], after: list[str]) -> None:
    ours = schema.load("deliveries", "echeancier")
    chain = Contract.under(ours, read_vocabulary(ours, {}), {}).rules_of(ours.field("montant_engage"))
    cells, lines = pl.Series("montant_engage", before, pl.String), pl.Series(range(len(before)), dtype=pl.UInt32)
    assert repaired(cells, lines, ours.field("montant_engage"), chain)[0].to_list() == after


def test_an_empty_column_proves_nothing_and_breaks_nothing() -> None:
    for field in SCHEMA.fields:
        assert harmonised(field.name, [None, ""]) == [None, None]


# The words of the programme


def test_every_label_of_the_programme_leads_to_its_wave_and_every_slug_to_itself() -> None:
    known = programme.load()
    labels = known.labels()
    rule = next(rule for rule in rules(labels) if rule.id == "vague-libelle")
    slugs = [wave.slug for wave in known.waves]
    cells = pl.DataFrame({"vague": [*labels, *slugs]})
    assert cells.select(rule.repaired(pl.col("vague"), SCHEMA.field("vague"))).to_series().to_list() == [*labels.values(), *slugs]


def test_the_labels_of_the_schemas_and_of_the_aliases_are_read() -> None:
    results = Contract.of("resultats")
    spelt = {
        "categorie": {"Fabrique de territoire": "fabrique_de_territoire", "FABRIQUE NUMERIQUE": "fabrique_numerique_de_territoire"},
        "territoire": {"QPV": "qpv", "Quartier prioritaire de la politique de la ville": "qpv", "Zone FRR": "rural_frr"},
        "types": {"Fab lab, Micro-folie": "fablab|micro_folie", "France Services": "france_services"},
        "nature": {"Label renouvelé": "relabellisation"},
    }
    for name, spellings in spelt.items():
        field = results.schema.field(name)
        column, _ = repaired(
            pl.Series(name, list(spellings)), pl.Series(range(len(spellings)), dtype=pl.UInt32), field, results.rules_of(field)
        )
        assert column.to_list() == list(spellings.values())
