"""Deliveries named by an address: HTTP and HTTPS only, redirections included, within a time and a size."""

import contextlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from pipeline.ingest.refusal import DeliveryRefused
from pipeline.settings import Settings

SCHEMES = ("http://", "https://")
_HANDLERS = (
    urllib.request.ProxyHandler,
    urllib.request.UnknownHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPErrorProcessor,
)
_FAILURES = (OSError, http.client.HTTPException, ValueError)


def file_name(url: str) -> str:
    """Last part of the path of an address, else its host: a name to show, never a path to open."""
    with contextlib.suppress(ValueError):
        name = PurePosixPath(unquote(urlsplit(url).path)).name
        return name if name not in ("", "..") else host_name(url)
    return host_name(url)


def host_name(url: str) -> str:
    with contextlib.suppress(ValueError):
        return urlsplit(url).hostname or "adresse"
    return "adresse"


@contextlib.contextmanager
def download(url: str, settings: Settings) -> Iterator[Callable[[int], bytes]]:
    """A `read(size)` over the body. DeliveryRefused when the address cannot be reached, is too slow or stops before its end.

    The message names the host only: the rest of an address may carry a password or a token.
    """
    host = host_name(url)
    if not url.lower().startswith(SCHEMES):
        raise DeliveryRefused("adresse non prise en charge : donner une adresse http:// ou https://, ou un fichier")
    deadline = time.monotonic() + settings.url_total_s
    try:
        request = urllib.request.Request(quote(url, safe="%/:=&?~#+!$,;'@()*[]"), headers={"User-Agent": "fabriques"})  # noqa: S310
        response = _opener().open(request, timeout=settings.url_timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        raise DeliveryRefused(f"adresse refusée par {host} (réponse HTTP {error.code}) ; la vérifier dans un navigateur") from None
    except _FAILURES:
        raise DeliveryRefused(f"{host} injoignable ; vérifier l'adresse et la connexion, ou donner le fichier téléchargé") from None
    with response:
        declared = response.headers.get("Content-Length", "")
        expected = int(declared) if declared.isdecimal() else None
        received = 0

        def read(size: int) -> bytes:
            nonlocal received
            try:
                chunk: bytes = response.read1(size)  # not `read`: a server that drips would hold it past the deadline
            except _FAILURES:
                raise DeliveryRefused("téléchargement interrompu : relancer, ou donner le fichier téléchargé") from None
            received += len(chunk)
            if time.monotonic() > deadline:
                raise DeliveryRefused(f"téléchargement trop lent : plus de {settings.url_total_s:.0f} s ; donner le fichier téléchargé")
            if not chunk and expected is not None and received < expected:
                raise DeliveryRefused("téléchargement incomplet : relancer, ou donner le fichier téléchargé")
            return chunk

        yield read


def _opener() -> urllib.request.OpenerDirector:
    """The default opener also follows to ftp: and opens file: and data: addresses; this one does not know them."""
    opener = urllib.request.OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    return opener
