"""A separator that a space follows all through a text (`"a", "b, c", 12`): two characters that separate as one does elsewhere."""

from collections.abc import Iterable, Iterator


def looks_spaced(head: bytes, separator: str) -> bool:
    """Whether a cell seems to begin with a quote behind a space; such a quote opens nothing unless the whole text is so written."""
    return f'{separator} "'.encode() in head


def is_spaced(blocks: Iterable[bytes], separator: str) -> bool:
    """Whether each separator of a whole text, outside quotes, has a space behind it, and each quote opens or closes a whole cell."""
    opened = False
    for block in blocks:
        first, parts = 1 if opened else 0, block.decode().split('"')
        for place in range(first, len(parts), 2):
            text = parts[place]
            closes_before, opens_after = place > 0, place < len(parts) - 1
            if text.count(separator) != text.count(f"{separator} "):
                return False
            if text and closes_before and not text.startswith((separator, "\r", "\n")):
                return False
            if text and opens_after and not text.endswith((f"{separator} ", "\r", "\n")):
                return False
        opened ^= len(parts) % 2 == 0
    return True


def without_spaces(blocks: Iterable[bytes], separator: str) -> Iterator[bytes]:
    """The blocks of a spaced text with its separators alone; lines stay lines, and quoted cells what they are."""
    opened = False
    for block in blocks:
        parts = block.decode().split('"')
        for place in range(1 if opened else 0, len(parts), 2):
            parts[place] = parts[place].replace(f"{separator} ", separator)
        opened ^= len(parts) % 2 == 0
        yield '"'.join(parts).encode()
