"""Is a release whole and sound? Everything is read from its folder: anyone who has it can ask."""

from pathlib import Path

from pipeline.release import agreement, contract, fingerprints


def verify(folder: Path) -> list[str]:
    """What is wrong with a release, as French sentences; empty when nothing is. Contents are looked at only once every file is intact."""
    return file_problems(folder) or [*agreement.problems(folder), *contract.problems(folder)]


def file_problems(folder: Path) -> list[str]:
    """Files missing, added, changed, or replaced by a link."""
    try:
        announced = fingerprints.read(folder)
    except (OSError, ValueError) as error:
        return [f"{fingerprints.FILE} : illisible ({type(error).__name__}), rien ne peut être vérifié"]
    present = set(fingerprints.files(folder)) - {fingerprints.FILE}
    links = {name for name in present if (folder / name).is_symlink()}
    common = (present - links) & announced.keys()
    problems = [
        *(f"{name} : lien au lieu d'un fichier" for name in links),
        *(f"{name} : fichier manquant" for name in announced.keys() - present),
        *(f"{name} : fichier en trop, absent de {fingerprints.FILE}" for name in present - links - announced.keys()),
        *(f"{name} : contenu modifié (empreinte différente)" for name in common if fingerprints.sha256(folder / name) != announced[name]),
    ]
    return sorted(problems)
