import polars as pl
import pytest

from pipeline.ingest.header import check_preamble, find_header, resemblance
from pipeline.ingest.refusal import DeliveryRefused

LABELS = frozenset({"nombeneficiaire", "montant", "objet"})
EXPECTED = ("nomBeneficiaire", "montant", "objet")


def records(*rows: list[str]) -> pl.DataFrame:
    """Records every two lines, from line 1."""
    lines = pl.Series(range(1, 2 * len(rows), 2), dtype=pl.UInt32)
    return pl.DataFrame({"ligne": lines, "cellules": list(rows)}, schema={"ligne": pl.UInt32, "cellules": pl.List(pl.String)})


def test_distinct_labels_however_written() -> None:
    assert resemblance(["Nom bénéficiaire*", " MONTANT ", "Montant", "autre", ""], LABELS) == 2


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([["montant", "objet"], ["1", "x"]], 0),
        ([["Montant"], [""], ["Objet", "Montant", "?"], ["objet", "montant", "nomBeneficiaire"], ["x", "1", "A"]], 3),
        ([["objet", "montant"], ["objet", "montant"]], 0),
    ],
)
def test_the_record_most_like_the_schema(rows: list[list[str]], index: int) -> None:
    assert find_header(records(*rows), LABELS, None, EXPECTED) == index


def test_no_header_names_what_was_expected() -> None:
    for rows in ([["A", "1"], ["B", "2"]], [["montant", "1"], ["B", "2"]]):
        with pytest.raises(DeliveryRefused, match="nomBeneficiaire, montant, objet"):
            find_header(records(*rows), LABELS, None, EXPECTED)


def test_one_label_is_enough_for_a_schema_of_one() -> None:
    assert find_header(records(["x"], ["Code"]), frozenset({"code"}), None, ("code",)) == 1


def test_a_header_beyond_the_first_records_is_not_sought() -> None:
    rows = [["x"]] * 200 + [["montant", "objet"]]
    with pytest.raises(DeliveryRefused):
        find_header(records(*rows), LABELS, None, EXPECTED)


def test_the_line_that_the_operator_gives() -> None:
    given = records(["montant", "objet"], ["x", "y"], ["z", "t"])
    assert find_header(given, LABELS, 3, EXPECTED) == 1
    with pytest.raises(DeliveryRefused, match="header_row = 2"):
        find_header(given, LABELS, 2, EXPECTED)


def test_titles_above_the_header_are_narrower_than_it() -> None:
    check_preamble(records(["Aides", "2024", " "], ["", "\u00a0", ""], ["nom", "montant", "objet"], ["A", "1", "x"]), 2)
    check_preamble(records(["nom", "montant"], ["A", "1"]), 0)


def test_data_above_the_header_is_told_by_its_line() -> None:
    given = records(["Aides 2024", ""], ["Dupont", "12"], ["nom", "montant"], ["B", "1"])
    with pytest.raises(
        DeliveryRefused, match=r"la ligne 3, .* à la ligne 5, .* donner header_row \(5\) si la ligne 3 est bien un titre"
    ) as told:
        check_preamble(given, 2)
    assert "Dupont" not in str(told.value)
