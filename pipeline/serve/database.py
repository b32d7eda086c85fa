"""One connection to a released database: it can only read, tells nothing of the machine, and gives no cell out of proportion."""
# Datasette ships no types.
# mypy: disallow-subclassing-any=False

from typing import Any

from datasette.database import Database
from datasette.utils.sqlite import sqlite3

from pipeline.serve.releases import ServedRelease

# Bytes of one cell. Ingest refuses cells of more than 100,000 characters, so none is cut; a query can no longer make one of a gigabyte.
MAX_CELL_BYTES = 1_000_000
MAX_PATTERN_BYTES = 1_000  # of a LIKE, whose time is not bounded by the time limit of queries
# Datasette lets anybody ask `pragma_database_list`, whose column « file » is the path of the database on this machine.
HIDDEN_COLUMN = ("pragma_database_list", "file")


class ReleaseDatabase(Database):
    """A release's database under a name of its own, opened by its resolved path."""

    def __init__(self, datasette: Any, release: ServedRelease) -> None:
        super().__init__(datasette, path=str(release.database), is_mutable=False)
        self._uri = f"{release.database.as_uri()}?mode=ro&immutable=1"  # without `mode=ro` SQLite makes the file when it is gone

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A connection for one thread of Datasette, which keeps it. sqlite3.OperationalError when the release is gone."""
        connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES)
        connection.set_authorizer(_authorised)
        self._all_file_connections.append(connection)
        return connection


def _authorised(action: int, table: str | None, column: str | None, *_where: str | None) -> int:
    """What SQLite may do, asked for each table, column and function that a statement names. An ignored column reads as NULL."""
    hidden = action == sqlite3.SQLITE_READ and ((table or "").lower(), (column or "").lower()) == HIDDEN_COLUMN
    return int(sqlite3.SQLITE_IGNORE if hidden else sqlite3.SQLITE_OK)
