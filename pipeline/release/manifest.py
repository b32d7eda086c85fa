"""The manifest that `protect` leaves beside its tables: the only tables that a release may read, and the verdict of the audit."""

import datetime as dt
import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl
from polars.exceptions import PolarsError
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.release.errors import ReleaseError

FILE = "manifeste.json"
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Verdict(_Model):
    """What the audit of the protected tables concluded."""

    ok: bool
    motifs: tuple[str, ...] = ()


class Delivery(_Model):
    """A delivery that may be named in public."""

    livraison: str
    table: str
    fichier: str
    sha256: str | None = None
    editeur: str | None = None
    licence: str | None = None
    date: dt.date | None = None


class ProtectedTable(_Model):
    """A table that may be released: its file name in the protected zone, and what is in it."""

    fichier: str
    sha256: str
    lignes: int
    schema_sha256: str


class Source(_Model):
    """Where a rule of protection was read."""

    titre: str
    url: str | None = None


class Rule(_Model):
    """A rule of protection that hid something."""

    motif: str
    marque: Literal["V", "E", "T", "K", "X"]
    sources: tuple[Source, ...]


class Masking(_Model):
    """What a rule hid in a field of a table, or of whole rows (`champ` null)."""

    table: str
    etape: str
    champ: str | None
    regle: str
    nombre: int


class Protection(_Model):
    """What was hidden and why, as `protect` states it."""

    politique: Mapping[str, str]
    masquages: tuple[Masking, ...]
    regles: Mapping[str, Rule]
    effectifs: Mapping[str, Any] | None


class Manifest(_Model):
    """`date` is the latest declared date of the public inputs, `au` the day the release is as of."""

    version: Literal[1]
    fictif: bool
    au: dt.date
    date: dt.date | None = None
    paquet: str
    politique_sha256: str
    verdict: Verdict
    protection: Protection
    livraisons: tuple[Delivery, ...]
    tables: Mapping[str, ProtectedTable]

    @property
    def day(self) -> dt.date:
        """The day that names and dates the release."""
        return self.date or self.au


def read(protege: Path) -> Manifest:
    """The manifest of a protected zone. ReleaseError when there is none, or when it is damaged, refused by the audit or incomplete."""
    path = protege / FILE
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ReleaseError(f"Manifeste « {path} » illisible ({error.strerror}) : lancez « fabriques run ».") from error
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, item["loc"])) or "document" for item in error.errors()}))
        raise ReleaseError(f"Manifeste « {path} » non conforme ({places}) : relancez la protection.") from error
    if not manifest.verdict.ok:
        reasons = " ; ".join(manifest.verdict.motifs) or "aucun motif donné"
        raise ReleaseError(f"Publication refusée par l'audit de la protection : {reasons}.")
    _check_names(manifest, path)
    _check_folder(protege, manifest)
    return manifest


def table(protege: Path, manifest: Manifest, name: str) -> pl.DataFrame:
    """A protected table, read from the very bytes whose hash the manifest gives. ReleaseError when it is not named, missing or changed."""
    entry = manifest.tables.get(name)
    if entry is None:
        raise ReleaseError(f"Table « {name} » absente du manifeste : elle ne peut pas être publiée.")
    path = protege / entry.fichier
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"Table « {name} » : « {path} » illisible ({error.strerror}). Relancez la protection.") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise ReleaseError(f"Table « {name} » : « {path} » n'a plus l'empreinte que le manifeste annonce. Relancez la protection.")
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except PolarsError as error:
        raise ReleaseError(f"Table « {name} » : « {path} » n'est pas un fichier Parquet lisible. Relancez la protection.") from error
    if frame.height != entry.lignes:
        raise ReleaseError(f"Table « {name} » : {frame.height} lignes au lieu des {entry.lignes} du manifeste. Relancez la protection.")
    return frame


def _check_names(manifest: Manifest, path: Path) -> None:
    if not manifest.tables:
        raise ReleaseError(f"Manifeste « {path} » sans aucune table : il n'y a rien à publier.")
    for name, entry in manifest.tables.items():
        if not TABLE_NAME.fullmatch(name) or entry.fichier != f"{name}.parquet":
            raise ReleaseError(f"Manifeste « {path} » : la table « {name} » doit s'appeler comme son fichier. Relancez la protection.")


def _check_folder(protege: Path, manifest: Manifest) -> None:
    known = {entry.fichier for entry in manifest.tables.values()}
    strangers = sorted(path.name for path in protege.glob("*.parquet") if path.name not in known)
    if strangers:
        raise ReleaseError(f"Tables que le manifeste ne nomme pas : {', '.join(strangers)}. Relancez la protection, ou retirez-les.")
