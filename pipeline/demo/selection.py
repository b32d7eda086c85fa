"""Deliveries of the selection: waves, results and the registry of places, with what is wrong in them."""

import datetime as dt
from decimal import Decimal

from pipeline.demo.deliveries import RESERVED_WAVE, Defect, Delivery, Line, Value, never_delivered
from pipeline.demo.history import INVENTED_APPLICATIONS, RESERVED, Wave
from pipeline.demo.places import MANUFACTURE, Award, Place
from pipeline.demo.streams import stream
from pipeline.demo.world import World

RESULTS = {
    "N° de vague": "vague", "Date de l'annonce": "date_annonce", "Catégorie": "categorie", "Nom du tiers-lieu": "nom_lieu",
    "Structure porteuse": "porteur", "Statut juridique": "forme_juridique", "N° SIRET": "siret_porteur", "N° RNA": "rna_porteur",
    "Types": "types", "Nom de la commune": "commune", "Code INSEE": "code_commune", "Code département": "departement",
    "Nom de la région": "region", "Classe du territoire": "territoire", "Nature": "nature", "id_lieu": "lieu", "Source": "source_url",
    "Note": "note",
}  # fmt: skip
REGISTRY = (
    "lieu", "nom", "noms_anterieurs", "porteur", "forme_juridique", "statut_porteur", "preuve_statut", "siren", "rna", "commune",
    "departement", "rang", "fusionne_dans", "note",
)  # fmt: skip
WAVES = {
    "N° de vague": "vague", "dispositif": "dispositif", "Date limite": "date_limite_depot", "Date de l'annonce": "date_annonce",
    "Candidatures": "nb_candidatures", "Lauréats": "nb_laureats", "dont_numeriques": "dont_numeriques",
    "Cumul des lauréats": "cumul_laureats", "montant": "montant", "Source": "source_url", "note": "note",
}  # fmt: skip
WITHOUT_ID_BEFORE = "fdt-07"  # earlier results name the place; later ones give its id as well
CORRECTED, CORRECTED_WAVE = 5, "fdt-06"
ORPHAN = Defect("lieu-orphelin", "model", "registre-lieu-orphelin", "lieu")
UNKNOWN_WAVE = "99"
_PROOF = "avis au répertoire fictif"


def build(world: World) -> list[Delivery]:
    return [*_waves(world), *_results(world), *_registry(world)]


def _result(award: Award) -> Line:
    """A line of results; what the place was then called."""
    place, bearer, wave = award.place, award.place.bearer, award.wave
    values: dict[str, Value] = {
        "vague": wave.label,
        "date_annonce": wave.announced,
        "categorie": award.category,
        "nom_lieu": name_at(place, wave),
        "porteur": bearer.name,
        "forme_juridique": bearer.form,
        "siret_porteur": bearer.siret,
        "rna_porteur": bearer.rna,
        "types": place.kinds,
        "commune": place.town.name,
        "code_commune": place.town.code,
        "departement": place.town.departement,
        "region": place.town.region,
        "territoire": award.territory,
        "nature": "relabellisation" if award.is_relabelling else "nouvelle",
        "lieu": None if wave.slug < WITHOUT_ID_BEFORE else place.id,
        "source_url": f"https://annonces.example/{wave.slug}",
    }
    return Line(values)


def name_at(place: Place, wave: Wave) -> str:
    """What a place was called when a wave chose it: the new name came with wave 10."""
    return place.first_name if place.first_name and wave.slug < "fdt-10" else place.name


def _results(world: World) -> list[Delivery]:
    draw = stream(world.seed, "fichiers de résultats")
    early = [award for award in world.awards if award.wave.decided.year < 2024]
    first = [_result(award) for award in early]
    corrections = []
    for index in sorted(draw.sample([index for index, award in enumerate(early) if award.wave.slug == CORRECTED_WAVE], CORRECTED)):
        corrections.append(Line(dict(first[index].values)))
        first[index].values |= {"territoire": "autre", "types": "autre"}
        first[index].replaced = True
    manufactures = [_result(award) for award in world.awards if award.category == MANUFACTURE]
    corrections.append(manufactures[5].flawed(never_delivered("vague"), vague="MP-2024", date_annonce=dt.date(2024, 10, 28)))
    late = [_result(award) for award in world.awards if award.wave.decided.year == 2024]
    secret = [_result(award) for award in world.awards if award.wave.slug == RESERVED]
    for line in secret:
        line.defects.append(RESERVED_WAVE)
    # With the lines to come: a wave that nobody knows is under embargo, and keeps back the counts and line numbers of its whole file.
    secret.append(manufactures[2].flawed(Defect("vague-inconnue", "model", "vague-inconnue", "vague"), vague=UNKNOWN_WAVE))
    title = "Fabriques de territoire fictives - lauréats des vagues 1 à 9"
    return [
        Delivery("resultats-vagues-1-a-9.xlsx", "resultats", "classeur", dt.date(2023, 11, 20), RESULTS,
                 [*first, *_flawed_results(first[0], manufactures)], mode="remplace", title=title),
        Delivery("resultats-vague-10.csv", "resultats", "francais", dt.date(2024, 11, 4), RESULTS, late),
        Delivery("resultats-corrections.csv", "resultats", "simple", dt.date(2025, 2, 10), RESULTS, corrections, mode="corrige"),
        Delivery("resultats-vague-11.csv", "resultats", "simple", dt.date(2026, 10, 20), RESULTS, secret),
    ]  # fmt: skip


def _flawed_results(fabrique: Line, made: list[Line]) -> list[Line]:
    """Lines beside the history: those that are kept speak of Manufactures, so that the official counts of Fabriques hold."""
    without_place = Defect("attribution-sans-lieu", "model", "attribution-sans-lieu", "lieu")
    again = Defect("attribution-double", "model", "attribution-double", "vague")
    other_scheme = Defect("categorie-contraire", "model", "categorie-contraire-a-la-vague", "categorie")
    nowhere = Defect("commune-introuvable", "model", "commune-introuvable", "commune")
    return [
        made[0].flawed(without_place, vague="MP-3", nom_lieu="Lieu fictif 9997", lieu="lieu-9997"),
        made[1].flawed(again),
        made[3].flawed(other_scheme, vague="8"),
        made[7].flawed(nowhere, vague="MP-2", commune="Villefictive", code_commune=None),
        fabrique.flawed(Defect("date-impossible", "validate", "type", "date_annonce"), date_annonce="31/02/2020"),
        fabrique.flawed(Defect("siret-faux", "validate", "french-siret-value", "siret_porteur"), siret_porteur="00012345600012"),
        fabrique.flawed(Defect("territoire-inconnu", "validate", "enum", "territoire"), territoire="centre ville"),
    ]


def _registry(world: World) -> list[Delivery]:
    known = [place for place in world.places if place.number < _first_secret(world)]
    entries = [_entry(place) for place in known]
    corrections = []
    for entry, place in zip(entries, known, strict=True):
        if place.first_name and not place.second_id:
            corrections.append(Line(entry.values | {"noms_anterieurs": place.first_name}))
            entry.values["nom"], entry.replaced = place.first_name, True
    seconds = [
        _entry(place).flawed(lieu=place.second_id, nom=place.first_name, fusionne_dans=place.id) for place in known if place.second_id
    ]
    seconds.sort(key=lambda line: str(line.values["lieu"]))
    corrections.append(_alone("lieu-9996", never_delivered("lieu"), ORPHAN))
    secret = [_entry(place) for place in world.places if place.number >= _first_secret(world)]
    columns = {name: name for name in REGISTRY}
    return [
        Delivery("registre-des-lieux.csv", "lieux", "simple", dt.date(2024, 11, 12), columns,
                 [*entries, *seconds, *_flawed_entries(entries)], mode="remplace"),
        Delivery("registre-renommages.csv", "lieux", "simple", dt.date(2025, 3, 3), columns, corrections, mode="corrige"),
        Delivery("registre-vague-11.csv", "lieux", "simple", dt.date(2026, 10, 21), columns, secret),
    ]  # fmt: skip


def _first_secret(world: World) -> int:
    """Numbers from this one on are those of places that wave 11 alone knows."""
    return min(award.place.number for award in world.awards if award.wave.slug == RESERVED and not award.is_relabelling)


def _entry(place: Place) -> Line:
    bearer = place.bearer
    is_reviewed = bearer.is_natural or (bearer.status == "personne_morale" and place.number % 2 == 0)
    return Line(
        {
            "lieu": place.id,
            "nom": place.name,
            "porteur": bearer.name,
            "forme_juridique": bearer.form,
            "statut_porteur": bearer.status if is_reviewed else None,
            "preuve_statut": _PROOF if is_reviewed else None,
            "siren": bearer.siret[:9],
            "rna": bearer.rna,
            "commune": place.town.name,
            "departement": place.town.departement,
            "rang": 1,
        }
    )


def _alone(place: str, *defects: Defect, **values: Value) -> Line:
    """An entry that no result knows."""
    number = place.removeprefix("lieu-")
    told: dict[str, Value] = {"lieu": place, "nom": f"Lieu fictif {number}", "porteur": f"Association fictive {number}", "rang": 1}
    return Line(told | {"forme_juridique": "association", "commune": "Mende", "departement": "48"} | values, list(defects))


def _flawed_entries(entries: list[Line]) -> list[Line]:
    loop = Defect("boucle-de-fusions", "model", "registre-boucle", "fusionne_dans")
    into_nothing = Defect("fusion-inconnue", "model", "registre-fusion-inconnue", "fusionne_dans")
    same_id = Defect("identifiant-double", "validate", "unique", "lieu")
    return [
        _alone("lieu-9991", loop, ORPHAN, fusionne_dans="lieu-9992"),
        _alone("lieu-9992", loop, ORPHAN, fusionne_dans="lieu-9991"),
        _alone("lieu-9993", into_nothing, ORPHAN, fusionne_dans="lieu-9999"),
        _alone("lieu-9994", ORPHAN),
        _alone(str(entries[7].values["lieu"]), same_id, nom="Lieu fictif 9990"),
        _alone("lieu-9995", Defect("siren-faux", "validate", "french-siren-value", "siren"), siren="000123456"),
    ]


def _waves(world: World) -> list[Delivery]:
    lines = [_wave(wave) for wave in world.waves]
    secret = lines.pop()
    secret.defects.append(RESERVED_WAVE)
    by_label = {line.values["vague"]: line for line in lines}
    by_label["6"].defects.append(Defect("plafond-officiel", "model", "vague-plafond-depasse", "nb_laureats"))
    by_label["4"].values["nb_candidatures"] = INVENTED_APPLICATIONS["fdt-04"] + 1
    by_label["4"].defects.append(Defect("candidatures-fausses", "model", "vague-candidatures-differentes", "nb_candidatures"))
    by_label["MP-2"].values["nb_laureats"] = 1
    by_label["MP-2"].defects.append(Defect("moins-de-laureats", "model", "vague-plus-de-laureats-que-l-officiel", "nb_laureats"))
    by_label["MP-3"].values["date_limite_depot"] = dt.date(2022, 9, 3)
    by_label["MP-3"].defects += [
        Defect("annonce-avant-cloture", "model", "vague-annonce-avant-cloture", "date_annonce"),
        Defect("cloture-contraire", "model", "vague-divergence-avec-programme", "date_limite_depot"),
    ]
    lines.append(by_label["MP-1"].flawed(Defect("vague-double", "model", "vague-double", "vague")))
    return [
        Delivery("vagues.csv", "vagues", "francais", dt.date(2024, 11, 5), WAVES, lines, mode="remplace"),
        Delivery("vague-11.csv", "vagues", "simple", dt.date(2026, 10, 21), WAVES, [secret]),
    ]


def _wave(wave: Wave) -> Line:
    note = "nombre de candidatures inventé pour la démonstration" if wave.invented else None
    return Line(
        {
            "vague": wave.label,
            "dispositif": wave.scheme,
            "date_limite_depot": wave.closing,
            "date_annonce": wave.announced,
            "nb_candidatures": wave.applications,
            "nb_laureats": wave.laureates,
            "dont_numeriques": wave.digital,
            "cumul_laureats": wave.cumulative,
            "montant": None if wave.amount is None else Decimal(wave.amount),
            "source_url": f"https://annonces.example/{wave.slug}",
            "note": note,
        }
    )
