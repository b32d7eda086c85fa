"""Damaged files: never a crash, a hang, or a record lost in silence. Each file is read in a process of its own, so that a hang shows."""

import csv
import io
import json
import random
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import ROOT

READ = """
import json, sys
from pathlib import Path
from pipeline.ingest.header import Sought
from pipeline.ingest.reading import read_file
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.settings import Settings

sought = Sought(frozenset({"nom", "objet", "montant"}), ("nom", "objet", "montant"))
for path in sorted(Path(sys.argv[1]).iterdir(), key=lambda path: int(path.name)):
    try:
        read = read_file(path, None, sought, Settings())
    except DeliveryRefused as refusal:
        print(json.dumps({"refus": str(refusal)}))
    else:
        told = {"enregistrements": read.records.height, **read.found, "inconnues": len(read.encodings.unknown)}
        print(json.dumps(told))
"""
TEXT = "Aides 2024\n\nNom;Objet;Montant\n" + "".join(f'Association {n};"été ; {n}";{n} 000,50\n' for n in range(120)) + ";;\nTotal;;7\n"
COUNT = 60


def read_all(folder: Path, contents: list[bytes]) -> list[dict[str, object]]:
    """What reading each content gave; an exception that is no refusal, or a minute without an end, fails here."""
    folder.mkdir()
    for index, content in enumerate(contents):
        (folder / str(index)).write_bytes(content)
    command = [sys.executable, "-c", READ, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(contents)
    return told


def damaged(content: bytes, seed: int) -> Iterator[bytes]:
    """Bytes changed, removed, added, repeated, and the end cut off."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(COUNT):
        made = bytearray(content)
        for _ in range(chance.choice((1, 1, 3, 30))):
            place = chance.randrange(len(made))
            match chance.randrange(4):
                case 0:
                    made[place] = chance.randrange(256)
                case 1:
                    del made[place : place + chance.randrange(1, 9)]
                case 2:
                    made[place:place] = chance.choice((b'"', b"\n", b"\r", b";", b",", b"\xe9", b"\xef\xbb\xbf", b"\xff", b'""', b"\x81"))
                case _:
                    made[place:place] = made[place : place + 40]
        yield bytes(made)
    yield from (content[:end] for end in sorted(chance.randrange(1, len(content)) for _ in range(COUNT // 3)))


def counted(content: bytes, separator: str) -> int:
    """Records as the csv module counts them. The encoding does not change their number: ends of lines and separators are ASCII."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp1252", "cp850"])
def test_no_record_of_a_damaged_text_is_lost(tmp_path: Path, codec: str) -> None:
    contents = list(damaged(TEXT.encode(codec), seed=11))
    told = read_all(tmp_path / "abimes", contents)
    for content, found in zip(contents, told, strict=True):
        if "refus" not in found:
            assert found["enregistrements"] == counted(content, str(found["separateur"])), content
    assert sum("refus" not in found for found in told) > len(told) // 2, "most damages leave a text that can be read"
    assert any("refus" in found for found in told)


def test_no_row_of_a_damaged_workbook_is_lost(tmp_path: Path) -> None:
    """Sheets damaged inside a sound archive, then archives damaged as bytes; openpyxl counts the rows where it can read them too."""
    book = openpyxl.Workbook()
    for row in [["Aides"], [], ["Nom", "Objet", "Montant"], *([f"Association {n}", "été", n] for n in range(60))]:
        book.active.append(row)
    book.save(tmp_path / "sain.xlsx")
    saved = (tmp_path / "sain.xlsx").read_bytes()
    sound = _with_sheet(saved, _sheet(saved))
    sheets = [sheet for seed in (12, 14, 15) for sheet in damaged(_sheet(sound), seed)]
    contents = [sound, *(_with_sheet(sound, sheet) for sheet in sheets), *damaged(sound, seed=13)]
    told = read_all(tmp_path / "abimes", contents)
    assert told[0]["enregistrements"] == 63
    pairs = [(found["enregistrements"], _rows(content)) for content, found in zip(contents, told, strict=True) if "refus" not in found]
    compared = [(read, rows) for read, rows in pairs if rows is not None]
    assert len(compared) > 15
    assert [read for read, _ in compared] == [rows for _, rows in compared]
    assert any("refus" in found for found in told)


def _sheet(archive: bytes) -> bytes:
    return zipfile.ZipFile(io.BytesIO(archive)).read("xl/worksheets/sheet1.xml")


def _with_sheet(archive: bytes, sheet: bytes) -> bytes:
    """Without the hour at which it was made, so that the same damages are done at each run."""
    made, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(archive))
    with zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            part = sheet if name == "xl/worksheets/sheet1.xml" else re.sub(rb"20\d\d-[^<]*Z", b"2026-01-01T00:00:00Z", source.read(name))
            target.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _rows(content: bytes) -> int | None:
    """Rows down to the last one that holds something; None where openpyxl cannot read the workbook."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
            return max((cell.row for row in sheet.iter_rows() for cell in row if cell.value not in (None, "")), default=0)
    except Exception:
        return None
