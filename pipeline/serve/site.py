"""The ASGI shell: one Datasette for each state of `published/`, a new one when `latest` moves.

Datasette opens a path once a thread and keeps it: on a moving link one process would answer from two releases at once. So the link is
resolved first, and a release that appears is opened by a new Datasette while the old one ends its requests.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from datasette.utils import tilde_decode

from pipeline.serve.instance import UNREADABLE, Instance, open_instance
from pipeline.serve.labels import DATABASE, STYLE
from pipeline.serve.releases import ServedRelease, observe
from pipeline.serve.requests import METHODS, Scope, is_closed, lacks_its_query, path_of, prepared

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

RELEASE_HEADER = b"publication"  # which release an answer comes from

# What was hidden and why, as each release tells it.
DOCUMENTS = {"/protection.html": b"text/html; charset=utf-8", "/protection.json": b"application/json; charset=utf-8"}

STYLE_SHEET = Path(__file__).parent / "site.css"

_log = logging.getLogger(__name__)


class Site:
    """ASGI application over `published` (looked at before each answer, opened anew only when it has changed).

    The latest release is the database `fabriques`; each kept release, the latest included, also has a database of its own name, whose
    addresses never change meaning. Without a release that can be read, the answer is 503.
    """

    def __init__(self, published: Path) -> None:
        self._published = published
        self._lock = asyncio.Lock()
        self._instance: Instance | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def close(self) -> None:
        """Close every Datasette once its requests have ended."""
        self._replace(None)
        await asyncio.gather(*self._closing)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope)
        if scope["method"] not in METHODS:
            await _plain(send, 405, "Ce site se lit seulement : GET, HEAD ou OPTIONS.", (b"allow", b"GET, HEAD, OPTIONS"))
        elif is_closed(path):
            await _plain(send, 404, "Page inconnue.")
        elif lacks_its_query(scope):
            await _plain(send, 404, "Le CSV d'une base est celui d'une requête : /base.csv?sql=… Celui d'une table est à /base/table.csv.")
        elif path == STYLE:
            await _sent(send, await asyncio.to_thread(STYLE_SHEET.read_bytes), (b"content-type", b"text/css; charset=utf-8"))
        elif (instance := await self._current()) is None:
            await _plain(send, 503, "Aucune publication lisible pour le moment. Lancez « fabriques run », puis rechargez la page.")
        elif path in DOCUMENTS:
            await _document(send, instance.publications.latest, path)
        else:
            with instance.answering():
                await instance.app(prepared(scope), receive, _naming(send, _release_of(instance, path)))

    async def _current(self) -> Instance | None:
        """The Datasette of the present state, opened here when the state has changed; None when there is nothing to serve."""
        if self._is_past():
            async with self._lock:
                if self._is_past():
                    self._replace(await self._opened())
        return self._instance

    def _is_past(self) -> bool:
        publications = observe(self._published)
        return publications is None or self._instance is None or self._instance.publications != publications

    async def _opened(self) -> Instance | None:
        publications = observe(self._published)
        if publications is None:
            return None
        try:
            return await open_instance(publications)
        except UNREADABLE as error:
            _log.error("Publication « %s » illisible (%s) : rien n'est servi.", publications.latest.name, type(error).__name__)
            return None

    def _replace(self, instance: Instance | None) -> None:
        before, self._instance = self._instance, instance
        if before is not None:
            closing = asyncio.create_task(before.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


def _release_of(instance: Instance, path: str) -> str:
    """The release that a path is about: its database's, else the latest."""
    encoded = path.removeprefix("/").partition("/")[0].partition(".")[0]
    return instance.names.get(tilde_decode(encoded), instance.names[DATABASE])


def _naming(send: Send, release: str) -> Send:
    """`send`, with the release named in the headers, for browsers of other origins too."""
    added = [(RELEASE_HEADER, release.encode("ascii", "replace")), (b"access-control-expose-headers", RELEASE_HEADER)]

    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            # Datasette gives a download both a length and chunks, which HTTP forbids and proxies refuse: the length is right.
            given = [header for header in message["headers"] if header[0].lower() != b"transfer-encoding"]
            message = {**message, "headers": [*given, *added]}
        await send(message)

    return named


async def _document(send: Send, release: ServedRelease, path: str) -> None:
    """A page of the latest release that Datasette does not make. A release of an older form may not have it."""
    file = release.folder / path.removeprefix("/")
    try:
        content = await asyncio.to_thread(file.read_bytes)
    except OSError:
        await _plain(send, 404, "Cette publication n'a pas cette page.")
        return
    await _sent(send, content, (b"content-type", DOCUMENTS[path]), (RELEASE_HEADER, release.name.encode("ascii", "replace")))


async def _plain(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    await _sent(send, f"{text}\n".encode(), (b"content-type", b"text/plain; charset=utf-8"), *headers, status=status)


async def _sent(send: Send, body: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> None:
    given = [*headers, (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": body})
