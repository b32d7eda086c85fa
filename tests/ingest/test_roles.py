from itertools import permutations

import polars as pl
import pytest

from pipeline.ingest.below import headers_below
from pipeline.ingest.header import Header
from pipeline.ingest.roles import ROLES, first_filled, with_roles
from pipeline.ingest.shape import by_shape
from tests.ingest.shapes import in_order


def roles(*rows: list[str], header: int) -> list[str]:
    frame = pl.DataFrame(
        {"ligne": range(1, len(rows) + 1), "cellules": list(rows)}, schema={"ligne": pl.UInt32, "cellules": pl.List(pl.String)}
    )
    given = by_shape(frame, len(rows[header]))
    told = with_roles(given, Header((header + 1,), tuple(rows[header]), (rows[header],)))
    assert in_order(told) == in_order(given)
    both = pl.concat([told.reguliers.select("ligne", "role"), told.irreguliers.select("ligne", "role")]).sort("ligne")
    assert set(both["role"]) <= set(ROLES)
    return both["role"].to_list()


def test_titles_blanks_headers_and_data() -> None:
    assert roles(
        ["Subventions 2024"],
        ["", " ", "\u00a0"],
        ["nom", "objet", "montant"],
        ["A", "x", "1"],
        [""],
        ["nom", "objet", "montant"],
        ["", "", "3"],
        ["B"],
        ["C", "x", "1", "2"],
        header=2,
    ) == ["preambule", "vide", "entete", "donnees", "vide", "entete", "donnees", "donnees", "donnees"]


@pytest.mark.parametrize(
    "label", ["Total", "TOTAL", " total : ", "Sous-total", "Sous total", "TOTAL GÉNÉRAL", "Totaux", "Total 2024", "Grand total"]
)
def test_a_total_at_the_bottom(label: str) -> None:
    rows = [["nom", "objet", "montant"], ["A", "x", "1"], ["", label, "12 350,00 €"], [""], [label, "", "-1.5"]]
    assert roles(*rows, header=0) == ["entete", "donnees", "total", "vide", "total"]


@pytest.mark.parametrize(
    ("row", "role"),
    [
        (["Total", "", "", "", "500"], "total"),
        (["Total", "", "", "", ""], "total"),
        (["Total", "x", "", "", "500"], "donnees"),
        (["Total", "73282932000074", "12", "2024", "500"], "donnees"),
        (["Total Énergies", "", "", "", "500"], "donnees"),
        (["Association du total", "", "", "", "500"], "donnees"),
        (["A", "total", "", "", "500"], "donnees"),
    ],
)
def test_a_total_among_the_data_leaves_most_columns_empty(row: list[str], role: str) -> None:
    header = ["nom", "siret", "code", "annee", "montant"]
    assert roles(header, ["A", "1", "2", "3", "4"], row, ["B", "1", "2", "3", "4"], header=0) == ["entete", "donnees", role, "donnees"]


def test_a_company_named_total_is_data_even_last() -> None:
    assert roles(["nom", "objet", "montant"], ["A", "x", "1"], ["Total", "une étude", "5"], header=0)[-1] == "donnees"
    assert roles(["nom", "montant"], ["Total", "5"], ["A", "1"], header=0) == ["entete", "donnees", "donnees"]


@pytest.mark.parametrize(
    "row",
    [
        ["Total", "54205118000066", "1 234,50 €", "2024", "2100000002", "2"],
        ["Total", "54205118000066", "", "", "", ""],
        ["Total", "", "1 234,50 €", "2024", "", "2"],
        ["Total", "", "1 234,50 €", "2024", "", "", ""],
        ["Total", "", "2100000002", "", "", ""],
    ],
)
def test_a_line_with_an_identifier_or_half_its_cells_is_data_even_last(row: list[str]) -> None:
    header = ["nom", "siret", "montant", "exercice", "ej", "poste"]
    assert roles(header, ["A", "1", "2", "3", "4", "5"], row, header=0)[-1] == "donnees"


def test_a_total_at_the_bottom_of_a_wide_table() -> None:
    header = ["nom", "siret", "montant", "exercice", "ej", "poste"]
    assert roles(header, ["A", "1", "2", "3", "4", "5"], ["Total", "", "1 234,50 €", "", "", ""], header=0)[-1] == "total"
    assert roles(["nom", "montant", "objet"], ["A", "1", "x"], ["Total", "554800000", ""], header=0)[-1] == "donnees"


def test_totals_alone_are_totals() -> None:
    assert roles(["nom", "montant"], ["Total", "0"], header=0) == ["entete", "total"]


def test_first_cell_that_is_not_blank() -> None:
    cells = pl.Series([["", " b ", "c"], ["a"], ["", "\u00a0"], [""], ["  ", "x"]], dtype=pl.List(pl.String))
    assert first_filled(cells).to_list() == ["b", "a", None, None, "x"]


HEADER, LINE = ["nom", "siret", "objet", "lieu", "montant"], ["A", "1", "x", "y", "2"]


@pytest.mark.parametrize(
    "note",
    [
        "(1). Mandaté dans l'année",
        "[a] Estimation",
        "2) Hors taxes",
        "¹ Estimation",
        "* hors taxes",
        "Source : compte",
        "N.B. : provisoire",
    ],
)
@pytest.mark.parametrize("rest", [["", "", "", ""], [], ["", ""]])
def test_a_marked_footnote_alone_at_the_bottom(note: str, rest: list[str]) -> None:
    rows = [HEADER, LINE, ["Total", "", "", "", "2"], [""], [note, *rest], [""], ["", note]]
    assert roles(*rows, header=0) == ["entete", "donnees", "total", "vide", "note", "vide", "note"]


@pytest.mark.parametrize(
    "row", [["ASSOCIATION X", "", "", "", ""], ["(1) Mandaté", "", "", "", "12"], ["", "", "", "", "12"], ["*STUDIO*"], ["2 CV CLUB"]]
)
def test_a_line_that_could_be_a_grant_is_never_a_footnote(row: list[str]) -> None:
    assert roles(HEADER, LINE, row, header=0)[-1] == "donnees"


def test_a_footnote_above_a_line_of_data_is_data() -> None:
    note = ["(1) Mandaté", "", "", "", ""]
    assert roles(HEADER, LINE, note, LINE, note, header=0) == ["entete", "donnees", "donnees", "donnees", "note"]
    assert roles(["nom", "montant"], ["A", "1"], ["(1) B", ""], header=0)[-1] == "donnees"


HEAD_OF_SUMS = ["nom", "objet", "montant", "annee"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["A", "x", "100,50", "2020"], ["B", "y", "200", "2020"], ["Total Sport", "", "300,50 €", ""]], "ddt"),
        ([["A", "x", "100", "2020"], ["Total Énergies", "", "500", ""]], "dd"),  # a company, or a mistake: not what is above
        ([["A", "x", "1.234,50", "2020"], ["B", "", "1 000", ""], ["Sous-total sport", "", "2 234.50", ""]], "ddt"),
        (
            [
                ["A", "x", "1", "2020"],
                ["Total a", "", "1", ""],
                ["B", "y", "2", "2020"],
                ["Total b", "", "2", ""],
                ["TOTAL DES AIDES", "", "3", ""],
            ],
            "dtdtt",
        ),
        # two levels: a part, then the section that holds it and another
        (
            [
                ["A", "x", "1", ""],
                ["Total a", "", "1", ""],
                ["B", "y", "2", ""],
                ["Total b", "", "2", ""],
                ["C", "z", "4", ""],
                ["Total (b + c)", "", "6", ""],
            ],
            "dtdtdt",
        ),
        ([["A", "x", "1", "2020"], ["Total Direct", "", "5", "2020"], ["B", "y", "2", "2020"], ["Total sport", "", "8", ""]], "dddt"),
        ([["A", "x", "0", "2020"], ["Total sport", "", "0", ""]], "dd"),  # nothing proves anything
        ([["A", "x", "1", "2020"], ["Total sport", "", "", ""]], "dd"),
        ([["A", "x", "1", "2020"], ["Totalement libre", "", "1", ""]], "dd"),
        # the object or the year of the line above goes on beside the total
        ([["A", "x", "1", "2020"], ["B", "x", "2", "2020"], ["TOTAL", "x", "3", "2020"]], "ddt"),
        ([["A", "x", "1", "2020"], ["B", "x", "2", "2020"], ["TOTAL", "y", "3", "2020"]], "ddd"),
        ([["A", "x", "1", "2020"], ["B", "x", "2", "2020"], ["C", "Total", "3", "2020"]], "ddd"),  # its name is its own
        ([["V", "x", "1", "2020"], ["V", "y", "2", "2020"], ["V", "Total", "3", "2020"]], "ddt"),
        ([["A", "x", "5", "2020"], ["Total Énergies", "x", "5", "2020"]], "dd"),  # one line above: a company's grant, perhaps
        ([["A", "x", "100000000", "2020"], ["Total 732829320", "", "100000000", ""]], "dd"),
    ],
)
def test_a_labelled_total_is_one_only_when_it_is_the_sum(rows: list[list[str]], expected: str) -> None:
    told = {"d": "donnees", "t": "total"}
    assert roles(HEAD_OF_SUMS, *rows, header=0) == ["entete", *(told[letter] for letter in expected)]


LABELS = frozenset({"nom", "objet", "montant", "annee", "beneficiaire"})
FIRST = ["Nom", "Objet", "Montant", "Année"]


def below(*rows: list[str]) -> tuple[list[int], list[int]]:
    frame = pl.DataFrame(
        {"ligne": range(1, len(rows) + 2), "cellules": [FIRST, *rows]}, schema={"ligne": pl.UInt32, "cellules": pl.List(pl.String)}
    )
    return headers_below(by_shape(frame, len(FIRST)), Header((1,), tuple(FIRST), (FIRST,)), LABELS)


@pytest.mark.parametrize(
    ("row", "same", "other"),
    [
        (["NOM", "objet ", "montant", "annee"], True, False),
        (["\ufeffNom", "Objet", "Montant", "Année"], True, False),
        (["Nom", "Objet", "Montant", "Année", "", ""], True, False),
        (["Objet", "Nom", "Montant", "Année"], False, True),
        (["Nom", "Objet", "Année", "Montant"], False, True),
        (["Bénéficiaire", "Objet", "Montant", "Année"], False, True),
        (["Nom", "Montant"], False, True),
        (["Objet", "", "", ""], False, False),  # one label is a word like another
        (["Objet", "Nom", "12", "2020"], False, False),
        (["A", "nom", "Montant à préciser", ""], False, False),
    ],
)
def test_a_header_further_down(row: list[str], same: bool, other: bool) -> None:
    found = below(["A", "x", "1", "2020"], row, ["B", "y", "2", "2020"])
    assert found == ([3] if same else [], [3] if other else [])


@pytest.mark.parametrize("row", list(permutations(FIRST)), ids="-".join)
def test_any_other_order_of_the_columns_is_another_header(row: tuple[str, ...]) -> None:
    same, other = below(["A", "x", "1", "2020"], list(row))
    assert (same, other) == (([3], []) if list(row) == FIRST else ([], [3]))


def test_a_header_is_found_among_many_lines_without_digits() -> None:
    lines = [["A", "x", "sans objet", ""]] * 5_000 + [["A", "x", "1", ""]] * 20_000
    assert below(*lines, ["Montant", "Nom", "Objet", ""], ["B", "y", "2", "2020"]) == ([], [25_002])
