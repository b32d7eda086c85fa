"""Letters decoded twice: UTF-8 read as an older encoding, then written again, as « Ã© » for « é »."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

# What French files hold beside ASCII: letters of the neighbours included, typographic marks, the spaces that hold a number together.
_CHARACTERS = "ÀÁÂÄÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÙÚÛÜŸŒàáâäæçèéêëìíîïñòóôöùúûüÿœ«»‘’“”–—…•·€°²³½¼¾§±×\u00a0\u202f\u2009"
# Windows-1252 leaves five bytes undefined: readers give them as control characters.
_ENCODINGS = ("cp1252", "latin-1", "cp850")


@cache
def doubled_letters() -> Mapping[str, str]:
    """What each such letter looks like once decoded twice → the letter. No key begins another; none is French text."""
    return MappingProxyType({_read_as(char, encoding): char for encoding in _ENCODINGS for char in _CHARACTERS})


def _read_as(char: str, encoding: str) -> str:
    return "".join(_byte(byte, encoding) for byte in char.encode())


def _byte(byte: int, encoding: str) -> str:
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)
