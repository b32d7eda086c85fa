"""A programme whose every private field holds a marked value: the valid examples of the schemas, plus the lines that must be masked, kept
back or rejected."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

from pipeline.schema import Field, load, names, schemas_dir

PERSON, RESERVED, REJECTED = "CanariPersonne", "CanariEmbargo", "CanariRejet"
PERSON_SIRET = "00000009100015"
CANDIDATES = ("00000007500002", "00000008300006", "00000006700009")
OPENED = "98765432"


def example(table: str) -> list[dict[str, str]]:
    with (schemas_dir() / "deliveries" / table / "exemple-valide.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_free(field: Field) -> bool:
    """A private field that accepts any text."""
    constraints = field.descriptor.get("constraints", {})
    return field.diffusion == "interdite" and field.type == "string" and not {"enum", "pattern"} & set(constraints)


def marked(table: str) -> tuple[list[dict[str, str]], set[str]]:
    """The valid example with a mark of its own in each private cell that may hold one."""
    rows, marks = example(table), set()
    schema = load("deliveries", table)
    for number, row in enumerate(rows):
        for field in filter(is_free, schema.fields):
            mark = f"Canari{table.title().replace('_', '')}{field.name.title().replace('_', '')}{number}"
            # What says who is a legal person keeps saying it.
            row[field.name] = f"association {mark}" if field.name.lower().startswith("forme") else mark
            marks.add(mark)
    return rows, marks


def special_lines(deliveries: dict[str, list[dict[str, str]]]) -> set[str]:
    """Lines of a natural person, of a wave under embargo, and of rejected lines: their values are private, whatever the field."""

    def line(table: str, **values: str) -> None:
        deliveries[table].append(dict.fromkeys(load("deliveries", table).field_names, "") | values)

    person = {"nom_lieu": f"{PERSON}Lieu", "porteur": f"{PERSON}Porteur", "commune": "Mende", "departement": "48"}
    line("resultats", vague="fdt-03", categorie="fabrique_de_territoire", source_url="https://annonces.example/CanariPersonneUrl", **person)
    registry = {"nom": person["nom_lieu"], "porteur": person["porteur"], "commune": "Mende", "departement": "48"}
    line("lieux", lieu="lieu-0099", statut_porteur="personne_physique", preuve_statut="déclaration", **registry)
    line(
        "resultats",
        vague="fdt-10",
        categorie="fabrique_de_territoire",
        nom_lieu=f"{RESERVED}Lieu",
        porteur=f"{RESERVED}Porteur",
        forme_juridique="association",
        commune="Mende",
        departement="48",
        source_url="https://annonces.example/CanariEmbargoUrl",
    )
    line("resultats", vague="fdt-03", date_annonce="pas une date", nom_lieu=f"{REJECTED}Lieu", source_url="https://annonces.example/x")
    agreement = dict(example("conventions")[0], rnaBeneficiaire="", formeJuridiqueBeneficiaire="", idConvention="", attribution="")
    deliveries["conventions"].append(
        agreement
        | {
            "nomBeneficiaire": f"{PERSON}Beneficiaire",
            "idBeneficiaire": PERSON_SIRET,
            "objet": f"Aide à {PERSON}Objet",
            "referenceDecision": f"{PERSON}Decision",
            "numeroEJ": "2100077777",
            "conditionsVersement": f"versé à {PERSON}Conditions",
        }
    )
    line("versements", numero_ej="2100077777", siret=PERSON_SIRET, fournisseur_paye=f"{PERSON}Fournisseur", montant_paye="12.00")
    census = dict(example("recensement")[0], ID="99", MAIL="canari.courriel@lieu-fictif-99.example", CONTACT="CanariContactTexte")
    deliveries["recensement"].append(census | {"WEB": "écrire à canari.courriel@lieu-fictif-99.example", "TWITTER": "", "FACEBOOK": ""})
    texts = {value for row in (*deliveries["resultats"][-3:], *deliveries["conventions"][-1:]) for value in row.values()}
    found = {mark for text in texts for mark in re.findall(r"Canari(?:Personne|Embargo|Rejet)[A-Z][a-z]+", text)}
    found |= {f"{PERSON}Fournisseur", PERSON_SIRET, "2100077777", "canari.courriel", "CanariContactTexte"}
    return found | applicants(deliveries, line) | what_a_place_keeps(deliveries) | money_under_embargo(deliveries, line)


def applicants(deliveries: dict[str, list[dict[str, str]]], line: Callable[..., None]) -> set[str]:
    """Who was refused, withdrew, or waits for an announcement, also named in texts that are public."""
    common = {"porteur": "", "commune": "Mende", "departement": "48", "territoire": "qpv"}
    for number, (vague, decision) in enumerate((("fdt-03", "refusee"), ("fdt-03", "retiree"), ("fdt-10", "retenue"))):
        name = f"CanariCandidat{decision.title()} Association"
        line("candidatures", candidature=f"CanariDossier{number}", vague=vague, decision=decision, **common | {"porteur": name})
        deliveries["candidatures"][-1] |= {"siret_porteur": CANDIDATES[number], "nom_lieu": f"CanariCandidatLieu{decision.title()}"}
        deliveries["conventions"].append(
            dict(example("conventions")[0], idConvention=f"2024-FICTIF-09{number}", numeroEJ="", attribution="", objet=f"Avec {name}")
        )
        deliveries["indicateurs_publies"].append(
            dict(example("indicateurs_publies")[0], annee=f"200{number}", note=f"voir {CANDIDATES[number]}")
        )
    return {"CanariCandidat", *CANDIDATES}


def what_a_place_keeps(deliveries: dict[str, list[dict[str, str]]]) -> set[str]:
    """Fields of the follow-up that the place did not declare publishable, beside one that it did."""
    opened = dict(example("suivi")[0], annee="2022", champs_publiables="visiteurs|statut", visiteurs=OPENED)
    deliveries["suivi"].append(
        opened | {"horaires_ouverture": "CanariHoraires", "chiffre_affaires": "8765432.19", "partenaires": "87654321"}
    )
    return {"CanariHoraires", "8765432.19", "87654321"}


def money_under_embargo(deliveries: dict[str, list[dict[str, str]]], line: Callable[..., None]) -> set[str]:
    """An agreement of a wave under embargo, its schedule and its payments, alone in their years."""
    agreement = dict(example("conventions")[0], idConvention="CanariConvention", attribution="", vague="fdt-10", numeroEJ="2100066666")
    deliveries["conventions"].append(agreement | {"montant": "7654321.09", "montantBase": "", "objet": "CanariObjet"})
    line("echeancier", convention="CanariConvention", annee="2031", montant_engage="6543210.98")
    line("versements", numero_ej="2100066666", exercice="2032", montant_paye="5432109.87")
    return {"CanariConvention", "CanariObjet", "2100066666", "7654321.09", "6543210.98", "5432109.87"}


def write(folder: Path, *, fictif: bool = True) -> set[str]:
    """Write a file for each delivered table, and `sources.toml`; the marks that no public byte may hold."""
    deliveries: dict[str, list[dict[str, str]]] = {}
    marks: set[str] = set()
    for table in names("deliveries"):
        deliveries[table], own = marked(table)
        marks |= own
    marks |= special_lines(deliveries)
    entries = ["fictif = true"] if fictif else []
    for table, rows in deliveries.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, load("deliveries", table).field_names)
            writer.writeheader()
            writer.writerows(rows)
        entries.append(f'[[source]]\ntable = "{table}"\npath = "{table}.csv"\npublisher = "Fiction"\nlicence = "Licence Ouverte 2.0"')
        entries.append('mode = "remplace"\nseuil_rejet = 0.5')
    (folder / "sources.toml").write_text("\n".join(entries), encoding="utf-8")
    return marks
