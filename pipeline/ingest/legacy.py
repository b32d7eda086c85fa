"""The encoding of lines that are not UTF-8: that of the few in use here under which they are the most French."""

import re
from collections.abc import Iterable

WINDOWS = "cp1252"
# Codec → its name as people know it. DOS (CP850) and old Macintosh files are still exported by accounting software.
NAMES = {WINDOWS: "windows-1252", "cp850": "cp850", "mac_roman": "macintosh"}
SAMPLE_BYTES = 1 << 16
# What French words and figures are made of beyond ASCII; in « d‚cision » or « dŽcision », read as Windows-1252, other signs stand for them.
_FRENCH = frozenset("àâçéèêëîïôùûœÀÂÇÉÈÊËÎÏÔÙÛŒ\u00a0«»’‘“”–—…€°²")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_SMALL_AMONG_CAPITALS = re.compile("(?<=[A-Z])[à-üœ](?=[A-Z])")


def legacy_encoding(lines: Iterable[bytes]) -> str:
    """The codec (a key of NAMES) of lines that are not UTF-8: the first of those that give the most French letters.

    No detector is asked: charset-normalizer takes Windows-1252 for Central European in one of our files, and CP850 for Windows-1252 in 6
    of 16 when it has only these three to choose from (the labels in capitals of a table are not the prose that it knows).
    """
    sample = _sample(lines)
    return max(NAMES, key=lambda codec: _french(sample.decode(codec, errors="replace")))


def _french(text: str) -> int:
    return sum(letter in _FRENCH for letter in _BEYOND_ASCII.findall(text)) - len(_SMALL_AMONG_CAPITALS.findall(text))


def _sample(lines: Iterable[bytes]) -> bytes:
    kept, size = [], 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size >= SAMPLE_BYTES:
            break
    return b"".join(kept)[:SAMPLE_BYTES]
