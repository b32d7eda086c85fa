"""What goes wrong without having been foreseen: the detail to the private zone, one French sentence to the screen."""

import traceback
from pathlib import Path

FILE = "incident.log"


def log(home: Path, detail: str | BaseException) -> str:
    """Write a detail that may quote private values where only its owner reads it; the sentence that says where."""
    text = detail if isinstance(detail, str) else "".join(traceback.format_exception(detail))
    path = home / FILE
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"Erreur inattendue. Son détail n'a pas pu être écrit dans « {home} » ({error.strerror})."
    return f"Erreur inattendue. Le détail, privé, est dans « {path} » : joignez-le à votre signalement."
