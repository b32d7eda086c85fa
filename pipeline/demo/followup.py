"""How a place does, year after year, as its contact reports it, and which of it may be shown."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.demo.places import Place
from pipeline.demo.streams import stream

YEARS = range(2021, 2026)
ANSWERED = 0.8
SHOWABLE = (
    "emplois_etp", "chiffre_affaires", "ressources_propres", "financements_publics", "personnes_formees", "visiteurs", "partenaires",
    "horaires_ouverture", "statut",
)  # fmt: skip
HOURS = ("du lundi au vendredi, 9 h - 18 h", "du mardi au samedi, 10 h - 19 h", "mercredi et samedi, 14 h - 18 h", "7 jours sur 7")


@dataclass
class FollowUp:
    """One year of one place. Amounts in euros; a field that the place did not answer is None."""

    place: Place
    year: int
    values: dict[str, object]
    shown: tuple[str, ...]


def build(seed: int, first_years: Sequence[tuple[Place, int]]) -> list[FollowUp]:
    """What each place reported from the year of its first label on, year by year."""
    draw = stream(seed, "suivi")
    made = [one for place, first in first_years for one in _of(draw, place, first)]
    return sorted(made, key=lambda one: (one.year, one.place.number))


def _of(draw: random.Random, place: Place, first: int) -> Iterator[FollowUp]:
    jobs, turnover, visitors = draw.uniform(1, 12), draw.randrange(30_000, 400_000), draw.randrange(500, 15_000)
    everything, nothing = draw.random() < 0.4, draw.random() < 0.1
    for year in YEARS:
        growth = draw.uniform(0.9, 1.2)
        jobs, turnover, visitors = jobs * growth, int(turnover * growth), int(visitors * growth)
        if year < first or draw.random() > ANSWERED:
            continue
        own = int(turnover * draw.uniform(0.3, 0.7))
        values: dict[str, object] = {
            "emplois_etp": f"{jobs:.1f}",
            "chiffre_affaires": turnover,
            "ressources_propres": own,
            "financements_publics": turnover - own,
            "personnes_formees": draw.randrange(10, 900),
            "visiteurs": visitors,
            "partenaires": draw.randrange(2, 40),
            "horaires_ouverture": draw.choice(HOURS),
            "statut": "en_projet" if year == first and draw.random() < 0.2 else "ouvert",
        }
        unanswered = draw.sample(SHOWABLE[:-1], draw.choice((0, 0, 0, 1, 2)))
        values |= dict.fromkeys(unanswered)
        few = tuple(name for name in SHOWABLE if draw.random() < 0.6)
        yield FollowUp(place, year, values, () if nothing else SHOWABLE if everything else few)
