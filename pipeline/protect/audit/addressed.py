"""E-mail addresses in the public cells, as the audit finds them: with their sign, or with what is written for it.

It shares no code with what built the tables. Cells are read (`skeletons.cells`): place, cell, said.
"""

import re
from collections.abc import Iterator

import polars as pl

from pipeline.protect.audit.echoes import words

PAGE = re.compile(r"\S*(?:://|www\.|\.(?:com|fr|org|net)/)\S*", re.IGNORECASE)
BOXES = r"(?:gmail|hotmail|outlook|yahoo|orange|wanadoo|free|laposte|sfr|icloud|protonmail|gmx)"
WORD = r"[^\W_][\w.+%-]*"
HOST = r"[\w-]+(?:\.[\w-]+)*"
SIGNED = re.compile(r"[\w.+%-](?:@|%40|&#0*64;|&commat;)[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
WRITTEN = re.compile(
    rf"{WORD}\s{{0,2}}@\s{{0,2}}{HOST}\.[^\W\d_]{{2,}}"
    rf"|{WORD}\\?@{{1,2}}{HOST}\.[^\W\d_]{{2,}}"
    rf"|{WORD}\s{{0,2}}@\s{{0,2}}{HOST}(?:\s?[.·]\s?(?:com|fr|org)\b|,(?:com|fr)\b)"
    rf"|{WORD}\s{{0,2}}@\s{{0,2}}{HOST}(?:\s(?:dot|point)\s|\s?[\[(](?:dot|point|\.)[\])]\s?)[^\W\d_]{{2,}}"
    rf"|\w{{3,}}\s?@\s?{BOXES}\b|{WORD}@\[[\d.]{{7,15}}\]"
    rf"|{WORD}\s?[\[({{<](?:at|à|a|arobase|@)[\])}}>]\s?{HOST}(?:\.|\s?[\[(](?:dot|point)[\])]\s?)[^\W\d_]{{2,}}"
    rf"|{WORD}\s?[«‹\"“'‘]\s?(?:at|à|arobase)\s?[»›\"”'’]\s?{HOST}\.[^\W\d_]{{2,}}"
    rf"|{WORD}\s?[*/|~_–—-]\s?(?:at|arobase)\s?[*/|~_–—-]\s?{HOST}(?:\.|\s?[*/|~_–—-]\s?(?:dot|point)\s?[*/|~_–—-]\s?)[^\W\d_]{{2,}}"
    rf"|{WORD}\sarobase\s{HOST}(?:\.|\spoint\s)[^\W\d_]{{2,}}"
    rf"|{WORD}\sat\s[\w-]+\s(?:dot|point)\s[\w-]+"
    rf"|{WORD}\s(?:at|à|a|chez)\s{BOXES}(?:[.,]|\spoint\s)[^\W\d_]{{2,}}"
    rf"|[^\W_]+\.[^\W_]+\s(?:at|à|chez)\s{HOST}\.(?:com|fr|org|net)\b",
    re.IGNORECASE,
)
DOUBTFUL = rf"(?i)@|arobase|\bat\b|_at_|\b{BOXES}\b|\.\S+\s(?:à|chez)\s|\(a\)|\(à\)|.\s?à\s?[»›\"”'’]"
SPOKEN = r" (?:at|a|chez|arobase|point|dot) "


def told(cells: pl.DataFrame) -> Iterator[str]:
    """The places of the cells that hold one."""
    for place, cell in cells.filter(pl.col("cell").str.contains(DOUBTFUL)).select("place", "cell").iter_rows():
        if SIGNED.search(cell) or WRITTEN.search(PAGE.sub(" ; ", cell)):
            yield place


def known(cells: pl.DataFrame, addresses: list[str]) -> list[str]:
    """The places of the cells that hold one of the addresses, whatever stands for its signs."""
    if not addresses:
        return []
    said = pl.Series("adresse", addresses).to_frame().select(words(pl.col("adresse"))).to_series().to_list()
    spaced = pl.col("said").str.replace_all(SPOKEN, " ").str.replace_all(SPOKEN, " ")
    found = cells.filter(pl.col("cell").str.to_lowercase().str.contains_any(addresses) | spaced.str.contains_any(said))
    return found["place"].unique().sort().to_list()
