"""A policy that would let a private field through, or forgets one, is refused before any row is read."""

import re
from pathlib import Path

import pytest

from pipeline import schema
from pipeline.protect import policy
from pipeline.schema import schemas_dir

SHIPPED = (schemas_dir() / "protection.toml").read_text(encoding="utf-8")


def refused(folder: Path, before: str, after: str) -> str:
    """The sentence that refuses the shipped policy with one passage changed."""
    assert SHIPPED.count(before) >= 1
    path = folder / "protection.toml"
    path.write_text(SHIPPED.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(policy.PolicyError) as error:
        policy.read(path)
    return str(error.value)


def test_the_shipped_policy_holds_and_knows_its_file() -> None:
    assert re.fullmatch("[0-9a-f]{64}", policy.load().sha256)
    assert tuple(sorted(policy.load().tables)) == schema.names("public")


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            'site_web = "WEB"',
            'site_web = "MAIL"',
            "recensement.site_web : alimenté par « recensement.MAIL », dont la diffusion est « interdite »",
        ),
        (
            'categorie = "categorie"',
            'categorie = { champ = "forme_juridique", calcul = "texte" }',
            "fabriques.categorie : alimenté par « resultats.forme_juridique », dont la diffusion est « interdite »",
        ),
        (
            'nom = { regle = "nom_du_lieu", origine = ["lieux.nom", "resultats.nom_lieu"] }',
            'nom = { regle = "nom_du_lieu", origine = ["lieux.noms_anterieurs"] }',
            "alimenté par « lieux.noms_anterieurs », dont la diffusion est « interdite »",
        ),
        ('types = "types"', 'types = "genres"', "fabriques.types : rien ne dit d'où vient « genres »"),
        ('origine = ["resultats.nature"]', 'origine = ["resultats.natures"]', "origine « resultats.natures » inconnue"),
        ('types = "types"\n', "", "fabriques.types : champ public sans règle"),
        ('types = "types"\n', 'types = "types"\ncourriel = "types"\n', "fabriques.courriel : règle pour un champ que la table n'a pas"),
        ('porteur = { regle = "identite" }', 'porteur = { regle = "identites" }', "fabriques.porteur : règle « identites » inconnue"),
        ('classes = ["personne_morale"]', 'classes = ["personne_moral"]', "règle « identite » : classe « personne_moral » inconnue"),
        ("[classes.sans_porteur]", "[classes.inconnu]", "classe « inconnu » inconnue ; classe « sans_porteur » absente"),
        ("[textes.iban]", "[textes.rib]", "règle de textes « iban » absente"),
        ("[lignes.embargo]", "[lignes.retard]", "règle de lignes « embargo » absente"),
        (
            'lignes = ["embargo", "sans_source"]',
            'lignes = ["embargo", "sans_page"]',
            "attributions : règle de lignes « sans_page » inconnue",
        ),
        ('livraisons = ["resultats"]', 'livraisons = ["resultat"]', "attributions : table livrée « resultat » inconnue"),
        ('codes = ["vague", "livraison"]', 'codes = ["vagues"]', "vagues : code « vagues » absent de la table"),
        (
            'note = "note"',
            'note = { regle = "objet" }',
            "vagues.note : la table n'a pas de statut, la règle « objet » ne peut pas s'appliquer",
        ),
        ('types = "types"', 'types = { regle = "identifiant" }', "fabriques.types : un numéro d'ordre ne remplace qu'une clé primaire"),
        ('version = "1.0.0"', 'version = "1.0.0"\nsecret = true', "secret : clé inconnue"),
        ('version = "1.0.0"', "version = ", "TOML illisible"),
        (
            "valeur = 5\nplancher = 3",
            "valeur = 2\nplancher = 3",
            "effectifs.seuil : 2, sous le plancher 3 ; un seuil se relève, il ne s'abaisse pas",
        ),
        ("valeur = 60", "valeur = 49", "effectifs.part_montree : 49, sous le plancher 50"),
        ("valeur = 60", "valeur = 101", "effectifs.part_montree : plus de 100 %"),
        ("valeur = 5", 'valeur = "5"', "effectifs.seuil.valeur : valeur mal formée"),
        ("valeur = 5", "valeur = 0", "effectifs.seuil.valeur : valeur mal formée"),
        ("[effectifs.amplitude_bas]", "[effectifs.amplitude]", "effectifs.amplitude : clé inconnue"),
    ],
)
def test_one_fault_is_told(tmp_path: Path, before: str, after: str, sentence: str) -> None:
    message = refused(tmp_path, before, after)
    assert message.startswith("protection.toml : ")
    assert sentence in message


def test_a_rule_without_a_source_or_a_field_is_refused(tmp_path: Path) -> None:
    assert "regles.objet.sources : clé obligatoire absente" in refused(
        tmp_path, '\nsources = [{ titre = "CRPA, art. L. 311-6 et L. 312-1-2" }]', ""
    )
    unused = '[regles.inutile]\nmotif = "x"\nclasses = ["personne_morale"]\nmarque = "K"\nsources = [{ titre = "x" }]\n\n[regles.objet]'
    assert "règle « inutile » sans champ" in refused(tmp_path, "[regles.objet]", unused)


def test_the_tables_are_those_of_the_schemas(tmp_path: Path) -> None:
    path = tmp_path / "protection.toml"
    path.write_text(SHIPPED.replace("tables.qualite", "tables.controles"), encoding="utf-8")
    with pytest.raises(policy.PolicyError, match="« controles » inconnue ; table publique « qualite » absente"):
        policy.read(path)


def test_a_missing_policy_is_told(tmp_path: Path) -> None:
    with pytest.raises(policy.PolicyError, match="fichier illisible"):
        policy.read(tmp_path / "protection.toml")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "protection.toml"
    path.write_text(SHIPPED.replace('types = "types"\n', "").replace('site_web = "WEB"', 'site_web = "CONTACT"'), encoding="utf-8")
    with pytest.raises(policy.PolicyError) as error:
        policy.read(path)
    assert all(part in str(error.value) for part in ("fabriques.types", "attributions.types", "recensement.CONTACT"))
