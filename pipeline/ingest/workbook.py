"""First guard before a workbook is opened: what it unpacks to, and how large its sheets would be in memory.

A few kilobytes can unpack to gigabytes, and two cells at the corners of a sheet make the reader lay out all those between them.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.sheet_xml import MARKS, Unsaid, column_number, unsaid
from pipeline.settings import Settings

CHUNK = 1 << 20
_LOCAL_HEADER = 30  # bytes before the name in a local file header; its name and extra lengths are at 26 and 28
# What the format allows. The reader goes further, and takes letters of any case.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
# A reference (`r="AB12"`, `r="12"` for a row) beyond column AL or row 1,049,999. Most sheets have none: one search is enough for them.
_FAR = (
    "[ \\t\\r\\n]r[ \\t\\r\\n]*=[ \\t\\r\\n]*[\"'](?:[A-Za-z]{3}|[B-Zb-z][A-Za-z]|[Aa][M-Zm-z]"
    "|[A-Za-z]{0,2}(?:[0-9]{8}|[2-9][0-9]{6}|1[1-9][0-9]{5}|10[5-9][0-9]{4}))"
)
_FAR_OR_MARKED = f"{_FAR}|{MARKS}"  # one search costs hardly more than one of the two
_NEAR_CELLS = 38 * 1_049_999
_REFERENCES = (re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+)\d"""), re.compile(rb"""\sr\s*=\s*["'][A-Za-z]*0*(\d+)["']"""))
_LONGEST_NUMBER = 10
# A document type: the format forbids it, and what its entities stand for would be read as nothing.
_DECLARATION = b"<!DOCTYPE"
_NO_CELLS = ("xl/sharedStrings.xml", "xl/styles.xml")


def check_workbook(path: Path, settings: Settings) -> frozenset[str]:
    """The members of the archive of which `unsaid` has something to tell. DeliveryRefused when the workbook passes a bound of the settings,
    is damaged or is locked."""
    unpacked, told = 0, set[str]()
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            for member in archive.infolist():
                far, checksum, tags = settings.max_sheet_cells < _NEAR_CELLS, 0, _WholeTags()
                for place, chunk in enumerate(_unpack(stream, member)):
                    if place == 0 and _DECLARATION in chunk:
                        raise DeliveryRefused("classeur qui déclare des entités XML, ce que le format interdit : le réenregistrer en .xlsx")
                    unpacked += len(chunk)
                    if unpacked > settings.max_unpacked_bytes:
                        raise DeliveryRefused(f"classeur trop gros une fois décompressé : plus de {settings.max_unpacked_bytes} octets")
                    checksum = zlib.crc32(chunk, checksum)
                    if member.filename not in _NO_CELLS:
                        text = _as_text(tags.add(chunk))
                        if _holds(text, _FAR_OR_MARKED):
                            far = far or _holds(text, _FAR)
                            told.update([member.filename] if _holds(text, MARKS) else [])
                if checksum != member.CRC:
                    raise zipfile.BadZipFile
                if far and member.filename not in _NO_CELLS:
                    _check_extent(_unpack(stream, member), settings)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError):
        raise DeliveryRefused("classeur abîmé, incomplet ou protégé : le réenregistrer en .xlsx sans mot de passe") from None
    return frozenset(told)


def read_unsaid(path: Path, member: str) -> Unsaid:
    """What the reader leaves out of a sheet; `check_workbook` has read the archive before."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
        return unsaid(_unpack(stream, archive.getinfo(member)))


def _as_text(xml: bytes) -> pl.Series:
    """Latin-1 reads any byte, and Polars' search is twice as fast as that of `re`."""
    return pl.Series([xml.decode("latin-1")])


def _holds(text: pl.Series, pattern: str) -> bool:
    return bool(text.str.contains(pattern).item())


def _check_extent(chunks: Iterator[bytes], settings: Settings) -> None:
    """DeliveryRefused when the rectangle that the cells of a sheet span, from the references in its XML, is too large."""
    letters, numbers = set[bytes](), set[bytes]()
    tags = _WholeTags()
    for chunk in chunks:
        text = tags.add(chunk)
        letters.update(_REFERENCES[0].findall(text))
        numbers.update(_REFERENCES[1].findall(text))
    width = max((column_number(found[:_LONGEST_NUMBER]) for found in letters), default=0)
    height = max((int(found[:_LONGEST_NUMBER]) for found in numbers), default=0)
    if width > LAST_COLUMN or height > LAST_ROW or width * height > settings.max_sheet_cells:
        raise DeliveryRefused(f"feuille trop étendue : {height} lignes sur {width} colonnes ; la réduire, ou l'enregistrer en CSV")


class _WholeTags:
    """Chunks of XML made to begin with the tag that the one before left open, so that no reference is cut."""

    def __init__(self) -> None:
        self._open = b""

    def add(self, chunk: bytes) -> bytes:
        """ValueError for a tag that nothing closes: no sheet has a text of a million characters."""
        text = self._open + chunk
        self._open = text[text.rfind(b"<") :] if b"<" in text else text
        if len(self._open) > 2 * CHUNK:
            raise ValueError
        return text


def _unpack(stream: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Chunks of the unpacked bytes. The sizes that the archive declares are not believed."""
    if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    stream.seek(member.header_offset)
    header = stream.read(_LOCAL_HEADER)
    stream.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
    left = member.compress_size
    while packed := stream.read(min(CHUNK, left)):
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, CHUNK)
            packed = inflate.unconsumed_tail
    if inflate:
        yield inflate.flush()
