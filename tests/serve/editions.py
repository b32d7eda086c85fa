"""Releases to serve, each of which names its edition in every row, and a client that asks the site for its pages without a network."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from pipeline.release.build import build
from pipeline.schema import load, names
from pipeline.serve.site import Site
from tests.release.protected import write_zone

ORIGIN = "http://site.essai"
PLACES = ["L'Île aux Projets", "Étampes Fabrique", "Le Comptoir Œuvrier", "La Halle", "Atelier du Port", "Friche Belle Vue"]
REGIONS = [("Pays de la Loire", "85"), ("Occitanie", "48"), ("Bretagne", "29"), (None, None)]
WAVES = ["fdt-01", "fdt-02", "fdt-03", None]
# Place, year, committed, paid, remaining. Sums that floats would miss by a cent; figures that nobody gives; a place of no region (3).
MONEY = [
    (1, 2023, "99999999999.99", "0.10", "-0.07"),
    (2, 2023, "0.10", None, "1.10"),
    (3, 2023, None, "0.20", None),
    (1, 2024, "0.20", "-10.07", "2.20"),
    (5, 2024, None, "0.30", "0.00"),
    (2, 2025, None, None, "3.30"),
    (3, None, None, "7.00", None),
    (None, 2023, "1.05", None, None),
    (None, 2024, None, "2.15", None),
    (None, None, None, "0.01", None),
]
# Wave, region, class, candidates, laureates, those not retained: the margins, one masked, then what is no margin.
APPLICATIONS = [
    ("ensemble", "ensemble", "ensemble", 41, 12, 29),
    ("fdt-02", "ensemble", "ensemble", None, 5, None),
    ("fdt-01", "ensemble", "ensemble", 30, 7, 23),
    ("fdt-01", "Bretagne", "ensemble", 9, 2, 7),
    ("fdt-01", "ensemble", "qpv", 21, 5, 16),
]
# Place, year, jobs, visitors, people trained: one that is zero, one that nobody opens, one year without anything but a status.
FOLLOWED = [
    (1, 2023, 0.1, 1200, None),
    (2, 2023, 0.2, None, None),
    (4, 2023, None, 300, None),
    (1, 2022, None, None, 0),
    (1, 2021, None, None, None),
]
DATES = [date(2020, 2, 18), date(2020, 10, 22), None, date(2021, 6, 30)]


def tables(edition: int = 1, awards: int = 60) -> dict[str, pl.DataFrame]:
    """Public tables that hold together; `edition` is told by each row of `attributions`, `fabriques` and `livraisons`."""
    origin = {"livraison": f"resultats-{edition:012x}", "ligne": 2}
    said = f"Association de l'édition {edition}"
    rows: dict[str, list[dict[str, Any]]] = {
        "livraisons": [delivery(edition)],
        "qualite": [
            {"livraison": origin["livraison"], "regle": rule, "champ": "*", "lignes": n, "etape": "harmonisation"}
            for n, rule in enumerate(("date", "espaces", "montant"), start=1)
        ],
        "vagues": [wave(n) for n in range(1, 4)] + [{**wave(1), "vague": "mp-01", "dispositif": "manufacture_de_proximite", "laureats": 7}],
        "fabriques": [
            {"fabrique": f"lieu-{n:04d}", "nom": place, "porteur": said, "statut_porteur": "personne_morale", "attributions": 1, **origin}
            | {"commune": "Étampes", "premiere_vague": WAVES[n % 4], "relabellise": n % 2 == 0, **territory(n)}
            for n, place in enumerate(PLACES, start=1)
        ],
        "attributions": [
            {"attribution": f"label-{n:06d}", "fabrique": f"lieu-{n % len(PLACES) + 1:04d}", "nom_lieu": PLACES[n % len(PLACES)], **origin}
            | {"porteur": said, "vague": WAVES[n % 4], "date_annonce": DATES[n * 7 % 4], "dispositif": scheme(n), **territory(n)}
            for n in range(awards)
        ],
        "conventions": [
            {"convention": f"c-{n}", "nom_attribuant": "Préfecture fictive", "siret_attribuant": "00000002600013", "vague": "fdt-03"}
            | {"date_convention": date(2024, 2, 1), "statut_beneficiaire": "non_etabli", "montant": Decimal("150000.50")}
            | {"notification_ue": False, "nature": "aide en numéraire", "pourcentage_subvention": 0.5, **origin}
            for n in range(3)
        ],
        "versements": [
            {"versement": f"v-{n}", "convention": "c-0", "rattache": True, "exercice": 2024, "montant_paye": Decimal("-10.07")}
            | {"numero_ej": "2100000012", "statut_fournisseur": "non_etabli", **origin}
            for n in range(4)
        ],
        "financements": [financing(*known) for known in MONEY],
        "candidatures_agregees": [applications(*known) for known in APPLICATIONS],
        "suivi": [
            {"fabrique": f"lieu-{n:04d}", "annee": year, "emplois_etp": jobs, "visiteurs": visitors, "personnes_formees": trained, **origin}
            for n, year, jobs, visitors, trained in FOLLOWED
        ],
        "indicateurs_publies": [
            {"id_indicateur": f"{n:012x}", "indicateur": name, "valeur": value, "unite": "lieux", "annee": year, **origin}
            for n, (name, value, year) in enumerate([("tiers_lieux", 3500.0, 2023), ("tiers_lieux", 3600.5, 2023), ("emplois", 9.0, 2023)])
        ],
    }
    return {name: pl.DataFrame(rows.get(name, []), schema=load("public", name).polars_schema, orient="row") for name in names("public")}


def wave(number: int) -> dict[str, Any]:
    counts = {"candidatures": 100 * number, "laureats": 20 * number, "cumul_lieux": 15 * number, "attributions_connues": 5}
    named = {"vague": f"fdt-{number:02d}", "libelle": f"Vague {number}", "dispositif": "fabrique_de_territoire", "ordinal": number}
    return {**named, **counts, "etat_rapprochement": "partiel", "montant": Decimal("9000000.00")}


def financing(place: int | None, year: int | None, *amounts: str | None) -> dict[str, Any]:
    leads = (
        {"fabrique": None, "rattachement": "non_rattache"} if place is None else {"fabrique": f"lieu-{place:04d}", "rattachement": "lieu"}
    )
    key = f"{leads['fabrique'] or 'non-rattache'}_{year or 'annee-inconnue'}"
    known = dict(zip(("engage", "verse", "reste"), (None if amount is None else Decimal(amount) for amount in amounts), strict=True))
    return {"financement": key, "exercice": year, **leads, **known}


def applications(wave: str, region: str, kind: str, *counts: int | None) -> dict[str, Any]:
    counted = dict(zip(("candidatures", "laureats", "non_retenues"), counts, strict=True))
    return {"vague": wave, "region": region, "classe": kind, "secret": "secret_statistique" if None in counts else None, **counted}


def territory(number: int) -> dict[str, Any]:
    region, departement = REGIONS[number % 4]
    return {"region": region, "departement": departement}


def scheme(number: int) -> str:
    return "manufacture_de_proximite" if number % 10 == 9 else "fabrique_de_territoire"


def delivery(edition: int) -> dict[str, Any]:
    counts = {
        "enregistrements": 4,
        "lignes_recues": 3,
        "lignes_acceptees": 2,
        "lignes_rejetees": 1,
        "cellules_modifiees": 2,
        "lignes_remplacees": 1,
        "lignes_valides_telles_quelles": 1,
    }
    named = {"livraison": f"resultats-{edition:012x}", "table": "resultats", "fichier": f"edition-{edition}.csv", "sha256": "0a" * 32}
    return {**named, "editeur": f"Éditeur {edition}", "licence": "etalab-2.0", "date": date(2024, 11, 4), "etat": "acceptée", **counts}


def publish(published: Path, edition: int = 1, name: str | None = None, fictif: bool = False, **given: Any) -> str:
    """A release of `published` (or of its folder `fictif`), made by the stage that makes them; `latest` leads to it. Its name."""
    protected = published.parent / f"protege-{edition}"
    declared = [
        {key: value for key, value in delivery(edition).items() if key in ("livraison", "table", "fichier", "editeur")}
        | {"date": "2024-11-04"}
    ]
    write_zone(protected, given.get("made") or tables(edition, **given), livraisons=declared, fictif=fictif)
    made = build(protected, published, name or f"edition-{edition}")
    shutil.rmtree(protected)
    return made.name


def point(published: Path, name: str) -> None:
    """Move `latest`, as a release does: in one replacement."""
    aside = published / ".latest-essai"
    aside.symlink_to(name)
    aside.replace(published / "latest")


@asynccontextmanager
async def browsing(published: Path) -> AsyncIterator[tuple[Site, httpx.AsyncClient]]:
    """The site over a folder, and a client of it; closed at the end."""
    site = Site(published)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url=ORIGIN, timeout=60) as client:
        try:
            yield site, client
        finally:
            await site.close()


@contextmanager
def visiting(published: Path) -> Iterator["Visit"]:
    """The same, for tests that do not run in an event loop."""
    with asyncio.Runner() as runner:
        opened = browsing(published)
        site, client = runner.run(opened.__aenter__())
        yield Visit(runner, site, client)
        runner.run(opened.__aexit__(None, None, None))


@dataclass(frozen=True)
class Visit:
    """One site, asked page after page."""

    runner: asyncio.Runner
    site: Site
    client: httpx.AsyncClient

    def ask(self, *paths: str, method: str = "GET", **given: Any) -> list[httpx.Response]:
        async def answers() -> list[httpx.Response]:
            return [await self.client.request(method, path, **given) for path in paths]

        return self.runner.run(answers())
