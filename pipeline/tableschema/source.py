"""A file or a stream of bytes as blocks of UTF-8 text, each ending with a line; its separator and what it is, by its first bytes."""

import codecs
import csv
import io
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import IO, Literal

BLOCK = 6 << 20
SAMPLE = 1 << 16
SEPARATORS = (",", ";", "\t", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

Progress = Callable[[int], None]


def kind_of(head: bytes) -> Literal["csv", "xlsx", "parquet"]:
    """By the first bytes: an extension is only a name."""
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    return "parquet" if head.startswith(b"PAR1") else "csv"


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding that a byte order mark announces, UTF-8 without one, and the length of the mark."""
    return next(((name, len(mark)) for mark, name in _BOMS if head.startswith(mark)), ("utf-8", 0))


def separator_of(sample: str, labels: Collection[str]) -> str:
    """The separator that shows the most known labels in the first record, then the most equal and largest records."""
    return max(SEPARATORS, key=lambda separator: _score(sample, separator, labels))


def blocks(stream: IO[bytes], encoding: str, progress: Progress | None = None, size: int = 0) -> Iterator[bytes]:
    """Blocks of whole lines, in UTF-8. `stream` stands after its byte order mark and can seek; `progress` is told how many bytes were read.

    Bytes that are not of `encoding` raise UnicodeDecodeError, except in Windows-1252, where they are replaced. UTF-8 is not checked.
    """
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace" if encoding == "cp1252" else "strict")
    rest, read, size = b"", 0, size or BLOCK
    while chunk := stream.read(size if decoder is not None else _whole_lines(stream, size)):
        read += len(chunk)
        if progress is not None:
            progress(read)
        text = chunk if decoder is None else decoder.decode(chunk).encode()
        text = rest + text if rest else text
        # Old Mac files end their lines with \r alone; one at the very end may be the first half of \r\n.
        end = len(text) if text.endswith(b"\n") else text.rfind(b"\n") + 1 or text.rfind(b"\r", 0, -1) + 1
        rest = text[end:]
        if end:
            yield text if not rest else text[:end]
    if last := rest + (b"" if decoder is None else decoder.decode(b"", True).encode()):
        yield last


def _whole_lines(stream: IO[bytes], size: int) -> int:
    """How many bytes to read so that a block of this size ends with its line: to read it at once is to copy it once."""
    begin = stream.tell()
    stream.seek(size - 1, os.SEEK_CUR)
    stream.readline(size)
    end = stream.tell()
    stream.seek(begin)
    return max(size, end - begin)


def _score(sample: str, separator: str, labels: Collection[str]) -> tuple[int, int]:
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    while len(records) < 100:
        try:
            record = next(reader, None)
        except csv.Error:  # a cell beyond the limit of the csv module ends the sample: what was read before it is enough
            break
        if record is None:
            break
        records.append(record)
    known = sum(label.strip() in labels for label in records[0]) if records else 0
    widths = Counter(map(len, records))
    return known, max(((width - 1) * count for width, count in widths.items()), default=0)
