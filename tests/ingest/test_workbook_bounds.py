import re
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.workbook import check_workbook
from pipeline.settings import Settings


def zipped(path: Path, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("xl/workbook.xml", content)
    return path


def refusal(path: Path, **bounds: int) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        check_workbook(path, Settings(**bounds))
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_what_it_unpacks_to_is_bounded(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "a", b"<a/> " * 1_000_000, method)
    check_workbook(path, Settings(max_unpacked_bytes=5_000_000))
    assert "décompressé" in refusal(path, max_unpacked_bytes=4_999_999)


def test_the_sizes_that_an_archive_declares_are_not_believed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", b"<a/> " * 1_000_000)
    lying = path.read_bytes().replace(struct.pack("<L", 5_000_000), struct.pack("<L", 10))
    path.write_bytes(lying)
    assert zipfile.ZipFile(path).infolist()[0].file_size == 10
    assert "décompressé" in refusal(path, max_unpacked_bytes=1_000_000)


@pytest.mark.parametrize(("far", "extent"), [("XFD1048576", "1048576 lignes sur 16384 colonnes"), ("A1048576", None), ("XFD1", None)])
def test_two_cells_at_the_corners_are_refused_before_all_those_between_are_laid_out(tmp_path: Path, far: str, extent: str | None) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active[far] = "a", "b"
    book.save(tmp_path / "a.xlsx")
    if extent:
        assert extent in refusal(tmp_path / "a.xlsx")
    else:
        check_workbook(tmp_path / "a.xlsx", Settings())


def test_a_reference_cut_between_two_chunks_is_seen(tmp_path: Path) -> None:
    for padding in range((1 << 20) - 30, (1 << 20) + 5):
        check = zipped(tmp_path / "a", b" " * padding + b'<c r="XFD1048576"/>', zipfile.ZIP_STORED)
        assert re.search("1048576", refusal(check)), padding


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="XFD1048576">',
        b'<c r="xfd1048576">',
        b"<c r" + b" " * 500_000 + b'= "XFD1048576">',
        b"<c r='XFD1048576'>",
        b'<c\nr="XFD1048576">',
        b'<c s="1"\tr = "XFD1048576"/>',
        b'<x:c r=\n"XFD1048576">',
    ],
)
def test_a_reference_in_any_form_of_xml_is_seen(tmp_path: Path, cell: bytes) -> None:
    assert "1048576" in refusal(zipped(tmp_path / "a", b" " * ((1 << 20) - 40) + b'<row r="1"><c r="A1"/>' + cell))


@pytest.mark.parametrize(
    "far", ["A1048577", "C3000000", "A99999999", "A4294967295", "A99999999999999999999", "AAAA1", "ZZZZZZZZZZZZ1", "XFE1"]
)
def test_a_reference_beyond_the_format_is_refused(tmp_path: Path, far: str) -> None:
    """The reader takes it, and lays out the rows or the columns down to it."""
    assert "trop étendue" in refusal(zipped(tmp_path / "a", f'<row r="1"><c r="A1"/><c r="{far}"/>'.encode()), max_sheet_cells=39_000_000)


@pytest.mark.parametrize("far", ["C3000000", "A99999999", "AAAA1", "AN1050000"])
def test_the_first_search_misses_none_of_them(tmp_path: Path, far: str) -> None:
    assert "trop étendue" in refusal(zipped(tmp_path / "a", f'<row r="1"><c r="A1"/><c r="{far}"/>'.encode()))


def test_a_tag_without_end_is_no_workbook(tmp_path: Path) -> None:
    assert "abîmé" in refusal(zipped(tmp_path / "a", b"<c " + b"a" * 3_000_000))


def test_a_locked_or_unknown_archive(tmp_path: Path) -> None:
    assert "protégé" in refusal(zipped(tmp_path / "a", b"a" * 1000, zipfile.ZIP_BZIP2))
    (tmp_path / "b").write_bytes(b"PK\x03\x04 rien")
    assert "abîmé" in refusal(tmp_path / "b")
