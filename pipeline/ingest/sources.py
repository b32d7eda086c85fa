"""The sources file: what the operator declares to have received, entry by entry.

An entry that cannot be used is refused with its reason and leaves the others alone; only a file that cannot be read as a list of
entries stops everything.
"""

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path, PurePath
from typing import Any

from pipeline import programme
from pipeline.ingest.modes import REPLACES, check_mode, conflicts, period_of
from pipeline.ingest.refusal import DeliveryRefused

# Share of rejected data lines above which a delivery of the programme blocks the release; another funder's never does.
PROGRAMME_THRESHOLD = 0.05
NEVER_BLOCKS = 1.0
OTHER_FUNDERS = frozenset({"subventions"})
# The date of a delivery opens the embargo of a wave: one long after the last review of the programme is a slip of the pen.
PLAUSIBLE_LEAD = dt.timedelta(days=366)

_ROOT_KEYS = ("fictif", "source")
_KEYS: tuple[str, ...] = ("table", "path", "publisher", "licence", "mode", "date", "periode", "sha256")
_KEYS += ("sheet", "header_row", "seuil_rejet", "fictif", "constantes")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GLOB = re.compile(r"[*?\[]")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class SourcesError(ValueError):
    """The sources file cannot be read as a list of entries; the message says why and what to do, in French."""


@dataclass(frozen=True)
class Source:
    """One usable entry. `base` is the folder of the sources file; `sheet` and `header_row` are null when ingest is to find them.

    `periode` is canonical (« 2023 », « 2021/2023 », the slug of a wave); null when the entry is about its whole table.
    """

    table: str
    path: str
    base: Path
    fictif: bool
    publisher: str | None
    licence: str | None
    mode: str
    date: dt.date | None
    periode: str | None
    sha256: str | None
    sheet: str | None
    header_row: int | None
    seuil_rejet: float
    constantes: Mapping[str, str]

    @property
    def is_url(self) -> bool:
        return is_url(self.path)

    @property
    def is_glob(self) -> bool:
        return not self.is_url and bool(_GLOB.search(self.path))


@dataclass(frozen=True)
class RefusedEntry:
    """An entry that cannot be used, with what could be read of it ('' where nothing could; no date when it says none that holds)."""

    table: str
    path: str
    reason: str
    date: dt.date | None = None


@dataclass(frozen=True)
class Sources:
    """A sources file: fiction or fact as a whole, its usable entries and the refused ones."""

    fictif: bool
    entries: tuple[Source, ...]
    refused: tuple[RefusedEntry, ...]

    def known_at(self, day: dt.date | None) -> "Sources":
        """What had been delivered by `day`, that day included. An entry without a date is taken as always known; None cuts nothing.

        SourcesError when nothing at all had been: an empty release would look like a programme without results.
        """
        if day is None:
            return self
        known = tuple(entry for entry in self.entries if entry.date is None or entry.date <= day)
        refused = tuple(entry for entry in self.refused if entry.date is None or entry.date <= day)
        if not known and not refused:
            first = min(date for date in (*(one.date for one in self.entries), *(one.date for one in self.refused)) if date is not None)
            raise SourcesError(f"Fichier de sources : aucune livraison connue au {day} ; la première est du {first}, corriger --au.")
        return replace(self, entries=known, refused=refused)


def read_sources(path: Path, tables: Collection[str]) -> Sources:
    """Read a sources file; `tables` are the names that an entry may give. SourcesError when there is no list of entries to read."""
    root = _toml(path)
    fictif = root.get("fictif", False)
    if not isinstance(fictif, bool):
        raise SourcesError(f"Fichier de sources « {path.name} » : « fictif » doit être true ou false.")
    unknown = sorted(set(root) - set(_ROOT_KEYS))
    if unknown:
        raise SourcesError(f"Fichier de sources « {path.name} » : clé « {unknown[0]} » inconnue{_closest(unknown[0], _ROOT_KEYS)}.")
    items = root.get("source")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise SourcesError(f"Fichier de sources « {path.name} » : aucune livraison ; en déclarer au moins une par un bloc [[source]].")
    entries: list[Source] = []
    refused: list[RefusedEntry] = []
    for item in items:
        try:
            entries.append(_entry(item, path.parent, fictif, tables))
        except DeliveryRefused as refusal:
            refused.append(RefusedEntry(_told(item, "table"), _told(item, "path"), str(refusal), _told_date(item)))
    against = conflicts(entries)
    refused += [RefusedEntry(entries[place].table, entries[place].path, why, entries[place].date) for place, why in against.items()]
    return Sources(fictif, tuple(entry for place, entry in enumerate(entries) if place not in against), tuple(refused))


def is_url(path: str) -> bool:
    return bool(_URL.match(path))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SourcesError(f"Fichier de sources « {path} » introuvable : vérifier le chemin donné à --sources.") from None
    except IsADirectoryError:
        raise SourcesError(f"« {path} » est un dossier : donner à --sources le fichier TOML des sources.") from None
    except OSError as error:
        raise SourcesError(f"Fichier de sources « {path} » illisible : {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SourcesError(f"Fichier de sources « {path} » : il doit être un texte TOML en UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        line = f" (ligne {where[1]})" if where else ""
        raise SourcesError(f"Fichier de sources « {path} » : il n'est pas du TOML valide{line} ; corriger cette ligne.") from None


def _entry(item: Mapping[str, Any], base: Path, fictif: bool, tables: Collection[str]) -> Source:
    unknown = sorted(set(item) - set(_KEYS))
    if unknown:
        raise DeliveryRefused(f"clé « {unknown[0]} » inconnue dans le fichier de sources{_closest(unknown[0], _KEYS)}")
    table = _text(item, "table", required=True)
    if table not in tables:
        raise DeliveryRefused(f"table « {table} » inconnue{_closest(table, tables)} ; tables possibles : {', '.join(sorted(tables))}")
    if _boolean(item, "fictif", fictif) != fictif:
        around = "fictif" if fictif else "réel"
        raise DeliveryRefused(f"« fictif » contredit le fichier de sources, qui est {around} ; fiction et réel vont dans deux fichiers")
    mode, date = _text(item, "mode") or REPLACES, _date(item)
    check_mode(mode, table, date)
    source = Source(
        table=table,
        path=_text(item, "path", required=True),
        base=base,
        fictif=fictif,
        publisher=_text(item, "publisher") or None,
        licence=_text(item, "licence") or None,
        mode=mode,
        date=date,
        periode=period_of(item, table),
        sha256=_sha256(item),
        sheet=_text(item, "sheet") or None,
        header_row=_header_row(item),
        seuil_rejet=_threshold(item, NEVER_BLOCKS if table in OTHER_FUNDERS else PROGRAMME_THRESHOLD),
        constantes=_constants(item),
    )
    if not source.is_url and _climbs(source.path):
        raise DeliveryRefused(
            "chemin qui remonte au-dessus du dossier du fichier de sources ; donner un chemin absolu, ou y déposer le fichier livré"
        )
    if source.sha256 and source.is_glob:
        raise DeliveryRefused("« sha256 » ne peut désigner qu'un fichier : donner un chemin sans caractère * ? [")
    return source


def _climbs(path: str) -> bool:
    """Whether a path leaves the folder of the sources file. An absolute one says plainly where it goes."""
    depths = accumulate(-1 if part == ".." else 1 for part in PurePath(path).parts)
    return not PurePath(path).is_absolute() and min(depths, default=0) < 0


def _text(item: Mapping[str, Any], key: str, required: bool = False) -> str:
    value = item.get(key, "")
    if not isinstance(value, str):
        raise DeliveryRefused(f"« {key} » doit être un texte entre guillemets")
    if required and not value.strip():
        raise DeliveryRefused(f"« {key} » manque dans le fichier de sources")
    if "\0" in value:
        raise DeliveryRefused(f"« {key} » contient un caractère nul")
    return value.strip()


def _boolean(item: Mapping[str, Any], key: str, default: bool) -> bool:
    value = item.get(key, default)
    if not isinstance(value, bool):
        raise DeliveryRefused(f"« {key} » doit être true ou false")
    return value


def _date(item: Mapping[str, Any]) -> dt.date | None:
    value = item.get("date")
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            raise DeliveryRefused("« date » doit être une date AAAA-MM-JJ") from None
    if value is None:
        return None
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise DeliveryRefused("« date » doit être une date AAAA-MM-JJ")
    reviewed = programme.load().mise_a_jour
    if value - reviewed > PLAUSIBLE_LEAD:
        raise DeliveryRefused(
            f"date {value} invraisemblable : plus d'un an après la mise à jour du programme ({reviewed}) ; "
            "corriger la date, ou mettre à jour programme.toml"
        )
    return value


def _sha256(item: Mapping[str, Any]) -> str | None:
    value = _text(item, "sha256").lower()
    if value and not _SHA256.fullmatch(value):
        raise DeliveryRefused("« sha256 » doit avoir 64 chiffres hexadécimaux")
    return value or None


def _header_row(item: Mapping[str, Any]) -> int | None:
    value = item.get("header_row")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    raise DeliveryRefused("« header_row » doit être un numéro de ligne, à partir de 1")


def _threshold(item: Mapping[str, Any], default: float) -> float:
    value = item.get("seuil_rejet", default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise DeliveryRefused("« seuil_rejet » doit être un nombre entre 0 et 1 (0.05 pour 5 %)")
    return float(value)


def _constants(item: Mapping[str, Any]) -> Mapping[str, str]:
    value = item.get("constantes", {})
    if not isinstance(value, dict):
        raise DeliveryRefused("« constantes » doit être un bloc [source.constantes]")
    for field, cell in value.items():
        if isinstance(cell, bool) or not isinstance(cell, str | int | float | dt.date):
            raise DeliveryRefused(f"constante « {field} » : donner un texte, un nombre ou une date")
    return {field: cell.isoformat() if isinstance(cell, dt.date) else str(cell) for field, cell in value.items()}


def _closest(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (vouliez-vous dire « {close[0]} » ?)" if close else ""


def _told(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key, "")
    return value if isinstance(value, str) else ""


def _told_date(item: Mapping[str, Any]) -> dt.date | None:
    try:
        return _date(item)
    except DeliveryRefused:
        return None
