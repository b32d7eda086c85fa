"""The audit adds up again, one by one, what was committed, paid and remains, from the rows that may be shown.

It shares no code with what built the table, and reaches a place through its public award. A reason never shows a value.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

Frames = Mapping[str, pl.DataFrame]
Cell = tuple[str | None, int | None]
Sums = dict[Cell, Decimal]


@dataclass
class Agreement:
    """All the lines of one agreement: its amount once, the years that speak of it, the places that it finances."""

    amount: Decimal
    years: set[int] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    @property
    def place(self) -> str | None:
        """The place, when it finances only one."""
        return min(self.places) if len(self.places) == 1 else None


def accounts(tables: Frames, read: Frames, expected: Frames) -> Iterator[str]:
    """`financements` against the agreements, payments and schedules that may be shown (`expected`: those, table by table)."""
    public = set(expected["fabriques"]["lieu"])
    agreements, places, numbers = _agreements(expected)
    committed: Sums = defaultdict(Decimal)
    for number, year, amount in expected["echeancier"].select("convention", "annee", "montant_engage").iter_rows():
        agreement = agreements.get(numbers.get(number, ""))
        committed[_shown(agreement.place if agreement else None, public), year] += amount
        if agreement:
            agreement.years.add(year)
    paid: Sums = defaultdict(Decimal)
    payments = expected["versements"].group_by("convention", "exercice").agg(pl.col("montant_paye").sum())
    for line, year, amount in payments.iter_rows():
        root, place = places.get(line, ("", None))
        paid[_shown(place, public), year] += amount
        if root and year is not None:
            agreements[root].years.add(year)
    known = read["validate/livraisons"].filter(pl.col("table") == "versements", pl.col("etat") != "refusée").height > 0
    remaining = _remaining(agreements, {*committed, *paid}, paid) if known else {}
    yield from _compared(tables["financements"], committed, paid, remaining)


def _agreements(expected: Frames) -> tuple[dict[str, Agreement], dict[str, tuple[str, str | None]], dict[str, str]]:
    """Root → agreement; line of an agreement → its root and its own place; number of an agreement → root."""
    own = expected["attributions"].filter(pl.col("dispositif") == "fabrique_de_territoire")
    award = dict(own.select("attribution", "lieu").iter_rows())
    agreements: dict[str, Agreement] = {}
    places: dict[str, tuple[str, str | None]] = {}
    numbers: dict[str, str] = {}
    for line in expected["conventions"].sort("livraison", "ligne").iter_rows(named=True):
        root, place = line["racine"], award.get(line["attribution"])
        agreement = agreements.setdefault(root, Agreement(line["montant"]))
        agreement.places |= {place} if place else set()
        agreement.years |= {line["dateConvention"].year} if line["dateConvention"] else set()
        places[line["convention"]] = (root, place)
        numbers |= {line["idConvention"]: root} if line["idConvention"] else {}
    return agreements, places, numbers


def _shown(place: str | None, public: set[str]) -> str | None:
    return place if place in public else None


def _remaining(agreements: Mapping[str, Agreement], cells: set[Cell], paid: Sums) -> Sums:
    """By place and year, the agreements begun less the payments so far. A doubt about a place's money says nothing of it."""
    doubtful = {place for agreement in agreements.values() if len(agreement.places) > 1 for place in agreement.places}
    doubtful |= {place for place, year in paid if place and year is None}
    begun: dict[str | None, list[tuple[int, Decimal]]] = defaultdict(list)
    for agreement in agreements.values():
        if agreement.years:
            begun[agreement.place].append((min(agreement.years), agreement.amount))
    remaining: Sums = {}
    so_far: dict[str, Decimal] = defaultdict(Decimal)
    for place, year in sorted((place, year) for place, year in cells if place and year is not None and place not in doubtful):
        so_far[place] += paid.get((place, year), Decimal(0))
        amounts = [amount for start, amount in begun[place] if start <= year]
        if amounts:
            remaining[place, year] = sum(amounts, Decimal(0)) - so_far[place]
    return remaining


def _compared(shown: pl.DataFrame, committed: Sums, paid: Sums, remaining: Sums) -> Iterator[str]:
    cells = set(shown.select("fabrique", "exercice").iter_rows())
    if len(cells) != shown.height or cells != {*committed, *paid}:
        yield "financements : les lieux et les années ne sont pas ceux des échéanciers et des paiements publics"
    for name, sums in (("engage", committed), ("verse", paid), ("reste", remaining)):
        if any(amount != sums.get((place, year)) for place, year, amount in shown.select("fabrique", "exercice", name).iter_rows()):
            yield f"financements.{name} : n'est pas ce que font les lignes qui peuvent être montrées"
    if shown.filter((pl.col("rattachement") == "lieu") != pl.col("fabrique").is_not_null()).height:
        yield "financements.rattachement : contredit le lieu"
