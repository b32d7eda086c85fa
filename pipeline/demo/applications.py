"""Who applied in each wave: the laureates, and all those whose names must never be seen."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.demo.deliveries import Defect
from pipeline.demo.history import CLASSES, RESERVED, Wave
from pipeline.demo.identities import Identities
from pipeline.demo.places import APPLICANT, Awards, Place, place
from pipeline.demo.streams import stream, weighted
from pipeline.demo.territory import Town

FIRST_APPLICANT = 1_001
FLAWED_WAVE = "fdt-09"
FIRST_DAY = dt.date(2019, 7, 11)
NATURAL_SHARE, WITHDRAWN_SHARE, RETURNING_SHARE = 0.05, 0.06, 0.12
REASONS = (
    "gouvernance", "ancrage_local", "besoin_du_territoire", "offre_de_services", "modele_economique", "hors_perimetre", "dossier_incomplet",
)  # fmt: skip
OTHER_CLASSES = {
    "qpv": 3,
    "qpv_proximite": 1,
    "hors_grands_centres_urbains": 5,
    "rural_frr": 3,
    "petites_et_moyennes_villes": 3,
    "autre": 2,
}


@dataclass
class Application:
    """`place` is the place as applied for; `earlier` the number of its last application before this one."""

    number: str
    wave: Wave
    place: Place
    territory: str
    decision: str
    day: dt.date
    amount: int
    is_project: bool
    reasons: str = ""
    earlier: str = ""
    defects: list[Defect] = field(default_factory=list)


def build(seed: int, waves: Sequence[Wave], awards: Awards, towns: Sequence[Town]) -> list[Application]:
    """Every application to a wave of Fabriques, wave by wave, in the order in which they came. Manufactures have another call."""
    draw, identities = stream(seed, "candidatures"), Identities(seed, "candidatures", 5_000, 9_999)
    made: list[Application] = []
    future = [award for award in awards.awards if award.wave.is_fabrique and not award.is_relabelling]
    number = FIRST_APPLICANT
    for wave in (wave for wave in waves if wave.is_fabrique):
        chosen = [award for award in awards.awards if award.wave.slug == wave.slug]
        drawn = [_application(draw, wave, award.place, award.territory, "retenue") for award in chosen]
        rejected = (wave.applications or 0) - len(chosen)
        later = [award for award in future if award.wave.decided > wave.decided]
        returning = draw.sample(later, min(int(rejected * RETURNING_SHARE), len(later) // 3))
        places = [award.place for award in returning]
        for _ in range(rejected - len(returning)):
            places.append(place(draw, identities, f"{APPLICANT}{number}", towns, natural=draw.random() < NATURAL_SHARE))
            number += 1
        classes = OTHER_CLASSES | {name: 4 * count / wave.laureates for name, count in CLASSES[wave.slug].items()}
        drawn += [_application(draw, wave, one, weighted(draw, classes), _refusal(draw, wave)) for one in places]
        drawn.sort(key=lambda one: (one.day, one.place.number))
        for index, one in enumerate(drawn, start=1):
            one.number = f"C{wave.slug[-2:]}-{index:04d}"
        made += drawn
    _link(made)
    _plant(draw, made)
    return made


def _application(draw: random.Random, wave: Wave, one: Place, territory: str, decision: str) -> Application:
    last = wave.closing or wave.decided - dt.timedelta(days=100)
    day = max(last - dt.timedelta(days=draw.randrange(75)), FIRST_DAY)
    reasons = "|".join(draw.sample(REASONS, draw.choice((1, 1, 2, 3)))) if decision == "refusee" else ""
    amount = draw.randrange(50, 151, 5) * 1_000
    return Application("", wave, one, territory, decision, day, amount, draw.random() < 0.35, reasons)


def _refusal(draw: random.Random, wave: Wave) -> str:
    if wave.slug == RESERVED and draw.random() < 0.6:
        return "en_attente"
    return "retiree" if draw.random() < WITHDRAWN_SHARE else "refusee"


def _link(made: Sequence[Application]) -> None:
    """An application says which was the last one of the same place."""
    last: dict[int, str] = {}
    for one in made:
        one.earlier = last.get(one.place.number, "")
        last[one.place.number] = one.number


def _plant(draw: random.Random, made: Sequence[Application]) -> None:
    """What is wrong between two applications: neither is lost, and both count."""
    refused = [one for one in made if one.wave.slug == FLAWED_WAVE and one.decision == "refusee" and not one.earlier]
    first, second, lost, same_wave = sorted(draw.sample(refused, 4), key=lambda one: one.number)
    second.place = first.place
    second.defects.append(Defect("candidature-double", "model", "candidature-double", "nom_lieu"))
    lost.earlier = "C00-9999"
    lost.defects.append(Defect("precedente-inconnue", "model", "candidature-precedente-inconnue", "candidature_precedente"))
    same_wave.earlier = first.number
    same_wave.defects.append(Defect("precedente-de-la-vague", "model", "candidature-precedente-non-anterieure", "candidature_precedente"))
