"""Bytes to UTF-8, line by line: what is valid UTF-8 is UTF-8, what is not is Windows-1252.

A file is read in blocks that end with a line, so that memory does not follow its size. Files that mix both encodings exist (one
begins with a UTF-8 BOM and goes on in Windows-1252), hence the line, not the file, as the unit.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.ingest.refusal import DeliveryRefused

BLOCK = 16 << 20


@dataclass
class Encodings:
    """What was met so far in one file. `name` is the encoding of the file as it is told to people."""

    bom: bool = False
    utf8: bool = False
    cp1252: bool = False

    @property
    def name(self) -> str:
        if self.cp1252:
            found = "utf-8 et windows-1252" if self.utf8 else "windows-1252"
            return f"{found} (BOM utf-8)" if self.bom else found
        return "utf-8 (BOM)" if self.bom else "utf-8"


@dataclass
class TextFile:
    """A text as blocks of UTF-8 bytes. `encodings` is complete once the blocks have all been read."""

    path: Path
    max_line_bytes: int
    block_bytes: int = BLOCK
    encodings: Encodings = field(default_factory=Encodings)

    def blocks(self) -> Iterator[bytes]:
        """Blocks of whole lines, BOM removed. DeliveryRefused for a NUL byte, a text without lines or bytes of another encoding."""
        for offset, block in self._raw_blocks():
            if b"\0" in block:
                line = self._line_at(offset + block.index(b"\0"))
                raise DeliveryRefused(f"ligne {line} : caractère nul, le fichier n'est pas un texte ; le réenregistrer en CSV (UTF-8)")
            yield self._to_utf8(block, offset)

    def _raw_blocks(self) -> Iterator[tuple[int, bytes]]:
        with self.path.open("rb") as stream:
            rest, offset = stream.read(len(codecs.BOM_UTF8)), 0
            if rest == codecs.BOM_UTF8:
                self.encodings.bom, rest, offset = True, b"", len(rest)
            while chunk := stream.read(self.block_bytes):
                rest += chunk
                # Old Mac files end their lines with \r alone; one at the very end may be the first half of \r\n.
                end = rest.rfind(b"\n") + 1 or rest.rfind(b"\r", 0, -1) + 1
                if not end and len(rest) > self.max_line_bytes:
                    raise DeliveryRefused("une ligne est trop longue pour un tableau : vérifier que le fichier est bien un CSV")
                if end:
                    yield offset, rest[:end]
                    rest, offset = rest[end:], offset + end
            if rest:
                yield offset, rest

    def _to_utf8(self, block: bytes, offset: int) -> bytes:
        if block.isascii():
            return block
        if _is_utf8(block):
            self.encodings.utf8 = True
            return block
        lines = []
        for line in block.splitlines(keepends=True):
            lines.append(self._line_to_utf8(line, offset))
            offset += len(line)
        return b"".join(lines)

    def _line_to_utf8(self, line: bytes, offset: int) -> bytes:
        if line.isascii():
            return line
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            self.encodings.utf8 = True
            return line
        try:
            text = line.decode("cp1252")
        except UnicodeDecodeError:
            number = self._line_at(offset)
            raise DeliveryRefused(f"ligne {number} : encodage inconnu, ni UTF-8 ni Windows-1252 ; réenregistrer en CSV (UTF-8)") from None
        self.encodings.cp1252 = True
        return text.encode("utf-8")

    def _line_at(self, offset: int) -> int:
        """Number of the line that holds the byte at `offset`, as an editor counts: lines end with \\n, \\r\\n or \\r alone."""
        with self.path.open("rb") as stream:
            before = stream.read(offset)
        return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _is_utf8(block: bytes) -> bool:
    """Same verdict as `bytes.decode`, six times as fast, and without building the text."""
    try:
        pl.Series([block], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True
