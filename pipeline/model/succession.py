"""From the accepted lines of every delivery to the effective ones: what a later delivery replaced or corrected leaves the schema `livre`.

The deliveries of a table make steps: by date, a delivery without date being always known, then `remplace`, `ajoute`, `corrige`, then by
content. Neither the order of the sources file nor a file's name plays a part. A line leaves at the first later step that replaces its
period or corrects its key, and never comes back: what a step removes therefore depends on no other, and no step needs to be walked.
"""

from collections.abc import Collection

import duckdb

from pipeline import schema
from pipeline.schema import TableSchema
from pipeline.schema.sql import quoted

STEPS = """
CREATE TABLE travail.etapes AS
SELECT
    "table", livraison, entree, mode, date,
    string_split(periode, '/')[1] AS debut,
    string_split(periode, '/')[-1] AS fin,
    dense_rank() OVER (
        PARTITION BY "table" ORDER BY date NULLS FIRST, list_position(['remplace', 'ajoute', 'corrige'], mode), entree
    ) AS etape
FROM livre.livraisons WHERE etat <> 'refusée';

-- The lines that a later delivery replaced, and which: private, only their number is published.
CREATE TABLE model.lignes_remplacees (
    "table" VARCHAR NOT NULL, livraison VARCHAR NOT NULL, ligne UINTEGER NOT NULL, remplacee_par VARCHAR NOT NULL
);

-- The lines of corrections that are still effective: whether they replaced something, and whether another one says the same key.
CREATE TABLE travail.corrections (
    "table" VARCHAR, livraison VARCHAR, ligne UINTEGER, champ VARCHAR, cle VARCHAR, cle_vide BOOLEAN, sans_objet BOOLEAN, double BOOLEAN
);
"""
# A table whose deliveries only add to the first one, or that has one delivery, costs nothing.
CONCERNED = """
SELECT "table" FROM travail.etapes
GROUP BY "table" HAVING bool_or(mode = 'corrige') OR max(etape) FILTER (mode = 'remplace') > min(etape)
"""
# Periods are few: which step replaces them is found before any line is looked at.
REPLACED = """
CREATE TEMP TABLE sorties AS
WITH dites AS (
    SELECT DISTINCT livraison, {period} AS periode FROM livre.{table} AS l
), remplacees AS (
    SELECT d.livraison, d.periode, min(r.etape) AS etape
    FROM dites AS d
    JOIN travail.etapes AS e USING (livraison)
    JOIN travail.etapes AS r ON r."table" = e."table" AND r.mode = 'remplace' AND r.etape > e.etape
        AND (r.debut IS NULL OR d.periode BETWEEN r.debut AND r.fin)
    GROUP BY ALL
)
SELECT l.livraison, l.ligne, r.etape
FROM livre.{table} AS l JOIN remplacees AS r ON r.livraison = l.livraison AND r.periode IS NOT DISTINCT FROM {period}
"""
# An empty part of a key equals an empty part; a key that is empty as a whole designates nothing.
CORRECTED = """
INSERT INTO sorties
WITH corrections AS (
    SELECT DISTINCT e.etape, e.debut, e.fin, {key}
    FROM livre.{table} AS l JOIN travail.etapes AS e USING (livraison) WHERE e.mode = 'corrige' AND NOT {empty}
)
SELECT l.livraison, l.ligne, c.etape
FROM livre.{table} AS l
JOIN travail.etapes AS e USING (livraison)
JOIN corrections AS c ON {same} AND c.etape > e.etape AND (c.debut IS NULL OR {period} BETWEEN c.debut AND c.fin)
"""
LEFT = """
INSERT INTO model.lignes_remplacees
SELECT e."table", s.livraison, s.ligne, e.entree
FROM (SELECT livraison, ligne, min(etape) AS etape FROM sorties GROUP BY ALL) AS s
JOIN (SELECT DISTINCT "table", etape, entree FROM travail.etapes WHERE "table" = '{name}') AS e USING (etape)
"""
# Told before the replaced lines leave: a correction has an object when a line of its key left because of it.
CORRECTIONS = """
INSERT INTO travail.corrections BY NAME
WITH objets AS (
    SELECT DISTINCT r.remplacee_par AS entree, {key}
    FROM livre.{table} AS l JOIN model.lignes_remplacees AS r USING (livraison, ligne)
    WHERE r.remplacee_par IN (SELECT entree FROM travail.etapes WHERE mode = 'corrige')
), lignes AS (
    SELECT l.livraison, l.ligne, e.entree, {empty} AS cle_vide, count(*) OVER (PARTITION BY e.date, {key}) > 1 AS plusieurs, {key}
    FROM livre.{table} AS l JOIN travail.etapes AS e USING (livraison) WHERE e.mode = 'corrige'
)
SELECT
    '{name}' AS "table", l.livraison, l.ligne, '{first}' AS champ, '{told}' AS cle, l.cle_vide,
    NOT EXISTS (FROM objets AS c WHERE c.entree = l.entree AND {same}) AS sans_objet,
    l.plusieurs AND NOT l.cle_vide AS double
FROM lignes AS l ANTI JOIN model.lignes_remplacees AS r USING (livraison, ligne)
"""
LEAVE = """
DELETE FROM livre.{table} AS l USING model.lignes_remplacees AS r WHERE r.livraison = l.livraison AND r.ligne = l.ligne;
DROP TABLE sorties;
"""
COUNTS = """
CREATE TABLE model.livraisons_effectives AS
WITH effectives AS ({counts}), remplacees AS (
    SELECT livraison, count(*) AS lignes FROM model.lignes_remplacees GROUP BY livraison
)
SELECT
    livraison,
    coalesce(e.lignes, 0)::UINTEGER AS lignes_effectives,
    coalesce(r.lignes, 0)::UINTEGER AS lignes_remplacees
FROM livre.livraisons LEFT JOIN effectives AS e USING (livraison) LEFT JOIN remplacees AS r USING (livraison)
"""


def settle(connection: duckdb.DuckDBPyConnection, tables: Collection[str]) -> None:
    """Leave in `livre` the effective lines of the delivered `tables`; say in `model.lignes_remplacees` which left, and count both."""
    connection.execute(STEPS)
    concerned = {table for (table,) in connection.execute(CONCERNED).fetchall()}
    for table in sorted(concerned.intersection(tables)):
        _settle(connection, schema.load("deliveries", table))
    counts = " UNION ALL ".join(f"SELECT livraison, count(*) AS lignes FROM livre.{quoted(table)} GROUP BY livraison" for table in tables)
    connection.execute(COUNTS.format(counts=counts))


def _settle(connection: duckdb.DuckDBPyConnection, delivered: TableSchema) -> None:
    key = delivered.succession.cle
    parts = {
        "table": quoted(delivered.name),
        "name": delivered.name,
        "period": _period(delivered),
        "key": ", ".join(f"l.{quoted(name)}" for name in key),
        "same": " AND ".join(f"c.{quoted(name)} IS NOT DISTINCT FROM l.{quoted(name)}" for name in key),
        "empty": "({})".format(" AND ".join(f"l.{quoted(name)} IS NULL" for name in key)),
        "first": next(iter(key), ""),
        "told": ", ".join(key),
    }
    correcting = (REPLACED, CORRECTED, LEFT, CORRECTIONS, LEAVE)
    for statement in correcting if key else (REPLACED, LEFT, LEAVE):
        connection.execute(statement.format(**parts))


def _period(delivered: TableSchema) -> str:
    """What a line says of its period, as text that compares as a declared one does: a year on four digits, the slug of a wave."""
    said = [_written(name, delivered) for name in delivered.succession.periode]
    return f"coalesce({', '.join(said)})" if said else "NULL::VARCHAR"


def _written(name: str, delivered: TableSchema) -> str:
    column, kind = f"l.{quoted(name)}", delivered.field(name).type
    if kind == "string":
        return column
    return f"lpad({f'year({column})' if kind == 'date' else column}::VARCHAR, 4, '0')"
