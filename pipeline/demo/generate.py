"""From a seed to a folder: the deliveries of a fictional programme, their sources file, and the truth about them."""

import shutil
from pathlib import Path

from pipeline.demo import dossiers, financing, forms, grants, reports, selection, truth, world
from pipeline.demo.deliveries import Delivery, write_sources

SEED = 1
FEWEST_ROWS = 10_000  # below it, a programme has more payments than lines to write them on
MARK = "DEMO-FICTIVE.txt"
_MARK = "Tout ce que contient ce dossier est inventé par « fabriques demo » : lieux, personnes, numéros et montants.\n"


class DemoError(ValueError):
    """A folder that may not be written in, or a number of lines that makes no programme; the message is French."""


def generate(outdir: Path, seed: int = SEED, rows: int | None = None) -> list[Delivery]:
    """Write the deliveries, `sources.toml` and `verite/` in `outdir`; same seed and rows, same bytes.

    `rows` is the number of lines of payments and of other funders' grants, half each; nothing else depends on it. An earlier demo in
    `outdir` is replaced. DemoError when the folder holds something else, or when `rows` is less than FEWEST_ROWS.
    """
    if rows is not None and rows < FEWEST_ROWS:
        raise DemoError(f"« --rows » doit être d'au moins {FEWEST_ROWS} lignes.")
    _make_room(outdir)
    made = world.build(seed)
    half = None if rows is None else rows // 2
    deliveries = [
        *selection.build(made),
        *dossiers.build(made),
        *financing.build(made, half),
        *reports.build(made),
        *grants.build(made, None if rows is None or half is None else rows - half),
    ]
    for delivery in deliveries:
        forms.write(delivery, outdir)
    write_sources(deliveries, outdir)
    truth.write(made, deliveries, outdir)
    return deliveries


def _make_room(outdir: Path) -> None:
    """An empty folder, but for its mark: what bears it was made here and is made again."""
    if outdir.is_dir() and any(outdir.iterdir()):
        if not (outdir / MARK).is_file():
            raise DemoError(f"« {outdir} » contient autre chose qu'une démonstration : donner un dossier vide ou nouveau.")
        for entry in outdir.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    try:
        outdir.mkdir(parents=True, exist_ok=True)
        (outdir / MARK).write_text(_MARK, encoding="utf-8")
    except (FileExistsError, NotADirectoryError):
        raise DemoError(f"« {outdir} » n'est pas un dossier : donner un dossier vide ou nouveau.") from None
