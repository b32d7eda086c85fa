"""The whole way on real files: the census of 2019, the official SCDL example, the Chorus template, beside the embedded facts."""

import csv
import re
from pathlib import Path

import pytest

from pipeline.data.facts import sources_file
from tests.conftest import Fabriques
from tests.public_bytes import SHORTEST, occurrences

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@pytest.fixture(scope="module")
def census(real_data: Path) -> list[dict[str, str]]:
    with (real_data / "CGET_TiersLieux_2019.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def programme(real_data: Path, tmp_path_factory: pytest.TempPathFactory, fabriques: Fabriques) -> Path:
    """A run on the real files; its folder."""
    folder = tmp_path_factory.mktemp("reel")
    entries = sources_file().read_text(encoding="utf-8").replace('path = "', f'path = "{sources_file().parent}/')
    for table, name, more in (
        ("recensement", "CGET_TiersLieux_2019.csv", ""),
        ("conventions", "subventions/scdl_exemple_valide.csv", ""),
        ("versements", "subventions/chorus_infbud53_gabarit_paiements.csv", '[source.constantes]\nexercice = "2021"'),
    ):
        entries += (
            f'\n[[source]]\ntable = "{table}"\npath = "{real_data / name}"\npublisher = "x"\nlicence = "x"\nmode = "remplace"\n{more}\n'
        )
    (folder / "sources.toml").write_text(entries, encoding="utf-8")
    done = fabriques("run", "--sources", "sources.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "imprime.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return folder


def table(folder: Path, name: str) -> list[dict[str, str]]:
    release = folder / "published" / "latest"
    path = release / f"{name}.csv" if name in {"livraisons", "qualite"} else release / "csv" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_line_is_accepted(programme: Path) -> None:
    counted = {
        row["table"]: tuple(int(row[f"lignes_{part}"]) for part in ("recues", "acceptees")) for row in table(programme, "livraisons")
    }
    assert counted == {
        "conventions": (29, 29),
        "indicateurs_publies": (99, 99),
        "lieux": (58, 58),
        "recensement": (1512, 1512),
        "resultats": (58, 58),
        "vagues": (14, 14),
        "versements": (1, 1),
    }


def test_no_contact_of_the_census_is_public(programme: Path, census: list[dict[str, str]]) -> None:
    """The 52 contacts, the 72 e-mails and the one written as a web site: in no byte of the release, of the reports or of the terminal."""
    contacts = {place["CONTACT"].strip() for place in census} - {""}
    emails = {address for place in census for field in ("MAIL", "WEB") for address in ADDRESS.findall(place[field])}
    assert (len([place for place in census if place["CONTACT"]]), len([place for place in census if place["MAIL"]])) == (52, 72)
    sought = emails | {contact for contact in contacts if len(contact) >= SHORTEST}
    found = occurrences(programme / "published", sought) + occurrences(programme / "var" / "rapports", sought)
    assert found + occurrences(programme / "imprime.txt", sought) == []
    assert occurrences(programme / "var" / "prive", sought), "the search finds them where they are"


def test_names_with_an_at_sign_are_kept(programme: Path, census: list[dict[str, str]]) -> None:
    delivered = sorted(place["NOM_TL"].strip() for place in census if "@" in place["NOM_TL"])
    published = sorted(place["nom"] for place in table(programme, "recensement") if "@" in place["nom"])
    assert len(delivered) == 12
    assert published == delivered


def test_the_census_keeps_every_place_and_its_coordinates(programme: Path, census: list[dict[str, str]]) -> None:
    published = {place["identifiant"]: place for place in table(programme, "recensement")}
    assert len(published) == len(census)
    for place in census:
        own = published[place["ID"]]
        assert (float(own["latitude"]), float(own["longitude"])) == (float(place["LAT"]), float(place["LONG"]))
    emptied = [place["ID"] for place in census if place["WEB"].strip() and not published[place["ID"]]["site_web"]]
    assert emptied == ["313"], "the one cell that holds an e-mail"


def test_amounts_are_those_of_the_deliveries(programme: Path, real_data: Path) -> None:
    with (real_data / "subventions" / "scdl_exemple_valide.csv").open(encoding="utf-8", newline="") as file:
        delivered = sorted(float(row["montant"]) for row in csv.DictReader(file))
    assert sorted(float(row["montant"]) for row in table(programme, "conventions")) == delivered
    (payment,) = table(programme, "versements")
    assert (payment["montant_paye"], payment["date_derniere_operation"], payment["exercice"]) == ("1.00", "1970-01-01", "2021")
    assert payment["rattache"] == "false" and payment["convention"] == ""
