"""Who bears what, where, and which waves chose it: 407 Fabriques, a few Manufactures, and the places of a wave still secret."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.demo.history import CLASSES, RELABELLED, RESERVED, Wave
from pipeline.demo.identities import Identities, Person
from pipeline.demo.streams import stream, weighted
from pipeline.demo.territory import Town

FABRIQUE, DIGITAL, MANUFACTURE = "fabrique_de_territoire", "fabrique_numerique_de_territoire", "manufacture_de_proximite"
MANUFACTURES = {"mp-01": 4, "mp-02": 3, "mp-03": 3, "mp-2024": 2}
# Legal form as applicants write it → weight among applicants. Only the first has an RNA; the last is a natural person.
FORMS = {"association": 50, "SCIC": 12, "SARL": 10, "SAS": 8, "commune de taille moyenne": 6, "communauté de communes": 6, "fondation": 3}
APPLICANT, SECRET = "C", "S"
NATURAL_FORM = "entrepreneur individuel"
NATURAL_PLACES, UNPROVEN_PLACES, RENAMED_PLACES, MERGED_PLACES = 9, 7, 14, 6
KINDS = (
    "coworking", "fablab", "micro_folie", "campus_connecte", "atelier_partage", "garage_solidaire", "friche_culturelle",
    "espace_public_numerique", "cuisine_partagee", "tiers_lieu_nourricier", "france_services", "autre",
)  # fmt: skip


@dataclass(frozen=True)
class Bearer:
    """Who applies. `form` and `rna` are what proves a legal person; without either, and not natural, the status is not established."""

    name: str
    form: str | None
    siret: str
    rna: str | None
    is_natural: bool
    contact: Person

    @property
    def status(self) -> str:
        """What the release must say of it."""
        return "personne_physique" if self.is_natural else "personne_morale" if self.form or self.rna else "non_etabli"


@dataclass(frozen=True)
class Place:
    """`first_name` is what it was called before being renamed; `second_id` the id under which it was registered once more, then merged."""

    number: int
    name: str
    bearer: Bearer
    town: Town
    kinds: str
    first_name: str | None = None
    second_id: str | None = None

    @property
    def id(self) -> str:
        return f"lieu-{self.number:04d}"


@dataclass(frozen=True)
class Award:
    place: Place
    wave: Wave
    category: str
    territory: str
    is_relabelling: bool

    @property
    def id(self) -> str:
        return f"{self.place.id}_{self.wave.slug}"


@dataclass(frozen=True)
class Awards:
    """`places` in the order of their numbers, `awards` wave by wave."""

    places: tuple[Place, ...]
    awards: tuple[Award, ...]


def bearer(draw: random.Random, identities: Identities, label: str, *, natural: bool = False) -> Bearer:
    """The bearer called after `label`: « Association fictive 12 », or a person."""
    contact = identities.person(f"porteur-fictif-{label.lower()}")
    siret = identities.siret()
    if natural:
        return Bearer(contact.name, NATURAL_FORM, siret, None, True, contact)
    form = weighted(draw, FORMS)
    rna = identities.rna() if form == "association" else None
    kind = {"association": "Association", "SCIC": "Coopérative", "fondation": "Fondation"}.get(form, "Société")
    kind = "Collectivité" if form.startswith("commun") else kind
    return Bearer(f"{kind} fictive {label}", form, siret, rna, False, contact)


def kinds(draw: random.Random) -> str:
    return "|".join(draw.sample(KINDS, draw.choices((1, 2, 3), (4, 4, 2))[0]))


def place(draw: random.Random, identities: Identities, label: str, towns: Sequence[Town], *, natural: bool = False) -> Place:
    """A place « Lieu fictif 12 », its number being the label's. What must stay secret has a mark before it: no public name begins so."""
    number = int(label.lstrip(APPLICANT + SECRET))
    return Place(number, f"Lieu fictif {label}", bearer(draw, identities, label, natural=natural), draw.choice(towns), kinds(draw))


def build(seed: int, waves: Sequence[Wave], towns: Sequence[Town]) -> Awards:
    """Every place and every award of the history, and those of wave 11."""
    draw, identities = stream(seed, "lieux"), Identities(seed, "lieux", 1, 4_999)
    places: list[Place] = []
    awards: list[Award] = []
    for wave in waves:
        count = wave.laureates - RELABELLED.get(wave.slug, 0) if wave.is_fabrique else MANUFACTURES[wave.slug]
        mark = SECRET if wave.slug == RESERVED else ""
        new = [place(draw, identities, f"{mark}{len(places) + index + 1}", towns) for index in range(count)]
        known = {award.place.number for award in awards if award.wave.is_fabrique and award.wave.decided.year < 2023}
        again = draw.sample([old for old in places if old.number in known], RELABELLED.get(wave.slug, 0))
        places += new
        awards += _awards(draw, wave, new, again)
    return _with_particulars(draw, places, awards)


def _awards(draw: random.Random, wave: Wave, new: Sequence[Place], again: Sequence[Place]) -> Iterator[Award]:
    if not wave.is_fabrique:
        yield from (Award(chosen, wave, MANUFACTURE, draw.choice(("rural_frr", "petites_et_moyennes_villes")), False) for chosen in new)
        return
    territories = [territory for territory, count in CLASSES[wave.slug].items() for _ in range(count)]
    draw.shuffle(territories)
    chosen = [(one, False) for one in new] + [(one, True) for one in again]
    draw.shuffle(chosen)
    for index, ((one, is_relabelling), territory) in enumerate(zip(chosen, territories, strict=True)):
        category = DIGITAL if index < (wave.digital or 0) else FABRIQUE
        yield Award(one, wave, category, territory, is_relabelling)


def _with_particulars(draw: random.Random, places: Sequence[Place], awards: Sequence[Award]) -> Awards:
    """Some places get what makes a registry necessary: a natural bearer, one without proof, a second name, a second id.

    Only places with two awards are merged: each award met one of their two ids.
    """
    twice = {award.place.number for award in awards if award.is_relabelling}
    once = [one.number for one in places if one.number not in twice]
    chosen = draw.sample(once, NATURAL_PLACES + UNPROVEN_PLACES)
    natural, unproven = set(chosen[:NATURAL_PLACES]), set(chosen[NATURAL_PLACES:])
    known = sorted(award.place.number for award in awards if award.is_relabelling and award.wave.slug == "fdt-10")
    several = draw.sample(known, RENAMED_PLACES + MERGED_PLACES)
    renamed, merged = set(several[:RENAMED_PLACES]), several[RENAMED_PLACES:]
    seconds = {number: f"lieu-{len(places) + index + 1:04d}" for index, number in enumerate(sorted(merged))}
    changed = {}
    for one in places:
        borne, name, first_name = one.bearer, one.name, None
        if one.number in natural:
            borne = replace(borne, name=borne.contact.name, form=NATURAL_FORM, rna=None, is_natural=True)
        elif one.number in unproven:
            borne = replace(borne, name=f"Collectif fictif {one.number}", form=None, rna=None)
        if one.number in renamed or one.number in seconds:
            name, first_name = f"Lieu fictif {one.number} bis", one.name
        changed[one.number] = replace(one, name=name, bearer=borne, first_name=first_name, second_id=seconds.get(one.number))
    return Awards(tuple(changed.values()), tuple(replace(award, place=changed[award.place.number]) for award in awards))
