"""Cells whose quotes are out of place: read as they are written, for no quote is removed without a reason that the ledger tells."""

import csv
import re
from collections.abc import Sequence
from functools import cache


def is_strict(lines: Sequence[str], separator: str) -> bool:
    """Whether each closing quote of a record ends its cell. `lines`: those of one record, ends kept."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return False
    return True


def as_written(lines: Sequence[str], separator: str) -> list[str]:
    """The cells of a record, cut as the csv module cuts them.

    A cell with a text after its closing quote (`"X" Y`, `"dit \\"oui\\""`) keeps all its quotes: the csv module would drop two of them.
    """
    text = separator + "".join(lines).rstrip("\r\n")
    return [
        f'"{quoted}"{after}' if after else quoted.replace('""', '"') or plain for quoted, after, plain in _cells(separator).findall(text)
    ]


@cache
def _cells(separator: str) -> re.Pattern[str]:
    border = re.escape(separator)
    return re.compile(rf'{border}(?:"((?:[^"]|"")*)"([^{border}]*)|([^{border}]*))')
