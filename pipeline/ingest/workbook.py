"""First guard before a workbook is opened: what it unpacks to, and how large its sheets would be in memory.

A few kilobytes can unpack to gigabytes, and two cells at the corners of a sheet make the reader lay out all those between them.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.settings import Settings

CHUNK = 1 << 20
_LOCAL_HEADER = 30  # bytes before the name in a local file header; its name and extra lengths are at 26 and 28
_TAIL = 64  # longer than any cell reference, which may be cut between two chunks
# Letters, then numbers, of the references (`r="AB12"`, and `r="12"` of a row), as every program writes them and as XML allows.
_USUAL = (re.compile(rb' r="([A-Z]{1,3})\d'), re.compile(rb' r="[A-Z]{0,3}(\d{1,7})"'))
_SPACED = (re.compile(rb' r *= *"([A-Z]{1,3})\d'), re.compile(rb' r *= *"[A-Z]{0,3}(\d{1,7})"'))
_SAME_IN_XML = bytes.maketrans(b"\t\r\n'", b'   "')
_NO_CELLS = ("xl/sharedStrings.xml", "xl/styles.xml")


def check_workbook(path: Path, settings: Settings) -> None:
    """DeliveryRefused when the workbook passes a bound of the settings, is damaged or is locked."""
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            for member in archive.infolist():
                extent, checksum = _Extent(), 0
                for chunk in _unpack(stream, member):
                    unpacked += len(chunk)
                    if unpacked > settings.max_unpacked_bytes:
                        raise DeliveryRefused(f"classeur trop gros une fois décompressé : plus de {settings.max_unpacked_bytes} octets")
                    checksum = zlib.crc32(chunk, checksum)
                    if member.filename not in _NO_CELLS:
                        extent.see(chunk)
                if checksum != member.CRC:
                    raise zipfile.BadZipFile
                extent.check(settings)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError):
        raise DeliveryRefused("classeur abîmé, incomplet ou protégé : le réenregistrer en .xlsx sans mot de passe") from None


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


@dataclass
class _Extent:
    """The rectangle that the cells of a sheet span, from the references seen in its XML."""

    columns: set[bytes] = field(default_factory=set)
    rows: set[bytes] = field(default_factory=set)
    tail: bytes = b""

    def see(self, chunk: bytes) -> None:
        text = (self.tail + chunk).translate(_SAME_IN_XML)
        letters, numbers = _SPACED if b" r " in text or b"r= " in text else _USUAL
        self.columns.update(letters.findall(text))
        self.rows.update(numbers.findall(text))
        self.tail = text[-_TAIL:]

    def check(self, settings: Settings) -> None:
        width = max(map(_column_number, self.columns), default=0)
        height = max(map(int, self.rows), default=0)
        if width * height > settings.max_sheet_cells:
            raise DeliveryRefused(f"feuille trop étendue : {height} lignes sur {width} colonnes ; la réduire, ou l'enregistrer en CSV")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
