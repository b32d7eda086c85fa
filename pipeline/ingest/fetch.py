"""From what a sources file names to bytes that will not change: `livraisons/<sha256>`, written once, readable by its owner only."""

import contextlib
import errno
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.ingest import web
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.sources import Source
from pipeline.settings import Settings

CHUNK = 1 << 20
_PARTIAL = ".partiel-"
_MISSING = "fichier introuvable ; vérifier son chemin, relatif au dossier du fichier de sources"
_WHY_NOT = {
    errno.ENOENT: _MISSING,
    errno.ENOTDIR: _MISSING,
    errno.EISDIR: "c'est un dossier : donner un fichier, ou un motif comme « dossier/*.csv »",
    errno.ENAMETOOLONG: "chemin trop long",
    errno.ELOOP: "c'est un lien symbolique, ou un dossier de son chemin en est un : donner le chemin du fichier lui-même",
    errno.EACCES: "lecture interdite : revoir les droits du fichier",
    errno.EPERM: "lecture interdite : revoir les droits du fichier",
    errno.ENXIO: "ce n'est pas un fichier ordinaire",
}


@dataclass(frozen=True)
class Location:
    """One file that an entry names: a path on disk, or an address. `fichier` is its name, fit to be shown.

    `base`: the folder that a relative path may not leave, be it by a link; None for an absolute path, which says plainly where it goes.
    """

    fichier: str
    where: Path | str
    base: Path | None = None


@dataclass(frozen=True)
class Frozen:
    """A delivery whose bytes are kept at `path` under their sha256."""

    fichier: str
    sha256: str
    path: Path


def locate(source: Source) -> list[Location]:
    """The files of an entry, sorted by path. DeliveryRefused when a pattern matches none."""
    if source.is_url:
        return [Location(shown(web.file_name(source.path)), source.path)]
    path, base = source.base / source.path, None if Path(source.path).is_absolute() else source.base
    if not source.is_glob or path.exists():
        return [Location(shown(path.name), path, base)]
    found = [Location(shown(match.name), match, base) for match in _matches(source)]
    if not found:
        raise DeliveryRefused(f"aucun fichier ne correspond à « {source.path} », relatif au dossier du fichier de sources")
    return found


def freeze(location: Location, pin: str | None, settings: Settings) -> Frozen:
    """Copy a file into the frozen deliveries. A pinned one that is there already is not read again: its file may be gone or changed since.

    DeliveryRefused when it cannot be read, passes a bound of the settings, is empty or is not the pinned content.
    """
    if pin and (settings.livraisons / pin).is_file():
        return Frozen(location.fichier, pin, _verified(settings.livraisons / pin, pin))
    with _reader(location, settings) as read:
        sha256, path = _keep(read, settings)
    if pin and pin != sha256:
        raise DeliveryRefused(
            f"contenu différent de celui que fige « sha256 » (lu : {sha256[:12]}…) : retrouver le fichier ou changer « sha256 »"
        )
    return Frozen(location.fichier, sha256, path)


def clear_partial(settings: Settings) -> None:
    """Remove the copies that an interrupted run left unfinished. The caller holds the lock of the home."""
    for leftover in settings.livraisons.glob(f"{_PARTIAL}*"):
        leftover.unlink()


def shown(name: str) -> str:
    """A file name without what a terminal or UTF-8 could not take."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)


def _matches(source: Source) -> list[Path]:
    """Files that the pattern matches; as in a shell, `*` does not match a hidden one."""
    parts = Path(source.path).parts
    first = next(index for index, part in enumerate(parts) if set(part) & set("*?["))
    hidden = parts[-1].startswith(".")
    try:
        found = source.base.joinpath(*parts[:first]).glob(str(Path(*parts[first:])))
        return sorted(path for path in found if not path.is_dir() and (hidden or not path.name.startswith(".")))
    except ValueError:
        raise DeliveryRefused(f"motif « {source.path} » invalide : ** doit être un dossier à lui seul") from None


@contextlib.contextmanager
def _reader(location: Location, settings: Settings) -> Iterator[Callable[[int], bytes]]:
    where = location.where
    if isinstance(where, str):
        with web.download(where, settings) as read:
            yield read
        return
    try:
        stream = io.FileIO(where, opener=partial(_open_as_is, base=location.base))
    except OSError as error:
        raise DeliveryRefused(_WHY_NOT.get(error.errno or 0, "fichier illisible : vérifier le chemin et les droits")) from None
    with stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise DeliveryRefused("ce n'est pas un fichier ordinaire")
        yield stream.read


def _open_as_is(path: str, flags: int, base: Path | None) -> int:
    """A fifo would hold the call that opens it, a link could be swapped after a check: neither is followed, below `base` for a folder."""
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK
    if base is None or base == Path(path):
        return os.open(path, flags)
    *folders, name = Path(path).relative_to(base).parts
    inside = os.open(base, os.O_PATH)
    try:
        for folder in folders:
            outside, inside = inside, os.open(folder, os.O_PATH | os.O_NOFOLLOW, dir_fd=inside)
            os.close(outside)
            if stat.S_ISLNK(os.fstat(inside).st_mode):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        return os.open(name, flags, dir_fd=inside)
    finally:
        os.close(inside)


def _keep(read: Callable[[int], bytes], settings: Settings) -> tuple[str, Path]:
    """Write aside while hashing, then one rename; a file already frozen is never written again."""
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=settings.livraisons, prefix=_PARTIAL, delete=False) as aside:
        partial = Path(aside.name)
        try:
            while chunk := read(CHUNK):
                size += len(chunk)
                if size > settings.max_bytes:
                    raise DeliveryRefused(f"fichier trop gros : plus de {settings.max_bytes:_} octets".replace("_", " "))
                digest.update(chunk)
                aside.write(chunk)
            if size == 0:
                raise DeliveryRefused("fichier vide : redemander la livraison")
            aside.flush()
            os.fsync(aside.fileno())
            target = settings.livraisons / digest.hexdigest()
            if not target.exists():
                partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)
    return digest.hexdigest(), target


def _verified(path: Path, sha256: str) -> Path:
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
            raise DeliveryRefused(f"copie figée {sha256[:12]}… altérée : la retirer et redonner le fichier")
    return path
