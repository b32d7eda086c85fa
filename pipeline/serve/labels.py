"""What Datasette shows beside the rows: each release describes itself, the questions are ours."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasette.utils import tilde_encode

from pipeline.presentation import day
from pipeline.schema.datasette import metadata

DATABASE = "fabriques"  # the latest release; each kept release has a database of its own name, whose addresses never change meaning
QUESTIONS = Path(__file__).parent / "questions.toml"
_SHOWN_EVERYWHERE = ("license", "license_url", "source", "source_url", "about", "about_url")


def site_metadata(packages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Datasette's metadata for several releases. `packages`: database name → Data Package; the database `fabriques` titles the site.

    A question is offered on the databases that have all the tables it reads, so that an old release keeps working.
    """
    questions = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"]
    databases = {name: _database(name, package, questions) for name, package in packages.items()}
    front = databases[DATABASE]
    site = {"title": front["title"], "description": front["description"]}
    return {**site, **_everywhere(front), "databases": databases}


def _database(name: str, package: Mapping[str, Any], questions: list[dict[str, Any]]) -> dict[str, Any]:
    """One release: its tables, and the questions that it can answer. Each page says which release it shows, and as of which day."""
    release, updated = package["version"], day(dt.date.fromisoformat(package["created"][:10]))
    database: dict[str, Any] = metadata(package, name)["databases"][name]
    said = {
        "source": f"{database['source']} (mise à jour du {updated})" if "source" in database else f"Mise à jour du {updated}",
        "about": f"publication {release}",
        "about_url": f"/{tilde_encode(release)}",
    }
    title = package["title"] if name == DATABASE else f"{package['title']} (publication {release})"
    edition = f"Publication {release}. Dernière mise à jour des données : {updated}."
    database |= {"title": title, "description": f"{edition} {package.get('description', '')}".strip(), **said}
    database["tables"] = {table: {**described, **said} for table, described in database["tables"].items()}
    asked = (question for question in questions if set(question["tables"]) <= set(database["tables"]))
    database["queries"] = {question["name"]: {**_everywhere(database), **_query(question)} for question in asked}
    return database


def _query(question: Mapping[str, Any]) -> dict[str, str]:
    return {"title": question["title"], "description": question["description"], "sql": question["sql"].strip()}


def _everywhere(described: Mapping[str, Any]) -> dict[str, Any]:
    return {key: described[key] for key in _SHOWN_EVERYWHERE if key in described}
