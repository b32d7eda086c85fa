"""One settings object for the whole pipeline: where the zones are, and the bounds that a delivery may not pass.

Read from the environment (`FABRIQUES_HOME`, `FABRIQUES_MAX_BYTES`, …) or given as arguments; the rules of the programme are not
settings, they are in `schemas/programme.toml`.
"""

import datetime as dt
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PRIVATE_MODE = 0o700


class Settings(BaseSettings):
    """Sizes in bytes, lengths in characters, times in seconds.

    `sources` None: the embedded public facts. `release` None: named by its inputs. `au` None: the latest date that the sources declare.
    """

    model_config = SettingsConfigDict(env_prefix="FABRIQUES_", frozen=True)

    home: Path = Path("var")
    published: Path = Path("published")
    sources: Path | None = None
    release: str | None = None
    au: dt.date | None = None

    max_bytes: int = Field(default=500_000_000, gt=0)
    max_unpacked_bytes: int = Field(default=2_000_000_000, gt=0)
    max_columns: int = Field(default=1_000, gt=0)
    max_record_chars: int = Field(default=1_000_000, gt=0)
    max_cell_chars: int = Field(default=100_000, gt=0)
    # A sheet is held as a rectangle while it is read, about 30 bytes a cell, however few of them are filled.
    max_sheet_cells: int = Field(default=40_000_000, gt=0)
    url_timeout_s: float = Field(default=30, gt=0)
    url_total_s: float = Field(default=600, gt=0)

    @property
    def livraisons(self) -> Path:
        """The raw deliveries, frozen by sha256."""
        return self.home / "livraisons"

    @property
    def prive(self) -> Path:
        """Tables of the stages up to evaluate."""
        return self.home / "prive"

    @property
    def protege(self) -> Path:
        """What `protect` made: the only part of the home that release may read."""
        return self.home / "protege"

    @property
    def rapports(self) -> Path:
        """Reports of the last run, for the operator."""
        return self.home / "rapports"

    @property
    def reception(self) -> Path:
        """Inbox: a sources file put here starts a run under `dagster dev`."""
        return self.home / "reception"

    @property
    def verrou(self) -> Path:
        """Lock file: one run at a time in a home."""
        return self.home / "verrou"

    def private_dirs(self) -> None:
        """Create the private zones, closed to everybody but their owner.

        A home that was there before keeps its mode: it may be a folder that the operator shares for other ends.
        """
        self.home.mkdir(mode=PRIVATE_MODE, parents=True, exist_ok=True)
        for zone in (self.livraisons, self.prive, self.protege, self.rapports, self.reception):
            zone.mkdir(mode=PRIVATE_MODE, exist_ok=True)
            zone.chmod(PRIVATE_MODE)
