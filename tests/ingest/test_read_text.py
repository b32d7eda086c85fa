import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.ingest.columnar import split_block
from pipeline.ingest.encoding import TextFile
from pipeline.ingest.header import Sought
from pipeline.ingest.records import read_blocks, read_text
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.shape import together
from pipeline.ingest.spaced import is_spaced, without_spaces
from pipeline.settings import Settings
from tests.ingest.shapes import Listed, in_order

SOUGHT = Sought(frozenset({"nom", "objet", "montant"}), ("nom", "objet", "montant"))
HEADER = ("Nom", "Objet", "Montant")
BOUNDS = Settings(max_cell_chars=10_000, max_record_chars=50_000)


def by_hand(record: str, separator: str) -> list[str]:
    """The cells of one record, letter by letter; one with a text after its closing quote keeps every quote."""
    cells, raw, inside, closed, quoted = [], "", False, False, False
    for char in record + separator:
        if char == separator and not inside:
            cells.append(raw[1:-1].replace('""', '"') if quoted and not closed else raw)
            raw, closed, quoted = "", False, False
            continue
        if not raw and char == '"':
            inside = quoted = True
        elif char == '"' and quoted and not closed:
            inside = not inside
        elif not inside and quoted:
            closed = True
        raw += char
    return cells


def oracle(text: str, separator: str) -> Listed | None:
    """What the csv module reads, numbered by first line; None when a quote is still open at the end. Where a text follows a closing quote,
    the cell is as written."""
    given = []

    def lines() -> Iterator[str]:
        for line in re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text):
            given.append(line)
            yield line
        given.append("end")

    reader, found, first = csv.reader(lines(), delimiter=separator), [], 1
    for row in reader:
        if given[-1] == "end":
            return None
        cells = by_hand("".join(given[first - 1 :]).rstrip("\r\n"), separator)
        assert len(cells) == len(row or [""])
        assert any('"' in cell for cell in cells) or cells == (row or [""])
        found.append((first, cells))
        first = len(given) + 1
    return found


def write(folder: Path, content: bytes) -> Path:
    path = folder / "livraison"
    path.write_bytes(content)
    return path


# --- what the property tests draw ---
# A Windows-1252 letter of this alphabet is never followed by a byte that would make both valid UTF-8.
cells = st.lists(st.sampled_from(["a", "B", "é", "à", "ç", " ", "1", ",", ";", "|", "\t", '"', "\n", "\r\n", "'"]), max_size=6).map("".join)
rows = st.lists(st.tuples(cells, cells, cells), max_size=8)


def cell_text(cell: str, separator: str, always: bool) -> str:
    needed = always or any(char in cell for char in (separator, '"', "\r", "\n"))
    return '"' + cell.replace('"', '""') + '"' if needed else cell


@dataclass(frozen=True)
class Way:
    """A way of writing a table."""

    separator: str
    always_quoted: bool
    end: str
    encoding: str
    ended: bool


ways = st.builds(
    Way,
    separator=st.sampled_from([",", ";", "\t", "|"]),
    always_quoted=st.booleans(),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    ended=st.booleans(),
)
titles = st.lists(st.sampled_from(["Subventions", "été 2024", ""]), max_size=3)


@given(way=ways, titles=titles, table=rows)
@hypothesis_settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_way_of_writing_a_table_gives_it_back(tmp_path: Path, way: Way, titles: list[str], table: list[tuple[str, str, str]]) -> None:
    text, expected = "", []
    for row in [*((title,) for title in titles), HEADER, *table]:
        expected.append((1 + len(re.findall(r"\r\n|\r|\n", text)), list(row)))
        text += way.separator.join(cell_text(cell, way.separator, way.always_quoted and len(row) > 1) for cell in row) + way.end
    content = text if way.ended else text.removesuffix(way.end)

    read = read_text(write(tmp_path, content.encode(way.encoding)), SOUGHT, BOUNDS)

    assert read.separator == way.separator
    assert in_order(read.records) == expected
    assert read.stray == []
    names = {"utf-8": "utf-8", "utf-8-sig": "utf-8 (BOM)", "cp1252": "utf-8" if content.isascii() else "windows-1252"}
    assert read.encodings.name == names[way.encoding]


PIECES = ["a", "é", ";", '"', '""', "\n", "\r\n", "\r", " ", '"a"', ";x;", "\ufeff", "\x1c", "\u2028", "#", "\\"]


@given(text=st.lists(st.sampled_from(PIECES), max_size=30).map("".join), size=st.integers(1, 20), width=st.integers(1, 4))
@hypothesis_settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_readings_agree_with_the_csv_module_on_any_text(tmp_path: Path, text: str, size: int, width: int) -> None:
    expected = oracle(text.removeprefix("\ufeff"), ";")
    path = write(tmp_path, text.encode())
    for name, block_bytes in (("whole", 1 << 20), ("cut", size)):
        reading = read_blocks(TextFile(path, 1000, block_bytes).blocks(), ";", width, BOUNDS, [])
        if expected is None:
            with pytest.raises(DeliveryRefused, match="guillemet"):
                list(reading)
        else:
            found = in_order(together(reading, width))
            assert found == expected, name
    columnar = split_block(text.encode(), 1, ";", width, 1000)
    assert columnar is None or in_order(columnar) == oracle(text, ";")


@pytest.mark.parametrize(
    ("text", "cells_found"),
    [
        ("a;b\n\nc;d;e\n;;\n", [["a", "b"], [""], ["c", "d", "e"], ["", "", ""]]),
        ('a;"b;c"\n"d ""e""";\n"";""\nx;y\n', [["a", "b;c"], ['d "e"', ""], ["", ""], ["x", "y"]]),
        ('l\'"atelier";5" \n', [['l\'"atelier"', '5" ']]),
        ("a;b\r\nc;d\r\n", [["a", "b"], ["c", "d"]]),
    ],
)
def test_regular_texts_take_the_fast_way(text: str, cells_found: list[list[str]]) -> None:
    found = split_block(text.encode(), 10, ";", 2, 1000)
    assert found is not None
    assert in_order(found) == list(enumerate(cells_found, start=10))
    assert [row for _, row in oracle(text, ";") or []] == cells_found


@pytest.mark.parametrize("width", [1, 2, 3, 1000])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_can_be_inside_quotes(separator: str, width: int) -> None:
    found = split_block(f'a{separator}"b{separator}c"\n'.encode(), 1, separator, width, 1000)
    assert found is not None and in_order(found) == [(1, ["a", f"b{separator}c"])]


@pytest.mark.parametrize(
    ("line", "cells_found"),
    [
        ('"LE PHARE" EN MER;1', ['"LE PHARE" EN MER', "1"]),
        ('"dit \\"oui\\" fort";1', ['"dit \\"oui\\" fort"', "1"]),
        ('"dit ""oui""";"a;b" ', ['dit "oui"', '"a;b" ']),
        ('1;"X" Y', ["1", '"X" Y']),
        ('"";""Z', ["", '""Z']),
    ],
)
def test_no_quote_is_lost(tmp_path: Path, line: str, cells_found: list[str]) -> None:
    read = read_text(write(tmp_path, f"Nom;Montant\nA;0\n{line}\nB;2\n".encode()), SOUGHT, BOUNDS)
    assert in_order(read.records)[1:] == [(2, ["A", "0"]), (3, cells_found), (4, ["B", "2"])]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_separator_that_a_space_follows_everywhere(tmp_path: Path, size: int) -> None:
    text = '"Nom", "Objet", "Montant"\n"A", "x, y ""z"", t", 12\r\n"B, C", , " 1,\n 2"\nD, E,F, 3\n'
    wrong = write(tmp_path, text.encode())
    assert not is_spaced(TextFile(wrong, 1000, size).blocks(), ",")  # one cell, and nothing proves that the others are so written
    right = write(tmp_path, text.replace("E,F", "E  F").encode())
    assert is_spaced(TextFile(right, 1000, size).blocks(), ",")
    read = read_text(right, SOUGHT, BOUNDS)
    assert read.separator == ", " and in_order(read.records) == [
        (1, ["Nom", "Objet", "Montant"]),
        (2, ["A", 'x, y "z", t', "12"]),
        (3, ["B, C", "", " 1,\n 2"]),
        (5, ["D", "E  F", "3"]),
    ]
    assert b"".join(without_spaces(TextFile(right, 1000, size).blocks(), ",")).count(b"\n") == text.count("\n")


@pytest.mark.parametrize("line", ['"B",2', 'a "B", 2', '"B" , 2', '"B", "2" €', "B, 2,", '"B", x"2"'])
def test_a_space_before_a_quote_proves_nothing_by_itself(tmp_path: Path, line: str) -> None:
    read = read_text(write(tmp_path, f'Nom, Montant\n"A", "1"\n{line}\n'.encode()), SOUGHT, BOUNDS)
    assert read.separator == "," and (2, ["A", ' "1"']) in in_order(read.records)


@pytest.mark.parametrize("text", ['a;"b\nc"\n', 'a;"b"c\n', 'a;"b\n', "a\rb\n", f"{'x' * 2000}\n"])
def test_other_texts_do_not(text: str) -> None:
    assert split_block(text.encode(), 1, ";", 2, 1000) is None


def test_a_record_is_numbered_by_its_first_line_after_an_irregular_block(tmp_path: Path) -> None:
    text = "nom;objet\n" * 50 + 'A;"un\r\ndeux\n\ntrois"\nB;x\n'
    found = in_order(together(read_blocks(TextFile(write(tmp_path, text.encode()), 1000, 64).blocks(), ";", 2, BOUNDS, []), 2))
    assert found[-2:] == [(51, ["A", "un\r\ndeux\n\ntrois"]), (55, ["B", "x"])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("\n\r\n  \n", "aucun enregistrement"),
        ("\ufeff", "aucun enregistrement"),
        ('nom;objet\nA;x\nB;"ouvert\nC;x\n', "ligne 3 : guillemet ouvert"),
        ('nom;objet\nA;"' + "x" * 10_001 + '"\n', "ligne 2 : cellule trop longue"),
        ("nom;objet\nA;" + "x" * 10_001 + "\n", "ligne 2 : cellule trop longue"),
        ('nom;objet\nA;"\n"\nB;' + ";".join(["x" * 9_000] * 6) + "\n", "ligne 4 : enregistrement de plus de 50000"),
        ('nom;objet\nA;x\nB;"' + "x\n" * 30_000 + "\n", "ligne 3 : "),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: str, reason: str) -> None:
    csv.field_size_limit(131_072)
    with pytest.raises(DeliveryRefused) as caught:
        read_text(write(tmp_path, content.encode()), SOUGHT, BOUNDS)
    assert reason in str(caught.value)
    assert "xx" not in str(caught.value), "a cell is quoted"
    assert csv.field_size_limit() == 131_072, "the bound of the whole process was changed"


def test_cells_are_kept_as_they_are(tmp_path: Path) -> None:
    read = read_text(write(tmp_path, "Nom;Montant\n A\u00a0; 1\u202f200,00 € \n".encode()), SOUGHT, BOUNDS)
    assert in_order(read.records)[1] == (2, [" A\u00a0", " 1\u202f200,00 € "])


TABLE = "nom;siret;objet;montant;exercice\nA;1;x;10;2020\n"


@pytest.mark.parametrize(
    ("lines", "stray"),
    [
        ('B;2;"LE PHARE;20;2020\nC;3;"LA TOUR;30;2020\n', [3]),  # two lines, and the csv module sees one of five cells
        ('B;2;"LE PHARE;20;2020\nC;3;x;30;2020\nD;4;"LA TOUR;40;2020\n', [3]),
        ('B;2;"LE PHARE;20;2020\nC;3;LA TOUR";30;2020\n', [3]),
        ('B;2;"LE PHARE;20;2020\nC;3;x;30;2020\nD;4;LA TOUR";40;2020\n', [3]),
        ('B;2;"LE PHARE" EN MER;20;2020\nC;3;x;30;2020\n', []),  # the line ends where it should
        ('B;2;"un ; deux\ntrois";20;2020\nC;3;"a\nb";30;2020\n', []),
        ('B;2;"dit ""un"" ;\n;;;;\ndeux";20;2020\n', []),
    ],
)
def test_lines_that_a_misplaced_quote_makes_one_record_are_told(tmp_path: Path, lines: str, stray: list[int]) -> None:
    read = read_text(write(tmp_path, (TABLE + lines).encode()), SOUGHT, BOUNDS)
    assert read.stray == stray
    assert in_order(read.records) == oracle(TABLE + lines, ";")
