"""Which lines of several deliveries hold, against an oracle that walks the deliveries one by one."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model.succession import settle
from tests.model.delivered import LIVRAISONS, frame

DAYS = (None, date(2024, 1, 1), date(2024, 2, 1))
RANK = {"remplace": 0, "ajoute": 1, "corrige": 2}
# Table → its key, the field of its period, and few values for each, so that everything meets.
TABLES: dict[str, tuple[dict[str, tuple[object, ...]], str | None]] = {
    "versements": ({"numero_ej": ("1", "2", None), "poste_ej": ("1", None), "exercice": (2022, 2023, 2024, None)}, "exercice"),
    "conventions": (
        {"idConvention": ("A", "B", None), "dateConvention": (date(2022, 12, 31), date(2023, 1, 1), date(2024, 6, 1), None)},
        "dateConvention",
    ),
    "resultats": ({"vague": ("fdt-01", "fdt-02", None), "nom_lieu": ("A", "B", None), "commune": ("C", None)}, "vague"),
    "lieux": ({"lieu": ("lieu-0001", "lieu-0002", "lieu-0003")}, None),
}
PERIODS = {
    "exercice": (None, "2022", "2022/2023", "2024"),
    "dateConvention": (None, "2023", "2022/2024"),
    "vague": (None, "fdt-01", "fdt-02"),
}
KEYS = {
    "versements": ("numero_ej", "poste_ej", "numero_dp", "poste_dp", "societe", "exercice"),
    "conventions": ("idConvention",),
    "resultats": ("vague", "nom_lieu", "porteur", "commune"),
    "lieux": ("lieu",),
}


@dataclass
class Delivery:
    livraison: str
    entree: str
    mode: str
    date: date | None
    periode: str | None
    rows: list[dict[str, Any]] = field(default_factory=list)


Line = tuple[str, int]


def said(row: dict[str, Any], name: str | None) -> str | None:
    value = None if name is None else row.get(name)
    return str(value.year) if isinstance(value, date) else None if value is None else str(value)


def within(row: dict[str, Any], name: str | None, period: str | None) -> bool:
    if period is None:
        return True
    first, last = (period + "/" + period).split("/")[:2] if "/" not in period else period.split("/")
    told = said(row, name)
    return told is not None and first <= told <= last


@dataclass
class Oracle:
    """Walks the entries of a table in their order, holding the lines in force: nothing of the SQL is here."""

    table: str
    held: dict[Line, dict[str, Any]] = field(default_factory=dict)
    left: dict[Line, str] = field(default_factory=dict)
    without_object: set[Line] = field(default_factory=set)
    doubled: set[Line] = field(default_factory=set)

    def walk(self, deliveries: list[Delivery]) -> "Oracle":
        entries: dict[tuple[Any, ...], list[Delivery]] = {}
        for one in deliveries:
            entries.setdefault((one.date is not None, one.date or date.min, RANK[one.mode], one.entree), []).append(one)
        for rank in sorted(entries):
            self.receive(entries[rank])
        seen = Counter(
            (one.date, self.key(row))
            for one in deliveries
            if one.mode == "corrige"
            for row in one.rows
            if any(part is not None for part in self.key(row))
        )
        for one in deliveries:
            for line, row in lines_of(one):
                if one.mode == "corrige" and seen[one.date, self.key(row)] > 1:
                    self.doubled.add(line)
        self.without_object -= set(self.left)
        self.doubled -= set(self.left)
        return self

    def key(self, row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row.get(name) for name in KEYS[self.table])

    def receive(self, entry: list[Delivery]) -> None:
        mode, period, name, fields = entry[0].mode, entry[0].periode, entry[0].entree, TABLES[self.table]
        before = dict(self.held)
        for one in entry:
            for line, row in lines_of(one):
                self.held[line] = row
                if mode != "corrige":
                    continue
                key = self.key(row)
                same = [
                    other
                    for other, earlier in before.items()
                    if any(part is not None for part in key) and self.key(earlier) == key and within(earlier, fields[1], period)
                ]
                if not same:
                    self.without_object.add(line)
                self.leave(same, name)
        if mode == "remplace":
            self.leave([line for line, row in before.items() if within(row, fields[1], period)], name)

    def leave(self, lines: list[Line], because_of: str) -> None:
        for line in lines:
            self.held.pop(line, None)
            self.left[line] = because_of


def lines_of(delivery: Delivery) -> list[tuple[Line, dict[str, Any]]]:
    return [((delivery.livraison, number), row) for number, row in enumerate(delivery.rows, start=2)]


@st.composite
def programmes(draw: st.DrawFn) -> tuple[str, list[Delivery]]:
    """Deliveries of a table as ingest and validate let them through: no two replacements of one day overlap, each line is in its period."""
    table = draw(st.sampled_from(sorted(TABLES)))
    values, period_field = TABLES[table]
    names = iter(draw(st.permutations([f"{table}-{number:012x}" for number in range(12)])))
    deliveries: list[Delivery] = []
    for _ in range(draw(st.integers(1, 5))):
        mode = draw(st.sampled_from(sorted(RANK)))
        day = draw(st.sampled_from(DAYS[1:] if mode == "corrige" else DAYS))
        period = draw(st.sampled_from(PERIODS[period_field])) if period_field else None
        if mode == "remplace" and any((other.mode, other.date) == (mode, day) for other in deliveries):
            continue
        allowed = {
            name: [value for value in among if name != period_field or within({name: value}, name, period)]
            for name, among in values.items()
        }
        row = st.fixed_dictionaries({name: st.sampled_from(among) for name, among in allowed.items()})
        if not all(allowed.values()):
            continue
        files = [(next(names), draw(st.lists(row, max_size=4))) for _ in range(draw(st.integers(1, 2)))]
        entry = min(name for name, _ in files)
        deliveries += [Delivery(name, entry, mode, day, period, rows) for name, rows in files]
    return table, deliveries


def settled(table: str, deliveries: list[Delivery]) -> tuple[set[Line], dict[Line, str], set[Line], set[Line], dict[str, tuple[int, int]]]:
    """What the SQL makes of the same deliveries: lines in force, lines replaced and by which entry, the two anomalies, the counts."""
    described = [
        {
            "livraison": one.livraison,
            "table": table,
            "mode": one.mode,
            "date": one.date,
            "periode": one.periode,
            "entree": one.entree,
            "etat": "acceptée",
        }
        for one in deliveries
    ]
    rows = [{"livraison": line[0], "ligne": line[1], **row} for one in deliveries for line, row in lines_of(one)]
    tables = {"livraisons": pl.DataFrame(described, schema=LIVRAISONS), table: frame(table, rows)}
    with duckdb.connect() as connection, TemporaryDirectory() as folder:
        for schema in ("livre", "travail", "model"):
            connection.execute(f"CREATE SCHEMA {schema}")
        for name, content in tables.items():
            content.write_parquet(f"{folder}/{name}.parquet")
            connection.execute(f"CREATE TABLE livre.{name} AS FROM read_parquet('{folder}/{name}.parquet')")
        settle(connection, [table])

        def lines(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        return (
            set(lines(f"SELECT livraison, ligne FROM livre.{table}")),
            {(name, line): entry for name, line, entry in lines("SELECT livraison, ligne, remplacee_par FROM model.lignes_remplacees")},
            set(lines("SELECT livraison, ligne FROM travail.corrections WHERE sans_objet")),
            set(lines("SELECT livraison, ligne FROM travail.corrections WHERE double")),
            {name: (kept, left) for name, kept, left in lines("FROM model.livraisons_effectives")},
        )


@given(programmes(), st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None)
def test_the_lines_in_force_are_those_of_a_walk_whatever_the_order(programme: tuple[str, list[Delivery]], order: random.Random) -> None:
    table, deliveries = programme
    expected = Oracle(table).walk(deliveries)
    order.shuffle(deliveries)
    held, left, without_object, doubled, counts = settled(table, deliveries)
    assert (held, left) == (set(expected.held), expected.left)
    assert (without_object, doubled) == (expected.without_object, expected.doubled)
    for one in deliveries:
        kept, gone = counts[one.livraison]
        assert kept == sum(line[0] == one.livraison for line in held)
        assert gone == sum(line[0] == one.livraison for line in left)
        assert kept + gone == len(one.rows), "no line is lost"
