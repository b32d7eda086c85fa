import re
import tomllib

import pytest

from pipeline.harmonise.headers import Column, matched, refusal
from pipeline.schema import SchemaError, TableSchema, from_descriptor, load, names, schemas_dir
from pipeline.schema.labels import normalise_label
from pipeline.schema.vocabulary import Vocabulary, labels, read_vocabulary, vocabulary

SCHEMA: TableSchema = from_descriptor(
    {
        "name": "essai",
        "title": "Essai",
        "description": "Une petite table",
        "version": "1",
        "fields": [
            {"name": "porteur", "title": "Nom du porteur", "type": "string", "constraints": {"required": True}},
            {"name": "montant", "title": "Montant", "type": "number", "unit": "EUR", "constraints": {"required": True}},
            {"name": "code_compte", "title": "Code du compte", "type": "string"},
            {"name": "compte", "title": "Compte", "type": "string"},
            {"name": "debut", "title": "Date", "type": "date"},
            {"name": "fin", "title": "Date", "type": "date"},
        ],
    }
)
WORDS: Vocabulary = read_vocabulary(
    SCHEMA,
    {
        "alias": {
            "Structure": "porteur",
            "Montant total (€)": "montant",
            "Compte#1": "code_compte",
            "Compte#2": "compte",
            "Caisse#2": "compte",
        },
        "exclusifs": {"montant": ["Fonctionnement (1)", "Investissement (1)"]},
        "ignores": {"libelles": ["Raison sociale 2"]},
    },
)


def fields(*header: str) -> list[str | None]:
    return [column.champ for column in matched(list(enumerate(header)), WORDS)]


def test_a_name_then_an_alias_then_a_title() -> None:
    columns = matched([(0, "porteur"), (1, "MONTANT TOTAL"), (2, "Code du compte"), (5, "Couleur")], WORDS)
    assert columns == (
        Column(0, "porteur", "porteur", "exact"),
        Column(1, "MONTANT TOTAL", "montant", "alias"),
        Column(2, "Code du compte", "code_compte", "alias"),
        Column(5, "Couleur", None, "ignoree"),
    )


@pytest.mark.parametrize("label", ["Porteur", " PORTEUR ", "structure*", "Nom_du_porteur", "nom  du\nporteur", "N&#111;m du porteur"])
def test_case_accents_and_punctuation_make_no_difference(label: str) -> None:
    assert fields(label) == ["porteur"]


def test_a_title_that_two_fields_share_means_neither() -> None:
    assert fields("Date", "debut") == [None, "debut"]


def test_a_label_repeated_on_purpose_is_read_by_its_rank() -> None:
    assert fields("Compte", "porteur", "COMPTE") == ["code_compte", "porteur", "compte"]
    assert fields("porteur", "Compte") == ["porteur", "compte"], "alone, it is the wording"


def test_a_repeated_label_means_nothing_at_a_rank_that_nobody_declared() -> None:
    assert fields("Caisse", "Caisse") == [None, "compte"]
    assert fields("Compte", "Compte", "Compte") == ["code_compte", "compte", None]


@pytest.mark.parametrize("label", ["Libellé de l'été", "LibellÃ© de l'Ã©tÃ©", "LibellÃ© de l'été", "Libell├® de l'├®t├®"])
def test_a_label_decoded_twice_is_still_that_label(label: str) -> None:
    words = read_vocabulary(SCHEMA, {"alias": {"Libellé de l'été": "porteur"}})
    assert [column.champ for column in matched([(0, label)], words)] == ["porteur"]


def test_columns_that_exclude_each_other_feed_one_field_but_not_twice_the_same() -> None:
    columns = matched([(0, "Fonctionnement (1)"), (1, "Investissement\n(1)")], WORDS)
    assert [(column.champ, column.regle) for column in columns] == [("montant", "exclusive")] * 2
    assert faults("porteur", "Fonctionnement (1)", "Investissement (1)") is None
    assert faults("porteur", "Fonctionnement (1)") is None
    for other in ("Fonctionnement (1)", "Montant"):
        message = faults("porteur", "Fonctionnement (1)", other)
        assert message is not None
        assert message.startswith("plusieurs colonnes donnent le champ « montant »")


def test_a_label_known_to_feed_nothing_helps_to_find_the_header() -> None:
    assert fields("Raison sociale 2") == [None]
    assert {"raisonsociale2", "fonctionnement1"} <= WORDS.labels


def test_a_column_without_label_continues_a_label_that_comes_in_pairs() -> None:
    assert fields("Compte", "", "porteur", "") == ["code_compte", "compte", "porteur", None]
    assert fields("Compte", "", "") == ["code_compte", "compte", None]


def faults(*header: str, **constants: str) -> str | None:
    return refusal(matched(list(enumerate(header)), WORDS), constants, SCHEMA, WORDS)


def test_a_usable_header_is_not_refused() -> None:
    assert faults("porteur", "montant") is None
    assert faults("porteur", "couleur", "couleur", montant="12") is None


def test_two_columns_for_one_field_are_named() -> None:
    assert faults("porteur", "Structure", "montant") == (
        "plusieurs colonnes donnent le champ « porteur » (« porteur », « Structure ») : n'en garder qu'une"
    )


def test_a_missing_required_field_is_named_with_the_labels_that_are_accepted() -> None:
    assert faults("porteur") == (
        "champs obligatoires sans colonne : « montant » (libellés acceptés : « montant », « Montant », « Montant total (€) », "
        "« Fonctionnement (1) », « Investissement (1) ») ; les ajouter, ou déclarer leur valeur dans [source.constantes]"
    )


def test_a_constant_may_neither_contradict_a_column_nor_name_no_field() -> None:
    contradiction = faults("Structure", "montant", porteur="SECRET")
    unknown = faults("porteur", "montant", couleur="SECRET")
    empty = faults("porteur", montant=" ")
    assert contradiction == (
        "la constante déclarée « porteur » contredit la colonne « Structure » du fichier : "
        "retirer la constante du fichier des sources, ou la colonne du fichier livré"
    )
    assert unknown is not None
    assert unknown.startswith("la constante déclarée « couleur » n'est pas un champ de « essai »")
    assert empty == "la constante déclarée « montant » est vide : lui donner une valeur ou la retirer"
    assert "SECRET" not in contradiction + unknown


def test_a_header_of_another_table_says_so_without_repeating_its_labels() -> None:
    message = faults("Jeanne Martin", "3 rue Haute", debut="2024-01-01")
    assert message is not None
    assert message.startswith("aucune colonne de la table « essai » n'est reconnue")
    assert "Jeanne" not in message, "a line of data taken for a header holds values"


def test_every_fault_is_told_at_once() -> None:
    message = faults("Structure", "porteur", fin=" ")
    assert message is not None
    assert [part in message for part in ("« Structure »", "« fin » est vide", "« montant » (libellés")] == [True] * 3


@pytest.mark.parametrize(
    "alias",
    [
        {"Montant total": "prix"},  # no such field
        {"montant": "porteur"},  # the name of another field
        {"Somme": "montant", "SOMME !": "porteur"},
        {"Compte#1": "code_compte", "compte#1": "compte"},
    ],
)
def test_aliases_that_contradict_themselves_are_refused(alias: dict[str, str]) -> None:
    with pytest.raises(SchemaError, match=r"aliases\.toml de « essai »"):
        read_vocabulary(SCHEMA, {"alias": alias})


@pytest.mark.parametrize(
    "declared",
    [
        {"exclusifs": {"prix": ["Somme"]}},
        {"exclusifs": {"porteur": ["Montant"]}, "alias": {"Montant": "montant"}},
        {"ignores": {"libelles": ["Porteur"]}},
        {"valeurs": {"prix": {"un": "1"}}},
    ],
)
def test_other_declarations_that_contradict_the_schema_are_refused(declared: dict[str, object]) -> None:
    with pytest.raises(SchemaError, match=r"aliases\.toml de « essai »"):
        read_vocabulary(SCHEMA, declared)


def test_spaces_can_only_be_kept_in_a_field_that_exists() -> None:
    with pytest.raises(SchemaError, match="absents du schéma : objet"):
        read_vocabulary(SCHEMA, {"espaces": {"conserver": ["objet"]}})


@pytest.mark.parametrize("table", names("deliveries"))
def test_each_shipped_alias_leads_to_its_field_and_none_repeats_the_schema(table: str) -> None:
    schema, words = load("deliveries", table), vocabulary(table)
    declared = tomllib.loads((schemas_dir() / "deliveries" / table / "aliases.toml").read_text(encoding="utf-8"))["alias"]
    seen: set[str] = set()
    for label, field in declared.items():
        plain = re.sub(r"#[0-9]+$", "", label)
        assert normalise_label(plain) in labels(table)
        if plain != label:
            rank = int(label.rpartition("#")[2])
            columns = matched(list(enumerate([plain] * 2)), words)
            assert columns[rank - 1].champ == field
        else:
            assert [column.champ for column in matched([(0, label)], words)] == [field]
            assert normalise_label(label) not in seen | {normalise_label(field), normalise_label(schema.field(field).title)}, label
            seen.add(normalise_label(label))


@pytest.mark.parametrize("table", names("deliveries"))
def test_a_header_of_the_schema_s_own_names_is_exact(table: str) -> None:
    schema = load("deliveries", table)
    columns = matched(list(enumerate(schema.field_names)), vocabulary(table))
    assert [(column.champ, column.regle) for column in columns] == [(name, "exact") for name in schema.field_names]
    assert {normalise_label(name) for name in schema.field_names} <= labels(table)


# Labels as data.subvention reads them in the extraction INF-BUD-53, with what each holds.
CHORUS = {
    "N° EJ": "numero_ej",
    "N° poste EJ": "poste_ej",
    "Code taxe 1": "siret",
    "No TVA 3 (COM-RIDET ou TAHITI)": "numero_tva3",
    "Branche CODE": "code_branche",
    "Branche": "branche",
    "Référentiel de programmation": "referentiel_programmation",
    "Référentiel de programmation CODE": "code_referentiel_programmation",
    "N° DP": "numero_dp",
    "N° poste DP": "poste_dp",
    "Société": "societe",
    "Exercice comptable": "exercice",
    "Fournisseur payé (DP)": "fournisseur_paye",
    "Désignation de la structure": "designation_structure",
    "Centre financier": "centre_financier",
    "Centre financier CODE": "code_centre_financier",
    "Domaine fonctionnel": "domaine_fonctionnel",
    "Domaine fonctionnel CODE": "code_domaine_fonctionnel",
    "Montant payé": "montant_paye",
    "Date de dernière opération sur la DP": "date_derniere_operation",
}


def test_a_chorus_extraction_is_read_whole() -> None:
    columns = matched(list(enumerate(CHORUS)), vocabulary("versements"))
    assert {column.libelle: column.champ for column in columns} == CHORUS


def test_a_chorus_workbook_names_only_the_first_column_of_a_pair() -> None:
    columns = matched(list(enumerate(["N°&#32;EJ", "Centre&#32;financier", "", "Branche", "", "EUR"])), vocabulary("versements"))
    assert [column.champ for column in columns] == [
        "numero_ej",
        "code_centre_financier",
        "centre_financier",
        "code_branche",
        "branche",
        "montant_paye",
    ]


# Labels of files met, with what each holds; their spelling is that of the files.
FAMILIES = {
    "ancien format": {
        "ANNEE": "exercice",
        "COLL_NOM": "nomAttribuant",
        "COLL_TYPE": None,
        "ATTRIB_SIRET": "idBeneficiaire",
        "SUB_MONTANT": "montant",
    },
    "long": {
        "Identifiant RAE de l’aide au titre de laquelle la subvention est attribuée": "idRAE",
        "Date ou période de versement": "datesPeriodeVersement",
        "Montant du prêt": None,
    },
    "DILCRAH": {
        " Nom attributaire* ": "nomAttribuant",
        " Aide notifiée Ã\u00a0 l'Europe ": "notificationUE",
        " Date de versement ": "datesPeriodeVersement",
    },
    "SCDL d'autrefois": {
        "NomAttribuant": "nomAttribuant",
        "datesperiodeVersement": "datesPeriodeVersement",
        "NOM_Beneficiaire": "nomBeneficiaire",
    },
    "Maine-et-Loire": {
        "SIRET ou NIR": "idBeneficiaire",
        "Raison Sociale": "nomBeneficiaire",
        "Raison sociale 2": None,
        "Mandaté": "montant",
    },
    "Sarthe": {
        "Nom de l'organisme bénéficiaire": "nomBeneficiaire",
        "Montant\nde la subvention de fonctionnement (1)": "montant",
        "Montant\nde la subvention d'investissement (1)": "montant",
        "Montant du prêt\n(3)": None,
    },
    "Rennes": {"Bénéficiaire": "nomBeneficiaire", "Budget de l'année": "montant", "Libellé article": None},
    "État": {"nom_terr": "nomBeneficiaire", "dotation": "dispositifAide", "montant_sub": "montant", "pct_sub": None, "id_terr": None},
    "INF-BUD-53": {"Code taxe 1": "idBeneficiaire", "EUR": "montant", "Date de dernière opération sur la DP": "datesPeriodeVersement"},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_known_families_of_headers(family: str) -> None:
    columns = matched(list(enumerate(FAMILIES[family])), vocabulary("subventions"))
    assert {column.libelle: column.champ for column in columns} == FAMILIES[family]


def test_of_the_two_columns_of_a_chorus_pair_the_wording_names_the_beneficiary() -> None:
    for header in (["Fournisseur payé (DP)", "Fournisseur payé (DP)", "EUR"], ["Fournisseur payé (DP)", "", "EUR"]):
        columns = matched(list(enumerate(header)), vocabulary("subventions"))
        assert [column.champ for column in columns] == [None, "nomBeneficiaire", "montant"]
