"""What a reader is told when an answer cannot be given: in French, without a path or a trace.

A plugin of Datasette's, in the place of its own handler, which prints every local variable of every error (a page not found included) and
answers with the text of the exception, where a missing file gives its path.
"""

import logging
import re
import warnings
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Any

import pluggy
from datasette.plugins import pm
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Base400, Response
from datasette.views.base import DatasetteError

TITLES = MappingProxyType({400: "Demande refusée", 403: "Accès refusé", 404: "Page inconnue", 500: "Erreur du serveur"})
MESSAGES = MappingProxyType(
    {
        403: "Cette page n'est pas publique.",
        404: "Aucune page à cette adresse : ni base, ni table, ni ligne de ce nom.",
        500: "Le site n'a pas pu répondre. Rechargez la page ; si l'erreur revient, signalez-la avec l'adresse de la page.",
    }
)
# What Datasette and SQLite say of the requests that readers most often get wrong, in French.
SAID = (
    (r"Statement must be a SELECT", "Seule une requête SELECT est acceptée."),
    (r"Statement contained a disallowed PRAGMA.*", "Ce PRAGMA n'est pas accepté."),
    (r"no such table: (.+)", "Aucune table « {} »."),
    (r"no such column: (.+)", "Aucune colonne « {} »."),
    (r"Cannot sort table by (.*)", "Tri impossible : aucune colonne « {} »."),
    (r"Cannot use _sort and _sort_desc at the same time", "Un seul tri à la fois : _sort ou _sort_desc."),
    (r"Cannot search by that column", "Cette colonne ne se cherche pas."),
    (r"_(?:no)?col=(.+) - invalid columns", "Aucune colonne « {} »."),
    (r"_size must be a positive integer", "_size doit être un nombre entier positif."),
    (r"_size must be <= (\d+)", "_size ne dépasse pas {} lignes. Pour toutes les lignes, prenez le CSV."),
    (r"_next not allowed for CSV streaming", "Le CSV entier n'a pas de page suivante : retirez _next ou _stream."),
)
OTHERWISE = "La base n'a pas compris la demande. Elle répond : {}"
INTERRUPTED = "La requête a demandé trop de temps : elle a été arrêtée. Ajoutez un filtre, ou téléchargez la base entière."
UNREADABLE = "Un paramètre de l'adresse n'a pas la forme attendue."
# Datasette makes all the parts of a table page, then awaits them in turn: when one fails (`?_facet=` of no column), the
# next are never awaited, and Python says so of each. It is their defect (0.65, views/table.py, `gather`), and it leaks nothing.
LEFT_ASIDE = r"coroutine '(TableView\..*\.execute_suggested_facets|\w+Facet\.facet_results|Database\.table_exists)' was never awaited"
REPLACED = "datasette.handle_exception"
NAME = "fabriques-erreurs"

_log = logging.getLogger(__name__)
hookimpl = pluggy.HookimplMarker("datasette")


class _Plugin:
    __name__ = NAME  # Datasette asks each plugin its name

    @hookimpl
    def handle_exception(self, datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Any]]:
        """The page, or the JSON, of an error."""

        async def answer() -> Any:
            status, message = explained(exception)
            facts = {"ok": False, "error": message, "status": status, "title": TITLES.get(status, TITLES[400])}
            headers: dict[str, str] = {}
            add_cors_headers(headers)
            if request.path.endswith(".json"):
                return Response.json(facts, status=status, headers=headers)
            page = datasette.jinja_env.get_template("error.html")
            frame = {"urls": datasette.urls, "app_css_hash": datasette.app_css_hash(), "menu_links": lambda: []}
            return Response.html(await page.render_async(facts | frame), status=status, headers=headers)

        return answer


def install() -> None:
    """Put our handler in the place of Datasette's, for the whole process, and leave its one known warning out of the log."""
    warnings.filterwarnings("ignore", LEFT_ASIDE, RuntimeWarning)
    if not pm.has_plugin(NAME):
        pm.unregister(name=REPLACED)
        pm.register(_Plugin(), NAME)


def explained(exception: Exception) -> tuple[int, str]:
    """Status and message. What is wrong with the request is told; what is wrong with the site is logged."""
    if isinstance(exception, Base400):
        return exception.status, MESSAGES.get(exception.status) or french(str(exception))
    if isinstance(exception, DatasetteError):
        status = 400 if exception.status == 500 else exception.status  # an impossible sort is no failure of the site
        return status, INTERRUPTED if exception.message_is_html else MESSAGES.get(status) or french(str(exception.message))
    if isinstance(exception, ValueError | OverflowError):  # Datasette converts the parameters of an address without checking them
        _log.warning(UNREADABLE, exc_info=exception)
        return 400, UNREADABLE
    _log.error(MESSAGES[500], exc_info=exception)
    return 500, MESSAGES[500]


def french(message: str) -> str:
    """What is wrong with a request, from what Datasette says of it in English."""
    for said, sentence in SAID:
        if found := re.fullmatch(said, message, re.DOTALL):
            return sentence.format(*found.groups())
    return OTHERWISE.format(message)
