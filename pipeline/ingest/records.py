"""Records of a delimited text: a record may span lines, and is numbered by its first one."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from pipeline.ingest.columnar import split_block
from pipeline.ingest.dialect import SAMPLE_BYTES, find_separator
from pipeline.ingest.encoding import Encodings, TextFile
from pipeline.ingest.header import SEARCHED_RECORDS, Header, Record, Sought, find_header
from pipeline.ingest.quotes import as_written, is_strict
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.shape import Records, by_shape, together
from pipeline.ingest.spaced import is_spaced, looks_spaced, without_spaces
from pipeline.settings import Settings

BATCH = 1 << 16
UTF8_BYTES_PER_CHAR = 4
_BORDER = "\0"  # a text with a NUL is refused before
# Fewer columns, and a line of a text may well hold as many separators as a record.
_TELLING_WIDTH = 5


@dataclass(frozen=True)
class TextRecords:
    """Every record of a text, and what its header, its encodings and its separator were found to be.

    A separator that a space follows everywhere is told with its space. `stray`: first lines of the records over several lines that a
    misplaced quote may have made of several records.
    """

    records: Records
    stray: Sequence[int]
    header: Header
    encodings: Encodings
    separator: str


def read_text(path: Path, sought: Sought, settings: Settings) -> TextRecords:
    """Every record of a text. DeliveryRefused when it is empty, passes a bound of the settings or has no header."""
    text = TextFile(path, settings.max_record_chars * UTF8_BYTES_PER_CHAR)
    blocks = text.blocks()
    head = _head(blocks)
    separator = find_separator(b"".join(head), sought.labels)
    spaced = looks_spaced(b"".join(head), separator) and is_spaced(TextFile(path, text.max_line_bytes).blocks(), separator)
    if spaced:
        blocks = without_spaces(chain(head, blocks), separator)
        head = _head(blocks)
    header = find_header(_first_records(head, separator, sought, settings), sought)
    stray: list[int] = []
    parts = (_bounded(part, settings) for part in read_blocks(chain(head, blocks), separator, header.width, settings, stray))
    return TextRecords(together(parts, header.width), stray, header, text.encodings, f"{separator} " if spaced else separator)


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


def read_blocks(blocks: Iterator[bytes], separator: str, width: int, settings: Settings, stray: list[int]) -> Iterator[Records]:
    """Records of blocks of whole lines, in columns where a block is regular; elsewhere the csv module reads it, to the end of a record.

    The lines of those that a misplaced quote may have made are added to `stray`.
    """
    line = 1
    for block in blocks:
        found = split_block(block, line, separator, width, settings.max_cell_chars)
        if found is None:
            lines = _Lines(chain([block], blocks), settings.max_record_chars, line)
            yield from read_with_csv(lines, separator, width, settings, stray)
            line = lines.record_line
        else:
            yield found
            line += found.height


def read_with_csv(lines: "_Lines", separator: str, width: int, settings: Settings, stray: list[int]) -> Iterator[Records]:
    """Records of any text, cut as the csv module cuts them, down to a record that ends with a block."""
    batch: list[tuple[int, str]] = []
    for record in _numbered(lines, separator, settings.max_cell_chars):
        batch.append(record)
        if len(lines.last_record) > 1 and _may_be_several(lines.last_record, separator, width):
            stray.append(record[0])
        if len(batch) == BATCH:
            yield _split(batch, width)
            batch = []
        if lines.at_end_of_block:
            break
    yield _split(batch, width)


def _may_be_several(lines: Sequence[str], separator: str, width: int) -> bool:
    """Whether a quote that nobody meant may have made one record of these lines: a text goes on after the closing quote, or each of the
    lines has as many separators as a record."""
    return not is_strict(lines, separator) or (width >= _TELLING_WIDTH and all(line.count(separator) == width - 1 for line in lines))


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
        written = lines.last_record
        if any('"' in text for text in written) and not is_strict(written, separator):
            record = as_written(written, separator)
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
        self._record: list[str] = []
        self.last_record: list[str] = []  # lines of the last complete one

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
                self._record.append(line)
                yield line
        if self._chars and self._whole:  # the reader asks for a line although the text is over: its record is not
            raise DeliveryRefused(f"ligne {self.record_line} : guillemet ouvert et jamais refermé ; corriger cette ligne")

    @property
    def at_end_of_block(self) -> bool:
        return self._left == 0

    def next_record(self) -> None:
        """The record is complete: the next one begins at the line after those given so far."""
        self.record_line = self._next_line
        self.last_record, self._record = self._record, []
        self._chars = 0
