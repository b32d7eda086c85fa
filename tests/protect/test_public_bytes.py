"""The searcher of public bytes finds what is planted, in each form and each container, and only that."""

import base64
import bz2
import gzip
import html
import json
import lzma
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import duckdb
import polars as pl
import pytest

from tests.public_bytes import in_bytes, occurrences

NEEDLE = "Zoé d'Arc <zoe.darc@courriel.example>"
INNOCENT = "Le L@bo, 12 rue de l'Été, StationW @ 153, contact@lieu.example"

TEXT_FORMS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-8 lower": lambda text: text.lower().encode(),
    "utf-8 upper": lambda text: text.upper().encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-16 with a mark": lambda text: text.encode("utf-16"),
    "latin-1": lambda text: text.encode("latin-1"),
    "base64, alignment 0": lambda text: base64.b64encode(text.encode()),
    "base64, alignment 1": lambda text: base64.b64encode(b"a" + text.encode() + b"z"),
    "base64, alignment 2": lambda text: base64.b64encode(b"ab" + text.encode() + b"zz"),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"ab??>" + text.encode()),
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "hexadecimal capitals": lambda text: text.encode().hex().upper().encode(),
    "percent": lambda text: quote(text, safe="").encode(),
    "percent in small letters": lambda text: quote(text, safe="").lower().encode(),
    "JSON": lambda text: json.dumps({"x": text}).encode(),
    "JSON in UTF-8": lambda text: json.dumps({"x": text}, ensure_ascii=False).encode(),
    "HTML": lambda text: html.escape(text).encode(),
    "HTML numbers": lambda text: "".join(f"&#{ord(char)};" for char in text).encode(),
    "SQL": lambda text: text.replace("'", "''").encode(),
    "words": lambda _: b"zoe d arc zoe darc courriel example",
}


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_each_form_is_found(tmp_path: Path, form: str) -> None:
    planted = tmp_path / "planted.bin"
    planted.write_bytes(b"before " + TEXT_FORMS[form](NEEDLE) + b" after")
    (tmp_path / "innocent.bin").write_bytes(b"before " + TEXT_FORMS[form](INNOCENT)[:9] + b" after")
    assert occurrences(tmp_path, [NEEDLE, "another.person@courriel.example"]) == [("planted.bin", NEEDLE)]


def _zip(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", text * 5)


def _zip_in_gzip(path: Path, text: str) -> None:
    _zip(path, text)
    path.write_bytes(gzip.compress(path.read_bytes()))


def _parquet(path: Path, text: str) -> None:
    pl.DataFrame({"a": ["x", text] * 100, "b": [[text], []] * 100}).write_parquet(path, compression="zstd", statistics=False)


def _zstd(path: Path, text: str) -> None:
    duckdb.sql(f"COPY (SELECT '{text.replace(chr(39), chr(39) * 2)}' AS a FROM range(50)) TO '{path}' (FORMAT csv, COMPRESSION zstd)")


def _sqlite(path: Path, text: str) -> None:
    """A cell that spans pages: the raw file cuts it in pieces."""
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE t (a TEXT, b BLOB)")
    base.execute("INSERT INTO t VALUES (?, NULL)", (" " * 4050 + (text + " ") * 100,))
    base.commit()
    base.close()


def _sqlite_index(path: Path, text: str) -> None:
    """A full-text index that outlives the text: its table no longer says it."""
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE t (a TEXT)")
    base.execute("CREATE VIRTUAL TABLE t_fts USING fts5(a, content=[t], tokenize='unicode61 remove_diacritics 2')")
    base.execute("INSERT INTO t_fts (rowid, a) VALUES (1, ?)", (text,))
    base.commit()
    base.close()


CONTAINERS: dict[str, Callable[[Path, str], object]] = {
    "gz": lambda path, text: path.write_bytes(gzip.compress(text.encode())),
    "bz2": lambda path, text: path.write_bytes(bz2.compress(text.encode())),
    "xz": lambda path, text: path.write_bytes(lzma.compress(text.encode())),
    "zip": _zip,
    "zip in gz": _zip_in_gzip,
    "zst": _zstd,
    "parquet": _parquet,
    "sqlite": _sqlite,
    "sqlite index": _sqlite_index,
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_each_container_is_opened(tmp_path: Path, container: str) -> None:
    CONTAINERS[container](tmp_path / "planted", NEEDLE)
    CONTAINERS[container](tmp_path / "innocent", INNOCENT)
    found = occurrences(tmp_path, [NEEDLE])
    assert {file.split("!")[0] for file, _ in found} == {"planted"}


def test_what_a_free_page_keeps_is_found(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "b.db")
    base.execute("PRAGMA secure_delete = OFF")
    base.execute("CREATE TABLE t (a TEXT)")
    base.execute("INSERT INTO t VALUES (?)", (NEEDLE,))
    base.commit()
    base.execute("DELETE FROM t")
    base.commit()
    base.close()
    assert occurrences(tmp_path, [NEEDLE]) == [("b.db", NEEDLE)]


def test_parquet_metadata_is_found(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet", metadata={"origine": NEEDLE})
    assert occurrences(tmp_path, [NEEDLE]) == [("a.parquet", NEEDLE)]


def test_a_name_is_found_and_a_value_across_chunks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zoe.darc@courriel.example.csv").write_bytes(b"a\n")
    monkeypatch.setattr("tests.public_bytes.CHUNK", 10)
    (tmp_path / "cut").write_bytes(b"1234" + b"zoe.darc@courriel.example")
    assert occurrences(tmp_path, ["zoe.darc@courriel.example"]) == [
        ("cut", "zoe.darc@courriel.example"),
        ("zoe.darc@courriel.example.csv", "zoe.darc@courriel.example"),
    ]


def test_an_answer_is_searched_and_a_short_needle_refused() -> None:
    assert in_bytes(gzip.compress(b"<td>%s</td>" % NEEDLE.encode()), [NEEDLE]) == [NEEDLE]
    assert in_bytes(INNOCENT.encode(), [NEEDLE]) == []
    with pytest.raises(ValueError, match="1 needle"):
        in_bytes(b"", ["abc"])
