"""How a release appears: one lock, one folder built aside, one rename, one link replaced. A reader never sees a release half made."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.release import fingerprints
from pipeline.release.errors import ReleaseError, ReleaseExists

LATEST = "latest"
FICTION = "fictif"
ASIDE = ".publication.en-cours"
LINK_ASIDE = ".latest.en-cours"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
RESERVED = frozenset({LATEST, FICTION, "fabriques"})  # the last one is what the site calls the latest release


def is_name(name: str) -> bool:
    """A plain folder name of ours: it can neither climb nor hide."""
    return NAME.fullmatch(name) is not None and name not in RESERVED


def check_name(name: str) -> None:
    """ReleaseError unless a release may have this name."""
    if not is_name(name):
        raise ReleaseError(
            f"Nom de publication « {name} » refusé : 1 à 64 lettres minuscules, chiffres, points, tirets ou soulignés, "
            f"en commençant par une lettre ou un chiffre, et pas {', '.join(sorted(RESERVED))}."
        )


def latest_name(folder: Path) -> str | None:
    """The release that `latest` names; None when there is none. ReleaseError when `latest` is not a link, which we never write."""
    link = folder / LATEST
    if link.is_symlink():
        return link.readlink().as_posix()
    if link.exists():
        raise ReleaseError(f"« {link} » n'est pas un lien : renommez-le, la publication y mettra le sien.")
    return None


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """An empty folder to build in, alone. What a killed build left is removed first; what this one leaves is removed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel frees it, however the process ends
        except BlockingIOError as error:
            raise ReleaseError(f"Une autre publication est en cours dans « {folder} » : attendez qu'elle finisse.") from error
        _clear(folder)
        aside = folder / ASIDE
        aside.mkdir()
        try:
            yield aside
        finally:
            _clear(folder)
    finally:
        os.close(handle)


def settle(folder: Path) -> None:
    """Fix the modes of all that a release holds (whatever the umask), and have it on disk before its name is."""
    for name in fingerprints.files(folder):
        (folder / name).chmod(0o644)
        _sync(folder / name)
    for inner in sorted(path for path in folder.rglob("*") if path.is_dir()):
        inner.chmod(0o755)
        _sync(inner)
    folder.chmod(0o755)
    _sync(folder)


def put(aside: Path, target: Path) -> bool:
    """Give the release its name. True when it was there already with the same bytes; ReleaseExists when with others."""
    if not os.path.lexists(target):
        aside.rename(target)
        _sync(target.parent)
        return False
    if target.is_symlink() or not target.is_dir() or not _same(aside, target):
        raise ReleaseExists(taken(target.name))
    return True


def point_latest(folder: Path, name: str) -> None:
    """Make `latest` name the release, in one replacement."""
    if latest_name(folder) == name:
        return
    link = folder / LINK_ASIDE
    link.symlink_to(name)
    link.replace(folder / LATEST)
    _sync(folder)


def taken(name: str) -> str:
    """Why a name is refused."""
    return f"La publication « {name} » existe déjà et une publication ne change jamais : choisissez un autre nom avec --release."


def _same(left: Path, right: Path) -> bool:
    announced = [(folder / fingerprints.FILE) for folder in (left, right)]
    return (
        all(path.is_file() for path in announced)
        and announced[0].read_bytes() == announced[1].read_bytes()
        and fingerprints.of_folder(left) == fingerprints.of_folder(right)
    )


def _clear(folder: Path) -> None:
    (folder / LINK_ASIDE).unlink(missing_ok=True)
    if (folder / ASIDE).exists():
        shutil.rmtree(folder / ASIDE)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
