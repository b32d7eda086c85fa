import codecs
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
        (codecs.BOM_UTF16_LE + "nom\tprix\r\nété\t1 €\r\n😀".encode("utf-16-le"), "nom\tprix\r\nété\t1 €\r\n😀", "utf-16-le (BOM)"),
        (codecs.BOM_UTF16_BE + "été\n".encode("utf-16-be"), "été\n", "utf-16-be (BOM)"),
        (codecs.BOM_UTF16_LE, "", "utf-16-le (BOM)"),
    ],
)
def test_each_line_in_its_encoding(tmp_path: Path, content: bytes, text: str, name: str) -> None:
    assert read(tmp_path, content) == (text, name)
    assert read(tmp_path, content, block_bytes=4) == (text, name)


@pytest.mark.parametrize("size", [3, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_lines_of_a_mixed_text_are_counted(tmp_path: Path, end: str, size: int) -> None:
    lines = [line + end for line in ["nom", "été", "à", "b", "décision", "ç", "fin"]]
    legacy = {4, 5}
    (tmp_path / "a").write_bytes(b"".join(line.encode("cp1252" if index in legacy else "utf-8") for index, line in enumerate(lines)))
    file = TextFile(tmp_path / "a", 1000, size)
    assert b"".join(file.blocks()).decode() == "".join(lines)
    assert file.encodings.counts == [("utf-8", 2, 2), ("windows-1252", 2, 5)]
    assert file.encodings.unknown == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_that_no_encoding_explains_is_told_by_its_number(tmp_path: Path, end: bytes) -> None:
    damaged = end.join([b"nom", "été".encode("cp1252"), b"d\x81cision", "à".encode(), b"fin"])
    for size in (3, 1 << 20):
        (tmp_path / "a").write_bytes(damaged)
        file = TextFile(tmp_path / "a", 1000, size)
        text = b"".join(file.blocks()).decode().split(end.decode())
        assert text == ["nom", "été", "d\ufffdcision", "à", "fin"]
        assert file.encodings.unknown == [3]
        assert file.encodings.counts == [("windows-1252", 1, 2), ("utf-8", 1, 4)]
        with pytest.raises(DeliveryRefused, match=r"^ligne 2 : caractère nul"):
            read(tmp_path, end.join([b"nom", b"a\0b", b"c"]), size)


@pytest.mark.parametrize("size", [3, 1 << 20])
@pytest.mark.parametrize(("codec", "mark"), [("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)])
def test_what_is_wrong_in_a_text_in_utf16_is_told_with_its_line(tmp_path: Path, codec: str, mark: bytes, size: int) -> None:
    lines = "nom\r\nété\r\n".encode(codec)
    with pytest.raises(DeliveryRefused, match=r"^ligne 3 : caractère nul"):
        read(tmp_path, mark + lines + "a\0b\r\nfin".encode(codec), size)
    for wrong in ("\ud800b\r\n".encode(codec, errors="surrogatepass"), "a".encode(codec) + b"\n"):
        with pytest.raises(DeliveryRefused, match=r"^ligne 3 : .*UTF-16"):
            read(tmp_path, mark + lines + wrong, size)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match=r"^ligne 1 et bien d'autres : encodage inconnu"):
        read(tmp_path, b"d\xe9cision \x81\n" * 1001)


@pytest.mark.parametrize(("codec", "name"), [("cp1252", "windows-1252"), ("cp850", "cp850"), ("mac_roman", "macintosh")])
@pytest.mark.parametrize(
    "text",
    [
        "Libellé;Bénéficiaire\nÉCOLE;Théâtre\n",
        "DÉPARTEMENT DE LA VENDÉE\n",
        "Aide à l'embauche, 2ème année\n",
        "Crèche « Les P'tits Loups »\n",
        "n° 12 ; fête de l'été ; façade ; hôpital ; où\n",
    ],
)
def test_the_older_encoding_is_the_one_that_reads_as_french(tmp_path: Path, codec: str, name: str, text: str) -> None:
    assert read(tmp_path, text.encode(codec)) == (text, name)


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
