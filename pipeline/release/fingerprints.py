"""Fingerprints of a release: `empreintes.json` gives the sha256 of every other file, so that anyone can see that none has changed."""

import hashlib
import json
from pathlib import Path

FILE = "empreintes.json"


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


def read(folder: Path) -> dict[str, str]:
    """The fingerprints that a release announces. OSError or ValueError when they cannot be read."""
    announced = json.loads((folder / FILE).read_text(encoding="utf-8"))
    if not isinstance(announced, dict):
        raise ValueError("objet attendu")
    return {str(name): str(value) for name, value in announced.items()}


def to_json(content: object) -> str:
    """JSON as every file of a release has it: indented, in UTF-8, one final line end."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
