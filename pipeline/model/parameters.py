"""The programme's rules as rows of the warehouse, where the SQL reads them."""

from collections.abc import Sequence

import duckdb

from pipeline.programme import Programme, Wave


def write(connection: duckdb.DuckDBPyConnection, programme: Programme) -> None:
    """Fill the tables of the schema `programme`, which `programme.sql` declares."""
    _insert(connection, "vagues", [_wave(wave) for wave in programme.waves])
    _insert(connection, "libelles", list(programme.labels().items()))
    _insert(connection, "categories", [(c.id, c.dispositif, c.numerique) for c in programme.categories])
    _insert(
        connection, "montants", [(r.id, r.total_min, r.total_max, r.tranche_max, r.bonus_numerique, r.confirmee) for r in programme.amounts]
    )
    _insert(connection, "plafonds", [(slug, ceiling.laureats_max) for ceiling in programme.ceilings for slug in ceiling.vagues])


def _wave(wave: Wave) -> tuple[object, ...]:
    first, second = (*wave.clotures, None, None)[:2]
    return (wave.slug, wave.libelle, wave.dispositif, wave.ordinal, first, second, wave.annonce, wave.embargo_until, wave.regle_montant)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """All the rows in one statement: one statement a row costs ten times as long."""
    if rows:
        values = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        connection.execute(f"INSERT INTO programme.{table} VALUES {values}", [cell for row in rows for cell in row])
