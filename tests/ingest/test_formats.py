import zipfile
from pathlib import Path

import openpyxl
import pytest

from pipeline.ingest.formats import format_of
from pipeline.ingest.refusal import DeliveryRefused

OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def test_a_workbook_is_known_by_its_content_and_a_text_is_the_rest(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    (tmp_path / "b.xlsx").write_bytes(b"nom;montant\n")
    assert format_of(tmp_path / "a.csv") == "xlsx"
    assert format_of(tmp_path / "b.xlsx") == "csv"


@pytest.mark.parametrize(
    "text", [b"a,b\n", "\ufeffé;à\n".encode(), "é;à".encode("cp1252"), b"<a>;b\n", b"PK;b\n", b"\n\n", "é;à".encode("utf-16")]
)
def test_texts(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a").write_bytes(text)
    assert format_of(tmp_path / "a") == "csv"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7\n%...", "PDF"),
        (OFFICE + "WordDocument".encode("utf-16-le"), "ancien fichier Office"),
        (OFFICE + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n", "image"),
        (b"PAR1....", "Parquet"),
        ("nom;montant".encode("utf-16-le"), "binaire"),  # without its mark, only NUL bytes
        ("nom;mon\0tant".encode("utf-16"), "binaire"),
        ("nom".encode("utf-32"), "binaire"),
        ("<html>".encode("utf-16"), "page web"),
        (b"\n <!DOCTYPE html><html>", "page web"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "XML"),
        (bytes(range(256)), "binaire"),
        (b"a;b\0c", "binaire"),
        (b"PK\x03\x04 coup\xe9", "abîmée"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DeliveryRefused, match=word):
        format_of(tmp_path / "a.csv")


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("donnees.csv", "a;b")
    with pytest.raises(DeliveryRefused, match="archive"):
        format_of(tmp_path / "a.xlsx")
