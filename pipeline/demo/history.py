"""The waves: what was officially announced, read in the shipped facts, and what is invented around it."""

import csv
import datetime as dt
from dataclasses import dataclass

from pipeline import programme
from pipeline.data.facts import sources_file

# Applications of the waves whose number no source gives. Wave 11 is wholly invented, and not in `programme.toml`: under embargo for ever.
INVENTED_APPLICATIONS = {
    "fdt-01": 341, "fdt-02": 212, "fdt-04": 118, "fdt-05": 187, "fdt-06": 243, "fdt-07": 196, "fdt-08": 174, "fdt-09": 338,
    "fdt-11": 119,
}  # fmt: skip
RESERVED = "fdt-11"
RESERVED_LAUREATES = 12
RESERVED_RELABELLED = 2
RELABELLED = {"fdt-10": 55, RESERVED: RESERVED_RELABELLED}
# Laureates by territory class. Official: wave 1 all in QPV; 102 in QPV and 68 outside the large centres after wave 3, 150 and 150 after
# wave 8; 42 % QPV and 50 % rural in wave 10. How each sum is shared among its waves, and wave 9, are invented.
CLASSES: dict[str, dict[str, int]] = {
    "fdt-01": {"qpv": 80},
    "fdt-02": {"qpv": 8, "hors_grands_centres_urbains": 22},
    "fdt-03": {"qpv": 14, "hors_grands_centres_urbains": 46},
    "fdt-04": {"qpv": 7, "hors_grands_centres_urbains": 12},
    "fdt-05": {"qpv": 11, "hors_grands_centres_urbains": 18},
    "fdt-06": {"qpv": 13, "hors_grands_centres_urbains": 22},
    "fdt-07": {"qpv": 10, "hors_grands_centres_urbains": 17},
    "fdt-08": {"qpv": 7, "hors_grands_centres_urbains": 13},
    "fdt-09": {"petites_et_moyennes_villes": 52, "rural_frr": 30},
    "fdt-10": {"qpv": 34, "rural_frr": 40, "autre": 6},
    RESERVED: {"qpv": 5, "rural_frr": 7},
}
_LATEST_SIGNING = dt.date(2025, 2, 1)


@dataclass(frozen=True)
class Wave:
    """`label` is what deliveries write. `applications` is null for the Manufactures where no source tells it."""

    slug: str
    label: str
    scheme: str
    closing: dt.date | None
    announced: dt.date | None
    decided: dt.date
    applications: int | None
    invented: bool
    laureates: int
    digital: int | None
    cumulative: int | None
    amount: int | None

    @property
    def is_fabrique(self) -> bool:
        return self.scheme == "fabrique_de_territoire"


def waves() -> tuple[Wave, ...]:
    """The ten waves of Fabriques and the four of Manufactures, in the order of the facts, then wave 11."""
    with sources_file().with_name("vagues.csv").open(encoding="utf-8", newline="") as file:
        official = tuple(map(_official, csv.DictReader(file)))
    cumulative = max(wave.cumulative or 0 for wave in official if wave.is_fabrique)
    new = RESERVED_LAUREATES - RESERVED_RELABELLED
    reserved = Wave(
        slug=RESERVED, label=RESERVED, scheme="fabrique_de_territoire", closing=dt.date(2026, 6, 30), announced=dt.date(2027, 1, 15),
        decided=dt.date(2026, 10, 15), applications=INVENTED_APPLICATIONS[RESERVED], invented=True, laureates=RESERVED_LAUREATES,
        digital=None, cumulative=cumulative + new, amount=None,
    )  # fmt: skip
    return (*official, reserved)


def _official(fact: dict[str, str]) -> Wave:
    rules = programme.load()
    rule = rules.wave_of_label(fact["vague"])
    if rule is None:
        raise KeyError(fact["vague"])
    applications = _count(fact["nb_candidatures"])
    is_invented = applications is None and rule.slug in INVENTED_APPLICATIONS
    announced = _day(fact["date_annonce"])
    return Wave(
        slug=rule.slug,
        label=fact["vague"],
        scheme=fact["dispositif"],
        closing=_day(fact["date_limite_depot"]),
        announced=announced,
        decided=announced or rule.embargo_until or _LATEST_SIGNING,
        applications=INVENTED_APPLICATIONS[rule.slug] if is_invented else applications,
        invented=is_invented,
        laureates=_count(fact["nb_laureats"]) or 0,
        digital=_count(fact["dont_numeriques"]),
        cumulative=_count(fact["cumul_laureats"]),
        amount=_count(fact["montant"]),
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _count(text: str) -> int | None:
    return int(text) if text else None
