"""The `csv` module, reading the whole text, is the oracle: the same cells, widths and physical lines, wherever blocks are cut."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.tableschema import csvtext, source

PIECES = [
    "a",
    "b",
    "é",
    "😀",
    ",",
    ",",
    ";",
    '"',
    '"',
    '""',
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "x" * 40,
    "\x00",
    "\u2028",
    "\x0b",
    "\x85",
]


def by_csv(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """(physical line, cells) of each record."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records, line = [], 1
    for record in reader:
        records.append((line, record))
        line = reader.line_num + 1
    return records


def by_columns(text: str, delimiter: str, width: int | None, block: int) -> tuple[list[str], list[tuple[int, list[str]]]]:
    stream = io.BytesIO(text.encode())
    reader = csvtext.Reader(source.blocks(stream, "utf-8", size=block), delimiter)
    wide = max(1, len(reader.labels) if width is None else width)
    found = []
    for records in reader.records(wide):
        widths = [wide] * records.cells.height if records.widths is None else records.widths.to_list()
        for line, cells, count in zip(records.lines, records.cells.rows(), widths, strict=True):
            assert all(cell is None for cell in cells[count:])
            found.append((line, [*cells[:count], *["…"] * (count - wide)]))
    return reader.labels, found


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([None, None, 1, 2, 3]),
    st.sampled_from([1, 2, 7, 30, 1 << 20]),
)
@example('a,b\n1,"x\r\ny"\n\n"q""q",2\n3\n', ",", None, 7)
@example('a,b\n1,2\n"3,4\n', ",", None, 4)
@example('a,b\r1,2\r"3\r",4', ",", None, 3)
@example('a\n\n""\nb\n', ",", None, 1 << 20)
@example('"a\nb",c\n1,2', ",", None, 3)
def test_same_records_as_csv(text: str, delimiter: str, width: int | None, block: int) -> None:
    records = by_csv(text, delimiter)
    labels, found = by_columns(text, delimiter, width, block)
    wide = max(1, len(labels) if width is None else width)
    assert labels == (records[0][1] if records else [])
    assert found == [(line, [*cells[:wide], *["…"] * (len(cells) - wide)]) for line, cells in records[1:]]


def test_a_quote_left_open_does_not_swallow_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvtext, "RECORD_LIMIT", 1000)
    text = "a,b\n1,2\n" + '3,"4\n' + "5,6\n" * 1000
    with pytest.raises(csvtext.RecordTooLong) as stopped:
        by_columns(text, ",", None, 100)
    assert stopped.value.line == 3


def test_text_that_is_not_utf8_is_told() -> None:
    for text in (b"a,b\n1,2\n\xe9,3\n", b'a,b\n1,"2"\n\xe9,3\n'):
        with pytest.raises(UnicodeDecodeError):
            list(csvtext.Reader(source.blocks(io.BytesIO(text), "utf-8", size=4), ",").records(2))


@pytest.mark.parametrize(("data", "encoding"), [("é,b\n1,2\n".encode("cp1252"), "cp1252"), ("é,b\n1,2\n".encode("utf-16-le"), "utf-16-le")])
def test_other_encodings_become_utf8(data: bytes, encoding: str) -> None:
    for size in (1, 3, 100):
        assert b"".join(source.blocks(io.BytesIO(data), encoding, size=size)) == "é,b\n1,2\n".encode()


@pytest.mark.parametrize(("text", "separator"), [("a;b,c\n1;2,3\n", ";"), ("a\tb\n1,5\t2,5\n", "\t"), ("seule\n1\n", ","), ("", ",")])
def test_the_separator_is_found(text: str, separator: str) -> None:
    assert source.separator_of(text, {"a", "b"}) == separator
