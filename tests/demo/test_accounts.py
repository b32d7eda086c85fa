"""The truth about money, drawn again from the files alone: what is effective, what meets what, year by year."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from tests import oracle
from tests.demo.files import File

KEYS = {
    "conventions": ("idConvention",),
    "versements": ("numero_ej", "numero_dp", "poste_dp", "exercice"),
    "echeancier": ("convention", "annee"),
}
PERIODS = {"versements": "exercice"}
UNATTACHED = "non_rattache"


def euros(text: str) -> Decimal:
    return Decimal(text.replace("\xa0", "").replace(",", "."))


def effective(demo: Path, files: dict[str, File], table: str) -> list[dict[str, str]]:
    """The accepted lines of a table once every delivery has spoken, in the order of their dates."""
    rejected = {(row["fichier"], int(row["ligne"])) for row in oracle.truth(demo, "defauts") if row["etape"] == "validate"}
    key = KEYS[table]
    kept: list[dict[str, str]] = []
    for file in sorted((file for file in files.values() if file.table == table), key=lambda file: file.entry["date"]):
        lines = [dict(record.cells) for record in file.records if (file.name, record.line) not in rejected]
        if file.entry["mode"] == "corrige":
            corrected = {tuple(line[name] for name in key) for line in lines}
            kept = [line for line in kept if tuple(line[name] for name in key) not in corrected]
        if file.entry["mode"] == "remplace":
            period = file.entry.get("periode")
            kept = [line for line in kept if period and line[PERIODS[table]] != period]
        kept += lines
    return kept


def test_accounts_are_those_of_the_files(demo: Path, files: dict[str, File]) -> None:
    agreements = effective(demo, files, "conventions")
    known = {row["lieu"] for row in oracle.truth(demo, "lieux")}
    placed = {line["idConvention"]: place for line in agreements if (place := line["attribution"].split("_")[0]) in known}
    by_commitment: dict[str, list[str]] = defaultdict(list)
    for line in agreements:
        by_commitment[line["numeroEJ"]].append(line["idConvention"])
    committed: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in effective(demo, files, "echeancier"):
        committed[placed.get(line["convention"], UNATTACHED), int(line["annee"])] += euros(line["montant_engage"])
    paid: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in effective(demo, files, "versements"):
        found = by_commitment.get(line["numero_ej"], [])
        paid[placed.get(found[0], UNATTACHED) if len(found) == 1 else UNATTACHED, int(line["exercice"])] += euros(line["montant_paye"])
    true = {row[:2]: row[2:4] for row in oracle._true_accounts(demo, {"oui", "non"})}
    assert len(true) > 1_000
    keys = committed.keys() | paid.keys()
    cents = {key: tuple(None if key not in part else int(part[key] * 100) for part in (committed, paid)) for key in keys}
    assert cents == true


def test_what_remains_is_what_was_promised_less_what_was_paid(demo: Path, files: dict[str, File]) -> None:
    """At the last year of a place, whatever the path: all its agreements have begun by then."""
    promised: dict[str, Decimal] = defaultdict(Decimal)
    for line in effective(demo, files, "conventions"):
        promised[line["attribution"].split("_")[0]] += euros(line["montant"])
    by_place: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in oracle.truth(demo, "comptes"):
        by_place[row["lieu"]].append(row)
    checked = 0
    for place, rows in by_place.items():
        last = max(rows, key=lambda row: int(row["exercice"]))
        if place != UNATTACHED and last["reste"]:
            assert euros(last["reste"]) == promised[place] - sum(euros(row["verse"]) for row in rows if row["verse"])
            checked += 1
    assert checked > 350
