"""From a `pattern` in Python's syntax to Polars' engine: the same language, or a refusal.

frictionless matches `re.compile("^" + pattern + "$")` at the start of a cell, so `a|b` also takes `ax`, and a final line end passes.
Classes (`\\d`, `\\w`, `\\s`) follow other Unicode tables in Rust: a pattern that holds one is only answered for ASCII cells.
"""

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

# The parser of the standard library: what a pattern means is its business. Its module has no public name before 3.13.
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import polars as pl

from pipeline.tableschema.forms import Judge

_SURROGATES = range(0xD800, 0xE000)
_ASCII_CLASSES = {
    "CATEGORY_DIGIT": r"0-9",
    "CATEGORY_SPACE": r"\t-\r\x1c-\x20",
    "CATEGORY_WORD": r"0-9A-Za-z_",
    "CATEGORY_NOT_DIGIT": r"\x00-/:-\x7f",
    "CATEGORY_NOT_SPACE": r"\x00-\x08\x0e-\x1b!-\x7f",
    "CATEGORY_NOT_WORD": r"\x00-/:-@\[-\^`\{-\x7f",
}


class Untranslatable(ValueError):
    """A pattern that Rust lacks, or reads otherwise."""


class Translated(NamedTuple):
    """The Rust pattern; whether it refuses for ASCII texts only, and whether it accepts for them only."""

    rust: str
    refuses_ascii: bool
    accepts_ascii: bool


def fails(pattern: str) -> Judge:
    """True where a text breaks the pattern, false where it follows it, null where columns cannot tell. Untranslatable when never."""
    rust, ascii_only, _ = translate(pattern)
    if ascii_only:
        return lambda text: pl.when(text.str.len_bytes() == text.str.len_chars()).then(~text.str.contains(rust))
    return lambda text: ~text.str.contains(rust)


def holds(pattern: str) -> Judge:
    """True where a text surely follows the pattern. Untranslatable when never."""
    rust, _, ascii_only = translate(pattern)
    if ascii_only:
        return lambda text: text.str.contains(rust) & (text.str.len_bytes() == text.str.len_chars())
    return lambda text: text.str.contains(rust)


@lru_cache(maxsize=1_000)  # a schema judges many deliveries
def translate(pattern: str) -> Translated:
    """The same language in Rust's syntax. Untranslatable or re.error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # « possible nested set »: Python's reading is the one that counts
        parsed = parser.parse(f"^{pattern}$")
    if parsed.state.flags & ~(re.UNICODE.value):
        raise Untranslatable("drapeaux")
    writer = _Writer()
    rust = rf"\A(?:{writer.sequence(parsed, tail=True)})"  # `match` starts at the first character, whatever the branch
    try:
        pl.select(pl.lit("").str.contains(rust))
    except pl.exceptions.ComputeError as error:
        raise Untranslatable("trop grand") from error
    return Translated(rust, writer.classes, writer.excluded)


class _Writer:
    """Writes a parsed pattern node by node; `classes` becomes true when one of them depends on Unicode's tables.

    Written in ASCII such a class takes less than Python's, so that what it takes is right; `excluded`: one of them is in a negated set,
    which then takes more.
    """

    def __init__(self) -> None:
        self.classes = self.excluded = False

    def sequence(self, nodes: Any, tail: bool) -> str:
        items = list(nodes)
        return "".join(self.node(str(op), value, tail and _only_ends(items[index + 1 :])) for index, (op, value) in enumerate(items))

    def node(self, op: str, value: Any, tail: bool) -> str:
        write = getattr(self, f"_{op.lower()}", None)
        if write is None:
            raise Untranslatable(op.lower())
        return str(write(value, tail))

    def _literal(self, value: int, _tail: bool) -> str:
        return _character(value)

    def _not_literal(self, value: int, _tail: bool) -> str:
        return f"[^{_character(value)}]"

    def _any(self, _value: Any, _tail: bool) -> str:
        return r"[^\n]"

    def _at(self, value: Any, tail: bool) -> str:
        if str(value) in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return r"\A"
        if str(value) == "AT_END_STRING":
            return r"\z"
        if str(value) == "AT_END" and tail:  # before a final line end too: nothing follows, so it may be taken
            return r"\n?\z"
        raise Untranslatable(str(value).lower())

    def _in(self, items: Sequence[tuple[Any, Any]], _tail: bool) -> str:
        parts = [self._member(str(op), value) for op, value in items]
        negated = parts[0] == "^"
        self.excluded |= negated and any(str(op) == "CATEGORY" for op, _ in items)
        inside = "".join(parts[1:] if negated else parts)
        return f"[{'^' if negated else ''}{inside}]"

    def _member(self, op: str, value: Any) -> str:
        if op == "NEGATE":
            return "^"
        if op == "LITERAL":
            return _character(value)
        if op == "RANGE":
            return f"{_character(value[0])}-{_character(value[1])}"
        return self._category(value)

    def _category(self, value: Any) -> str:
        if str(value) not in _ASCII_CLASSES:
            raise Untranslatable(str(value).lower())
        self.classes = True
        return _ASCII_CLASSES[str(value)]

    def _branch(self, value: tuple[Any, Sequence[Any]], tail: bool) -> str:
        return f"(?:{'|'.join(self.sequence(branch, tail) for branch in value[1])})"

    def _subpattern(self, value: tuple[Any, int, int, Any], tail: bool) -> str:
        _group, added, removed, nodes = value
        if added or removed:
            raise Untranslatable("drapeaux")
        return f"(?:{self.sequence(nodes, tail)})"

    def _max_repeat(self, value: tuple[int, Any, Any], _tail: bool) -> str:
        low, high, nodes = value
        unbounded = str(high) == "MAXREPEAT"
        if nodes.getwidth()[0] == 0 and (unbounded or high > 1):  # Python's engine has its own ways with repeated empty matches
            raise Untranslatable("répétition du vide")
        inside = self.sequence(nodes, tail=False)
        return f"(?:{inside}){{{low},{'' if unbounded else high}}}"

    _min_repeat = _max_repeat  # lazy or greedy: the same texts match


def _only_ends(nodes: Sequence[tuple[Any, Any]]) -> bool:
    return all(str(op) == "AT" and str(value) == "AT_END" for op, value in nodes)


def _character(code: int) -> str:
    if code in _SURROGATES:
        raise Untranslatable("demi-codet")
    return f"\\x{{{code:X}}}"
