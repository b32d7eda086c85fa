"""What is true, written beside the deliveries: a run must find exactly this, and nothing else."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.demo.deliveries import Delivery, Line
from pipeline.demo.financing import euros
from pipeline.demo.history import CLASSES, RESERVED
from pipeline.demo.money import Agreement, Money
from pipeline.demo.places import NATURAL_FORM
from pipeline.demo.world import World

UNATTACHED = "non_rattache"
FOLDER = "verite"
# Field → why it may be private: always (a contact), or where the line says so.
_CONTACT = {"contact_nom": "nom", "contact_courriel": "courriel"}
_PERSONAL: Mapping[str, Mapping[str, str]] = {
    "candidatures": {"porteur": "candidat", "nom_lieu": "candidat", "contact_telephone": "telephone", **_CONTACT},
    "suivi": {"horaires_ouverture": "texte", **_CONTACT},
    "resultats": {"porteur": "personne_physique"},
    "lieux": {"porteur": "personne_physique"},
    "conventions": {"nomBeneficiaire": "personne_physique", "objet": "texte"},
    "subventions": {"nomBeneficiaire": "personne_physique"},
}

Row = Sequence[object]
Account = tuple[str, int, str]  # place, year, whether it is public


def write(world: World, deliveries: Sequence[Delivery], folder: Path) -> None:
    """The tables of the truth, as CSV, in `folder`/verite."""
    into = folder / FOLDER
    into.mkdir(exist_ok=True)
    tables: Mapping[str, tuple[Row, Iterable[Row]]] = {
        "comptes": (("lieu", "exercice", "engage", "verse", "reste", "public"), accounts(world)),
        "effectifs": (("vague", "region", "classe", "candidatures", "laureats"), counts(world)),
        "vagues": (
            ("vague", "candidatures", "candidatures_inventees", "laureats", "lieux", "territoires_inventes", "public"),
            _waves(world),
        ),
        "defauts": (("fichier", "table", "ligne", "nature", "etape", "regle", "champ"), _defects(deliveries)),
        "personnes": (("valeur", "nature", "fichier", "table", "ligne", "champ"), _people(world, deliveries)),
        "lieux": (("lieu", "statut_porteur", "attributions", "public"), _places(world)),
        "livraisons": (("fichier", "table", "recues", "acceptees", "rejetees", "remplacees"), map(_lines, deliveries)),
    }
    for name, (header, rows) in tables.items():
        with (into / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)


def accounts(world: World) -> Iterator[Row]:
    """By place and year, in euros: committed, paid, and what remains at the end of the year of the agreements begun by then.

    An agreement begins the year it is signed, or when it first commits or pays. An empty cell is what nothing says. Money whose place is
    not known is under « non_rattache »; `public` is « non » under embargo.
    """
    committed, paid = _committed(world.money), _paid(world.money)
    promised = _promised(world.money)
    for key in sorted(committed.keys() | paid.keys()):
        place, year, public = key
        begun = [amount for start, amount in promised[place] if start <= year]
        so_far = sum(amount for (other, when, _), amount in paid.items() if other == place and when <= year)
        rest = sum(begun) - so_far if place != UNATTACHED and begun else None
        yield (place, year, *map(_money, (committed.get(key), paid.get(key), rest)), public)


def _committed(money: Money) -> dict[Account, int]:
    found: dict[Account, int] = defaultdict(int)
    for one in money.agreements:
        for year, due in one.instalments.items() if one.has_schedule else ():
            found[_place(one), year, _yes(one.wave != RESERVED)] += due
    for _, year, due in money.extra_instalments:
        found[UNATTACHED, year, _yes(True)] += due
    return found


def _paid(money: Money) -> dict[Account, int]:
    found: dict[Account, int] = defaultdict(int)
    for payment in money.payments:
        found[_place(payment.agreement), payment.year, _yes(True)] += payment.amount
    return found


def _promised(money: Money) -> dict[str, list[tuple[int, int]]]:
    """Place → (year of the beginning, amount) of its agreements."""
    first_paid: dict[str, int] = {}
    for payment in money.payments:
        if payment.agreement is not None:
            number = payment.agreement.number
            first_paid[number] = min(payment.year, first_paid.get(number, payment.year))
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in money.agreements:
        committed = list(one.instalments) if one.has_schedule else []
        start = min(one.signed.year, first_paid.get(one.number, one.signed.year), *committed)
        found[_place(one)].append((start, one.amount))
    return found


def _place(agreement: Agreement | None) -> str:
    """The place that an agreement leads to by the award that it cites. A wave under embargo has no award to cite yet."""
    is_placed = agreement is not None and agreement.is_placed and agreement.wave != RESERVED
    return agreement.award.place.id if agreement is not None and is_placed else UNATTACHED


def counts(world: World) -> list[Row]:
    """By wave, region and territory class: applications kept as delivered in the end, and laureates among them."""
    applied: Counter[tuple[str, str, str]] = Counter()
    chosen: Counter[tuple[str, str, str]] = Counter()
    for one in world.applications:
        key = (one.wave.slug, one.place.town.region, one.territory)
        applied[key] += 1
        chosen[key] += one.decision == "retenue"
    return [(*key, count, chosen[key]) for key, count in sorted(applied.items())]


def _waves(world: World) -> Iterator[Row]:
    for wave in world.waves:
        mine = [award for award in world.awards if award.wave.slug == wave.slug]
        places = {award.place.number for award in mine}
        count = wave.applications if wave.is_fabrique else None
        yield wave.slug, count, _yes(wave.invented), len(mine), len(places), _yes(wave.slug in CLASSES), _yes(wave.slug != RESERVED)


def _places(world: World) -> Iterator[Row]:
    public = [award for award in world.awards if award.wave.slug != RESERVED]
    awards = Counter(award.place.number for award in public)
    fabriques = {award.place.number for award in public if award.wave.is_fabrique}
    for place in world.places:
        yield place.id, place.bearer.status, awards[place.number], _yes(place.number in fabriques)


def _defects(deliveries: Sequence[Delivery]) -> Iterator[Row]:
    for delivery, number, line in _numbered(deliveries):
        for defect in line.defects:
            yield delivery.file, delivery.table, number, defect.kind, defect.stage, defect.rule, defect.field


def _people(world: World, deliveries: Sequence[Delivery]) -> Iterator[Row]:
    """Every value that names or reaches a person, or an applicant that no public result names, wherever it stands."""
    public = [award.place for award in world.awards if award.wave.slug != RESERVED]
    told = {place.bearer.name for place in public if not place.bearer.is_natural}
    told |= {name for place in public for name in (place.name, place.first_name) if name}
    for delivery, number, line in _numbered(deliveries):
        for field, kind in _PERSONAL.get(delivery.table, {}).items():
            value = str(line.values.get(field) or "")
            is_private = {
                "personne_physique": NATURAL_FORM in line.values.values(),
                "texte": any(defect.stage == "protect" for defect in line.defects),
                "candidat": value not in told,
            }.get(kind, True)
            if value and is_private:
                yield value, kind, delivery.file, delivery.table, number, field


def _lines(delivery: Delivery) -> Row:
    accepted = delivery.received - delivery.rejected
    return delivery.file, delivery.table, delivery.received, accepted, delivery.rejected, delivery.replaced


def _numbered(deliveries: Sequence[Delivery]) -> Iterator[tuple[Delivery, int, Line]]:
    for delivery in deliveries:
        yield from ((delivery, number, line) for number, line in zip(delivery.numbers, delivery.lines, strict=True))


def _money(cents: int | None) -> str:
    return "" if cents is None else f"{euros(cents):.2f}"


def _yes(value: bool) -> str:
    return "oui" if value else "non"
