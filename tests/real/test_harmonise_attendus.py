"""Cells changed by rule in each real file, against figures that were reviewed by hand with the README of the data."""

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.harmonise import Harmonised, harmonise
from tests.harmonise.ingested import ingested
from tests.real.independent import Read, read

EXPECTED = Path(__file__).parent / "attendus"
FILES = {path.stem: path for path in sorted(EXPECTED.glob("*.toml"))}
SUFFIXES = (".csv", ".xlsx")


def expected(name: str) -> dict[str, Any]:
    """The section `harmonise` of a delivery's expectation: figures, never a value."""
    section: dict[str, Any] = tomllib.loads(FILES[name].read_text(encoding="utf-8"))["harmonise"]
    return section


@cache
def done(path: Path, name: str) -> tuple[Read, Harmonised]:
    told = expected(name)
    delivered = read(path, told["lecture"])
    separator = told["lecture"].get("separateur")
    frames = ingested(
        told["table"], delivered.header, delivered.records, lines=delivered.lines, constants=told.get("constantes"), separator=separator
    )
    return delivered, harmonise(told["table"], *frames)


def file_of(real_data: Path, name: str) -> Path:
    return next(path for suffix in SUFFIXES if (path := real_data / "subventions" / f"{name}{suffix}").is_file())


@pytest.mark.parametrize("name", FILES)
def test_the_cells_changed_by_rule(real_data: Path, name: str) -> None:
    told = expected(name)
    delivered, result = done(file_of(real_data, name), name)
    assert result.refus.is_empty()
    table, ledger = result.table.collect(), result.registre.collect()
    assert len(delivered.records) == table.height == told["lignes"]
    changed = Counter(f"{column}.{rule}" for column, rule, line in ledger.select("colonne", "regle", "ligne").iter_rows() if line > 0)
    assert changed == told["cellules"]
    defects = Counter(defect for defect in table["defaut"] if defect is not None)
    assert defects == told.get("defauts", {})
    declared = {column for column, rule in ledger.select("colonne", "regle").iter_rows() if rule == "constante-declaree"}
    assert declared == {*told.get("constantes", {})}


@pytest.mark.parametrize("name", FILES)
def test_the_ledger_leads_from_the_file_to_the_table(real_data: Path, name: str) -> None:
    """Replayed on the cells as read, it gives the harmonised table, and a cell that it does not hold is as delivered."""
    delivered, result = done(file_of(real_data, name), name)
    table = result.table.collect()
    places = dict[str, list[int]]()
    for field, place in result.colonnes.select("champ", "position").iter_rows():
        if field is not None and place is not None:
            places.setdefault(field, []).append(place)
    steps = dict[tuple[int, str], list[tuple[str | None, str | None, str]]]()
    for line, column, rule, before, after in result.registre.select("ligne", "colonne", "regle", "avant", "apres").collect().iter_rows():
        steps.setdefault((line, column), []).append((before, after, rule))
    joined = {line for (line, _), chain in steps.items() if any(rule.startswith("largeur") for _, _, rule in chain)}
    cells = dict(zip(delivered.lines, delivered.records, strict=True))
    constants = {column: chain[-1][1] for (line, column), chain in steps.items() if line == 0}
    for row in table.iter_rows(named=True):
        if row["defaut"] is not None or row["ligne"] in joined:
            continue
        for field in table.columns[4:]:
            filled = [text for place in places.get(field, []) if (text := cells[row["ligne"]][place])]
            value = filled[0] if filled else constants.get(field)
            for before, after, _ in steps.get((row["ligne"], field), []):
                assert value == before
                value = after
            assert row[field] == value


@pytest.mark.parametrize("name", FILES)
def test_what_was_harmonised_is_harmonised(real_data: Path, name: str) -> None:
    """A second pass, on the table written back under the schema's names, changes nothing."""
    told = expected(name)
    _, result = done(file_of(real_data, name), name)
    table = result.table.collect().filter(result.table.collect()["defaut"].is_null())
    fields = table.columns[4:]
    again = harmonise(
        told["table"], *ingested(told["table"], fields, table.select(fields).fill_null("").rows(), lines=table["ligne"].to_list())
    )
    assert again.registre.collect().is_empty()
    assert again.table.collect().select(fields).equals(table.select(fields))


def test_every_real_file_has_its_expectation(real_data: Path) -> None:
    assert {*FILES} == {path.stem for path in (real_data / "subventions").iterdir()}


def test_no_record_of_vendee_is_shifted(real_data: Path) -> None:
    """Of 68 records cut by their own commas, 67 come back whole: the cells of each make again the text of its line."""
    total = left = 0
    for name in FILES:
        if not name.startswith("vendee"):
            continue
        delivered, result = done(file_of(real_data, name), name)
        places = result.colonnes.filter(result.colonnes["position"].is_not_null()).sort("position")["champ"].to_list()
        ledger = result.registre.collect()
        first = {(line, column): before for line, column, rule, before in ledger.select("ligne", "colonne", "regle", "avant").iter_rows()
                 if not rule.startswith("largeur")}  # fmt: skip
        for row, record in zip(result.table.collect().iter_rows(named=True), delivered.records, strict=True):
            total += 1
            if row["defaut"] is not None:
                left += 1
                continue
            assert ",".join(first.get((row["ligne"], field), row[field]) or "" for field in places) == ",".join(record)
    assert (total, left) == (68, 1)
