"""How an entry follows the earlier deliveries of its table: its mode, the period that it covers, and the entries that contradict it."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pipeline import programme, schema
from pipeline.ingest.refusal import DeliveryRefused

REPLACES, ADDS, CORRECTS = MODES = ("remplace", "ajoute", "corrige")
_WAVE = "vague"
_YEARS = re.compile(r"([0-9]{4})(?:\s*/\s*([0-9]{4}))?")


class Dated(Protocol):
    """What an entry says of itself that another may contradict."""

    @property
    def table(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def date(self) -> dt.date | None: ...
    @property
    def periode(self) -> str | None: ...


def check_mode(mode: str, table: str, date: dt.date | None) -> None:
    """DeliveryRefused when the mode does not exist, or when nothing says what the entry corrects."""
    if mode not in MODES:
        raise DeliveryRefused(f"mode « {mode} » non pris en charge ; modes possibles : {', '.join(MODES)}")
    if mode == CORRECTS and date is None:
        raise DeliveryRefused("mode « corrige » sans « date » : donner le jour de la livraison, car elle corrige ce qui la précède")
    if mode == CORRECTS and not _succession(table).cle:
        raise DeliveryRefused(
            f"mode « corrige » : rien n'identifie une ligne de la table « {table} » ; "
            'livrer de nouveau toute la période avec mode = "remplace"'
        )


def period_of(item: Mapping[str, Any], table: str) -> str | None:
    """The period of an entry in its canonical form: « 2023 », « 2021/2023 », or the slug of a wave. DeliveryRefused when it is none."""
    value = item.get("periode")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise DeliveryRefused('« periode » doit être un texte entre guillemets, comme "2023"')
    columns, text = _succession(table).periode, str(value).strip()
    if not columns:
        raise DeliveryRefused(f"« periode » : la table « {table} » n'a pas de période ; retirer « periode »")
    return _wave(text) if columns == (_WAVE,) else _years(text)


def conflicts(entries: Sequence[Dated]) -> dict[int, str]:
    """Position → reason, for each entry that replaces what another of the same day replaces too: nothing says which of them holds."""
    found: dict[int, str] = {}
    replacing = [(place, entry) for place, entry in enumerate(entries) if entry.mode == REPLACES]
    for place, entry in replacing:
        rivals = [other for at, other in replacing if at != place and (other.table, other.date) == (entry.table, entry.date)]
        rival = next((other for other in sorted(rivals, key=lambda one: one.path) if _overlap(entry.periode, other.periode)), None)
        if rival is not None:
            day = f"le même jour ({entry.date})" if entry.date else "sans « date »"
            found[place] = (
                f"deux livraisons remplacent la table « {entry.table} » pour la même période {day}, l'autre est « {rival.path} » : "
                'donner à chacune sa date ou sa période, ou mode = "ajoute" à celle qui s\'ajoute'
            )
    return found


def _succession(table: str) -> schema.Succession:
    known = table in schema.names("deliveries")
    return schema.load("deliveries", table).succession if known else schema.Succession()


def _years(text: str) -> str:
    form = _YEARS.fullmatch(text)
    if form is None:
        raise DeliveryRefused(f'periode « {text} » illisible : donner une année ("2023") ou deux, la première d\'abord ("2021/2023")')
    first, last = form[1], form[2] or form[1]
    if last < first:
        raise DeliveryRefused(f"periode « {text} » à l'envers : donner la première année d'abord (\"{last}/{first}\")")
    return first if first == last else f"{first}/{last}"


def _wave(text: str) -> str:
    rules = programme.load()
    wave = rules.wave_of_label(text) or rules.wave_of_label(text.lower())
    if wave is None:
        known = ", ".join(one.slug for one in rules.waves)
        raise DeliveryRefused(f"periode « {text} » : vague inconnue du programme ; vagues possibles : {known}")
    return wave.slug


def _overlap(one: str | None, other: str | None) -> bool:
    """Whether two canonical periods share something; an entry without period covers the whole table."""
    if one is None or other is None:
        return True
    (first, last), (start, end) = _bounds(one), _bounds(other)
    return first <= end and start <= last


def _bounds(period: str) -> tuple[str, str]:
    first, _, last = period.partition("/")
    return first, last or first
