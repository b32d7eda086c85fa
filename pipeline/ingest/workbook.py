"""First guard before a workbook is opened: what it unpacks to, and how large its sheets would be in memory.

A few kilobytes can unpack to gigabytes, and two cells at the corners of a sheet make the reader lay out all those between them.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.settings import Settings

CHUNK = 1 << 20
_LOCAL_HEADER = 30  # bytes before the name in a local file header; its name and extra lengths are at 26 and 28
_TAIL = 64  # longer than any cell reference, which may be cut between two chunks
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{0,3})(\d{1,7})["']""")
_NO_CELLS = ("xl/sharedStrings.xml", "xl/styles.xml")


def check_workbook(path: Path, settings: Settings) -> None:
    """DeliveryRefused when the workbook passes a bound of the settings or cannot be unpacked."""
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            for member in archive.infolist():
                columns: set[bytes] = set()
                rows: set[bytes] = set()
                for chunk in _unpack(stream, member):
                    unpacked += len(chunk) - _TAIL
                    if unpacked > settings.max_unpacked_bytes:
                        raise DeliveryRefused(f"classeur trop gros une fois décompressé : plus de {settings.max_unpacked_bytes} octets")
                    if member.filename not in _NO_CELLS:
                        for letters, number in _REFERENCE.findall(chunk):
                            columns.add(letters)
                            rows.add(number)
                _check_extent(columns, rows, settings)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError):
        raise DeliveryRefused("classeur abîmé, incomplet ou protégé : le réenregistrer en .xlsx sans mot de passe") from None


def _unpack(stream: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpacked bytes, each chunk preceded by the tail of the one before. The sizes that the archive declares are not believed."""
    if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    stream.seek(member.header_offset)
    header = stream.read(_LOCAL_HEADER)
    stream.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left, tail = member.compress_size, bytes(_TAIL)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
    pending = b""
    while pending or left:
        if not pending:
            pending = stream.read(min(CHUNK, left))
            left = left - len(pending) if pending else 0
        if inflate:
            chunk = inflate.decompress(pending, CHUNK)
            pending = inflate.unconsumed_tail
        else:
            chunk, pending = pending, b""
        yield tail + chunk
        tail = chunk[-_TAIL:].rjust(_TAIL, b"\0")


def _check_extent(columns: set[bytes], rows: set[bytes], settings: Settings) -> None:
    width = max(map(_column_number, columns), default=0)
    height = max(map(int, rows), default=0)
    if width * height > settings.max_sheet_cells:
        raise DeliveryRefused(
            f"feuille trop étendue : {height} lignes sur {width} colonnes ; supprimer les lignes et colonnes vides, ou l'enregistrer en CSV"
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
