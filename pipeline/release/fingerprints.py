"""Fingerprints of a release: `empreintes.json` gives the sha256 of every other file, so that anyone can see that none has changed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "empreintes.json"


@dataclass(frozen=True)
class WrittenFile:
    """A file once written: its size in bytes, and the hexadecimal sha256 of its content."""

    size: int
    sha256: str


def sha256(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files(folder: Path) -> list[str]:
    """Every file and link under a folder, as sorted paths relative to it, `/` between their parts."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def of_folder(folder: Path) -> dict[str, str]:
    """Relative path → sha256 of every file of a folder but `empreintes.json`."""
    return {name: sha256(folder / name) for name in files(folder) if name != FILE}


def written(folder: Path) -> dict[str, WrittenFile]:
    """Relative path → size and hash of every file of a folder but `empreintes.json`."""
    return {name: WrittenFile((folder / name).stat().st_size, digest) for name, digest in of_folder(folder).items()}


def announcement(files: Mapping[str, WrittenFile], texts: Mapping[str, str]) -> str:
    """The content of `empreintes.json` for files already written and texts that are about to be."""
    hashes = {name: file.sha256 for name, file in files.items()} | {name: of_text(text) for name, text in texts.items()}
    return to_json(dict(sorted(hashes.items())))


def of_text(text: str) -> str:
    """sha256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> dict[str, str]:
    """The fingerprints that a release announces. OSError or ValueError when they cannot be read."""
    announced = json.loads((folder / FILE).read_text(encoding="utf-8"))
    if not isinstance(announced, dict):
        raise ValueError("objet attendu")
    return {str(name): str(value) for name, value in announced.items()}


def to_json(content: object) -> str:
    """JSON as every file of a release has it: indented, in UTF-8, one final line end."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
