from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.encoding import TextFile
from pipeline.ingest.refusal import DeliveryRefused

BOM = b"\xef\xbb\xbf"


def read(folder: Path, content: bytes, block_bytes: int = 1 << 20) -> tuple[str, str]:
    (folder / "a").write_bytes(content)
    file = TextFile(folder / "a", 1000, block_bytes)
    text = b"".join(file.blocks()).decode("utf-8")
    return text, file.encodings.name


@pytest.mark.parametrize(
    ("content", "text", "name"),
    [
        (b"nom;prix\n", "nom;prix\n", "utf-8"),
        ("été;1 €\n".encode(), "été;1 €\n", "utf-8"),
        (BOM + "été\n".encode(), "été\n", "utf-8 (BOM)"),
        ("été;1 €\r\nœuvre\r\n".encode("cp1252"), "été;1 €\r\nœuvre\r\n", "windows-1252"),
        (BOM + "été\nà".encode("cp1252"), "été\nà", "windows-1252 (BOM utf-8)"),
        ("été\n".encode() + "été\n".encode("cp1252") + b"a\n", "été\nété\na\n", "utf-8 et windows-1252"),
        ("été\r".encode() + "été\r".encode("cp1252"), "été\rété\r", "utf-8 et windows-1252"),
        (BOM, "", "utf-8 (BOM)"),
        (b"\n", "\n", "utf-8"),
    ],
)
def test_each_line_in_its_encoding(tmp_path: Path, content: bytes, text: str, name: str) -> None:
    assert read(tmp_path, content) == (text, name)
    assert read(tmp_path, content, block_bytes=4) == (text, name)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_bytes_that_no_encoding_explains_are_told_by_their_line(tmp_path: Path, end: bytes) -> None:
    cp850 = end.join([b"nom", "été".encode("cp1252"), "É".encode("cp850"), b"fin"])
    for block_bytes in (3, 1 << 20):
        with pytest.raises(DeliveryRefused, match=r"^ligne 3 : encodage"):
            read(tmp_path, cp850, block_bytes)
        with pytest.raises(DeliveryRefused, match=r"^ligne 2 : caractère nul"):
            read(tmp_path, end.join([b"nom", b"a\0b", b"c"]), block_bytes)


def test_a_text_without_lines_does_not_fill_the_memory(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="ligne est trop longue"):
        read(tmp_path, b"a" * 100_000, block_bytes=1000)


@given(lines=st.lists(st.sampled_from(["a", "é", "", '"', ";"])), end=st.sampled_from(["\n", "\r\n", "\r"]), size=st.integers(1, 9))
def test_blocks_cut_at_ends_of_lines_lose_nothing(tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, size: int) -> None:
    path = tmp_path_factory.getbasetemp() / "texte"
    content = "".join(line + end for line in lines).encode()
    path.write_bytes(content)
    blocks = list(TextFile(path, 1000, size).blocks())
    assert b"".join(blocks) == content
    assert all(block.endswith((b"\n", b"\r")) for block in blocks)
    assert not any(block.endswith(b"\r") and after.startswith(b"\n") for block, after in pairwise(blocks))
