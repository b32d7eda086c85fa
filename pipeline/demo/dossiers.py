"""Deliveries of the applications: the most confidential of the programme."""

import datetime as dt
import random
from decimal import Decimal

from pipeline.demo.applications import Application
from pipeline.demo.deliveries import RESERVED_WAVE, Defect, Delivery, Line, Value, never_delivered
from pipeline.demo.history import RESERVED
from pipeline.demo.identities import iban, nir
from pipeline.demo.selection import name_at
from pipeline.demo.streams import stream
from pipeline.demo.world import World

COLUMNS = {
    "N° de dossier": "candidature", "N° de vague": "vague", "Déposé le": "date_depot", "Structure porteuse": "porteur",
    "Statut juridique": "forme_juridique", "N° SIRET": "siret_porteur", "N° RNA": "rna_porteur", "Contact": "contact_nom",
    "Courriel": "contact_courriel", "Téléphone": "contact_telephone", "Nom du tiers-lieu": "nom_lieu", "types": "types",
    "adresse": "adresse", "code_postal": "code_postal", "Nom de la commune": "commune", "Code INSEE": "code_commune",
    "Code département": "departement", "Nom de la région": "region", "latitude": "latitude", "longitude": "longitude",
    "Classe du territoire": "territoire", "État du lieu": "etat_lieu", "Subvention demandée": "montant_demande",
    "description": "description", "Avis": "decision", "Motif de refus": "motifs_refus",
    "N° de la candidature précédente": "candidature_precedente",
}  # fmt: skip
REVIEWED_WAVE = "fdt-05"
CORRECTED = 6


def build(world: World) -> list[Delivery]:
    """The first nine waves as an export, one of them reviewed later, then a file a wave, and corrections."""
    draw = stream(world.seed, "fichiers de candidatures")
    lines = {one.number: _line(draw, one) for one in world.applications}
    by_wave: dict[str, list[Line]] = {}
    for one in world.applications:
        by_wave.setdefault(one.wave.slug, []).append(lines[one.number])
    tenth, secret = by_wave.pop("fdt-10"), by_wave.pop(RESERVED)
    reviewed = [Line(dict(line.values)) for line in by_wave[REVIEWED_WAVE]]
    for line in by_wave[REVIEWED_WAVE]:
        _undecided(line)
    corrections = []
    for line in draw.sample([line for line in tenth if line.values["decision"] == "refusee"], CORRECTED):
        corrections.append(Line(dict(line.values)))
        _undecided(line)
    late = draw.choice([line for line in tenth if line.values["decision"] == "refusee" and not line.replaced])
    tenth.remove(late)
    corrections.append(late.flawed(never_delivered("candidature")))
    first = [line for wave in by_wave.values() for line in wave]
    title = "Candidatures fictives - vagues 1 à 9 - confidentiel"
    return [
        Delivery("candidatures-vagues-1-a-9.xlsx", "candidatures", "classeur", dt.date(2023, 11, 25), COLUMNS,
                 [*first, *_flawed(first)], mode="remplace", title=title),
        Delivery("candidatures-vague-5-revue.csv", "candidatures", "simple", dt.date(2024, 1, 15), COLUMNS, reviewed,
                 mode="remplace", period="5"),
        Delivery("candidatures-vague-10.csv", "candidatures", "francais", dt.date(2024, 11, 8), COLUMNS, [*tenth, *_flawed_late(tenth)]),
        Delivery("candidatures-corrections.csv", "candidatures", "simple", dt.date(2025, 2, 12), COLUMNS, corrections, mode="corrige"),
        Delivery("candidatures-vague-11.csv", "candidatures", "simple", dt.date(2026, 10, 22), COLUMNS, secret),
    ]  # fmt: skip


def _undecided(line: Line) -> None:
    """The line as it was delivered first, before the decision that a later delivery brings."""
    line.replaced = True
    if line.values["decision"] == "refusee":
        line.values |= {"decision": "en_attente", "motifs_refus": None}


def _line(draw: random.Random, one: Application) -> Line:
    place, bearer, town = one.place, one.place.bearer, one.place.town
    values: dict[str, Value] = {
        "candidature": one.number,
        "vague": one.wave.label,
        "date_depot": one.day,
        "porteur": bearer.name,
        "forme_juridique": bearer.form,
        "siret_porteur": bearer.siret,
        "rna_porteur": bearer.rna,
        "contact_nom": bearer.contact.name,
        "contact_courriel": bearer.contact.email,
        "contact_telephone": bearer.contact.phone,
        "nom_lieu": name_at(place, one.wave),
        "types": place.kinds,
        "adresse": f"{draw.randint(1, 99)} rue de la Fiction",
        "code_postal": town.postcode,
        "commune": town.name,
        "code_commune": town.code,
        "departement": town.departement,
        "region": town.region,
        "latitude": f"{draw.uniform(43, 50):.3f}",
        "longitude": f"{draw.uniform(-1, 7):.3f}",
        "territoire": one.territory,
        "etat_lieu": "projet" if one.is_project else "existant",
        "montant_demande": Decimal(one.amount),
        "description": _description(draw, one),
        "decision": one.decision,
        "motifs_refus": one.reasons,
        "candidature_precedente": one.earlier,
    }
    return Line(values, [*one.defects, *([RESERVED_WAVE] if one.wave.slug == RESERVED else [])])


def _description(draw: random.Random, one: Application) -> str:
    """Free text of a private field; some of it over two lines, some of it with what must not be told."""
    person, chance = one.place.bearer.contact, draw.random()
    told = f"Ouvrir {name_at(one.place, one.wave).replace('Lieu', 'un lieu', 1)} à {one.place.town.name}"
    if chance < 0.05:
        return f"{told}.\nContact : {person.name}, {person.phone}, {person.email}"
    if chance < 0.06:
        return f"{told}. Compte {iban(draw)}"
    if chance < 0.07:
        return f"{told}. N° de sécurité sociale {nir(draw)}"
    return told


def _flawed(lines: list[Line]) -> list[Line]:
    """Rejected lines, beside those of the history."""
    model = next(line for line in lines if line.values["decision"] == "refusee" and not line.replaced)
    return [
        model.flawed(Defect("decision-absente", "validate", "required", "decision"), candidature="C00-0001", decision=None),
        model.flawed(Defect("territoire-inconnu", "validate", "enum", "territoire"), candidature="C00-0002", territoire="zone fictive"),
        model.flawed(
            Defect("siret-faux", "validate", "french-siret-value", "siret_porteur"), candidature="C00-0003", siret_porteur="00012345600012"
        ),
        model.flawed(Defect("dossier-double", "validate", "primaryKey")),
        model.flawed(Defect("date-impossible", "validate", "type", "date_depot"), candidature="C00-0004", date_depot="31/06/2020"),
    ]


def _flawed_late(lines: list[Line]) -> list[Line]:
    model = next(line for line in lines if line.values["decision"] == "refusee" and not line.replaced)
    wide = model.flawed(Defect("cellule-en-trop", "validate", "extra-cell"), candidature="C00-0005")
    wide.extra = ("cellule fictive",)
    return [
        wide,
        model.flawed(Defect("montant-negatif", "validate", "minimum", "montant_demande"), candidature="C00-0006", montant_demande="-1500"),
    ]
