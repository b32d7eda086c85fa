"""Nothing in a demo can be taken for a fact, nor be the name or the number of somebody."""

import re
from pathlib import Path

import pytest
from stdnum.fr import siren, siret

from tests.conftest import Fabriques
from tests.controls import Blocks
from tests.demo.files import File

# Arcep, décision n° 2018-0881, § 2.5.12: the six blocks kept for works of fiction.
PHONE = r"(?:01 99 00|02 61 91|03 53 01|04 65 71|05 36 49|06 39 98) \d\d \d\d"
WRONG_ON_PURPOSE = {"00012345600012", "000123456", "00012"}


@pytest.fixture(scope="module")
def cells(files: dict[str, File]) -> set[tuple[str, str]]:
    """Every (field, cell) of every delivery."""
    return {(field, cell) for file in files.values() for record in file.records for field, cell in record.cells.items() if cell}


def test_no_company_number_could_be_issued(cells: set[tuple[str, str]]) -> None:
    numbers = {cell for field, cell in cells if re.search("siret|siren|^idAttribuant|^idBeneficiaire", field)} - WRONG_ON_PURPOSE
    assert len(numbers) > 2_000
    for number in numbers:
        assert number.startswith("000") and number.strip("0") and not number.endswith("00000")
        assert (siret if len(number) == 14 else siren).is_valid(number)


def test_no_association_is_registered(cells: set[tuple[str, str]]) -> None:
    numbers = {cell for field, cell in cells if "rna" in field}
    assert len(numbers) > 500
    assert all(re.fullmatch(r"W000\d{6}", number) for number in numbers)


def test_every_address_is_reserved(cells: set[tuple[str, str]]) -> None:
    found = {word for _, cell in cells for word in re.findall(r"[^\s@]+@[^\s@]+", cell)}
    links = {cell for field, cell in cells if cell.startswith("http")}
    assert len(found) > 2_000
    assert all(re.fullmatch(r"[a-z.-]+@[a-z0-9.-]+\.example", address) for address in found)
    assert links and all(re.match(r"https://[a-z.-]+\.example/", link) for link in links)


def test_every_telephone_is_kept_for_fiction(cells: set[tuple[str, str]]) -> None:
    phones = {cell for field, cell in cells if field == "contact_telephone"}
    inside = {found for field, cell in cells if field != "datesPeriodeVersement" for found in re.findall(r"\b0[1-9](?: \d\d){4}\b", cell)}
    assert len(phones) > 2_000
    assert all(re.fullmatch(PHONE, phone) for phone in phones | inside)


def test_accounts_and_insured_persons_do_not_exist(cells: set[tuple[str, str]]) -> None:
    accounts = {found for _, cell in cells for found in re.findall(r"FR\d\d(?: [0-9]{2,4})+", cell)}
    insured = {found for _, cell in cells for found in re.findall(r"\b[12] \d\d \d\d \d\d \d{3} \d{3} \d\d\b", cell)}
    assert len(accounts) > 2 and len(insured) > 2
    assert all(re.match(r"FR\d\d 0000 0000 00", account) for account in accounts)
    assert all(number[5:10] == "99 00" for number in insured)


def test_people_and_bodies_say_that_they_are_fictional(cells: set[tuple[str, str]]) -> None:
    people = {cell for field, cell in cells if field == "contact_nom"}
    assert len(people) > 2_000
    assert all(re.fullmatch(r"[A-ZÉÈ]\S+ \S+-Fictif", name) for name in people)
    named = ("porteur", "nomBeneficiaire", "fournisseur_paye", "nom_lieu", "nom", "nomAttribuant")
    names = {cell for field, cell in cells if field in named}
    assert not [name for name in names if not re.search("fictif|fictive", name, re.IGNORECASE)]


def test_a_factual_run_refuses_every_delivery_that_can_bear_a_mark(
    demo: Path, tmp_path: Path, fabriques: Fabriques, blocks: Blocks
) -> None:
    """A schedule holds a number, a year and an amount: nothing in it could tell."""
    marked = (demo / "sources.toml").read_text(encoding="utf-8")
    told = marked.replace("fictif = true\n", "").replace('path = "', f'path = "{demo}/')
    assert "fictif = true" not in told
    (tmp_path / "sources.toml").write_text(told, encoding="utf-8")
    done = fabriques("run", "--sources", "sources.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert not (tmp_path / "published" / "latest").exists()
    refused = set(re.findall(r"« ([\w.-]+\.(?:csv|xlsx)) »", done.stderr))
    everything = {path.name for path in demo.iterdir() if path.suffix in (".csv", ".xlsx")}
    assert {name for name in everything - refused if not name.startswith("echeancier")} == set(), done.stderr[:2000]
    blocks("run: the fictional programme under a real name", "fictive", done.stderr.splitlines())
