"""A Datasette on one state of `published/`: opened whole, never changed, closed once its last request has ended."""
# Datasette ships no types.
# mypy: disallow-subclassing-any=False

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from datasette.app import Datasette

from pipeline.serve import errors
from pipeline.serve.database import ReleaseDatabase
from pipeline.serve.labels import DATABASE, site_metadata
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


class _FixedDatasette(Datasette):
    """Datasette over databases that never change."""

    async def refresh_schemas(self) -> None:
        """Nothing: asked before each answer, it would query every database and keep a private catalogue, with a thread that never ends."""


@dataclass
class Instance:
    """`names`: database → release. `active`: requests being answered."""

    publications: Publications
    names: dict[str, str]
    datasette: Any
    app: Any
    active: int = 0
    retired: bool = False
    closed: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def release(self) -> str:
        return self.publications.latest.name

    def retire(self) -> None:
        """No new request comes here: close once those in progress have ended."""
        self.retired = True
        self._close_when_idle()

    def ended(self) -> None:
        """One request less."""
        self.active -= 1
        self._close_when_idle()

    def _close_when_idle(self) -> None:
        if self.retired and self.active == 0 and self.closed is None:
            self.closed = asyncio.create_task(asyncio.to_thread(self._close))

    def _close(self) -> None:
        """Aside from the event loop: a query whose reader has left may still be running, for as long as its time limit."""
        self.datasette.executor.shutdown(wait=True)
        for database in self.datasette.databases.values():
            database.close()


async def open_instance(publications: Publications) -> Instance:
    """Open the latest release as `fabriques`, and each kept release, the latest included, under its own name.

    OSError, ValueError, KeyError or TypeError when the latest cannot be read; another one that cannot be read is left out, and logged.
    """
    errors.install()
    readable = {DATABASE: (publications.latest, *_described(publications.latest))}
    for release in publications.kept:
        try:
            described = _described(release)
        except UNREADABLE as error:
            _log.warning("Publication « %s » illisible (%s) : le site ne la montre pas.", release.name, type(error).__name__)
            continue
        if release.name != DATABASE:
            readable[release.name] = (release, *described)
    datasette = _FixedDatasette(
        [],
        cors=True,
        settings=SETTINGS,
        metadata=site_metadata({name: package for name, (_, package, _) in readable.items()}),
        inspect_data={name: facts for name, (_, _, facts) in readable.items()},
    )
    for unwanted in list(datasette.databases):  # one in memory, where anybody could compute anything, and the private catalogue
        datasette.remove_database(unwanted)
    for name, (release, _, _) in readable.items():
        datasette.add_database(ReleaseDatabase(datasette, release), name=name)
    await datasette.invoke_startup()
    return Instance(publications, {name: release.name for name, (release, _, _) in readable.items()}, datasette, datasette.app())


def _described(release: ServedRelease) -> tuple[dict[str, Any], dict[str, Any]]:
    return release.package(), release.inspected()
