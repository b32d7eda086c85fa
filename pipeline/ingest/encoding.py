"""Bytes to UTF-8, line by line: what is valid UTF-8 is UTF-8, what is not is in the one older encoding of the file.

A file is read in blocks that end with a line, so that memory does not follow its size. Files that mix two encodings exist (one begins
with a UTF-8 BOM and goes on in Windows-1252), hence the line, not the file, as the unit.
"""

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import polars as pl

from pipeline.ingest.legacy import NAMES, legacy_encoding
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.utf16 import open_as_utf8, utf16_of

BLOCK = 16 << 20
UTF8 = "utf-8"
# Lines that no encoding explains are set apart one by one; so many of them are a file that is no text.
UNKNOWN_LINES = 1_000


@dataclass
class Encodings:
    """What was met so far in one file: lines that are not plain ASCII, by encoding, counted once a line is not UTF-8.

    `utf16` is the encoding of a text that is all in it, `legacy` that of the lines that are not UTF-8; `unknown` the numbers of those that
    it does not explain either.
    """

    bom: bool = False
    utf16: str | None = None
    utf8: bool = False
    legacy: str | None = None
    lines: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The encoding of the file as it is told to people."""
        if self.utf16 is not None:
            return f"{self.utf16} (BOM)"
        if self.legacy is not None:
            found = f"{UTF8} et {NAMES[self.legacy]}" if self.utf8 else NAMES[self.legacy]
            return f"{found} (BOM {UTF8})" if self.bom else found
        return f"{UTF8} (BOM)" if self.bom else UTF8

    @property
    def counts(self) -> list[tuple[str, int, int]]:
        """(encoding, lines, first of them) of a text that is not all UTF-8, in the order of their first lines."""
        return sorted(((name, count, self.first[name]) for name, count in self.lines.items()), key=lambda found: found[2])

    def count(self, encoding: str, line: int) -> None:
        self.lines[encoding] += 1
        self.first.setdefault(encoding, line)


@dataclass
class TextFile:
    """A text as blocks of UTF-8 bytes. `encodings` is complete once the blocks have all been read."""

    path: Path
    max_line_bytes: int
    block_bytes: int = BLOCK
    encodings: Encodings = field(default_factory=Encodings)
    _counted: tuple[int, int] = (0, 1)  # an offset where a line begins, and its number

    def blocks(self) -> Iterator[bytes]:
        """Blocks of whole lines, BOM removed. DeliveryRefused for a NUL byte, a text without lines or bytes that are no text."""
        for offset, block in self._raw_blocks():
            if b"\0" in block:
                line = self._line_at(offset + block.index(b"\0"))
                raise DeliveryRefused(f"ligne {line} : caractère nul, le fichier n'est pas un texte ; le réenregistrer en CSV (UTF-8)")
            yield self._to_utf8(block, offset)

    def _raw_blocks(self) -> Iterator[tuple[int, bytes]]:
        with self._opened() as stream:
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

    def _opened(self, start: int = 0) -> BinaryIO:
        """The bytes of the text from an offset on; those of UTF-16 are recoded first, and counted as UTF-8."""
        stream: BinaryIO = self.path.open("rb")
        self.encodings.utf16 = utf16_of(stream.read(2))
        if self.encodings.utf16 is None:
            stream.seek(start)
            return stream
        stream.close()
        stream = open_as_utf8(self.path)
        while start:
            start -= len(stream.read(min(start, self.block_bytes)))
        return stream

    def _to_utf8(self, block: bytes, offset: int) -> bytes:
        if block.isascii():
            return block
        if self.encodings.legacy is None and _is_utf8(block):
            self.encodings.utf8 = True
            return block
        lines = block.splitlines(keepends=True)
        if self.encodings.legacy is None:
            self.encodings.legacy = legacy_encoding(line for line in lines if not line.isascii() and not _decodes(line, UTF8))
            self._count_before(offset)
        first = self._line_at(offset)
        return b"".join(line if line.isascii() else self._line_to_utf8(line, first + index) for index, line in enumerate(lines))

    def _line_to_utf8(self, line: bytes, number: int) -> bytes:
        if _decodes(line, UTF8):
            self.encodings.utf8 = True
            self.encodings.count(UTF8, number)
            return line
        legacy = self.encodings.legacy or ""
        text = line.decode(legacy, errors="replace")
        if "\N{REPLACEMENT CHARACTER}" in text:
            self._set_apart(number)
        else:
            self.encodings.count(NAMES[legacy], number)
        return text.encode(UTF8)

    def _set_apart(self, number: int) -> None:
        self.encodings.unknown.append(number)
        if len(self.encodings.unknown) > UNKNOWN_LINES:
            first = self.encodings.unknown[0]
            raise DeliveryRefused(
                f"ligne {first} et bien d'autres : encodage inconnu, ni UTF-8 ni Windows-1252 ; réenregistrer en CSV (UTF-8)"
            )

    def _count_before(self, offset: int) -> None:
        """Count the lines that were not counted as long as all of them were UTF-8."""
        number = 1
        for start, block in TextFile(self.path, self.max_line_bytes, self.block_bytes)._raw_blocks():
            if start >= offset:
                return
            lines = block.splitlines()
            for index, line in enumerate(lines):
                if not line.isascii():
                    self.encodings.count(UTF8, number + index)
            number += len(lines)

    def _line_at(self, offset: int) -> int:
        """Number of the line that holds the byte at `offset`, as an editor counts: lines end with \\n, \\r\\n or \\r alone."""
        start, number = self._counted
        with self._opened(start) as stream:
            before = stream.read(offset - start)
        line = number + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
        if before.endswith((b"\n", b"\r")):
            self._counted = offset, line
        return line


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_utf8(block: bytes) -> bool:
    """Same verdict as `bytes.decode`, six times as fast, and without building the text."""
    try:
        pl.Series([block], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True
