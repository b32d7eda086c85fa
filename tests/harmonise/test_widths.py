"""Records that an unquoted separator cut: they come back exactly, or are left. None is ever shifted."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.headers import matched
from pipeline.harmonise.widths import MAX_EXCESS, Repaired, repair

CONVENTIONS, SUBVENTIONS = Contract.of("conventions"), Contract.of("subventions")
NBSP = "\u00a0"
# The header of the Vendée files.
VENDEE = [
    *("nomAttribuant", "idAttribuant", "dateConvention", "referenceDecision", "idBeneficiaire", "nomBeneficiaire", "objet", "montant"),
    *("nature", "conditionsVersement", "datesPeriodeVersement", "IdRAE", "notificationUE", "pourcentageSubvention"),
]
RECORD = {
    "nomAttribuant": "Département fictif",
    "idAttribuant": "22850001300658",
    "dateConvention": "2019-01-18",
    "referenceDecision": "4-13",
    "idBeneficiaire": "73282932000074",
    "nomBeneficiaire": "Association fictive",
    "objet": "Saison 2019",
    "montant": "58400",
    "nature": "aide en numéraire",
    "conditionsVersement": "unique",
    "datesPeriodeVersement": "2019-02-20_2020-12-31",
    "idRAE": "",
    "notificationUE": "non",
    "pourcentageSubvention": "1",
}


def fields_of(header: Sequence[str], contract: Contract = SUBVENTIONS) -> list[str | None]:
    return [column.champ for column in matched(list(enumerate(header)), contract.vocabulary)]


def mend(
    records: Sequence[Sequence[str]], header: Sequence[str] = VENDEE, contract: Contract = SUBVENTIONS, separator: str = ","
) -> Repaired:
    ragged = pl.DataFrame(
        {"ligne": range(2, len(records) + 2), "cellules": records}, schema={"ligne": pl.UInt32, "cellules": pl.List(pl.String)}
    )
    return repair(ragged, fields_of(header, contract), contract, separator)


def written(values: dict[str, str]) -> list[str]:
    """The cells of a record as a file without quotes gives them."""
    return ",".join((RECORD | values)[field] for field in fields_of(VENDEE) if field).split(",")


def rows(result: Repaired) -> list[list[str]]:
    return result.rows["cellules"].to_list()


@pytest.mark.parametrize("contract", [SUBVENTIONS, CONVENTIONS], ids=["subventions", "conventions"])
@pytest.mark.parametrize("amount", ["24 975,00", f"24{NBSP}975,50", "1 350 000,25", "102\u202f991,50"])
def test_an_amount_cut_by_its_decimal_comma_is_one_amount(contract: Contract, amount: str) -> None:
    result = mend([written({"montant": amount})], contract=contract)
    assert rows(result) == [[(RECORD | {"montant": amount})[field] for field in fields_of(VENDEE) if field]]
    (entry,) = result.registre
    whole, cents = amount.split(",")
    assert entry.rows() == [(2, "montant", "largeur-montant", f'["{whole}","{cents}"]', amount)]


def test_a_text_cut_between_cells_that_have_a_form_is_joined() -> None:
    prose = "30 000 € en 2017, 24 000 € en 2018 et le solde, soit 6 000 € en 2020"
    result = mend([written({"montant": f"60{NBSP}000,00", "conditionsVersement": prose})])
    assert [row[9] for row in rows(result)] == [prose]
    assert [entry["regle"][0] for entry in result.registre] == ["largeur-montant", "largeur-unique"]


def test_between_two_free_texts_nothing_says_where_the_comma_belongs() -> None:
    """« Association, fictive » · « Saison » or « Association » · « fictive, Saison »."""
    result = mend(
        [written({"nomBeneficiaire": "Association, fictive"}), written({"montant": "64 125,00", "objet": "L'information, le conseil"})]
    )
    assert rows(result) == []
    assert result.left.rows() == [(2, 2), (3, 2)]


def test_without_the_lexical_evidence_the_schema_leaves_several_ways() -> None:
    """An amount under a thousand is not in French grouping: « 00 » is a number too, and three texts stand before it."""
    assert mend([written({"montant": "975,00"})]).left["recollages"][0] > 1


def test_one_other_cell_out_of_form_does_not_hide_the_evidence() -> None:
    """The period is told as wrong in its own column; the amount is right."""
    result = mend([written({"montant": "115 709,00", "datesPeriodeVersement": "2019-0619_2023-06-19"})])
    assert [(row[7], row[10]) for row in rows(result)] == [("115 709,00", "2019-0619_2023-06-19")]
    two = written({"montant": "115 709,00", "datesPeriodeVersement": "2019-0619", "idBeneficiaire": "X12"})
    assert mend([two]).left.rows() == [(2, 0)]


@pytest.mark.parametrize("amount", ["1,234", "1,234,567", "env. 500,00", "12 000,5 ou plus"])
def test_an_amount_that_no_rule_can_read_is_not_made_of_its_pieces(amount: str) -> None:
    """« 234 », « 00 » are numbers: read alone, the record would load with a wrong amount."""
    result = mend([written({"montant": amount})])
    assert rows(result) == []
    assert result.left["recollages"].to_list() != [1]


@pytest.mark.parametrize("amount", ["env. 500,00", "12 00,50", "1,234"])
def test_nor_where_one_text_alone_could_take_the_rest(amount: str) -> None:
    """« Fête,env. 500 » and « 00 » is the only way that respects the schema, and it is wrong."""
    header = ["idBeneficiaire", "objet", "montant", "nature"]
    result = mend([["73282932000074", "Fête", *amount.split(","), "aide en numéraire"]], header)
    assert rows(result) == []
    assert result.left.rows() in ([(2, 2)], [(2, 3)])


def test_french_dates_are_read_in_a_cut_record_as_in_any_other() -> None:
    """Though the whole column has its say on the order of day and month."""
    values = {"montant": "24 975,00", "dateConvention": "18/01/2019", "datesPeriodeVersement": "20/02/2019_31/12/2020"}
    prose = values | {"conditionsVersement": "moitié à la signature, le reste après bilan"}
    result = mend([written(values), written(prose)])
    assert [(row[2], row[7], row[9]) for row in rows(result)] == [
        ("18/01/2019", "24 975,00", "unique"),
        ("18/01/2019", "24 975,00", prose["conditionsVersement"]),
    ]


def test_a_record_too_long_to_be_counted_is_left_without_a_number() -> None:
    long = written({"objet": ",".join("abcdefghijklmnop")})
    assert len(long) - len(VENDEE) > MAX_EXCESS
    assert mend([long, ["seul"]]).left.rows() == [(2, None), (3, None)]


def test_the_separator_of_the_file_is_what_is_put_back() -> None:
    header = ["nomBeneficiaire", "idBeneficiaire", "nature", "montant"]
    cells = ["Association", "73282932000074", "aide en numéraire", "aide en nature", "12"]
    assert rows(mend([cells], header, separator=";")) == [["Association", "73282932000074", "aide en numéraire;aide en nature", "12"]]


def test_a_column_that_feeds_no_field_may_hold_anything() -> None:
    """Beside it, a free text can be cut anywhere: two ways."""
    assert mend([["12", "x", "y", "z"]], ["montant", "couleur", "objet"]).left.rows() == [(2, 2)]


WORDS = st.lists(st.sampled_from(["Fête", "de la", "mer 2019", "12 rue", "50", "ÉTÉ", "c", "conseil"]), min_size=1, max_size=3).map(
    " ".join
)
# Text cut into pieces, none of which is a number in French grouping: that is what the lexical evidence supposes.
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(",".join)
AMOUNTS = st.one_of(
    st.integers(0, 10**7).map(str),
    st.decimals(0, 10**7, places=2).map(lambda amount: f"{amount:.2f}"),
    st.decimals(0, 10**7, places=2).map(lambda amount: f"{amount:,.2f}".replace(",", " ").replace(".", ",")),
    st.decimals(0, 10**7, places=1).map(lambda amount: f"{amount:,.1f}".replace(",", NBSP).replace(".", ",")),
)
DAYS = st.dates().map(str)
RECORDS = st.fixed_dictionaries(
    {
        "nomAttribuant": TEXTS,
        "idAttribuant": st.just(RECORD["idAttribuant"]),
        "dateConvention": DAYS,
        "referenceDecision": st.one_of(st.just(""), TEXTS),
        "idBeneficiaire": st.sampled_from([RECORD["idBeneficiaire"], ""]),
        "nomBeneficiaire": TEXTS,
        "objet": TEXTS,
        "montant": AMOUNTS,
        "nature": st.sampled_from(["aide en numéraire", "aide en nature"]),
        "conditionsVersement": TEXTS,
        "datesPeriodeVersement": st.tuples(DAYS, DAYS).map("_".join),
        "idRAE": st.sampled_from(["", "17845"]),
        "notificationUE": st.sampled_from(["oui", "non", "NON"]),
        "pourcentageSubvention": st.sampled_from(["1", "0.5", "0,5"]),
    }
)


@settings(deadline=None, max_examples=40)
@given(
    header=st.permutations(sorted(RECORD)),
    records=st.lists(RECORDS, min_size=1, max_size=6),
    contract=st.sampled_from([CONVENTIONS, SUBVENTIONS]),
)
def test_a_record_broken_by_its_commas_comes_back_exactly_or_is_left(
    header: list[str], records: list[dict[str, str]], contract: Contract
) -> None:
    whole = [[record[name] for name in header] for record in records]
    cut = [",".join(cells).split(",") for cells in whole]
    wide = [line for line, cells in enumerate(cut) if len(cells) > len(header)]
    result = mend([cut[line] for line in wide], header, contract)
    back = {line - 2: cells for line, cells in result.rows.rows()}
    assert {*back} | {line - 2 for line in result.left["ligne"]} == {*range(len(wide))}
    assert len(back) + result.left.height == len(wide)
    assert 1 not in result.left["recollages"].to_list()
    for place, cells in back.items():
        event("recollé")
        assert cells == whole[wide[place]]
    for entry in result.registre:
        for line, column, _, before, after in entry.iter_rows():
            assert after == whole[wide[line - 2]][header.index(column)]
            assert pl.Series([before]).str.json_decode(pl.List(pl.String))[0].to_list() == after.split(",")
