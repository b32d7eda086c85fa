"""`fabriques validate` from the shell: its arguments, its report on standard output and nothing else there.

The standard library reads the arguments: typer and what it loads take 0.1 s, a third of the time of a small file.
"""

import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from pipeline.cli import collect_rarely

FORMATS = ("text", "json", "html")
UNREADABLE = 2
# What the standard library says of arguments, and what is said instead.
SAID = (
    (r"argument (\S+): expected one argument", r"« \1 » attend une valeur"),
    (r"argument (\S+): invalid choice: .*\(choose from (.*)\)", r"« \1 » attend \2"),
    (r"argument (\S+): ignored explicit argument .*", r"« \1 » n'attend pas de valeur"),
    (r"argument (\S+): (.*)", r"« \1 » attend \2"),
    (r"unrecognized arguments: (.*)", r"option inconnue : \1"),
    (r"the following arguments are required: (.*)", r"il manque \1"),
)


def command(arguments: Sequence[str]) -> int:
    """The exit code: 0 all valid, 1 some invalid, 2 a file or the schema could not be read."""
    given = _parser().parse_intermixed_args(arguments)
    collect_rarely()

    from pipeline.checking import Unreadable, check_files, explanation, written

    try:
        outcome = check_files(given.files, given.schema, values=given.valeurs)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    try:
        sys.stdout.writelines(written(outcome.checked, given.format, given.max_errors))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the report had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stderr.writelines(f"{sentence}\n" for sentence in outcome.unread)
    if given.explain:
        sys.stderr.writelines(explanation(outcome.checked))
    return outcome.code


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        told = next((re.sub(english, french, message) for english, french in SAID if re.fullmatch(english, message)), message)
        self.exit(UNREADABLE, f"{self.prog} : {told} ; voir « {self.prog} --help ».\n")


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="fabriques validate",
        usage="fabriques validate [OPTIONS] FICHIER…",
        description="Vérifier des fichiers contre un schéma : 0 valide, 1 invalide, 2 illisible.",
        add_help=False,
        allow_abbrev=False,
    )
    files, options = parser.add_argument_group("fichiers"), parser.add_argument_group("options")
    files.add_argument("files", metavar="FICHIER", nargs="+", type=Path, help="Fichiers CSV, Excel ou Parquet ; - : l'entrée standard.")
    options.add_argument(
        "--schema", metavar="SCHEMA", required=True, help="Nom d'une table de ce projet, chemin ou adresse d'un schema.json (obligatoire)."
    )
    options.add_argument("--format", choices=FORMATS, default="text", help="Forme du rapport (text par défaut).")
    options.add_argument("--max-errors", metavar="N", type=_count, help="Nombre d'erreurs listées (toutes sont comptées).")
    options.add_argument("--valeurs", action="store_true", help="Montrer des cellules fautives (jamais dans le JSON).")
    options.add_argument("--explain", action="store_true", help="Dire sur la sortie d'erreur comment chaque règle est jugée.")
    options.add_argument("--help", action="help", help="Afficher cette aide.")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ArgumentTypeError("un nombre entier, 1 ou plus")
    return int(text)
