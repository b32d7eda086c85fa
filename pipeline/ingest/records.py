"""Records of a delimited text: a record may span lines, and is numbered by its first one."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from pipeline.ingest.columnar import split_block
from pipeline.ingest.dialect import SAMPLE_BYTES, find_separator
from pipeline.ingest.encoding import Encodings, TextFile
from pipeline.ingest.header import SEARCHED_RECORDS, Header, Record, Sought, find_header
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.shape import Records, by_shape, together
from pipeline.settings import Settings

BATCH = 1 << 16
UTF8_BYTES_PER_CHAR = 4
_BORDER = "\0"  # a text with a NUL is refused before


@dataclass(frozen=True)
class TextRecords:
    """Every record of a text, and what its header, its encodings and its separator were found to be."""

    records: Records
    header: Header
    encodings: Encodings
    separator: str


def read_text(path: Path, sought: Sought, settings: Settings) -> TextRecords:
    """Every record of a text. DeliveryRefused when it is empty, passes a bound of the settings or has no header."""
    text = TextFile(path, settings.max_record_chars * UTF8_BYTES_PER_CHAR)
    blocks = text.blocks()
    head = _head(blocks)
    separator = find_separator(b"".join(head), sought.labels)
    header = find_header(_first_records(head, separator, sought, settings), sought)
    parts = (_bounded(part, settings) for part in read_blocks(chain(head, blocks), separator, header.width, settings))
    return TextRecords(together(parts, header.width), header, text.encodings, separator)


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


def _first_records(head: list[bytes], separator: str, sought: Sought, settings: Settings) -> list[Record]:
    """Those among which the header is sought: the first ones, down to its line when it is given."""
    lines = _Lines(iter(head), settings.max_record_chars, 1, whole=False)
    records: list[Record] = []
    for line, joined in _numbered(lines, separator, settings.max_cell_chars):
        cells = joined.split(_BORDER)
        _check_width(line, len(cells), settings)
        records.append((line, cells))
        if len(records) >= SEARCHED_RECORDS and line >= (sought.row or 0):
            break
    return records


def read_blocks(blocks: Iterator[bytes], separator: str, width: int, settings: Settings) -> Iterator[Records]:
    """Records of blocks of whole lines, in columns where a block is regular; elsewhere the csv module reads it, to the end of a record."""
    line = 1
    for block in blocks:
        found = split_block(block, line, separator, width, settings.max_cell_chars)
        if found is None:
            lines = _Lines(chain([block], blocks), settings.max_record_chars, line)
            yield from read_with_csv(lines, separator, width, settings)
            line = lines.record_line
        else:
            yield found
            line += found.height


def read_with_csv(lines: "_Lines", separator: str, width: int, settings: Settings) -> Iterator[Records]:
    """Records of any text, with the csv module's reading of quotes, down to a record that ends with a block."""
    batch: list[tuple[int, str]] = []
    for record in _numbered(lines, separator, settings.max_cell_chars):
        batch.append(record)
        if len(batch) == BATCH:
            yield _split(batch, width)
            batch = []
        if lines.at_end_of_block:
            break
    yield _split(batch, width)


def _split(batch: list[tuple[int, str]], width: int) -> Records:
    """One text a record goes to Polars several times as fast as a list of texts."""
    frame = pl.DataFrame(batch, schema={"ligne": pl.UInt32, "cellules": pl.String}, orient="row")
    return by_shape(frame.select("ligne", pl.col("cellules").str.split(_BORDER)), width)


def _numbered(lines: "_Lines", separator: str, max_cell_chars: int) -> Iterator[tuple[int, str]]:
    """(first line, cells joined) of each record."""
    reader = csv.reader(lines, delimiter=separator)
    while True:
        before = csv.field_size_limit(max_cell_chars)  # the csv module keeps this bound for the whole process
        try:
            record = next(reader, None)
        except csv.Error:
            raise DeliveryRefused(
                f"ligne {lines.record_line} : cellule trop longue (guillemet jamais refermé ?) ; corriger cette ligne"
            ) from None
        finally:
            csv.field_size_limit(before)
        if record is None:
            return
        line = lines.record_line
        lines.next_record()
        yield line, _BORDER.join(record)


def _bounded(part: Records, settings: Settings) -> Records:
    wide = part.irreguliers.filter(pl.col("cellules").list.len() > settings.max_columns)
    if wide.height:
        _check_width(wide["ligne"][0], settings.max_columns + 1, settings)
    return part


def _check_width(line: int, width: int, settings: Settings) -> None:
    if width > settings.max_columns:
        raise DeliveryRefused(f"ligne {line} : plus de {settings.max_columns} colonnes ; vérifier le séparateur et les guillemets")


class _Lines:
    """Lines of the blocks as the csv module wants them, ends kept. Knows at which line the record being read began.

    `whole` is false when the blocks are only the head of a text: a quote may be open at their end.
    """

    def __init__(self, blocks: Iterable[bytes], max_record_chars: int, first_line: int, *, whole: bool = True) -> None:
        self._blocks = blocks
        self._max = max_record_chars
        self._next_line = self.record_line = first_line
        self._chars = self._left = 0
        self._whole = whole

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            text = block.decode("utf-8")
            self._left = len(text)
            for line in io.StringIO(text, newline=""):
                self._chars += len(line)
                self._left -= len(line)
                if self._chars > self._max:
                    raise DeliveryRefused(
                        f"ligne {self.record_line} : enregistrement de plus de {self._max} caractères ; vérifier les guillemets"
                    )
                self._next_line += 1
                yield line
        if self._chars and self._whole:  # the reader asks for a line although the text is over: its record is not
            raise DeliveryRefused(f"ligne {self.record_line} : guillemet ouvert et jamais refermé ; corriger cette ligne")

    @property
    def at_end_of_block(self) -> bool:
        return self._left == 0

    def next_record(self) -> None:
        """The record is complete: the next one begins at the line after those given so far."""
        self.record_line = self._next_line
        self._chars = 0
