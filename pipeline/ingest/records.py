"""Records of a delimited text: a record may span lines, and is numbered by its first one."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import polars as pl

from pipeline.ingest.columnar import split_block
from pipeline.ingest.dialect import SAMPLE_BYTES, find_separator
from pipeline.ingest.encoding import TextFile
from pipeline.ingest.header import Labels
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.settings import Settings

BATCH = 1 << 16
UTF8_BYTES_PER_CHAR = 4
_BORDER = "\0"  # a text with a NUL is refused before


@dataclass(frozen=True)
class TextRecords:
    """`frame`: ligne (first physical line, from 1), cellules (as read); a blank line is one empty cell."""

    frame: pl.DataFrame
    encoding: str
    separator: str


def read_text(path: Path, labels: Labels, settings: Settings) -> TextRecords:
    """Every record of a text. DeliveryRefused when it is empty or passes a bound of the settings."""
    text = TextFile(path, settings.max_record_chars * UTF8_BYTES_PER_CHAR)
    blocks = text.blocks()
    head = _head(blocks)
    separator = find_separator(b"".join(head), labels)
    frame = pl.concat(read_blocks(chain(head, blocks), separator, settings))
    return TextRecords(frame, text.encodings.name, separator)


def _head(blocks: Iterator[bytes]) -> list[bytes]:
    """The first blocks: enough of the text to find its separator."""
    head, size, blank = [], 0, True
    for block in blocks:
        head.append(block)
        size += len(block)
        blank = blank and not block.strip()
        if size >= SAMPLE_BYTES and not blank:
            break
    if blank:
        raise DeliveryRefused("aucun enregistrement : redemander la livraison")
    return head


def read_blocks(blocks: Iterator[bytes], separator: str, settings: Settings) -> Iterator[pl.DataFrame]:
    """Records of blocks of whole lines: columnar as far as the text is regular, then the csv module to its end."""
    line = 1
    for block in blocks:
        frame = split_block(block, line, separator, settings.max_cell_chars)
        if frame is None:
            yield from read_with_csv(chain([block], blocks), line, separator, settings)
            return
        yield frame
        line += frame.height


def read_with_csv(blocks: Iterable[bytes], first_line: int, separator: str, settings: Settings) -> Iterator[pl.DataFrame]:
    """Records of any text whose first line is numbered `first_line`, with the csv module's reading of quotes."""
    lines = _Lines(blocks, settings.max_record_chars, first_line)
    records = _numbered(csv.reader(lines, delimiter=separator), lines)
    while batch := _batch(records, settings.max_cell_chars):
        frame = pl.DataFrame(batch, schema={"ligne": pl.UInt32, "cellules": pl.String}, orient="row")
        yield frame.with_columns(pl.col("cellules").str.split(_BORDER))


def _batch(records: Iterator[tuple[int, str]], max_cell_chars: int) -> list[tuple[int, str]]:
    before = csv.field_size_limit(max_cell_chars)  # the csv module keeps this bound for the whole process
    try:
        return list(islice(records, BATCH))
    finally:
        csv.field_size_limit(before)


def _numbered(reader: Iterator[list[str]], lines: "_Lines") -> Iterator[tuple[int, str]]:
    """(first line, cells joined): one text a record goes to Polars several times as fast as a list of texts."""
    try:
        for record in reader:
            yield lines.record_line, _BORDER.join(record)
            lines.next_record()
    except csv.Error:
        raise DeliveryRefused(
            f"ligne {lines.record_line} : cellule trop longue (guillemet jamais refermé ?) ; corriger cette ligne"
        ) from None


class _Lines:
    """Lines of the blocks as the csv module wants them, ends kept. Knows at which line the record being read began."""

    def __init__(self, blocks: Iterable[bytes], max_record_chars: int, first_line: int) -> None:
        self._blocks = blocks
        self._max = max_record_chars
        self._next_line = self.record_line = first_line
        self._chars = 0

    def __iter__(self) -> Iterator[str]:
        for line in chain.from_iterable(io.StringIO(block.decode("utf-8"), newline="") for block in self._blocks):
            self._chars += len(line)
            if self._chars > self._max:
                raise DeliveryRefused(
                    f"ligne {self.record_line} : enregistrement de plus de {self._max} caractères ; vérifier les guillemets"
                )
            self._next_line += 1
            yield line
        if self._chars:  # the reader asks for a line although the text is over: its record is not
            raise DeliveryRefused(f"ligne {self.record_line} : guillemet ouvert et jamais refermé ; corriger cette ligne")

    def next_record(self) -> None:
        """The record is complete: the next one begins at the line after those given so far."""
        self.record_line = self._next_line
        self._chars = 0
