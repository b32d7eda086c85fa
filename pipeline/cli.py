"""The command `fabriques`, from the shell to a command and back: how it begins, and how it ends."""

import gc
import io
import os
import sys
from pathlib import Path
from typing import NoReturn

DONE, INTERNAL, INTERRUPTED = 0, 3, 130
OBJECTS_BETWEEN_COLLECTIONS = 100_000  # Python's own 700 has a run look at every object of its libraries again and again: half a second


def main() -> None:
    """Entry point. An expected error is one French sentence; an unexpected one goes to a private log, never to the screen."""
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter must not turn a success into a failure
    try:
        _call(sys.argv[1:])
    except SystemExit as end:
        _leave(end.code)
    except KeyboardInterrupt:
        print("Interrompu. La dernière publication n'a pas changé.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Exception as error:  # the outermost edge: a stack trace may quote a cell that may not be shown
        from pipeline import incident

        print(incident.log(Path(os.environ.get("FABRIQUES_HOME", "var")), error), file=sys.stderr)
        sys.exit(INTERNAL)


def collect_rarely() -> None:
    """For a command that ends by itself: what it loads is used to the end."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def _call(arguments: list[str]) -> None:
    """`validate` is called at once: typer would take longer to start than a file of 100,000 lines to be judged."""
    if arguments[:1] == ["validate"]:
        from pipeline.validate_command import command

        sys.exit(command(arguments[1:]))
    from pipeline.commands import app

    app()


def _leave(code: object) -> NoReturn:
    """End at once: freeing, one by one, what a run has loaded takes half a second and writes nothing."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # a closed pipe: what was to be said has nobody to read it
        code = code or INTERNAL
    os._exit(code if isinstance(code, int) else DONE if code is None else INTERNAL)
