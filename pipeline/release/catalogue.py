"""The releases of a folder: what there is, and what one holds. Read only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.release import datapackage, swap, verify


@dataclass(frozen=True)
class Summary:
    """A release as it describes itself. `date` is the day of its data, AAAA-MM-JJ (None: unreadable); `tables` gives rows by table.

    `problemes`: files missing, added or changed, as French sentences (empty: whole; None: not looked for).
    """

    name: str
    path: Path
    date: str | None
    fictif: bool
    latest: bool
    tables: Mapping[str, int]
    problemes: tuple[str, ...] | None


def releases(published: Path) -> list[Summary]:
    """The releases of a folder, the most recent data first, then by name. Fictional ones have their own folder, `published/fictif`."""
    if not published.is_dir():
        return []
    found = sorted((_summary(path) for path in published.iterdir() if _is_release(path)), key=lambda item: item.name)
    return sorted(found, key=lambda item: item.date or "", reverse=True)


def show(published: Path, name: str) -> Summary:
    """One release by its name, or by `latest`, its files checked. LookupError, with a French sentence, when there is none."""
    sought = swap.latest_name(published) if name == swap.LATEST else name
    for summary in releases(published):
        if summary.name == sought:
            return _summary(summary.path, tuple(verify.file_problems(summary.path)))
    known = ", ".join(summary.name for summary in releases(published)) or "aucune"
    raise LookupError(f"Publication « {name} » inconnue dans « {published} ». Publications : {known}.")


def day(release: Path) -> str | None:
    """The day of a release's data, AAAA-MM-JJ; None when it cannot be read."""
    return _summary(release).date


def _is_release(path: Path) -> bool:
    """Any folder with a name that a release may have: hidden ones are being built, `latest` is a link and `fictif` another world."""
    return path.is_dir() and not path.is_symlink() and swap.is_name(path.name)


def _summary(path: Path, problems: tuple[str, ...] | None = None) -> Summary:
    latest = path.parent / swap.LATEST
    current = latest.is_symlink() and latest.readlink().as_posix() == path.name
    try:
        package = json.loads((path / datapackage.FILE).read_text(encoding="utf-8"))
        rows = {resource["name"]: int(resource["lignes"]) for resource in package["resources"]}
        return Summary(path.name, path, str(package["created"])[:10], bool(package["fictif"]), current, rows, problems)
    except (OSError, ValueError, KeyError, TypeError) as error:
        unreadable = f"{datapackage.FILE} : illisible ({type(error).__name__})"
        return Summary(path.name, path, None, False, current, {}, problems or (unreadable,))
