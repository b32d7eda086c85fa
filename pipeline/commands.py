"""The commands of `fabriques`: read arguments, call the stages, speak French. What each needs is imported when it is called."""

import datetime as dt
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from pipeline.cli import collect_rarely

if TYPE_CHECKING:
    from pipeline.settings import Settings

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

PUBLISHED, BLOCKED, UNREADABLE = 0, 1, 2
FICTION = "fictif"  # where the releases of a fictional programme are, beside the others

Published = Annotated[
    Path | None, typer.Option("--published", metavar="DOSSIER", help="Dossier des publications (par défaut : published).")
]


def _settings(given: Mapping[str, object]) -> "Settings":
    """The settings, with what was given on the command line; one sentence for each that cannot be used."""
    from pydantic import ValidationError

    from pipeline.settings import Settings

    try:
        return Settings.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        names = sorted({str(fault["loc"][0]) for fault in error.errors()})
        told = ", ".join(f"FABRIQUES_{name.upper()} (ou --{name})" for name in names)
        fail(f"Réglage illisible : {told}. Corriger sa valeur ou l'enlever.")


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
    given = {"sources": sources, "home": home, "published": published, "release": release, "au": au.date() if au else None}
    settings = _settings(given)
    collect_rarely()

    from pipeline.run import execute
    from pipeline.summary import announce, show

    outcome = execute(settings, announce)
    try:
        show(outcome, settings)
        sys.stdout.flush()
    except OSError:  # a closed pipe or a full disk behind `>`: the run ended as it ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left in the buffer goes nowhere
    raise typer.Exit(outcome.code)


@app.command("serve")
def serve(
    published: Published = None,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port d'écoute.")] = 8001,
    host: Annotated[str, typer.Option("--host", help="Adresse d'écoute.")] = "127.0.0.1",
) -> None:
    """Servir la dernière publication avec Datasette."""
    import socket

    import uvicorn

    from pipeline.serve.releases import current
    from pipeline.serve.site import Site

    folder = _folder(published)
    if not folder.is_dir():
        fail(f"« {folder} » n'est pas un dossier de publications. Lancez d'abord « fabriques run ».")
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        fail(f"Impossible d'écouter sur {host}:{port} ({error.strerror}) : donnez un autre --port ou --host.")
    if current(folder) is None:
        typer.echo("Aucune publication pour le moment : le site répondra dès qu'il y en aura une.", err=True)
        if current(folder / FICTION) is not None:
            typer.echo(f"Il y en a de fictives : fabriques serve --published {folder / FICTION}", err=True)
    typer.echo(f"Site : http://{host}:{port}/  (Ctrl-C pour arrêter)")
    config = uvicorn.Config(Site(folder), host=host, port=port, log_level="warning", server_header=False)
    uvicorn.Server(config).run(sockets=[listening])


@app.command("validate", add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def validate(context: typer.Context) -> None:
    """Vérifier des fichiers contre un schéma : 0 valide, 1 invalide, 2 illisible."""
    from pipeline.validate_command import command

    raise typer.Exit(command(context.args))


@app.command("demo")
def demo(
    outdir: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Dossier à remplir (vide ou nouveau).", show_default=False)],
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Graine : les mêmes octets pour la même graine.")] = 1,
    rows: Annotated[
        int | None, typer.Option("--rows", metavar="N", help="Nombre total de lignes de versements et de subventions (au moins 10 000).")
    ] = None,
) -> None:
    """Écrire les livraisons d'un programme fictif, leur fichier de sources et leur vérité."""
    from pipeline.demo.generate import DemoError, generate

    try:
        deliveries = generate(outdir, seed, rows)
    except DemoError as error:
        fail(str(error))
    lines = sum(delivery.received for delivery in deliveries)
    typer.echo(f"Données fictives : {len(deliveries)} livraisons, {lines} lignes dans « {outdir} ».")
    typer.echo(f"Ensuite : fabriques run --sources {outdir / 'sources.toml'}")


@release_app.command("list")
def release_list(published: Published = None) -> None:
    """Lister les publications, la plus récente d'abord."""
    from pipeline.summary import releases_table

    typer.echo(releases_table(_folder(published)))


@release_app.command("show")
def release_show(name: Annotated[str, typer.Argument(metavar="NOM_OU_DOSSIER")], published: Published = None) -> None:
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
    return _settings({"published": published}).published
