import polars as pl
import pytest

from pipeline.validate import judge_by, without
from pipeline.validate.fiction import fictional_by
from tests.validate.contract import lines, schema


@pytest.mark.parametrize(
    ("row", "marked"),
    [
        ({"siret": "00012345600012"}, True),
        ({"siret": "00512345600012"}, False),
        ({"code": "00012345600012"}, False),  # no number of an enterprise
        ({"nom": "Lieu fictif 12"}, True),
        ({"nom": "lieux fictifs"}, True),
        ({"nom": "FICTIF-2020-0001"}, True),
        ({"nom": "DEC-FICTIF-12"}, True),
        ({"nom": "Fictif, mais vrai"}, False),
        ({"nom": "Le lieu fictif"}, False),
        ({"nom": "Lieu fictionnel"}, False),
        ({"code": "contact@lieu.example"}, True),
        ({"code": "https://lieu.example/page"}, True),
        ({"code": "voir www.lieu.example."}, True),
        ({"code": "www.lieu.example.com"}, False),
        ({"code": "par exemple"}, False),
        ({"code": "https://a.fr/x.examples"}, False),
    ],
)
def test_marks(row: dict[str, str], marked: bool) -> None:
    accepted = judge_by(schema(), lines(row)).accepted
    assert fictional_by(schema(), accepted).height == int(marked)


def test_a_checked_field_is_an_enterprise_number_whatever_its_name() -> None:
    contract = schema(custom_checks=[{"name": "french-siret-value", "params": {"column": "code"}}])
    accepted = judge_by(schema(), lines({"code": "00000000000000"})).accepted
    assert fictional_by(contract, accepted).height == 1


def test_the_refusal_gives_fields_and_lines_but_no_value() -> None:
    rows = [{"nom": "Lieu fictif 1"}, {"nom": "Lieu fictif 2"}, {"nom": "Vrai"}, {"nom": "Vrai", "siret": "00099999900001"}]
    real = lines({"nom": "Vrai"}, livraison="essai-2")
    accepted = judge_by(schema(), pl.concat([lines(*rows), real])).accepted
    refused = fictional_by(schema(), accepted)
    assert refused["livraison"].to_list() == ["essai-1"]
    told = refused["refus"][0]
    assert "champ « nom », lignes 2 à 3 ; champ « siret », lignes 5" in told
    assert "000999" not in told
    assert without(accepted, refused).select("livraison").collect().to_series().to_list() == ["essai-2"]


def test_a_factual_table_is_left_whole() -> None:
    accepted = judge_by(schema(), lines({}, {})).accepted
    refused = fictional_by(schema(), accepted)
    assert refused.is_empty()
    assert without(accepted, refused).collect().height == 2
