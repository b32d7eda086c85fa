"""Texts in UTF-16 (Excel's « texte Unicode »), read as UTF-8 bytes. Only a byte order mark makes a text one: NUL bytes are no text."""

import codecs
import io
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.ingest.refusal import DeliveryRefused

MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CHUNK = 1 << 18


def utf16_of(head: bytes) -> str | None:
    """The codec that the first bytes of a file announce, if it is one of the two."""
    return MARKS.get(head[: len(codecs.BOM_UTF16_LE)])


def open_as_utf8(path: Path) -> BinaryIO:
    """The text of the file without its mark, recoded as it is read; reading raises DeliveryRefused where it is no UTF-16."""
    stream = path.open("rb", buffering=0)
    codec = MARKS[stream.read(len(codecs.BOM_UTF16_LE))]
    return io.BufferedReader(_Recoded(stream, codec), _CHUNK)


class _Recoded(io.RawIOBase):
    def __init__(self, stream: io.FileIO, codec: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._line = 1
        self._left = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: Any, /) -> int:
        over = False
        while not self._left and not over:
            chunk = self._stream.read(_CHUNK) or b""
            over = not chunk
            self._left = self._decoded(chunk, over).encode()
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def _decoded(self, chunk: bytes, over: bool) -> str:
        try:
            text = self._decoder.decode(chunk, over)
        except UnicodeDecodeError as error:
            line = self._line + error.object[: error.start].decode(error.encoding, errors="ignore").count("\n")
            raise DeliveryRefused(
                f"ligne {line} : octets qui ne sont pas de l'UTF-16, fichier coupé ou abîmé ; le redemander, en CSV (UTF-8)"
            ) from None
        self._line += text.count("\n")
        return text
