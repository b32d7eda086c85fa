import pytest

from pipeline.ingest.dialect import find_separator

LABELS = frozenset({"nom", "montant", "objet", "conditions"})


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_of_an_even_file(separator: str) -> None:
    rows = [["nom", "montant", "objet"], ["A", "1", "x"], ["B", "2", "y"]]
    text = "\n".join(separator.join(row) for row in rows).encode()
    assert find_separator(text, LABELS) == separator
    assert find_separator(text, frozenset()) == separator


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        # prose and decimal commas make more fields than the separator
        ("nom;montant;conditions\nA;1,50;un, deux, trois, quatre\nB;2,50;un, deux, trois, cinq\n", ";"),
        # an unquoted decimal comma in a comma file: no record has the width of the header
        ("nom,montant,objet\nA,1,50,x;y\nB,2,50,x;y\nC,3,50,x;y\n", ","),
        # title lines first, with another separator in them
        ("Extraction, du 1, janvier, 2024\n\nnom;montant;objet\nA;1;x\n", ";"),
        # a separator between quotes is none
        ('nom,montant,objet\n"A;B;C;D",1,x\n"E;F;G;H",2,y\n', ","),
        ('nom|montant\n"A\n,,,,,,\nB"|1\n', "|"),
    ],
)
def test_the_labels_settle_what_regularity_cannot(text: str, separator: str) -> None:
    assert find_separator(text.encode(), LABELS) == separator


def test_a_sample_cut_inside_a_character_or_with_an_endless_cell() -> None:
    assert find_separator(("nom;montant\n" + "é;1\n" * 100_000).encode(), LABELS) == ";"
    assert find_separator(("nom;montant\nA;1\n" + '"' + "a" * 200_000).encode(), LABELS) == ";"
