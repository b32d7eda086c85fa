"""What a file is, by its first bytes: its extension is only a name."""

import codecs
import zipfile
from pathlib import Path
from typing import Literal

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.utf16 import utf16_of

Format = Literal["csv", "xlsx", "xls"]
HEAD = 4096

_ZIP = b"PK\x03\x04"
_WORKBOOK = "xl/workbook.xml"
# The reader would try the archive as another kind of workbook, whose extent nobody has checked.
_OTHER_READERS = {"xl/workbook.bin", "content.xml"}
_ADVICE = "le réenregistrer en CSV (UTF-8) ou en Excel .xlsx"
_KNOWN = (
    (b"%PDF", "un PDF"),
    (b"\x1f\x8b", "une archive gzip"),
    (b"7z\xbc\xaf\x27\x1c", "une archive 7z"),
    (b"Rar!", "une archive rar"),
    (b"\x89PNG", "une image"),
    (b"\xff\xd8\xff", "une image"),
    (b"GIF8", "une image"),
    (b"PAR1", "un fichier Parquet"),
    (b"SQLite format 3", "une base SQLite"),
    (b"{\\rtf", "un document RTF"),
)
# Old Office files are small file systems: what one is shows in the names that it holds, in UTF-16.
_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOKS = tuple(name.encode("utf-16-le") + b"\0\0" for name in ("Workbook", "Book"))
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_PAGES = (b"<!doctype html", b"<html", b"<?xml")


def format_of(path: Path) -> Format:
    """`xlsx`, `xls` or `csv` (any text). DeliveryRefused, naming what it is, for what is neither."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if head.startswith(_ZIP):
        return _zipped(path)
    if head.startswith(_OFFICE):
        return _office(path)
    for magic, name in _KNOWN:
        if head.startswith(magic):
            raise DeliveryRefused(f"c'est {name}, pas un tableau CSV ou Excel : {_ADVICE}")
    if codec := utf16_of(head):
        head = head[2:].decode(codec, errors="ignore").encode()
    if head.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_PAGES):
        raise DeliveryRefused("c'est une page web ou un fichier XML, pas un tableau CSV ou Excel : donner l'adresse du fichier lui-même")
    if b"\0" in head:
        raise DeliveryRefused(f"fichier binaire, pas un tableau CSV ou Excel : {_ADVICE}")
    return "csv"


def _zipped(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise DeliveryRefused("archive abîmée ou incomplète : redemander le fichier") from None
    if _WORKBOOK not in names or names & _OTHER_READERS:
        raise DeliveryRefused(f"c'est une archive ou un document, pas un classeur Excel : {_ADVICE}")
    return "xlsx"


def _office(path: Path) -> Format:
    content = path.read_bytes()
    if _LOCKED in content:
        raise DeliveryRefused("classeur protégé par un mot de passe : le réenregistrer sans mot de passe, en .xlsx")
    if not any(name in content for name in _WORKBOOKS):
        raise DeliveryRefused(f"c'est un ancien fichier Office, pas un classeur Excel : {_ADVICE}")
    return "xls"
