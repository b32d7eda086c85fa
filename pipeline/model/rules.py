"""Rules that need two tables: what each says of itself, and the anomalies that it finds in a warehouse."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent
TABLES = """
CREATE TABLE model.regles (
    regle VARCHAR PRIMARY KEY, titre VARCHAR NOT NULL, gravite VARCHAR NOT NULL, source VARCHAR NOT NULL, tables VARCHAR NOT NULL,
    ecarts_dans VARCHAR NOT NULL, etat VARCHAR NOT NULL, anomalies BIGINT
);
CREATE TABLE model.anomalies (
    regle VARCHAR NOT NULL, gravite VARCHAR NOT NULL, "table" VARCHAR NOT NULL, livraison VARCHAR, ligne UINTEGER, champ VARCHAR,
    message VARCHAR NOT NULL
);
"""
# A rule gives a severity only where a breach is less serious than the rule: the empty branch adds the column where it does not.
FIND = """
INSERT INTO model.anomalies BY NAME
SELECT $regle AS regle, coalesce(gravite, $gravite) AS gravite, * EXCLUDE (gravite)
FROM (SELECT NULL::VARCHAR AS gravite WHERE false UNION ALL BY NAME ({select}))
"""


@dataclass(frozen=True)
class Rule:
    """`tables` are the deliveries that it compares; `une_suffit`: one with a source is enough, where by default all must have one.

    `ecarts_dans`: the tables whose lines its breaches are; by default the first that it compares, or all where one is enough.
    """

    id: str
    titre: str
    gravite: str
    source: str
    tables: tuple[str, ...]
    une_suffit: bool = False
    ecarts_dans: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[str, ...]:
        """The tables where a breach may be."""
        return self.ecarts_dans or (self.tables if self.une_suffit else self.tables[:1])

    @property
    def select(self) -> str:
        """The query whose rows are the breaches."""
        return (FOLDER / "regles" / f"{self.id}.sql").read_text(encoding="utf-8")

    def can_judge(self, present: Collection[str]) -> bool:
        """Whether the tables with a source let the rule say something: without them, silence is not innocence."""
        known = [table in present for table in self.tables]
        return any(known) if self.une_suffit else all(known)


def load() -> tuple[Rule, ...]:
    """The rules, in the order of their ids."""
    entries = tomllib.loads((FOLDER / "regles.toml").read_text(encoding="utf-8"))["regle"]
    read = (Rule(**entry | {key: tuple(entry.get(key, ())) for key in ("tables", "ecarts_dans")}) for entry in entries)
    return tuple(sorted(read, key=lambda rule: rule.id))


def judge(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `model.regles` and `model.anomalies` from the other tables of the model."""
    connection.execute(TABLES)
    present = {table for (table,) in connection.execute('SELECT "table" FROM model.sources_presentes').fetchall()}
    for rule in load():
        found = None
        if rule.can_judge(present):
            connection.execute(FIND.format(select=rule.select), {"regle": rule.id, "gravite": rule.gravite})
            (found,) = connection.execute("SELECT count(*) FROM model.anomalies WHERE regle = ?", [rule.id]).fetchall()[0]
        state = "non évaluée" if found is None else "évaluée"
        row = [rule.id, rule.titre, rule.gravite, rule.source, ", ".join(rule.tables), ", ".join(rule.judged), state, found]
        connection.execute("INSERT INTO model.regles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
