"""Whether a bearer or a beneficiary is a legal person: on evidence only, and a doubt masks."""

from pathlib import Path

import pytest

from tests.model.delivered import build_model

RNA, TOWN_SIREN, FIRM_SIREN, OTHER_SIREN = "W123456789", "210000012", "552100554", "732829320"
LEGAL, NATURAL, UNPROVEN, NOBODY = "personne_morale", "personne_physique", "non_etabli", "sans_porteur"

# What a result line says of its bearer → what is established.
LINES: list[tuple[dict[str, str], str]] = [
    ({}, NOBODY),
    ({"porteur": "Dupont"}, UNPROVEN),
    ({"porteur": "Les Amis", "rna_porteur": RNA}, LEGAL),
    ({"porteur": "Mairie", "siret_porteur": f"{TOWN_SIREN}00019"}, LEGAL),
    ({"porteur": "Dupont", "siret_porteur": f"{FIRM_SIREN}00019"}, UNPROVEN),
    ({"siret_porteur": f"{OTHER_SIREN}00074"}, UNPROVEN),
    ({"porteur": "Les Amis", "forme_juridique": "Association loi 1901"}, LEGAL),
    ({"porteur": "Coop", "forme_juridique": "Société coopérative d'intérêt collectif"}, LEGAL),
    ({"porteur": "Coop", "forme_juridique": "SCIC-SARL"}, LEGAL),
    ({"porteur": "Dupont", "forme_juridique": "Entrepreneur individuel"}, NATURAL),
    ({"porteur": "Dupont", "forme_juridique": "Entreprise Individuelle"}, NATURAL),
    ({"porteur": "Dupont", "forme_juridique": "Micro-entreprise"}, NATURAL),
    ({"porteur": "Dupont", "forme_juridique": "E.I.R.L."}, UNPROVEN),  # not a word of the list: no evidence of anything
    ({"porteur": "Dupont", "forme_juridique": "EIRL"}, NATURAL),
    ({"porteur": "Dupont", "forme_juridique": "personne physique", "rna_porteur": RNA}, NATURAL),
    ({"porteur": "Dupont", "forme_juridique": "artisan, société en cours de création"}, NATURAL),
    ({"porteur": "Collectif", "forme_juridique": "association non déclarée"}, UNPROVEN),
    ({"porteur": "Collectif", "forme_juridique": "société de fait"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "à préciser"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "sarrasin"}, UNPROVEN),  # holds « sa », not as a word
    ({"porteur": "Dupont", "forme_juridique": "artiste-auteur, ville de Lyon"}, NATURAL),
    ({"porteur": "Dupont", "forme_juridique": "agricultrice (région Bretagne)"}, NATURAL),
    # A word of the list elsewhere than at the head, or a short one that is not the whole form, is no evidence.
    ({"porteur": "Dupont", "forme_juridique": "vit chez sa mère"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "sa compagne et lui"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "graphiste, commune de Lyon"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "région parisienne"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "membre d'une association"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "SCI familiale"}, UNPROVEN),
    ({"porteur": "Coop", "forme_juridique": "SCIC SA"}, LEGAL),
    ({"porteur": "Coop", "forme_juridique": "S.A. coopérative"}, UNPROVEN),
    ({"porteur": "Coop", "forme_juridique": "SAS coopérative"}, LEGAL),
    ({"porteur": "Banque", "forme_juridique": "SA"}, LEGAL),
    ({"porteur": "Mairie", "forme_juridique": "Commune de Saint-Élie"}, LEGAL),
    ({"porteur": "Région", "forme_juridique": "Région Grande-Vallée"}, LEGAL),
    ({"porteur": "Campus", "forme_juridique": "Université de technologie"}, LEGAL),
    ({"porteur": "Mairie", "forme_juridique": "Mairie"}, LEGAL),
    ({"porteur": "Mairie", "forme_juridique": "Mairie de Saint-Élie"}, LEGAL),
    # What somebody is in a body is not the body.
    ({"porteur": "Dupont", "forme_juridique": "Mairie (conseillère)"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "Mairie de Saint-Élie, adjoint"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "association (représentée par sa fondatrice)"}, UNPROVEN),
    ({"porteur": "Dupont", "forme_juridique": "coopérative d'activité, entrepreneur salarié"}, NATURAL),
    # A name that says a natural person wins over every evidence.
    ({"porteur": "Mme Dupont", "rna_porteur": RNA}, NATURAL),
    ({"porteur": "MME DUPONT", "siret_porteur": f"{TOWN_SIREN}00019"}, NATURAL),
    ({"porteur": "M. Dupont", "forme_juridique": "association"}, NATURAL),
    ({"porteur": "M.Dupont", "forme_juridique": "association"}, NATURAL),
    ({"porteur": "M DUPONT JEAN", "forme_juridique": "association"}, NATURAL),
    ({"porteur": "M. et Mme Dupont", "forme_juridique": "association"}, NATURAL),
    ({"porteur": "Monsieur Le Goff", "forme_juridique": "association"}, NATURAL),
    ({"porteur": "Dupont Jeanne (Mme)", "forme_juridique": "association"}, NATURAL),
    ({"porteur": "Dupont EI", "forme_juridique": "SARL"}, NATURAL),
    ({"porteur": "EI DUPONT", "rna_porteur": RNA}, NATURAL),
    ({"porteur": "Dupont (E.I.)", "rna_porteur": RNA}, NATURAL),
    ({"porteur": "DUPONT EIRL", "rna_porteur": RNA}, NATURAL),
    ({"porteur": "Entreprise individuelle Dupont", "rna_porteur": RNA}, NATURAL),
    ({"porteur": "Dupont (auto-entrepreneur)", "forme_juridique": "SARL"}, NATURAL),
    ({"porteur": "Dupont, micro-entrepreneuse", "forme_juridique": "SARL"}, NATURAL),
    # What only looks like it.
    ({"porteur": "M.J.C. de Saint-Élie", "forme_juridique": "association"}, LEGAL),
    ({"porteur": "MJC Monsieur Loyal", "forme_juridique": "association"}, LEGAL),
    ({"porteur": "A.P.E.I. Les Papillons", "forme_juridique": "association"}, LEGAL),
    ({"porteur": "MONSIEUR LE MAIRE DE SAINT-ELIE", "siret_porteur": f"{TOWN_SIREN}00019"}, LEGAL),
    ({"porteur": "Maison des auto-entrepreneurs", "forme_juridique": "association"}, LEGAL),
    ({"porteur": "Le Meilleur", "forme_juridique": "association"}, LEGAL),
]


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    model = build_model(tmp_path_factory.mktemp("porteurs"), {"resultats": [said for said, _ in LINES]})
    return model["attributions"].sort("ligne")["statut_porteur"].to_list()


@pytest.mark.parametrize("number", range(len(LINES)), ids=[" ".join(said.values()) or "rien" for said, _ in LINES])
def test_status_of_a_line(statuses: list[str], number: int) -> None:
    assert statuses[number] == LINES[number][1]


def test_the_registry_proves_for_the_same_bearer_only(tmp_path: Path) -> None:
    registry = [
        {
            "lieu": "lieu-0001",
            "porteur": "Les Amis",
            "statut_porteur": LEGAL,
            "preuve_statut": "annonce au Journal officiel",
            "siren": FIRM_SIREN,
        },
        {"lieu": "lieu-0002", "porteur": "Sans preuve", "statut_porteur": LEGAL},
        {"lieu": "lieu-0003", "porteur": "Dupont", "statut_porteur": NATURAL},
        {"lieu": "lieu-0004"},
    ]
    results = [
        {"lieu": "lieu-0001", "vague": "1", "porteur": "les amis"},
        {"lieu": "lieu-0001", "vague": "2", "porteur": "Madame Martin"},
        {"lieu": "lieu-0002", "vague": "1", "porteur": "Sans preuve"},
        {"lieu": "lieu-0003", "vague": "1", "porteur": "DUPONT", "forme_juridique": "association"},
        {"lieu": "lieu-0004", "vague": "1", "porteur": "Les Amis"},
        {"lieu": "lieu-0001", "vague": "3"},
    ]
    model = build_model(tmp_path, {"resultats": results, "lieux": registry})
    awards = model["attributions"].sort("ligne")
    assert awards["statut_porteur"].to_list() == [LEGAL, NATURAL, UNPROVEN, NATURAL, UNPROVEN, NOBODY]
    assert awards["siren"].to_list() == [FIRM_SIREN, None, None, None, None, None]
    assert model["lieux"]["statut_porteur"].to_list() == [LEGAL, UNPROVEN, NATURAL, UNPROVEN]
    assert model["lieux"]["porteur"].to_list() == ["Les Amis", "Sans preuve", "Dupont", "Les Amis"]


def test_a_siren_has_one_status_wherever_it_appears(tmp_path: Path) -> None:
    """A natural person declared in one delivery is masked in all, payments included; a proof in one holds for all."""
    tables = {
        "resultats": [
            {
                "vague": "1",
                "porteur": "Boutique Dupont",
                "siret_porteur": f"{FIRM_SIREN}00019",
                "forme_juridique": "entrepreneur individuel",
            },
            {"vague": "1", "porteur": "Les Amis", "siret_porteur": f"{OTHER_SIREN}00074", "rna_porteur": RNA},
        ],
        "conventions": [
            {"nomBeneficiaire": "Dupont", "idBeneficiaire": f"{FIRM_SIREN}00027", "montant": "1.00", "rnaBeneficiaire": "W987654321"},
            {"nomBeneficiaire": "Les Amis", "idBeneficiaire": f"{OTHER_SIREN}00017", "montant": "2.00"},
            {"nomBeneficiaire": "Association inconnue", "montant": "3.00"},
        ],
        "versements": [
            {"numero_ej": "1", "siret": f"{FIRM_SIREN}00035", "fournisseur_paye": "DUPONT", "montant_paye": "1.00"},
            {"numero_ej": "2", "siret": f"{OTHER_SIREN}00025", "montant_paye": "1.00"},
            {"numero_ej": "3", "siret": f"{TOWN_SIREN}00019", "montant_paye": "1.00"},
            {"numero_ej": "4", "fournisseur_paye": "LES AMIS", "montant_paye": "1.00"},
            {"numero_ej": "5", "montant_paye": "1.00"},
        ],
    }
    model = build_model(tmp_path, tables)
    assert model["attributions"].sort("ligne")["statut_porteur"].to_list() == [NATURAL, LEGAL]
    assert model["conventions"].sort("ligne")["statut_beneficiaire"].to_list() == [NATURAL, LEGAL, UNPROVEN]
    assert model["versements"].sort("ligne")["statut_fournisseur"].to_list() == [NATURAL, LEGAL, LEGAL, UNPROVEN, NOBODY]


def test_a_name_that_says_a_natural_person_masks_its_siren_everywhere_but_not_a_public_body(tmp_path: Path) -> None:
    """The contradiction masks both lines of one SIREN; an agent paid under the town's number leaves the town as it is."""
    tables = {
        "conventions": [
            {"nomBeneficiaire": "Mme Dupont", "idBeneficiaire": f"{FIRM_SIREN}00019", "montant": "1.00"},
            {"nomBeneficiaire": "Dupont", "idBeneficiaire": f"{FIRM_SIREN}00027", "montant": "2.00", "formeJuridiqueBeneficiaire": "SARL"},
            {"nomBeneficiaire": "Ville", "idBeneficiaire": f"{TOWN_SIREN}00019", "montant": "3.00"},
            {"nomBeneficiaire": "Les Amis", "idBeneficiaire": f"{OTHER_SIREN}00017", "montant": "4.00", "rnaBeneficiaire": RNA},
        ],
        "versements": [
            {"numero_ej": "1", "siret": f"{TOWN_SIREN}00019", "fournisseur_paye": "MME DUPONT", "montant_paye": "1.00"},
            {"numero_ej": "2", "siret": f"{TOWN_SIREN}00019", "fournisseur_paye": "VILLE", "montant_paye": "1.00"},
            {"numero_ej": "3", "siret": f"{OTHER_SIREN}00017", "fournisseur_paye": "MARTIN EI", "montant_paye": "1.00"},
            {"numero_ej": "4", "siret": f"{FIRM_SIREN}00027", "fournisseur_paye": "DUPONT", "montant_paye": "1.00"},
            {"numero_ej": "5", "fournisseur_paye": "EI MARTIN", "montant_paye": "1.00"},
        ],
    }
    model = build_model(tmp_path, tables)
    assert model["conventions"].sort("ligne")["statut_beneficiaire"].to_list() == [NATURAL, NATURAL, LEGAL, NATURAL]
    assert model["versements"].sort("ligne")["statut_fournisseur"].to_list() == [NATURAL, LEGAL, NATURAL, NATURAL, NATURAL]
