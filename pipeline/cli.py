"""The command `fabriques`: reads arguments, calls the stages, speaks French. What each command needs is imported when it is called."""

import datetime as dt
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    name="fabriques",
    help="Des livraisons d'un programme de subventions à des données publiques vérifiables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
release_app = typer.Typer(help="Consulter et vérifier les publications.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(release_app, name="release")

PUBLISHED, BLOCKED, UNREADABLE, INTERNAL = 0, 1, 2, 3

Published = Annotated[
    Path | None, typer.Option("--published", metavar="DOSSIER", help="Dossier des publications (par défaut : published).")
]


class ReportFormat(StrEnum):
    """Forms of a validation report."""

    text = "text"
    json = "json"


def main() -> None:
    """Entry point. An expected error is one French sentence; an unexpected one goes to a private log, never to the screen."""
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("Interrompu. La dernière publication n'a pas changé.", err=True)
        sys.exit(130)
    except Exception as error:  # the outermost edge: a stack trace may quote a cell that may not be shown
        from pipeline.run import log_incident
        from pipeline.settings import Settings

        typer.echo(log_incident(Settings().home, error), err=True)
        sys.exit(INTERNAL)


def fail(message: str) -> NoReturn:
    """Say why on stderr and leave: what was asked for could not be read."""
    typer.echo(message, err=True)
    raise typer.Exit(UNREADABLE)


@app.command("run")
def run(
    sources: Annotated[
        Path | None, typer.Option("--sources", metavar="FICHIER", help="Fichier TOML des sources (sinon, les faits publics fournis).")
    ] = None,
    home: Annotated[Path | None, typer.Option("--home", metavar="DOSSIER", help="Zone privée (par défaut : var).")] = None,
    published: Published = None,
    release: Annotated[
        str | None, typer.Option("--release", metavar="NOM", help="Nom de la publication (par défaut : tiré des livraisons).")
    ] = None,
    au: Annotated[
        dt.datetime | None,
        typer.Option("--au", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Ne voir que ce qui était livré ce jour-là."),
    ] = None,
) -> None:
    """Lire les livraisons, les vérifier et publier."""
    from pipeline.run import execute
    from pipeline.settings import Settings
    from pipeline.summary import announce, show

    given = {"sources": sources, "home": home, "published": published, "release": release, "au": au.date() if au else None}
    settings = Settings.model_validate({name: value for name, value in given.items() if value is not None})
    outcome = execute(settings, announce)
    show(outcome, settings)
    raise typer.Exit(outcome.code)


@app.command("serve")
def serve(
    published: Published = None,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port d'écoute.")] = 8001,
    host: Annotated[str, typer.Option("--host", help="Adresse d'écoute.")] = "127.0.0.1",
) -> None:
    """Servir la dernière publication avec Datasette."""
    import uvicorn

    from pipeline.serve.releases import current
    from pipeline.serve.site import Site
    from pipeline.settings import Settings

    folder = published or Settings().published
    if not folder.is_dir():
        fail(f"« {folder} » n'est pas un dossier de publications. Lancez d'abord « fabriques run ».")
    if current(folder) is None:
        typer.echo("Aucune publication pour le moment : le site répondra dès qu'il y en aura une.", err=True)
    typer.echo(f"Site : http://{host}:{port}/  (Ctrl-C pour arrêter)")
    uvicorn.run(Site(folder), host=host, port=port, log_level="warning", server_header=False)


@app.command("validate")
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FICHIER…", help="Fichiers CSV ou Excel.", show_default=False)],
    schema: Annotated[str, typer.Option("--schema", metavar="SCHEMA", help="Nom d'une table de ce projet, ou chemin d'un schema.json.")],
    format: Annotated[ReportFormat, typer.Option("--format", help="Forme du rapport.")] = ReportFormat.text,
    max_errors: Annotated[int | None, typer.Option("--max-errors", min=1, help="Nombre d'erreurs listées (toutes sont comptées).")] = None,
) -> None:
    """Vérifier des fichiers contre un schéma : 0 valide, 1 invalide, 2 illisible."""
    from pipeline.checking import Unreadable, check_files

    try:
        code, report = check_files(files, schema, format.value, max_errors)
    except Unreadable as error:
        fail(str(error))
    sys.stdout.write(report)
    raise typer.Exit(code)


@release_app.command("list")
def release_list(published: Published = None) -> None:
    """Lister les publications, la plus récente d'abord."""
    from pipeline.summary import releases_table

    typer.echo(releases_table(_folder(published)))


@release_app.command("show")
def release_show(name: Annotated[str, typer.Argument(metavar="NOM")], published: Published = None) -> None:
    """Montrer ce que contient une publication."""
    from pipeline.summary import release_card

    try:
        typer.echo(release_card(_folder(published), name))
    except LookupError as error:
        fail(str(error.args[0]))


@release_app.command("verify")
def release_verify(folder: Annotated[Path, typer.Argument(metavar="DOSSIER")]) -> None:
    """Vérifier qu'une publication est entière et cohérente."""
    from pipeline.release.verify import verify

    if not folder.is_dir():
        fail(f"« {folder} » n'est pas un dossier. Donnez le dossier d'une publication.")
    problems = verify(folder)
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo(f"{len(problems)} anomalie(s)." if problems else "Publication entière et cohérente.")
    raise typer.Exit(BLOCKED if problems else PUBLISHED)


def _folder(published: Path | None) -> Path:
    from pipeline.settings import Settings

    return published or Settings().published
