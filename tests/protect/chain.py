"""What `protect` reads, made from plain accepted rows by the stages before it; and a small programme where every case occurs."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipeline import programme
from pipeline.evaluate.figures import evaluate
from pipeline.model.warehouse import build
from tests.model.delivered import LIVRAISONS, REFERENCE, TABLES, Row, write

AS_OF = date(2024, 6, 1)
QUALITE = {"livraison": pl.String(), "regle": pl.String(), "champ": pl.String(), "lignes": pl.UInt32(), "etape": pl.String()}
PAGE = "https://journal.example/annonce"
RNA = {"rna_porteur": "W101000001"}
EMBARGOED = "10"  # announced on 28 October 2024
UNKNOWN = "Vague 99"  # the programme does not know it: nothing says that it was announced
SECOND_FOLLOWUP = "suivi-ffffffffffff"
OPENED = "visiteurs|chiffre_affaires|horaires_ouverture"
CONVENTION = {
    "nomAttribuant": "Préfecture fictive",
    "idAttribuant": "17750000100017",
    "dateConvention": "2020-06-01",
    "montant": "100000.00",
    "nature": "aide en numéraire",
    "conditionsVersement": "échelonné",
    "datesPeriodeVersement": "2020-06-01/2023-06-01",
    "notificationUE": False,
    "pourcentageSubvention": 1.0,
}
# One bearer of each class in an announced wave, a manufacture, lines without wave, a wave under embargo that relabels lieu-0001.
PROGRAMME: dict[str, list[dict[str, object]]] = {
    "resultats": [
        {
            "vague": "1",
            "categorie": "fabrique_de_territoire",
            "nom_lieu": "Le L@bo",
            "porteur": "Association des Fictions",
            "commune": "Vieux-Pré",
            "departement": "10",
            "lieu": "lieu-0001",
            "source_url": PAGE,
            **RNA,
        },
        {
            "vague": "1",
            "categorie": "fabrique_de_territoire",
            "nom_lieu": "Chez Zoé",
            "porteur": "Zoé Fictive",
            "siret_porteur": "00012345600017",
            "forme_juridique": "entrepreneur individuel",
            "lieu": "lieu-0002",
            "commune": "Valbourg",
            "departement": "10",
            "source_url": f"{PAGE}/zoe",
        },
        {
            "vague": "1",
            "nom_lieu": "StationW @ 153",
            "porteur": "Porteur Sans Preuve",
            "siret_porteur": "00098765400018",
            "lieu": "lieu-0003",
            "source_url": PAGE,
        },
        {"vague": "1", "nom_lieu": "Lieu sans porteur", "lieu": "lieu-0004", "source_url": PAGE},
        {"vague": "1", "nom_lieu": "Lieu anonyme", "porteur": "Autre Sans Preuve"},
        {"vague": "1", "nom_lieu": "Lieu anonyme 2", "porteur": "Encore Sans Preuve"},
        {"vague": "MP-1", "categorie": "manufacture_de_proximite", "nom_lieu": "La Manufacture", "lieu": "lieu-0005"},
        {"nom_lieu": "Annoncé sans vague", "lieu": "lieu-0006", "source_url": PAGE},
        {"nom_lieu": "Jamais annoncé", "porteur": "Porteur Caché", "lieu": "lieu-0007"},
        {
            "vague": "1",
            "nom_lieu": "Chez Yves",
            "porteur": "Yves Fictif",
            "forme_juridique": "EI",
            "lieu": "lieu-0008",
            "source_url": f"{PAGE}/yves",
        },
        {"vague": "3", "nom_lieu": "Chez Zoé, suite", "lieu": "lieu-0002", "source_url": f"{PAGE}/suite-de-zoe"},
    ],
    "lieux": [
        {
            "lieu": "lieu-0001",
            "nom": "Le L@bo",
            "porteur": "Association des Fictions",
            "rna": "W101000001",
            "commune": "Vieux-Pré",
            "departement": "10",
        },
        {
            "lieu": "lieu-0002",
            "nom": "Chez Zoé",
            "statut_porteur": "personne_physique",
            "porteur": "Zoé Fictive",
            "commune": "Valbourg",
            "departement": "10",
        },
        {"lieu": "lieu-0003", "nom": "StationW @ 153"},
        {"lieu": "lieu-0004"},
        {"lieu": "lieu-0005", "nom": "La Manufacture"},
        {"lieu": "lieu-0006"},
        {"lieu": "lieu-0007"},
        {"lieu": "lieu-0008", "porteur": "Association qui a repris le lieu", "rna": "W103000003"},
    ],
    "vagues": [
        {"vague": "1", "dispositif": "fabrique_de_territoire", "nb_laureats": 80, "date_annonce": "2020-02-03", "note": "voir la page"}
    ],
    "conventions": [
        {
            **CONVENTION,
            "idConvention": "C-1",
            "attribution": "lieu-0001_fdt-01",
            "nomBeneficiaire": "Association des Fictions",
            "rnaBeneficiaire": "W101000001",
            "objet": "Fonctionnement",
            "numeroEJ": "2100000001",
            "referenceDecision": "D-1",
        },
        {
            **CONVENTION,
            "idConvention": "C-2",
            "attribution": "lieu-0002_fdt-01",
            "nomBeneficiaire": "Zoé Fictive",
            "idBeneficiaire": "00012345600017",
            "formeJuridiqueBeneficiaire": "entrepreneur individuel",
            "objet": "Atelier de Zoé",
            "numeroEJ": "2100000002",
            "referenceDecision": "D-2",
            "conditionsVersement": "à remettre en main propre à Zoé",
        },
        {
            **CONVENTION,
            "idConvention": "C-3",
            "vague": "1",
            "nomBeneficiaire": "Porteur Sans Preuve",
            "objet": "Secret",
            "numeroEJ": "2100000003",
        },
    ],
    "versements": [
        {
            "numero_ej": "2100000001",
            "montant_paye": "50000.00",
            "fournisseur_paye": "MINISTERE",
            "siret": "11000201100044",
            "exercice": 2020,
        },
        {
            "numero_ej": "2100000002",
            "montant_paye": "40000.00",
            "fournisseur_paye": "ZOE FICTIVE",
            "siret": "00012345600017",
            "exercice": 2020,
        },
        {"numero_ej": "2100000003", "montant_paye": "30000.00", "fournisseur_paye": "MAIRIE", "siret": "21010001200013", "exercice": 2020},
        {"numero_ej": "2100000099", "montant_paye": "10.00", "exercice": 2021},
    ],
    "candidatures": [
        {"candidature": "D-1", "vague": "1", "decision": "retenue", "porteur": "Association des Fictions", "nom_lieu": "Le L@bo"},
        {
            "candidature": "D-2",
            "vague": "1",
            "decision": "refusee",
            "porteur": "Candidat Éconduit",
            "nom_lieu": "La Grange éconduite",
            "siret_porteur": "00011122200016",
            "contact_nom": "Contact de l'éconduit",
            "departement": "10",
            "territoire": "qpv",
        },
        {"candidature": "D-3", "vague": "1", "decision": "retiree", "porteur": "Retirée", "nom_lieu": "StationW @ 153"},
    ],
    "echeancier": [
        {"convention": "C-1", "annee": 2020, "montant_engage": "60000.00"},
        {"convention": "C-1", "annee": 2021, "montant_engage": "40000.00"},
        {"convention": "C-3", "annee": 2020, "montant_engage": "100000.00"},
        {"convention": "C-404", "annee": 2020, "montant_engage": "7.00"},
    ],
    "suivi": [
        {
            "lieu": "lieu-0001",
            "annee": 2022,
            "visiteurs": 100,
            "partenaires": 77,
            "chiffre_affaires": "1000.00",
            "horaires_ouverture": "du lundi au jeudi",
            "champs_publiables": OPENED,
        },
        {
            "lieu": "lieu-0002",
            "annee": 2022,
            "visiteurs": 20,
            "chiffre_affaires": "500.00",
            "horaires_ouverture": "sonner chez Zoé",
            "champs_publiables": OPENED,
        },
        {"lieu": "lieu-0003", "annee": 2022, "visiteurs": 33},
        {"lieu": "lieu-0005", "annee": 2022, "visiteurs": 55, "champs_publiables": "visiteurs"},
        {"lieu": "lieu-0404", "annee": 2022, "visiteurs": 44, "champs_publiables": "visiteurs"},
        {"lieu": "lieu-0001", "annee": 2022, "visiteurs": 101, "champs_publiables": OPENED, "livraison": SECOND_FOLLOWUP},
    ],
    "subventions": [
        {
            "nomAttribuant": "Région fictive",
            "idAttribuant": "000000026",
            "nomBeneficiaire": "Association aidée",
            "rnaBeneficiaire": "W102000002",
            "objet": "Atelier",
            "montant": "12.50",
            "exercice": 2021,
        },
        {
            "nomAttribuant": "Région fictive",
            "nomBeneficiaire": "Marthe Fictive",
            "idBeneficiaire": "000333444",
            "formeJuridiqueBeneficiaire": "artiste",
            "objet": "Bourse de Marthe",
            "nature": "aide à Marthe",
            "conditionsVersement": "unique",
            "montant": "1.00",
            "dateConvention": "2022-03-01",
        },
        {"nomAttribuant": "Aide à Quelqu'un", "nomBeneficiaire": "Quelqu'un", "montant": "2.00", "exercice": 2022},
    ],
    "recensement": [
        {
            "ID": "1",
            "NOM_TL": "BUROL@B",
            "WEB": "https://www.facebook.com/Les-Passerelles-1079491368762264/",
            "MAIL": "prive@courriel.example",
            "CONTACT": "Privée",
        },
        {"ID": "313", "NOM_TL": "Nomade", "WEB": "nomade@lieu-fictif.example"},
    ],
    "indicateurs_publies": [{"indicateur": "lieux", "valeur": 1800.0, "unite": "lieux", "annee": 2018, "note": "« plus de »"}],
}
# What is of the wave under embargo, table by table.
UNDER_EMBARGO: dict[str, list[dict[str, object]]] = {
    "resultats": [
        {
            "vague": EMBARGOED,
            "nom_lieu": "Nouveau nom caché",
            "porteur": "Nouveau porteur caché",
            "rna_porteur": "W109999999",
            "lieu": "lieu-0001",
            "nature": "relabellisation",
            "types": "fablab",
            "commune": "Homonyme",
            "departement": "20",
            "source_url": PAGE,
        },
        {"vague": EMBARGOED, "nom_lieu": "Nouveau caché", "porteur": "Porteur embargo", "rna_porteur": "W108888888", "lieu": "lieu-0009"},
        {"vague": EMBARGOED, "nom_lieu": "Renommé sous embargo", "lieu": "lieu-0004", "commune": "Homonyme", "departement": "20"},
        {"vague": EMBARGOED, "porteur": "Repreneur sous embargo", "rna_porteur": "W107777777", "lieu": "lieu-0003"},
        {"vague": UNKNOWN, "nom_lieu": "D'une vague inconnue", "lieu": "lieu-0006"},
    ],
    "lieux": [{"lieu": "lieu-0009", "nom": "Nouveau caché"}],
    "vagues": [{"vague": EMBARGOED, "dispositif": "fabrique_de_territoire", "nb_laureats": 3}],
    "conventions": [
        {
            **CONVENTION,
            "idConvention": "C-9",
            "vague": EMBARGOED,
            "nomBeneficiaire": "Porteur embargo",
            "rnaBeneficiaire": "W108888888",
            "objet": "Nouveau lieu",
            "numeroEJ": "2100000009",
        },
        {
            **CONVENTION,
            "idConvention": "C-10",
            "attribution": "lieu-0009_fdt-77",
            "nomBeneficiaire": "Porteur embargo bis",
            "objet": "Suite",
        },
        {**CONVENTION, "idConvention": "C-11", "vague": EMBARGOED, "nomBeneficiaire": "Autre", "objet": "Part", "numeroEJ": "2100000010"},
        {**CONVENTION, "idConvention": "C-12", "vague": EMBARGOED, "nomBeneficiaire": "Autre", "objet": "Part", "numeroEJ": "2100000010"},
    ],
    "versements": [
        {"numero_ej": "2100000009", "montant_paye": "9999.00", "fournisseur_paye": "PORTEUR EMBARGO", "exercice": 2026},
        # Two agreements hold this commitment: the payment is attached to neither.
        {"numero_ej": "2100000010", "montant_paye": "8888.00", "fournisseur_paye": "PORTEUR EMBARGO", "exercice": 2026},
    ],
    "candidatures": [{"candidature": "D-9", "vague": EMBARGOED, "decision": "retenue", "porteur": "Candidate sous embargo"}],
    "echeancier": [{"convention": "C-9", "annee": 2026, "montant_engage": "7777.00"}],
    "suivi": [{"lieu": "lieu-0009", "annee": 2022, "visiteurs": 99, "champs_publiables": "visiteurs"}],
}


def with_embargo() -> dict[str, list[dict[str, object]]]:
    """The programme and the wave under embargo, in the same deliveries."""
    return {name: [*rows, *UNDER_EMBARGO.get(name, ())] for name, rows in PROGRAMME.items()}


def sources(folder: Path, tables: Mapping[str, Sequence[Row]], declared: Sequence[Row] = ()) -> dict[str, pl.LazyFrame]:
    """The tables of `protect.sources_of`, made from accepted rows by model and evaluate; their counts as validate would write them."""
    inputs = write(folder / "validate", tables, REFERENCE)
    pl.DataFrame(_delivery_rows(tables, declared), schema=LIVRAISONS).write_parquet(inputs["livraisons"])
    warehouse = folder / "entrepot.duckdb"
    made = {f"model/{name}": path for name, path in build(inputs, programme.load(), warehouse, folder / "model").items()}
    made |= {f"evaluate/{name}": path for name, path in evaluate(warehouse, folder / "evaluate").items()}
    made |= {f"validate/{name}": path for name, path in inputs.items()}
    frames = {name: pl.scan_parquet(path) for name, path in made.items()}
    frames["validate/qualite"] = pl.LazyFrame(
        [
            {"livraison": f"{name}-000000000000", "regle": "type-error", "champ": None, "lignes": 1, "etape": "validation"}
            for name in tables
        ],
        schema=QUALITE,
    )
    return frames


def delivered(frames: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """The delivered tables among the sources: they hold the private fields."""
    return {name: frames[f"validate/{name}"] for name in TABLES}


def _delivery_rows(tables: Mapping[str, Sequence[Row]], declared: Sequence[Row]) -> list[dict[str, object]]:
    """One line a delivery, the default delivery of a table counting the rows that name no other.

    `declared` gives the `mode` and the `date` of a `livraison`; by default, all that is delivered adds up.
    """
    known = {str(row["livraison"]): row for row in declared}
    counts: dict[tuple[str, str], int] = {}
    for table, rows in tables.items():
        for row in rows:
            key = (str(row.get("livraison", f"{table}-000000000000")), table)
            counts[key] = counts.get(key, 0) + 1
    return [
        {
            "livraison": name,
            "table": table,
            "fichier": f"{name}.csv",
            "sha256": "0" * 64,
            "date": AS_OF,
            "fictif": True,
            "etat": "acceptée",
            "enregistrements": rows + 2,
            "lignes_recues": rows + 1,
            "lignes_valides_telles_quelles": rows - 1,
            "lignes_acceptees": rows,
            "lignes_rejetees": 1,
            "cellules_modifiees": 0,
            "mode": "ajoute",
            "entree": name,
            **known.get(name, {}),
        }
        for (name, table), rows in counts.items()
    ]
