"""Texts: what is an address or a number is emptied, what only looks like one stays."""

import csv
from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import texts
from pipeline.protect.texts import UNPUBLISHED, Known, known_contacts


def scan(frame: pl.DataFrame, known: Known, codes: tuple[str, ...], required: tuple[str, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One table scanned by itself."""
    return texts.scan(frame, texts.broken([(frame, codes)], known), codes, required)


def verdict(text: str, known: Known | None = None, codes: tuple[str, ...] = ()) -> str | None:
    """The rule that a text breaks."""
    clean, hits = scan(pl.DataFrame({"texte": [text, "innocent"]}), known or Known(), codes, ())
    assert clean["texte"].to_list() == [None if hits.height else text, "innocent"]
    return hits["regle"].item() if hits.height else None


@pytest.mark.parametrize(
    "text",
    [
        "Le L@bo", "StationW @ 153", "BUROL@B", "StationW @ Bliss", "L'@telier", "Info@Leze", "@fablabvannes", "https://twitter.com/@fablabvannes",
        "Linkedin / Twitter: @leKUB16210", "https://www.facebook.com/pages/Terre-dentreprises/1621083588168107",
        "https://www.facebook.com/Les-Passerelles-42-Espace-CoWorking-Roubaix-1079491368762264/?fref=ts",
        "https://www.facebook.com/profile.php?id=100007586388003&hc_location=ufi", "https://www.facebook.com/Espace21-234047293415270/",
        "pages/Creafab-Lorient/309015802619837", "44300", "2020-06-01/2023-06-01", "SIRET 73282932000074", "12 350,00 €", "EJ 2100000001",
        "0000000000", "salle 153, 2e étage", "3 lieux, 28 agents, 15 000 habitants", "version 2.0.1", "https://lieu.example/2020/02/03/annonce",
        "FR32123456789", "CS 05000 12345 Ville", "10 000 000 €", "W751234567", "at home (at noon)",
        "du 01/02/2020 au 03/04/2021", "2019 06 12 34 56", "le 01/02/2020 15 personnes", "Tiers-lieu @ Saint-Denis", "09 2021 2022 2023 1",
        "de 10 000 à 20 000 €", "lot 05 12 350 €", "atelier at home",
    ],
)  # fmt: skip
def test_names_links_and_codes_stay(text: str) -> None:
    assert verdict(text) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("nomade.lyon@laposte.example", "courriel"),
        ("Écrire à Prénom.Nom+lieu@sous.domaine.example, merci", "courriel"),
        ("mailto:a@b.example", "courriel"),
        ("https://lieu.example/?de=zoe%40courriel.example", "courriel"),
        ("zoe&#64;courriel.example", "courriel"),
        ("zoe (at) courriel.example", "courriel"),
        ("zoe [arobase] courriel [point] example", "courriel"),
        ("zoe @ courriel.example", "courriel"),
        ("zoe<at>courriel.example", "courriel"),
        ("zoe arobase courriel.example", "courriel"),
        ("zoe at courriel dot example", "courriel"),
        ("zoe@courriel point example", "courriel"),
        ("zoe\u200b@courriel.example", "courriel"),
        ("zoe＠courriel.example", "courriel"),
        ("06 12 34 56 78", "telephone"),
        ("Tél.06.12.34.56.78", "telephone"),
        ("tel:0612345678", "telephone"),
        ("01-23-45-67-89", "telephone"),
        ("0612345678", "telephone"),
        ("(0612345678)", "telephone"),
        ("06–12–34–56–78", "telephone"),
        ("06_12_34_56_78", "telephone"),
        ("06  12  34  56  78", "telephone"),
        ("06 / 12 / 34 / 56 / 78", "telephone"),
        ("0612 345 678", "telephone"),
        ("06 1234 5678", "telephone"),
        ("joindre le 0800 12 34 56.", "telephone"),
        ("06\u00a012\u00a034\u00a056\u00a078", "telephone"),
        ("+33 6 12 34 56 78", "telephone"),
        ("+33(0)612345678", "telephone"),
        ("0033612345678", "telephone"),
        ("+262 692 12 34 56", "telephone"),
        ("FR76 3000 6000 0112 3456 7890 189", "iban"),
        ("iban : fr7630006000011234567890189.", "iban"),
        ("DE89370400440532013000", "iban"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("GB29 NWBK 6016 1331 9268 19", "iban"),
        ("1-85-05-78-006-084-36", "nir"),
        ("1 85 05 78 006 084 36", "nir"),
        ("NIR 2850578006084", "nir"),
        ("185052A00608436", "nir"),
    ],
)
def test_addresses_and_numbers_go(text: str, rule: str) -> None:
    assert verdict(text) == rule


def test_in_a_column_of_codes_digits_are_codes() -> None:
    assert verdict("0612345678", codes=("texte",)) is None
    assert verdict("a@b.example", codes=("texte",)) == "courriel"


def test_our_own_fingerprints_are_no_text() -> None:
    frame = pl.DataFrame({"livraison": ["resultats-000123456789"], "sha256": ["0612345678"], "fichier": ["000123456789.csv"]})
    clean, hits = scan(frame, Known(anywhere=frozenset({"000123456"})), (), ())
    assert clean.row(0) == ("resultats-000123456789", "0612345678", None)
    assert hits.rows() == [("fichier", "valeur_connue", 1)]


def test_known_values_go_wherever_they_are() -> None:
    known = Known(anywhere=frozenset({"+32 2 555 12 34"}), whole=frozenset({"zoe fictive"}), phones=frozenset({"0612345678"}))
    assert verdict("appeler le +32 2 555 12 34", known) == "valeur_connue"
    assert verdict(" Zoé Fictive ", known) == "valeur_connue"
    assert verdict("Atelier Zoé Fictive", known) is None
    assert verdict("n°0612345678", known) == "valeur_connue"
    assert "zoe" not in repr(known)


@pytest.mark.parametrize("text", ["Atelier de Zoé FICTIVE", "zoe-fictive.csv", "https://a.example/zoe_fictive/", "ZOE\u0301, Fictive"])
def test_a_full_name_goes_inside_a_text(text: str) -> None:
    assert verdict(text, Known(names=frozenset({"zoe fictive"}))) == "valeur_connue"


@pytest.mark.parametrize("text", ["Zoé", "Zoé Fictivement", "Fictive"])
def test_a_part_of_a_name_stays(text: str) -> None:
    assert verdict(text, Known(names=frozenset({"zoe fictive"}))) is None


def test_accounts_go_as_whole_cells_and_short_contacts_stay() -> None:
    census = pl.LazyFrame({"TWITTER": [None], "CONTACT": ["Zoé Fi"], "MAIL": ["@fictif_tiers"], "FACEBOOK": [None]})
    known = known_contacts({"recensement": census})
    assert (known.names, known.whole) == (frozenset(), {"fictif tiers"})
    assert verdict("Fictif-Tiers", known) == "valeur_connue"
    assert verdict("https://fictif-tiers.example", known) is None


def test_a_required_cell_says_so_and_hits_are_counted_by_column_and_rule() -> None:
    frame = pl.DataFrame({"nom": ["a@b.example", "a@b.example", "L@bo"], "note": ["06 12 34 56 78", None, "c@d.example"]})
    clean, hits = scan(frame, Known(), (), ("nom",))
    assert clean.rows() == [(UNPUBLISHED, None), (UNPUBLISHED, None), ("L@bo", None)]
    assert hits.rows() == [("nom", "courriel", 2), ("note", "courriel", 1), ("note", "telephone", 1)]


def test_contacts_are_read_in_private_fields_only() -> None:
    census = pl.LazyFrame(
        {
            "NOM_TL": ["public@lieu.example", "b", "c"],
            "MAIL": ["Prive@Courriel.example ou autre@courriel.example", None, " "],
            "CONTACT": ["06 12 34 56 78", "Zoé", "+33 6 99 99 99 99"],
        }
    )
    known = known_contacts({"recensement": census})
    assert known.anywhere == {"Prive@Courriel.example", "autre@courriel.example", "06 12 34 56 78", "+33 6 99 99 99 99"}
    assert known.phones == {"0612345678", "0699999999"}
    assert verdict("voir PRIVE@courriel.EXAMPLE", known) == "valeur_connue"


def test_the_real_census_loses_its_contacts_and_nothing_else(real_data: Path) -> None:
    """Counted apart by `csv`: 72 cells of MAIL, one address written in WEB (record 313)."""
    path = real_data / "CGET_TiersLieux_2019.csv"
    frame = pl.read_csv(path, infer_schema=False)
    clean, hits = scan(frame, Known(), (), ())
    assert hits.rows() == [("MAIL", "courriel", 72), ("WEB", "courriel", 1)]
    with path.open(encoding="utf-8", newline="") as lines:
        records = list(csv.DictReader(lines))
    assert [record["ID"] for record in records if "@" in record["WEB"]] == clean.filter(
        frame["WEB"].is_not_null(), pl.col("WEB").is_null()
    )["ID"].to_list()
    assert sum("@" in record["NOM_TL"] for record in records) == clean["NOM_TL"].str.contains("@").sum() == 12
    known = known_contacts({"recensement": frame.lazy()})
    public = frame.drop("MAIL", "CONTACT", "WEB", "TWITTER", "FACEBOOK")
    # Names of places that are also a contact (1) or an account (5).
    assert scan(public, known, (), ())[1].rows() == [("NOM_TL", "valeur_connue", 1)]
