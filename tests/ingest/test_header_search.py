import pytest

from pipeline.ingest.header import Header, Record, Sought, check_preamble, find_header, resemblance
from pipeline.ingest.refusal import DeliveryRefused

LABELS = frozenset({"nombeneficiaire", "montant", "objet"})
EXPECTED = ("nomBeneficiaire", "montant", "objet")
SOUGHT = Sought(LABELS, EXPECTED)


def records(*rows: list[str]) -> list[Record]:
    """Records every two lines, from line 1."""
    return [(2 * index + 1, row) for index, row in enumerate(rows)]


def at(index: int, row: list[str]) -> Header:
    return Header((2 * index + 1,), tuple(row), (row,))


def test_distinct_labels_however_written() -> None:
    assert resemblance(["Nom bénéficiaire*", " MONTANT ", "Montant", "autre", ""], LABELS) == 2


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([["montant", "objet"], ["1", "x"]], 0),
        ([["Montant"], [""], ["Objet", "Montant", " "], ["objet", "montant", "nomBeneficiaire"], ["x", "1", "A"]], 3),
        ([["objet", "montant"], ["objet", "montant"]], 0),
    ],
)
def test_the_record_most_like_the_schema(rows: list[list[str]], index: int) -> None:
    assert find_header(records(*rows), SOUGHT).lines == (2 * index + 1,)


def test_no_header_names_what_was_expected() -> None:
    for rows in ([["A", "1"], ["B", "2"]], [["montant", "1"], ["B", "2"]]):
        with pytest.raises(DeliveryRefused, match="nomBeneficiaire, montant, objet"):
            find_header(records(*rows), SOUGHT)


def test_one_label_is_enough_for_a_schema_of_one() -> None:
    assert find_header(records([""], ["Code", ""]), Sought(frozenset({"code"}), ("code",))).lines == (3,)


def test_a_header_beyond_the_first_records_is_not_sought() -> None:
    rows = [["x"]] * 200 + [["montant", "objet"]]
    with pytest.raises(DeliveryRefused):
        find_header(records(*rows), SOUGHT)


def test_the_line_that_the_operator_gives() -> None:
    given = records(["montant", "objet"], ["x", "y"], ["z", "t"])
    assert find_header(given, Sought(LABELS, EXPECTED, 3)) == at(1, ["x", "y"])
    with pytest.raises(DeliveryRefused, match="header_row = 2"):
        find_header(given, Sought(LABELS, EXPECTED, 2))


def test_titles_above_the_header_are_narrower_than_it() -> None:
    given = records(["Aides", "2024", " "], ["", "\u00a0", ""], ["nom", "montant", "objet"], ["A", "1", "x"])
    check_preamble(given, at(2, ["nom", "montant", "objet"]))
    check_preamble(records(["nom", "montant"], ["A", "1"]), at(0, ["nom", "montant"]))


def test_data_above_the_header_is_told_by_its_line() -> None:
    given = records(["Aides 2024", ""], ["Dupont", "12"], ["nom", "montant"], ["B", "1"])
    with pytest.raises(
        DeliveryRefused, match=r"la ligne 3, .* à la ligne 5, .* donner header_row \(5\) si la ligne 3 est bien un titre"
    ) as told:
        check_preamble(given, at(2, ["nom", "montant"]))
    assert "Dupont" not in str(told.value)


SPREAD = [["Bénéficiaire", "", "Aide", ""], ["Nom", "SIRET", "Montant", "Objet"]]


@pytest.mark.parametrize(
    ("labels", "rows", "lines", "found"),
    [
        # an upper label over several columns, as a merged cell is exported
        (
            {"beneficiairenom", "beneficiairesiret", "aidemontant"},
            [["Aides 2024"], *SPREAD, ["A", "1", "2", "x"]],
            (3, 5),
            ("Bénéficiaire Nom", "Bénéficiaire SIRET", "Aide Montant", "Aide Objet"),
        ),
        # a label cut over three lines, others whole on one of them
        (
            {"montantdelasubvention", "nom", "objet"},
            [["", "Montant", ""], ["Nom", "de la", ""], ["", "subvention", "Objet"], ["A", "1", "x"]],
            (1, 3, 5),
            ("Nom", "Montant de la subvention", "Objet"),
        ),
        # the last line alone says as much: the lines above it are titles
        ({"nom", "siret", "montant", "objet"}, [*SPREAD, ["A", "1", "2", "x"]], (3,), ("Nom", "SIRET", "Montant", "Objet")),
    ],
)
def test_a_header_on_several_lines(labels: set[str], rows: list[list[str]], lines: tuple[int, ...], found: tuple[str, ...]) -> None:
    header = find_header(records(*rows), Sought(frozenset(labels), ()))
    assert (header.lines, header.labels) == (lines, found)


def test_data_is_never_the_second_line_of_a_header() -> None:
    """The line under the header completes a label, and is data: it has a value."""
    rows = [["Nom", "Date", "Montant", ""], ["A", "2024", "", "objet"], ["B", "2024", "2", "x"]]
    labels = frozenset({"nom", "date", "montant", "objet", "noma"})
    assert find_header(records(*rows), Sought(labels, ())).lines == (1,)
