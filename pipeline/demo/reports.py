"""Deliveries of what places report each year, and of the figures that others publish."""

import datetime as dt
from decimal import Decimal

from pipeline.demo.deliveries import Defect, Delivery, Form, Line, Value
from pipeline.demo.followup import SHOWABLE, FollowUp
from pipeline.demo.identities import iban, nir
from pipeline.demo.streams import stream
from pipeline.demo.world import World

FOLLOWUP = ("lieu", "annee", *SHOWABLE, "champs_publiables", "contact_nom", "contact_courriel", "commentaire")
_MONEY = ("chiffre_affaires", "ressources_propres", "financements_publics")
_FORMS: dict[int, Form] = {2021: "francais", 2022: "francais", 2023: "classeur", 2024: "simple", 2025: "simple"}
_FIGURES = (
    ("lieux_fictifs", "407", "lieux", 2025, "https://etudes.example/bilan-2025", None),
    ("lieux_fictifs", "410", "lieux", 2025, "https://autre-source.example/2025", "« plus de 410 » ; chiffre inventé ; contredit 407"),
    ("emplois_fictifs", "2450.5", "ETP", 2024, "https://etudes.example/bilan-2025", "chiffre inventé"),
    ("emplois_fictifs", "2600", "ETP", 2024, "https://autre-source.example/2024", "chiffre inventé ; contredit 2 450,5"),
    ("part_rurale_fictive", "52.5", "%", 2024, "https://etudes.example/bilan-2025", "chiffre inventé"),
    ("credits_fictifs", "13000000", "EUR", 2024, "https://budget.example/2024", "chiffre inventé"),
)


def build(world: World) -> list[Delivery]:
    by_year: dict[int, list[Line]] = {year: [] for year in _FORMS}
    for one in world.followups:
        by_year[one.year].append(_line(one))
    _told_too_much(world, by_year[2024])
    columns = {name: name for name in FOLLOWUP}
    flawed = {2021: [_too_early(world, by_year[2021])], 2022: _flawed(by_year[2022]), 2024: _misplaced(world, by_year[2024])}
    made = [
        Delivery(f"suivi-{year}.{'xlsx' if form == 'classeur' else 'csv'}", "suivi", form, dt.date(year + 1, 5, 20), columns,
                 [*by_year[year], *flawed.get(year, ())], title=f"Suivi annuel fictif - {year}")
        for year, form in _FORMS.items()
    ]  # fmt: skip
    names = ("indicateur", "valeur", "unite", "annee", "source_url", "note")
    figures = [Line(dict(zip(names, figure, strict=True))) for figure in _FIGURES]
    columns = {name: name for name in names}
    return [*made, Delivery("indicateurs-publies.csv", "indicateurs_publies", "simple", dt.date(2026, 10, 5), columns, figures)]


def _line(one: FollowUp) -> Line:
    contact = one.place.bearer.contact
    values: dict[str, Value] = {"lieu": one.place.id, "annee": one.year}
    for name in SHOWABLE:
        value = one.values[name]
        values[name] = Decimal(str(value)) if name in _MONEY and value is not None else value  # type: ignore[assignment]
    comment = f"réponse de {contact.name}, {contact.phone}" if one.place.number % 7 == 0 else None
    return Line(
        values
        | {"champs_publiables": "|".join(one.shown), "contact_nom": contact.name, "contact_courriel": contact.email, "commentaire": comment}
    )


def _told_too_much(world: World, lines: list[Line]) -> None:
    """Opening hours that the place declares for publication and that tell more than hours."""
    draw = stream(world.seed, "horaires trop bavards")
    contacts = [place.bearer.contact for place in world.places if place.bearer.status == "personne_morale"]
    by_rule = {
        "valeur_connue": f"sur rendez-vous : {draw.choice(contacts).email}",
        "courriel": f"sur rendez-vous : {draw.choice(contacts).email.replace('@', '@accueil-')}",
        "telephone": f"appeler le 06 39 98 {draw.randrange(100):02d} {draw.randrange(100):02d}",
        "iban": f"adhésion par virement, {iban(draw)}",
        "nir": f"demander l'assuré {nir(draw)}",
    }
    named = {place.id for place in world.places if place.bearer.status == "personne_morale"}
    shown = [line for line in lines if "horaires_ouverture" in str(line.values["champs_publiables"]) and line.values["lieu"] in named]
    for line, (rule, text) in zip(draw.sample(shown, len(by_rule)), by_rule.items(), strict=True):
        line.values["horaires_ouverture"] = text
        line.defects.append(Defect("contact-dans-un-texte", "protect", rule, "horaires_ouverture"))


def _flawed(lines: list[Line]) -> list[Line]:
    return [
        lines[0].flawed(Defect("suivi-double", "validate", "primaryKey")),
        lines[0].flawed(Defect("annee-illisible", "validate", "type", "annee"), annee="deux mille"),
        lines[0].flawed(Defect("visiteurs-negatifs", "validate", "minimum", "visiteurs"), annee=2019, visiteurs=-3),
    ]


def _misplaced(world: World, lines: list[Line]) -> list[Line]:
    """A place that the registry does not know, and one that answers under both of its ids."""
    known = {line.values["lieu"]: line for line in lines}
    merged = next(place for place in world.places if place.second_id and place.id in known)
    again = Defect("suivi-sous-deux-identifiants", "model", "suivi-double", "annee")
    return [
        lines[0].flawed(Defect("suivi-sans-lieu", "model", "suivi-lieu-inconnu", "lieu"), lieu="lieu-9989"),
        known[merged.id].flawed(again, lieu=merged.second_id),
    ]


def _too_early(world: World, lines: list[Line]) -> Line:
    """A year before the first label of the place."""
    late = next(award.place for award in world.awards if award.wave.slug == "fdt-09" and award.place.bearer.status == "personne_morale")
    return lines[0].flawed(Defect("suivi-avant-label", "model", "suivi-avant-label", "annee"), lieu=late.id)
