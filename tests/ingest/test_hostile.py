"""Files made to harm: each is refused with a sentence, in a process that has neither the memory nor the time to obey them."""

import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT

INGEST = """
import json, sys
from pathlib import Path
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings

settings = Settings(home=Path(sys.argv[1], "home"))
settings.private_dirs()
read = ingest(read_sources(Path(sys.argv[1], "sources.toml"), ("subventions",)), {"subventions": labels("subventions")}, settings)
print(json.dumps(read.livraisons.select("fichier", "donnees", "refus").rows()))
"""
MEMORY_BYTES, CPU_S = 3 << 30, 60
HEADER = "nomAttribuant;nomBeneficiaire;montant;exercice\n"
MAIN, OFFICE = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
LABELS = ("nomAttribuant", "nomBeneficiaire", "montant", "exercice")
CELLS = "".join(f'<c r="{letter}1" t="s"><v>{rank}</v></c>' for rank, letter in enumerate("ABCD"))
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE.replace("relationships", "content-types")}"><Default Extension="xml" '
    f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="F" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    SHEET: f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{CELLS}</row><row r="2"><c r="A2" t="s"><v>0</v></c>'
    '<c r="B2" t="s"><v>1</v></c><c r="C2"><v>12</v></c><c r="D2"><v>2020</v></c></row></sheetData></worksheet>',
    STRINGS: f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{label}</t></si>" for label in LABELS)}</sst>',
}
# A thousand million words in a kilobyte, for a reader that obeys.
LAUGHS = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{rank} "{f"&l{rank - 1};" * 10}">' for rank in range(1, 10))


def workbook(path: Path, changed: Mapping[str, str] | None = None, padding: int = 0) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (PARTS | (dict(changed) if changed else {})).items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text + " " * (padding if name == STRINGS else 0))


def declared(part: str, before: str, entities: str, after: str = "&l9;") -> dict[str, str]:
    return {part: f"<!DOCTYPE x [{entities}]>" + PARTS[part].replace(before, before[:3] + after + before[-4:], 1)}


def ingested(folder: Path, entries: list[str]) -> dict[str, tuple[int, str | None]]:
    (folder / "sources.toml").write_text(
        "".join(f"[[source]]\ntable = 'subventions'\npath = '{path}'\nmode = 'ajoute'\n" for path in entries)
    )
    command = [sys.executable, "-c", INGEST, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False, preexec_fn=_bounded)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr and "unexpected" not in done.stderr
    return {name: (lines, refusal) for name, lines, refusal in json.loads(done.stdout)}


def _bounded() -> None:
    for kind, limit in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_S)):
        resource.setrlimit(kind, (limit, limit))


def test_files_made_to_harm_are_refused_and_the_others_read(tmp_path: Path) -> None:
    workbook(tmp_path / "sain.xlsx")
    workbook(tmp_path / "entites-textes.xlsx", declared(STRINGS, "<t>nomBeneficiaire</t>", LAUGHS))
    workbook(tmp_path / "entites-feuille.xlsx", declared(SHEET, "<v>12</v>", LAUGHS))
    workbook(tmp_path / "fichier-local.xlsx", declared(STRINGS, "<t>exercice</t>", '<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;"))
    workbook(tmp_path / "bombe.xlsx", padding=2_100_000_000)
    (tmp_path / "million-de-colonnes.csv").write_text(HEADER.strip() + ";x" * 1_000_000 + "\n")
    (tmp_path / "million-de-cellules.csv").write_text(HEADER + "A;B;12;2020\n" + ";" * 1_000_000 + "\n")
    (tmp_path / "deux-mille-colonnes.csv").write_text(HEADER + ";" * 2_000 + "\n")
    (tmp_path / "une-ligne.csv").write_bytes(b"," * 20_000_000)
    (tmp_path / "guillemets.csv").write_text(HEADER + '"' * 900_001 + "\n")
    (tmp_path / "lien.csv").symlink_to("/etc/passwd")
    (tmp_path / "nul.csv").write_bytes(HEADER.encode() + b"A;B;12;2020\n" * 9_000 + b"A;\0;12;2020\n")
    expected = {
        "entites-textes.xlsx": "entités XML",
        "entites-feuille.xlsx": "entités XML",
        "fichier-local.xlsx": "entités XML",
        "bombe.xlsx": "décompressé",
        "million-de-colonnes.csv": "ligne 1 : ",
        "million-de-cellules.csv": "ligne 3 : ",
        "deux-mille-colonnes.csv": "ligne 2 : plus de 1000 colonnes",
        "une-ligne.csv": "une ligne est trop longue",
        "guillemets.csv": "ligne 2 : ",
        "lien.csv": "lien symbolique",
        "nul.csv": "caractère nul",
        "passwd": "remonte au-dessus",
    }
    told = ingested(tmp_path, ["*.xlsx", "*.csv", "sous/../../../etc/passwd"])
    assert told.pop("sain.xlsx") == (1, None)
    assert {*told} == {*expected}
    for name, (lines, refusal) in told.items():
        assert lines == 0
        assert refusal is not None and refusal.startswith(f"Livraison « {name} »") and expected[name] in refusal, (name, refusal)
        assert "root:" not in refusal and "lol" not in refusal


@pytest.mark.parametrize("path", ["../a.csv", "../*.csv", "sous/../../a.csv", "..", "./../a.csv"])
def test_a_path_that_climbs_is_refused(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (tmp_path / "a.csv").write_text(HEADER)
    ((_, refusal),) = ingested(folder, [path]).values()
    assert refusal is not None and "remonte au-dessus" in refusal


def test_a_path_may_be_absolute_or_go_down_and_up_again(tmp_path: Path) -> None:
    (tmp_path / "sous").mkdir()
    (tmp_path / "a.csv").write_text(HEADER + "A;B;12;2020\n")
    (tmp_path / "b.csv").write_text(HEADER + "A;B;13;2020\n")
    assert ingested(tmp_path, ["sous/../a.csv", str(tmp_path / "sous" / ".." / "b.csv")]) == {"a.csv": (1, None), "b.csv": (1, None)}
