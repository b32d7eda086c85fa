"""What each class of row shows, table by table, on a programme where every case occurs."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline import schema
from pipeline.protect import policy
from pipeline.protect.protect import Protected, ProtectError, protect, sources_of
from tests.protect import chain

MASKED = ("personne_physique", "non_etabli")
Frames = dict[str, pl.LazyFrame]


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return chain.sources(tmp_path_factory.mktemp("programme"), chain.PROGRAMME)


@pytest.fixture(scope="module")
def frames_with_embargo(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    return chain.sources(tmp_path_factory.mktemp("embargo"), chain.with_embargo())


@pytest.fixture(scope="module")
def public(frames: Frames) -> Protected:
    return protect(frames, policy.load(), chain.AS_OF)


@pytest.fixture(scope="module")
def public_under_embargo(frames_with_embargo: Frames) -> Protected:
    return protect(frames_with_embargo, policy.load(), chain.AS_OF)


def row(built: Protected, name: str, /, **key: object) -> dict[str, object]:
    """The only row that has these values."""
    found = built.tables[name].filter(**key)
    assert found.height == 1
    return found.row(0, named=True)


@pytest.mark.parametrize("table", schema.names("public"))
def test_columns_are_the_allow_list(public: Protected, table: str) -> None:
    public_schema = schema.load("public", table)
    assert list(public.tables[table].schema.items()) == list(public_schema.polars_schema.items())
    assert set(policy.load().tables[table].champs) == set(public_schema.field_names)
    assert public.tables[table].height > 0 or table == "candidatures_agregees"  # no rule of confidentiality fills it yet
    assert public.tables[table][public_schema.primary_key[0]].is_sorted()


def test_no_other_table(public: Protected) -> None:
    assert tuple(public.tables) == schema.names("public")


def test_a_legal_person_is_named_and_led_back_to_its_line(public: Protected) -> None:
    place = row(public, "fabriques", fabrique="lieu-0001")
    assert (place["nom"], place["porteur"], place["rna"], place["statut_porteur"]) == (
        "Le L@bo",
        "Association des Fictions",
        "W101000001",
        "personne_morale",
    )
    assert place["ligne"] == 2
    award = row(public, "attributions", attribution="lieu-0001_fdt-01")
    assert (award["porteur"], award["source_url"], award["ligne"]) == ("Association des Fictions", chain.PAGE, 2)
    agreement = row(public, "conventions", convention="C-1")
    assert [agreement[name] for name in ("objet", "numero_ej", "reference_decision", "rna_beneficiaire")] == [
        "Fonctionnement",
        "2100000001",
        "D-1",
        "W101000001",
    ]


def test_a_natural_person_keeps_only_the_commune(public: Protected) -> None:
    place = row(public, "fabriques", fabrique="lieu-0002")
    assert {name for name, value in place.items() if value is not None} == {
        "fabrique", "statut_porteur", "categorie", "commune", "code_commune", "departement", "nom_departement", "region", "code_region",
        "population_commune", "premiere_vague", "derniere_vague", "attributions", "relabellise", "livraison",
    }  # fmt: skip
    award = row(public, "attributions", attribution="lieu-0002_fdt-01")
    assert [award[name] for name in ("nom_lieu", "porteur", "source_url", "ligne")] == [None] * 4
    assert award["commune"] == "Valbourg"
    later = row(public, "attributions", attribution="lieu-0002_fdt-03")  # it names no bearer, but the registry does
    assert [later[name] for name in ("nom_lieu", "source_url", "ligne")] == [None] * 3


def test_a_place_taken_over_by_a_legal_person_is_not_named_by_the_earlier_award(public: Protected) -> None:
    """The registry names the bearer of today, but not the place: the only award that does is a natural person's."""
    place = row(public, "fabriques", fabrique="lieu-0008")
    assert [place[name] for name in ("porteur", "rna", "nom", "source_url")] == [
        "Association qui a repris le lieu",
        "W103000003",
        None,
        None,
    ]


def test_an_unproved_bearer_is_masked_but_the_announced_name_of_the_place_stays(public: Protected) -> None:
    award = row(public, "attributions", attribution="lieu-0003_fdt-01")
    assert [award[name] for name in ("nom_lieu", "source_url", "porteur", "ligne")] == ["StationW @ 153", chain.PAGE, None, None]


def test_a_place_without_bearer_leads_back_to_its_line(public: Protected) -> None:
    award = row(public, "attributions", attribution="lieu-0004_fdt-01")
    assert (award["nom_lieu"], award["ligne"]) == ("Lieu sans porteur", 5)


def test_a_masked_agreement_shows_amount_and_dates_only(public: Protected) -> None:
    rows = public.tables["conventions"].filter(pl.col("statut_beneficiaire").is_in(MASKED))
    assert rows.height == 2
    hidden = ("reference_decision", "nom_beneficiaire", "siret_beneficiaire", "rna_beneficiaire", "objet", "numero_ej", "ligne")
    assert rows.select(hidden).null_count().row(0) == (2,) * len(hidden)
    assert rows.select("montant", "date_convention", "dates_periode_versement").null_count().row(0) == (0, 0, 0)
    assert rows["conditions_versement"].to_list().count("échelonné") == 1  # the other one is a free text


def test_a_payment_is_no_more_open_than_its_agreement(public: Protected) -> None:
    paid = public.tables["versements"].filter(montant_paye=30_000).row(0, named=True)  # a public body paid under an unproved agreement
    assert [paid[name] for name in ("statut_fournisseur", "nom_beneficiaire", "siret_beneficiaire", "numero_ej", "ligne")] == [
        "non_etabli",
        *[None] * 4,
    ]
    assert paid["convention"] in set(public.tables["conventions"].filter(statut_beneficiaire="non_etabli")["convention"])
    assert row(public, "versements", numero_ej="2100000001")["nom_beneficiaire"] == "MINISTERE"
    assert public.tables["versements"]["montant_paye"].sum() == 120_010


def test_the_id_of_a_masked_row_says_nothing_of_its_line_nor_of_its_number(public: Protected, frames: Frames) -> None:
    for table, keep in (("attributions", "^lieu-"), ("conventions", "^$"), ("versements", "^$")):
        key = schema.load("public", table).primary_key[0]
        masked = public.tables[table].filter(pl.col("ligne").is_null(), ~pl.col(key).str.contains(keep))
        assert masked[key].to_list() == [f"masquee-{table.replace('attributions', 'resultats')}-000000000000-{n:04}" for n in (1, 2)]
        assert not set(masked[key]) & set(frames[f"model/{table}"].collect()[key])


def test_the_order_of_masked_rows_follows_neither_lines_nor_numbers(tmp_path: Path, public: Protected) -> None:
    """The same rows in the other order, their numbers exchanged, publish the same ids for the same content."""
    exchanged = {"C-1": "C-1", "C-2": "C-3", "C-3": "C-2"}
    rows = [line | {"idConvention": exchanged[str(line["idConvention"])]} for line in chain.PROGRAMME["conventions"][::-1]]
    other = protect(chain.sources(tmp_path, chain.PROGRAMME | {"conventions": rows}), policy.load(), chain.AS_OF)
    assert_frame_equal(*(built.tables["conventions"].filter(pl.col("ligne").is_null()) for built in (public, other)))


def test_only_fabriques_are_fabriques(public: Protected) -> None:
    assert public.tables["fabriques"]["fabrique"].to_list() == [
        "lieu-0001",
        "lieu-0002",
        "lieu-0003",
        "lieu-0004",
        "lieu-0006",
        "lieu-0008",
    ]
    manufacture = row(public, "attributions", dispositif="manufacture_de_proximite")
    assert (manufacture["fabrique"], manufacture["nom_lieu"]) == (None, "La Manufacture")


def test_a_line_without_wave_is_public_by_its_page_only(public: Protected) -> None:
    assert public.tables["attributions"].filter(pl.col("vague").is_null())["nom_lieu"].to_list() == ["Annoncé sans vague"]
    hidden = public.account.filter(pl.col("etape") == "lignes").select("table", "regle", "nombre").rows()
    assert hidden == [
        ("attributions", "sans_source", 1),
        ("fabriques", "autre_dispositif", 1),
        ("fabriques", "sans_label", 1),
        ("livraisons", "sans_ligne_publique", 2),  # of applications, and a second follow-up of a place
        ("qualite", "embargo", 1),  # of the registry, which holds a place that nothing announced
        ("qualite", "sans_ligne_publique", 1),
        ("suivi", "autre_dispositif", 1),
        ("suivi", "doublon", 1),
        ("suivi", "lieu_inconnu", 1),
        ("suivi", "non_declare", 1),
        ("vagues", "embargo", 2),  # fdt-10 and mp-2024, announced later
    ]


def test_addresses_leave_texts_and_names_with_an_at_sign_stay(public: Protected) -> None:
    assert public.tables["recensement"].select("nom", "site_web").rows() == [
        ("BUROL@B", "https://www.facebook.com/Les-Passerelles-1079491368762264/"),
        ("Nomade", None),
    ]
    assert public.account.filter(etape="textes").select("table", "champ", "regle", "nombre").rows() == [
        ("recensement", "site_web", "courriel", 1),
        ("subventions", "nom_attribuant", "identite_repetee", 1),
    ]


def test_a_natural_person_named_in_another_table_is_masked_there_too(tmp_path: Path) -> None:
    census = [{"ID": "1", "NOM_TL": "zoé fictive", "ADRESSE": "SIRET 00012345600017"}]
    built = protect(chain.sources(tmp_path, chain.PROGRAMME | {"recensement": census}), policy.load(), chain.AS_OF)
    assert built.tables["recensement"].select("nom", "adresse").row(0) == ("Non publié", None)


@pytest.mark.parametrize("table", sorted(set(schema.names("public")) - {"livraisons", "qualite"}))
def test_under_embargo_is_as_if_never_delivered(public: Protected, public_under_embargo: Protected, table: str) -> None:
    """The wave relabels a place, renames another, moves two, brings a new one, an agreement, a payment: none of it shows."""
    assert_frame_equal(public_under_embargo.tables[table], public.tables[table])


def test_deliveries_that_hold_reserved_lines_do_not_count_them(public_under_embargo: Protected) -> None:
    deliveries = public_under_embargo.tables["livraisons"]
    counted = {f"{table}-000000000000" for table in ("indicateurs_publies", "recensement", "subventions")}
    assert set(deliveries.filter(pl.col("lignes_recues").is_not_null())["livraison"]) == counted
    assert set(public_under_embargo.tables["qualite"]["livraison"]) == counted
    counts = (
        "enregistrements",
        "lignes_recues",
        "lignes_valides_telles_quelles",
        "lignes_acceptees",
        "lignes_rejetees",
        "cellules_modifiees",
    )
    silent = deliveries.filter(~pl.col("livraison").is_in(counted))
    assert silent.height == 7 and silent.select(counts).null_count().row(0) == (7,) * len(counts)


def test_a_delivery_with_nothing_public_is_not_named(tmp_path: Path) -> None:
    apart = chain.PROGRAMME | {
        name: [
            *chain.PROGRAMME[name],
            *({**line, "livraison": f"{name}-ffffffffffff", "ligne": n} for n, line in enumerate(chain.UNDER_EMBARGO[name], 2)),
        ]
        for name in ("resultats", "conventions", "versements")
    }
    built = protect(chain.sources(tmp_path, apart), policy.load(), chain.AS_OF)
    named = built.tables["livraisons"]
    assert not named["livraison"].str.ends_with("ffffffffffff").any()
    assert named.filter(table="resultats")["lignes_acceptees"].to_list() == [len(chain.PROGRAMME["resultats"])]
    assert not built.tables["qualite"]["livraison"].str.ends_with("ffffffffffff").any()


def test_a_delivery_whose_lines_were_all_rejected_says_nothing_of_their_wave(tmp_path: Path) -> None:
    frames = chain.sources(tmp_path, chain.PROGRAMME)
    rejected = frames["validate/livraisons"].filter(table="resultats").with_columns(pl.lit("resultats-eeeeeeeeeeee").alias("livraison"))
    frames["validate/livraisons"] = pl.concat([frames["validate/livraisons"], rejected])
    assert "resultats-eeeeeeeeeeee" not in set(protect(frames, policy.load(), chain.AS_OF).tables["livraisons"]["livraison"])


def test_a_delivery_that_tells_a_wave_twice_does_not_count_its_lines(tmp_path: Path) -> None:
    """The line that the model leaves aside could be of any wave."""
    twice = chain.PROGRAMME | {"vagues": chain.PROGRAMME["vagues"] * 2}
    built = protect(chain.sources(tmp_path, twice), policy.load(), chain.AS_OF)
    assert row(built, "livraisons", table="vagues")["lignes_recues"] is None


def test_the_embargo_ends_on_the_day_of_the_announcement(frames: Frames) -> None:
    """Wave 1 was announced on 3 February 2020, the manufactures on 8 December 2021."""
    waves = {
        day: set(protect(frames, policy.load(), day).tables["attributions"]["vague"].drop_nulls())
        for day in (date(2020, 2, 2), date(2020, 2, 3))
    }
    assert waves == {date(2020, 2, 2): set(), date(2020, 2, 3): {"fdt-01"}}
    early = protect(frames, policy.load(), date(2020, 2, 2)).tables
    assert early["fabriques"]["fabrique"].to_list() == ["lieu-0006"]
    assert (early["conventions"].height, early["vagues"].height) == (0, 0)
    assert early["versements"]["montant_paye"].to_list() == [10]  # the one that no agreement under embargo claims


def test_a_missing_table_is_said(frames: Frames) -> None:
    with pytest.raises(ProtectError, match="sans model/lieux"):
        protect({name: frame for name, frame in frames.items() if name != "model/lieux"}, policy.load(), chain.AS_OF)
    assert "model/lieux" in sources_of(policy.load())
