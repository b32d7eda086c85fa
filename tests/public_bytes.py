"""Where a private value hides in published files. An oracle: it imports nothing of `pipeline`.

Every byte of every file is read as it lies, then as a reader would open it: gz, zip, zstd, bz2, xz, Parquet columns, SQLite cells and the
words of its full-text indexes. Each value is sought in every form that a publication could give it (see `forms`).
"""

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import os
import re
import sqlite3
import tempfile
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import quote, quote_plus

import polars as pl

SHORTEST = 8  # characters; a shorter value is met by chance: « Lourmarin », then « Avenue »
CHUNK = 16 * 1024 * 1024
BATCH = 64 * 1024 * 1024  # bytes searched at once: the searching machine is built anew for each batch
DEEPEST = 4  # archives inside archives


def occurrences(root: Path, needles: Collection[str]) -> list[tuple[str, str]]:
    """(file, needle) for each value found in a file under `root` or in its name, sorted; `file` is relative, `archive!member` inside one.

    ValueError when a needle is too short to be told from chance.
    """
    return sorted(set(Searcher.of(needles).search(_everything(root))))


def in_bytes(data: bytes, needles: Collection[str]) -> list[str]:
    """The values found in some bytes (an HTTP answer, a message), sorted."""
    return sorted({needle for _, needle in Searcher.of(needles).search(views("", data))})


@dataclass(frozen=True)
class Searcher:
    """All forms of all needles, sought in one pass. Base64 tells capitals apart; the other forms are sought in any case."""

    any_case: dict[str, str]
    exact_case: dict[str, str]

    @classmethod
    def of(cls, needles: Collection[str]) -> "Searcher":
        short = sum(len(needle.strip()) < SHORTEST for needle in needles)
        if short:
            raise ValueError(f"{short} needle(s) of fewer than {SHORTEST} characters: they would be met by chance")
        any_case = {_small(form.decode("latin-1")): needle for needle in needles for form in forms(needle)}
        exact_case = {form.decode("latin-1"): needle for needle in needles for form in base64_forms(needle)}
        return cls(any_case, exact_case)

    def search(self, places: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, str]]:
        """(place, needle) for each needle that some bytes hold, batch by batch."""
        patterns = [*self.any_case, *self.exact_case]
        overlap = max(map(len, patterns), default=0)
        batch: list[tuple[str, str]] = []
        size = 0
        for place, content in places:
            for start in range(0, len(content), CHUNK):
                batch.append((place, content[start : start + CHUNK + overlap].decode("latin-1")))
                size += len(batch[-1][1])
                if size > BATCH:
                    yield from self._in_batch(batch, patterns)
                    batch, size = [], 0
        yield from self._in_batch(batch, patterns)

    def _in_batch(self, batch: list[tuple[str, str]], patterns: list[str]) -> Iterator[tuple[str, str]]:
        if not batch or not patterns:
            return
        found = pl.Series([text for _, text in batch]).str.extract_many(patterns, ascii_case_insensitive=True, overlapping=True)
        for (place, _), hits in zip(batch, found, strict=True):
            for hit in set(hits):
                needles = (self.any_case.get(_small(hit)), self.exact_case.get(hit))
                yield from ((place, needle) for needle in needles if needle is not None)


def _small(characters: str) -> str:
    """ASCII capitals made small: the other characters stand for bytes."""
    return characters.encode("latin-1").lower().decode("latin-1")


def forms(needle: str) -> set[bytes]:
    """The needle as text in each encoding, escaped for JSON, HTML, URLs, CSV and SQL, in hexadecimal, and as a full-text index folds it."""
    texts = spellings(needle)
    escaped = {escape(text) for text in texts for escape in ESCAPES}
    encoded = {encoding_of(text, name) for text in texts | escaped for name in ("utf-8", "utf-16-le", "utf-16-be", "latin-1", "cp1252")}
    hexadecimal = {encoding_of(text, name).hex().encode() for text in texts for name in ("utf-8", "latin-1", "utf-16-le")}
    return {form for form in encoded | hexadecimal | {folded(needle).encode()} if len(form) >= SHORTEST}


def base64_forms(needle: str) -> set[bytes]:
    """The needle inside a base64 text, at each of the three alignments: only the characters that its bytes decide alone."""
    found = set()
    for text in spellings(needle):
        data = text.encode()
        for before in range(3):
            first = -(-before * 8 // 6)
            last = (before + len(data)) * 8 // 6
            code = base64.b64encode(b"\0" * before + data)[first:last]
            found |= {code, code.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def spellings(needle: str) -> set[str]:
    """As given, in small letters, in capitals, as a title; accents composed, apart and dropped."""
    cased = {needle, needle.lower(), needle.upper(), needle.title()}
    return {unicodedata.normalize(form, text) for text in cased for form in ("NFC", "NFD")} | {unaccented(text) for text in cased}


def unaccented(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def folded(text: str) -> str:
    """The words that FTS5's unicode61 tokenizer keeps, one space between."""
    ligatures = text.lower().replace("œ", "oe").replace("æ", "ae")
    return " ".join(re.findall(r"[^\W_]+", unaccented(ligatures)))


ESCAPES = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    html.escape,
    lambda text: html.escape(text, quote=False),
    lambda text: html.escape(text).replace("@", "&#64;"),
    lambda text: "".join(f"&#{ord(char)};" for char in text),
    lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    # Datasette's "tilde encoding" of a primary key in a URL.
    lambda text: quote(text, safe="").replace("~", "%7E").replace("%20", "+").replace("%", "~").replace(".", "~2E"),
    lambda text: text.replace('"', '""'),
    lambda text: text.replace("'", "''"),
)


def encoding_of(text: str, name: str) -> bytes:
    """The text in that encoding; empty where the encoding has no such character."""
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        return b""


def views(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """(place, bytes) of a file: as it lies, then as each format that it has would be opened."""
    yield name, data
    if depth == DEEPEST:
        raise ValueError(f"{name}: archives nested more than {DEEPEST} deep")
    for magic, opened in OPENERS:
        if data.startswith(magic):
            for member, content in opened(data):
                inner = f"{name}!{member}" if member else name
                yield inner, member.encode()
                yield from views(inner, content, depth + 1)


def _everything(root: Path) -> Iterator[tuple[str, bytes]]:
    """(place, bytes) of each file's name and of each way to read it."""
    for path in _files(root):
        name = path.relative_to(root).as_posix() if path != root else path.name
        yield name, os.fsencode(name)
        yield from views(name, path.read_bytes())


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
    for folder, _, names in os.walk(root):
        yield from (Path(folder, name) for name in names)


def _zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield "", archive.comment
        yield from ((member.filename, archive.read(member)) for member in archive.infolist())


def _zstd(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Polars inflates zstd for its CSV reader; one column that no separator cuts is the content, line by line."""
    lines = pl.read_csv(
        data, has_header=False, separator="\x01", quote_char=None, encoding="utf8-lossy", infer_schema=False, truncate_ragged_lines=True
    )
    yield "", "\n".join(line or "" for line in lines.to_series(0)).encode()


def _parquet(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each column's values. The footer, its statistics and its key-value metadata lie uncompressed in the file: the raw bytes hold them."""
    for column in pl.read_parquet(data):
        if column.dtype == pl.Binary:
            yield column.name, b"\n".join(column.drop_nulls().unique())
        elif column.dtype.is_nested():
            yield column.name, column.to_frame().write_ndjson().encode()
        else:
            yield column.name, "\n".join(column.cast(pl.String).drop_nulls().unique()).encode()


def _sqlite(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each table's cells, shadow tables included (a value that spans pages is not whole in the raw bytes), then each full-text index."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "copy.db")
        path.write_bytes(data)
        base = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        base.text_factory = bytes
        try:
            tables = base.execute("SELECT name, coalesce(sql, '') FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
            for table, sql in ((table.decode(), sql.decode()) for table, sql in tables):
                rows = base.execute(f'SELECT * FROM "{table}"')
                yield table, b"\n".join(_cell(value) for row in rows for value in row if value is not None)
                if re.search(r"\busing\s+fts5\b", sql, re.IGNORECASE):
                    yield f"{table} (index)", _indexed_words(base, table)
        finally:
            base.close()


def _cell(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _indexed_words(base: sqlite3.Connection, table: str) -> bytes:
    """What a full-text index knows of each cell, in order: its segments keep only the ends of words that share a beginning."""
    base.execute(f"CREATE VIRTUAL TABLE temp.\"{table} words\" USING fts5vocab('main', '{table}', 'instance')")
    words = base.execute(f'SELECT doc, col, term FROM temp."{table} words" ORDER BY doc, col, "offset"')
    return b"\n".join(b" ".join(term for *_, term in cell) for _, cell in groupby(words, key=lambda word: word[:2]))


OPENERS = (
    (b"\x1f\x8b", lambda data: [("", gzip.decompress(data))]),
    (b"BZh", lambda data: [("", bz2.decompress(data))]),
    (b"\xfd7zXZ\x00", lambda data: [("", lzma.decompress(data))]),
    (b"\x28\xb5\x2f\xfd", _zstd),
    (b"PK\x03\x04", _zip),
    (b"PAR1", _parquet),
    (b"SQLite format 3\x00", _sqlite),
)
