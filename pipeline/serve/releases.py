"""What `published/` holds, as the site sees it: resolved folders, never the moving link."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LATEST = "latest"
DATABASE_FILE = "fabriques.db"


@dataclass(frozen=True)
class ServedRelease:
    """A release's folder, resolved. `stamp` tells apart two releases that bore the same name one after the other."""

    folder: Path
    stamp: tuple[int, int, int]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def database(self) -> Path:
        return self.folder / DATABASE_FILE

    def package(self) -> dict[str, Any]:
        """The release's Data Package: it describes itself, whatever the schemas have become since. OSError, ValueError."""
        return _read(self.folder / "datapackage.json")

    def inspected(self) -> dict[str, Any]:
        """What Datasette would otherwise count when it opens the database: its hash, its size, its rows. OSError, ValueError."""
        facts: dict[str, Any] = _read(self.folder / "inspect.json")["fabriques"]
        return facts


@dataclass(frozen=True)
class Publications:
    """One state of `published/`: equal to another when the site has nothing new to open. `kept` is by name, the latest included."""

    latest: ServedRelease
    kept: tuple[ServedRelease, ...]


def current(published: Path) -> ServedRelease | None:
    """The release that `latest` names now; None when there is none yet."""
    link = published / LATEST
    try:
        return _release(link.resolve()) if link.is_symlink() else None
    except (OSError, RuntimeError):  # unreadable, or a link that leads to itself
        return None


def observe(published: Path) -> Publications | None:
    """The state of the folder now; None while it has no latest release. Hidden folders (a release being built) and links are left out."""
    latest = current(published)
    if latest is None:
        return None
    root = published.resolve()
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False))
    found = (_release(root / name) for name in names)
    return Publications(latest, tuple(release for release in found if release is not None))


def _release(folder: Path) -> ServedRelease | None:
    try:
        found = (folder / DATABASE_FILE).stat()
    except OSError:
        return None
    return ServedRelease(folder, (found.st_dev, found.st_ino, found.st_ctime_ns))


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded
