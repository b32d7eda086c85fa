"""The records of a CSV text as columns, as Python's `csv` reads them: whole blocks by Polars, what it would read otherwise by `csv`.

A line without quotes is a record. A line whose quotes open and close as they should is one too, and Polars reads it alike. From any
other line on, `csv` reads one record, over as many lines as it takes. Memory: one block, or one record when that is longer.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import polars as pl

from pipeline.tableschema.ahead import ahead

FIELD_LIMIT = 2**31 - 2  # frictionless's own
RECORD_LIMIT = 256 << 20  # bytes: an unclosed quote must not swallow a file of any size

_HEADER = 1 << 16


class RecordTooLong(ValueError):
    """A record that never seems to end; `line` is the first of its lines."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class Records(NamedTuple):
    """`cells`: `c0`, `c1`…, String, null past the end of a short record. `widths`: how many cells each has; None: as many as columns.

    `lines`: the physical line, from 1, on which each record begins. `seen`: what `look` made of the cells, where it was asked ahead.
    """

    cells: pl.DataFrame
    widths: pl.Series | None
    lines: pl.Series
    seen: Any = None


class Reader:
    """Reads blocks of UTF-8 text, each ending with a line, in order. `labels`: the first record, read at once.

    ValueError (UnicodeDecodeError among them) on text that is not UTF-8, RecordTooLong on a record beyond RECORD_LIMIT.
    """

    def __init__(self, blocks: Iterable[bytes], delimiter: str) -> None:
        csv.field_size_limit(FIELD_LIMIT)
        self._delimiter = delimiter
        sign = f"\\x{{{ord(delimiter):X}}}"
        cell = rf'(?:"(?:[^"]|"")*"|[^"{sign}]*)'
        self._record = rf"^{cell}(?:{sign}{cell})*$"
        self._one_quoted = rf'(?:^|{sign})"[^"]*"(?:{sign}|$)'
        self._blocks = iter(blocks)
        self._line = 1
        self._rest = b""
        self._width = 0
        self.labels = self._first_record()

    def records(self, width: int, look: Callable[[pl.DataFrame], Any] = lambda _cells: None) -> Iterator[Records]:
        """The records after the first, as `width` columns. Blocks are read ahead, and `look` is called at once on what they hold."""
        self._width = width

        def read(block: bytes) -> tuple[pl.DataFrame, Any] | None:
            cells = self._whole(block)
            return None if cells is None else (cells, look(cells))

        first = [self._rest] if self._rest else []
        self._rest = b""
        for block, whole in ahead(read, chain(first, self._blocks)):
            if whole is None or self._rest:
                yield from self._read(self._rest + block if self._rest else block, last=False)
            else:
                cells, seen = whole
                yield Records(cells, None, self._numbers(pl.int_range(cells.height, eager=True)), seen)
                self._line += cells.height
        if self._rest:
            yield from self._read(self._rest, last=True)

    def _first_record(self) -> list[str]:
        self._rest = next(self._blocks, b"")
        size = _HEADER
        while True:
            head = self._rest[: self._rest.find(b"\n", size) + 1 or len(self._rest)]
            lines = _Lines(io.StringIO(head.decode(), newline=""))
            record = next(csv.reader(lines, delimiter=self._delimiter), [])
            if not lines.ended:
                break
            size *= 4
            if len(head) == len(self._rest):
                if not (more := next(self._blocks, b"")):
                    break
                self._rest += more
            if size > RECORD_LIMIT:
                raise RecordTooLong(1)
        self._rest = self._rest[lines.bytes :]
        self._line += lines.taken
        return record

    def _read(self, block: bytes, *, last: bool) -> Iterator[Records]:
        if _has_bare_return(block):
            found, consumed, height = self._all_by_csv(block, last)  # a bare carriage return ends a line too
        else:
            found, consumed, height = self._by_columns(block, last)
        self._rest = block[consumed:]
        if found is not None:
            yield found
        self._line += height
        if len(self._rest) > RECORD_LIMIT:
            raise RecordTooLong(self._line)

    def _all_by_csv(self, block: bytes, last: bool) -> tuple[Records | None, int, int]:
        lines = _Lines(io.StringIO(block.decode(), newline=""))
        reader = csv.reader(lines, delimiter=self._delimiter)
        begins, records = [], []
        while True:
            begin, consumed = lines.taken, lines.bytes
            record = next(reader, None)
            if record is None or (lines.ended and not last):
                break
            begins.append(begin)
            records.append(record)
        return (self._frame(records, begins) if records else None), consumed, begin

    def _by_columns(self, block: bytes, last: bool) -> tuple[Records | None, int, int]:
        try:
            lines = pl.read_lines(block)["line"]
        except pl.exceptions.PolarsError:
            block.decode()  # says where the text is not UTF-8
            raise
        widths, odd = self._widths(lines)
        if not odd.is_empty():
            return self._mixed(block, widths, odd, last)
        cells = self._columns(block, widths[0], lines.len())
        if cells is None:
            return self._all_by_csv(block, last)
        return self._shaped(cells, widths, pl.int_range(lines.len(), eager=True)), len(block), lines.len()

    def _whole(self, block: bytes) -> pl.DataFrame | None:
        """The cells of a block whose lines all are one record of the right width, without counting in each; None of any other.

        Polars refuses a longer line, and fills a shorter one with empty cells: a line whose last cell is not empty is as wide as it should.
        """
        if self._width < 2 or _has_bare_return(block):
            return None
        try:
            lines = pl.read_lines(block)
        except pl.exceptions.PolarsError:
            return None
        if b'"' in block and not self._are_whole(lines):
            return None
        cells = self._columns(block, self._width, lines.height, strict=True)
        if cells is None:
            return None
        doubtful = cells[:, -1] == ""
        if doubtful.any() and (self._widths(lines["line"].filter(doubtful))[0] != self._width).any():
            return None
        return cells

    def _are_whole(self, lines: pl.DataFrame) -> bool:
        """Whether the quotes of every line open and close as they should. One pair, which is what most of them have, is quicker to see."""
        line = pl.col("line").str
        quoted = lines.filter(line.contains('"', literal=True))
        others = quoted.filter((line.count_matches('"', literal=True) != 2) | ~line.contains(self._one_quoted))
        return others.is_empty() or bool(others["line"].str.contains(self._record).all())

    def _columns(self, block: bytes, first: int, height: int, *, strict: bool = False) -> pl.DataFrame | None:
        """The cells of lines that are one record each; None when Polars did not read them so, or, if `strict`, met a longer one.

        `first`: how many cells the first line has.
        """
        names = [f"c{index}" for index in range(self._width)]
        titled = first < self._width or self._width == 1  # Polars counts the columns of the first line
        try:
            cells = pl.read_csv(
                self._delimiter.join(names).encode() + b"\n" + block if titled else block,
                has_header=titled,
                separator=self._delimiter,
                schema=dict.fromkeys(names, pl.String),
                empty_string_is_null=False,
                extra_columns="raise" if strict else "ignore",
            )
        except pl.exceptions.PolarsError:
            return None
        return cells if cells.height == height else None

    def _widths(self, lines: pl.Series) -> tuple[pl.Series, pl.Series]:
        """How many cells each line has if it is one record, and the numbers of the lines that are not surely one."""
        frame, line, mark = lines.to_frame("line").with_row_index("n"), pl.col("line"), self._delimiter
        count = (line.str.count_matches(mark, literal=True) + 1).cast(pl.UInt32)
        widths = frame.select(pl.when(line == "").then(pl.lit(0, pl.UInt32)).otherwise(count).alias("width"))["width"]
        quoted = frame.filter(line.str.contains('"', literal=True))
        outside = line.str.replace_all(r'"(?:[^"]|"")*"', "").str.count_matches(mark, literal=True) + 1
        told = quoted.select("n", whole=line.str.contains(self._record), width=outside.cast(pl.UInt32))
        known = told.filter("whole")
        return widths.scatter(known["n"], known["width"]) if known.height else widths, told.filter(~pl.col("whole"))["n"]

    def _mixed(self, block: bytes, widths: pl.Series, odd: pl.Series, last: bool) -> tuple[Records | None, int, int]:
        """A block where some records take several lines, or have quotes where they should not be."""
        raw = block.splitlines(keepends=True)
        begins, records, inside = [], [], bytearray(len(raw))
        end = len(raw)
        for begin in odd:
            if inside[begin]:
                continue
            lines = _Lines(raw[number].decode() for number in range(begin, len(raw)))
            record = next(csv.reader(lines, delimiter=self._delimiter))
            if lines.ended and not last:
                end = begin
                break
            begins.append(begin)
            records.append(record)
            inside[begin : begin + lines.taken] = b"\1" * lines.taken
        plain = pl.Series([number for number in range(end) if not inside[number]], dtype=pl.Int64)
        parts = [self._frame(records, begins)] if records else []
        if not plain.is_empty():
            cells = self._columns(b"".join(raw[number] for number in plain), widths[plain[0]], plain.len())
            if cells is None:
                return self._all_by_csv(block, last)
            parts.append(self._shaped(cells, widths.gather(plain), plain))
        return _in_order(parts), sum(map(len, raw[:end])), end

    def _frame(self, records: Sequence[Sequence[str]], begins: Sequence[int]) -> Records:
        """Records read by `csv`."""
        width = self._width
        padded = [[*record[:width], *[None] * (width - len(record))] for record in records]
        cells = pl.DataFrame(padded, schema={f"c{index}": pl.String for index in range(width)}, orient="row")
        widths = pl.Series([len(record) for record in records], dtype=pl.UInt32)
        return Records(cells, widths, self._numbers(pl.Series(begins, dtype=pl.Int64)))

    def _shaped(self, cells: pl.DataFrame, widths: pl.Series, begins: pl.Series) -> Records:
        """Cells past the end of a short line, which Polars reads as empty, become null."""
        if (widths == self._width).all():
            return Records(cells, None, self._numbers(begins))
        width = pl.lit(widths)
        short = [index for index in range(self._width) if (widths <= index).any()]
        return Records(cells.with_columns(pl.when(width > index).then(f"c{index}") for index in short), widths, self._numbers(begins))

    def _numbers(self, begins: pl.Series) -> pl.Series:
        return (begins + self._line).cast(pl.UInt32)


def _has_bare_return(block: bytes) -> bool:
    return b"\r" in block and block.count(b"\r") != block.count(b"\r\n")


class _Lines:
    """Lines handed to `csv`: how many, how many bytes, and whether it asked for one more in the middle of a record."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.taken = self.bytes = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken += 1
        self.bytes += len(line.encode())
        return line


def _in_order(parts: Sequence[Records]) -> Records | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    lines = pl.concat([part.lines for part in parts])
    order = lines.arg_sort()
    wide = parts[0].cells.width
    every = [pl.repeat(wide, part.cells.height, dtype=pl.UInt32, eager=True) if part.widths is None else part.widths for part in parts]
    widths = pl.concat(every)
    return Records(pl.concat([part.cells for part in parts])[order], widths.gather(order), lines.gather(order))
