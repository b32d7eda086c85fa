"""A Datasette on one state of `published/`: opened whole, never changed, closed once its last request has ended."""
# Datasette ships no types.
# mypy: disallow-subclassing-any=False

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from datasette.app import Datasette

from pipeline.serve import errors
from pipeline.serve.database import ReleaseDatabase
from pipeline.serve.labels import DATABASE, database_metadata, site_metadata
from pipeline.serve.releases import Publications, ServedRelease

SETTINGS: dict[str, Any] = {
    "suggest_facets": False,  # computed on every page of a table: 86 times slower on a million rows
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 1500,
    "facet_time_limit_ms": 500,
    "num_sql_threads": 4,
    "allow_download": True,
    "max_csv_mb": 0,  # a filter-only access is not open data: every CSV of a table is whole
}
UNREADABLE = (OSError, ValueError, KeyError, TypeError)

_log = logging.getLogger(__name__)


class _PublicDatasette(Datasette):
    """Datasette over databases that never change and that everybody may read whole."""

    async def refresh_schemas(self) -> None:
        """Nothing: asked before each answer, it would query every database and keep a private catalogue, with a thread that never ends."""

    async def permission_allowed(self, actor: Any, action: str, resource: Any = None, default: bool = False) -> bool:
        """What Datasette does by default: its own way copies the whole metadata for each table of each page."""
        return default


@dataclass
class Instance:
    """`names`: database → release."""

    publications: Publications
    names: Mapping[str, str]
    datasette: Any
    app: Any
    _requests: int = 0
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """A request is in progress: nothing closes before it ends."""
        self._requests += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._requests -= 1
            if self._requests == 0:
                self._idle.set()

    async def close(self) -> None:
        """Wait for the requests in progress, then close every file. No new request may come."""
        if self._requests:
            await self._idle.wait()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        """Aside from the event loop: a query whose reader has left may still be running, for as long as its time limit."""
        self.datasette.executor.shutdown(wait=True)
        for database in self.datasette.databases.values():
            database.close()


@dataclass(frozen=True)
class _Readable:
    """A release whose description could be read: what Datasette shows of it, and the counts it need not make."""

    release: ServedRelease
    shown: dict[str, Any]
    inspected: dict[str, Any]


async def open_instance(publications: Publications) -> Instance:
    """Open the latest release as `fabriques`, and each kept release, the latest included, under its own name.

    OSError, ValueError, KeyError or TypeError when the latest cannot be read; another one that cannot be read is left out, and logged.
    """
    errors.install()
    databases = dict(_kept(publications)) | {DATABASE: _read(publications.latest, DATABASE)}
    datasette = _PublicDatasette(
        [],
        cors=True,
        settings=SETTINGS,
        metadata=site_metadata({name: readable.shown for name, readable in databases.items()}),
        inspect_data={name: readable.inspected for name, readable in databases.items()},
    )
    for unwanted in list(datasette.databases):  # one in memory, where anybody could compute anything, and the private catalogue
        datasette.remove_database(unwanted)
    for name in sorted(databases, key=lambda name: (name != DATABASE, name)):
        datasette.add_database(ReleaseDatabase(datasette, databases[name].release), name=name)
    await datasette.invoke_startup()
    return Instance(publications, {name: readable.release.name for name, readable in databases.items()}, datasette, datasette.app())


def _kept(publications: Publications) -> Iterator[tuple[str, _Readable]]:
    for release in publications.kept:
        try:
            yield release.name, _read(release, release.name)
        except UNREADABLE as error:
            _log.warning("Publication « %s » illisible (%s) : le site ne la montre pas.", release.name, type(error).__name__)


def _read(release: ServedRelease, name: str) -> _Readable:
    return _Readable(release, database_metadata(name, release.package()), release.inspected())
