"""A text as its reader reads it: without marks that are not seen, with Latin letters for those that look like them, its codes decoded."""

import html
import re
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import polars as pl

# Format characters (Cf), and the fillers and joiners that Unicode has ignored though they are letters or marks.
UNSEEN = r"[\p{Cf}\x{34f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}]"
CODED = r"%[0-9A-Fa-f]{2}|&#?\w+;?"
_CODED = re.compile(CODED)
DEPTH = 3  # codes of codes of codes: « %252540 »


@cache
def _lookalikes() -> dict[str, str]:
    """Character → how it reads."""
    alphabets = tomllib.loads(Path(__file__).with_name("lookalikes.toml").read_text(encoding="utf-8"))
    return {pair[0]: pair[1:] for pairs in alphabets.values() for pair in pairs.split()}


def readable(text: pl.Expr) -> pl.Expr:
    """NFKC, what is not seen left out, lookalikes read."""
    return text.str.normalize("NFKC").str.replace_all(UNSEEN, "").str.replace_many(_lookalikes())


def folded(text: pl.Expr) -> pl.Expr:
    """The words of a text in small letters, without accents nor signs, one space between them."""
    plain = text.str.normalize("NFKD").str.replace_all(rf"\p{{M}}|{UNSEEN}", "").str.replace_many(_lookalikes())
    return plain.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def decoded(texts: pl.Series) -> dict[str, str]:
    """The texts that hold percent signs, as in a URL, or HTML entities → what they say."""
    coded = texts.drop_nulls().unique()
    return {text: _decode(text) for text in coded.filter(coded.str.contains(CODED))}


def _decode(text: str) -> str:
    for _ in range(DEPTH):
        if not _CODED.search(text):
            break
        text = html.unescape(unquote(text))
    return text
