"""Which requests reach Datasette, and in which form."""

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, unquote

Scope = MutableMapping[str, Any]

METHODS = frozenset({"GET", "HEAD", "OPTIONS"})  # Datasette takes any other word for the name of one of its own functions
# Of Datasette's own pages, those that are about the data. The others tell about the machine, the process, its settings or its plugins.
OPEN = re.compile(r"/-/(static/[A-Za-z0-9._-]+|metadata(\.json)?)")
_OWN_PAGE = re.compile(r"/+-(/|$)")
_DATABASE_CSV = re.compile(r"/[^/]*\.csv")
_TABLE_CSV = re.compile(r"/[^/]+/[^/]+\.csv")
# No account and no cookie here: what a browser sends of them is not read, so that it can change no answer.
_UNREAD = frozenset({b"cookie", b"authorization"})


def path_of(scope: Scope) -> str:
    """The path as Datasette routes it: as it was sent, still encoded."""
    raw: bytes | None = scope.get("raw_path")
    path: str = scope["path"] if raw is None else raw.decode("latin-1")
    return path.partition("?")[0]


def is_closed(path: str) -> bool:
    """Is it a page that tells about the machine, however it is spelt? Refused before Datasette sees it."""
    decoded = unquote(path.replace("~", "%"))
    return not path.isascii() or bool(_OWN_PAGE.match(decoded) and not OPEN.fullmatch(path))


def lacks_its_query(scope: Scope) -> bool:
    """Is it the CSV of a database, without a query? Datasette links to none, and ends in an error of its own."""
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    return bool(_DATABASE_CSV.fullmatch(path_of(scope))) and "sql" not in asked


def prepared(scope: Scope) -> Scope:
    """The request as Datasette gets it: without credentials, and asking for the whole table where a CSV is asked for without bounds."""
    headers = [header for header in scope["headers"] if header[0].lower() not in _UNREAD]
    return {**scope, "headers": headers, "query_string": _whole_csv(scope)}


def _whole_csv(scope: Scope) -> bytes:
    """Datasette's own CSV links stop at a thousand rows without a word. A size or a page that the reader gives is respected."""
    query: bytes = scope["query_string"]
    if scope["method"] != "GET" or not _TABLE_CSV.fullmatch(path_of(scope)):
        return query
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    if "_next" in asked or asked.get("_size", ["max"]) != ["max"]:
        return query
    added = [part.encode() for part in ("_stream=1", "_size=max") if part.partition("=")[0] not in asked]
    return b"&".join(part for part in (query, *added) if part)
