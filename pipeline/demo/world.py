"""The whole of what is true: everything else, files and truth, is written from it."""

from dataclasses import dataclass

from pipeline.demo import applications, faults, followup, history, money, places, territory
from pipeline.demo.applications import Application
from pipeline.demo.followup import FollowUp
from pipeline.demo.history import Wave
from pipeline.demo.money import Money
from pipeline.demo.places import Award, Place


@dataclass(frozen=True)
class World:
    """A programme that never was. `money` already holds its faults."""

    seed: int
    waves: tuple[Wave, ...]
    places: tuple[Place, ...]
    awards: tuple[Award, ...]
    applications: list[Application]
    money: Money
    followups: list[FollowUp]


def build(seed: int) -> World:
    """The world of a seed. Its official figures are the same whatever the seed; who and where is not."""
    waves, towns = history.waves(), territory.towns()
    known = places.build(seed, waves, towns)
    applied = applications.build(seed, waves, known, towns)
    financed = money.build(seed, known.awards, history.RESERVED)
    faults.plant(seed, financed)
    first_years: dict[int, int] = {}
    for award in known.awards:
        if award.wave.is_fabrique and award.wave.slug != history.RESERVED:
            first_years.setdefault(award.place.number, award.wave.decided.year)
    followed = [(place, first_years[place.number]) for place in known.places if place.number in first_years]
    return World(seed, waves, known.places, known.awards, applied, financed, followup.build(seed, followed))
