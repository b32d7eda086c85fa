"""What Datasette shows beside the rows: each release describes itself, the questions are ours."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from datasette.utils import tilde_encode

from pipeline.presentation import counted, day
from pipeline.schema.datasette import metadata

DATABASE = "fabriques"  # the latest release; each kept release has a database of its own name, whose addresses never change meaning
QUESTIONS = Path(__file__).parent / "questions.toml"
FICTION_MARK = "/* fiction */"  # in a question, the end of its columns
FICTION_COLUMN = "1 as donnees_fictives"  # as in each table of a fictional release: copied out of the page, an answer still says so
FICTION = "Données fictives : aucun lieu, aucun organisme et aucun montant n'existe. "
STYLE = "/site.css"
LINKS = f'<a href="/{DATABASE}">Les questions prêtes et les tables</a>. <a href="/protection.html">Ce qui est masqué, et pourquoi</a>.'
SOURCES_LISTED = 4  # beyond, each page would begin and end with a wall of file names: their publishers, and the table that has them all
NOTHING = "Aucune ligne dans cette publication : « non disponible », ce qui ne veut pas dire zéro."
_SHOWN_EVERYWHERE = ("license", "license_url", "source", "source_url", "about", "about_url")


def site_metadata(databases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Datasette's metadata for several releases, from that of each; the database `fabriques` titles the site."""
    front = databases[DATABASE]
    described = f"{escape(front['description'])} {LINKS}"
    return {"title": front["title"], "description_html": described, "extra_css_urls": [STYLE], **_everywhere(front), "databases": databases}


def database_metadata(name: str, package: Mapping[str, Any]) -> dict[str, Any]:
    """One release as the database `name`: its tables, and the questions that it can answer. Each page says which release it shows.

    A question is offered where all the tables it reads have rows: an old release keeps working, and what has no source is never zero.
    KeyError, TypeError or ValueError when `package` is not a release's.
    """
    release, updated = package["version"], day(dt.date.fromisoformat(package["created"][:10]))
    database: dict[str, Any] = metadata(package, name)["databases"][name]
    database |= _summed_up(package, name)
    said = {
        "source": f"{database['source']} (mise à jour du {updated})" if "source" in database else f"mise à jour du {updated}",
        **({"source_url": database["source_url"]} if "source_url" in database else {}),
        "about": f"publication {release}",
        "about_url": f"/{tilde_encode(release)}",
    }
    edition = f"Publication {release}. Dernière mise à jour des données : {updated}."
    database |= {
        "title": package["title"] if name == DATABASE else f"{package['title']} (publication {release})",
        "description": f"{edition} {package.get('description', '')}".strip(),
        **said,
    }
    empty = {resource["name"] for resource in package["resources"] if resource.get("lignes") == 0}
    database["tables"] = {table: _table(shown, table in empty) | said for table, shown in database["tables"].items()}
    answerable = set(database["tables"]) - empty
    asked = (question for question in _questions() if set(question["tables"]) <= answerable)
    fictional = bool(package.get("fictif"))
    database["queries"] = {question["name"]: _query(question, fictional) | _everywhere(database) for question in asked}
    return database


def _summed_up(package: Mapping[str, Any], name: str) -> dict[str, str]:
    """The source of a release of many files: who publishes them, and the table that tells each one."""
    sources = package.get("sources", ())
    if len(sources) <= SOURCES_LISTED:
        return {}
    publishers = [given["title"] for given in package.get("contributors", ()) if "Producer" in given.get("roles", ())]
    files = counted(len(sources), "fichier")
    return {"source": f"{' ; '.join(publishers)} : {files}" if publishers else files, "source_url": f"/{tilde_encode(name)}/livraisons"}


@cache
def _questions() -> tuple[Mapping[str, Any], ...]:
    return tuple(tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"])


def _table(shown: dict[str, Any], empty: bool) -> dict[str, Any]:
    return {**shown, "description": f"{NOTHING} {shown['description']}"} if empty else shown


def _query(question: Mapping[str, Any], fictional: bool) -> dict[str, Any]:
    """The question as Datasette asks it, its rows before its SQL: in a fictional release, the page and each row say so."""
    notice = FICTION if fictional else ""
    columns, rest = question["sql"].split(FICTION_MARK)
    sql = f"{columns.rstrip()}, {FICTION_COLUMN}{rest}" if fictional else f"{columns.rstrip()}{rest}"
    return {"title": question["title"], "description": notice + question["description"], "sql": sql.strip(), "hide_sql": True}


def _everywhere(described: Mapping[str, Any]) -> dict[str, Any]:
    return {key: described[key] for key in _SHOWN_EVERYWHERE if key in described}
