"""The public cells as the audit reads them: codes decoded, what is not seen left out or taken for a space, lookalikes brought to Latin.

It shares no code with what built the tables.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import polars as pl

INVISIBLE = r"\p{Cf}|\x{34f}|[\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}]"
ENCODED = r"&\w+;|&#\w+;|%[[:xdigit:]]{2}"


@cache
def _table() -> tuple[list[str], list[str]]:
    """Characters, and what each is taken for."""
    with (Path(__file__).parents[1] / "lookalikes.toml").open("rb") as stream:
        pairs = [pair for line in tomllib.load(stream).values() for pair in line.split()]
    return [pair[0] for pair in pairs], [pair[1:] for pair in pairs]


def skeleton(text: pl.Expr, unseen: str = "") -> pl.Expr:
    """The text in compatibility form; each mark that is not seen becomes `unseen`."""
    strange, plain = _table()
    return text.str.replace_all(INVISIBLE, unseen).str.normalize("NFKC").str.replace_many(strange, plain)


def cells(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """place, cell: each distinct text of the tables, read; twice when it has marks that are not seen."""
    columns = [
        frame.lazy().select(place=pl.lit(f"{name}.{column}"), cell=pl.col(column)).drop_nulls().unique()
        for name, frame in tables.items()
        for column, dtype in frame.schema.items()
        if dtype == pl.String
    ]
    raw = pl.concat(columns).collect()
    raw = raw.with_columns(pl.col("cell").replace(plain(raw["cell"])))
    marked = raw.filter(pl.col("cell").str.contains(INVISIBLE))
    read = [raw.with_columns(skeleton(pl.col("cell"))), marked.with_columns(skeleton(pl.col("cell"), " "))]
    return pl.concat(read).rechunk()  # a search of many values is made anew for each chunk


def plain(texts: pl.Series) -> dict[str, str]:
    """The texts with percent signs or HTML entities → what they say."""
    return {text: _decoded(text) for text in texts.filter(texts.str.contains(ENCODED).fill_null(False)).unique()}


def _decoded(text: str, depth: int = 3) -> str:
    read = unescape(unquote(text))
    return read if read == text or depth == 1 else _decoded(read, depth - 1)
