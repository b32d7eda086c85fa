"""Zones as Dagster sees them: where the tables that pass between stages live, and the right to write there."""

import fcntl
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from upath import UPath

from pipeline.schema import TableSchema
from pipeline.settings import Settings

ROW_GROUP = 100_000
GIVEN = ("home", "published", "sources", "release", "au")


class HomeRefused(RuntimeError):
    """A private zone where a run may not write; the message says why in French."""


class Execution(dg.ConfigurableResource[Any]):
    """The settings of one run, as the resource that carries them to the stages."""

    home: str
    published: str
    sources: str | None = None
    release: str | None = None
    au: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Execution":
        return cls(**settings.model_dump(mode="json", include=set(GIVEN)))

    @property
    def settings(self) -> Settings:
        return Settings.model_validate(self.given)

    @property
    def given(self) -> dict[str, str]:
        """The values that were given: what a run's configuration must repeat whole, for Dagster replaces all of it or nothing."""
        values = {name: getattr(self, name) for name in GIVEN}
        return {name: value for name, value in values.items() if value is not None}


class HomeLock(dg.ConfigurableResource[Any]):
    """The right to write in the private zone, from the start of a run to its end however it ends. The first stage asks for it."""

    execution: dg.ResourceDependency[Execution]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["HomeLock"]:
        """Take the lock, then clear what an earlier run left between the stages: a run rebuilds everything from the deliveries."""
        settings = self.execution.settings
        _refuse_unsafe(settings)
        settings.private_dirs()
        with settings.verrou.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HomeRefused(f"Une exécution est déjà en cours dans « {settings.home} » : attendez sa fin.") from error
            for zone in (settings.prive, settings.rapports):
                shutil.rmtree(zone)
            settings.private_dirs()
            yield self


def _refuse_unsafe(settings: Settings) -> None:
    """HomeRefused where clearing the zones could destroy what is not ours: a folder in use for something else, or the releases."""
    home, published = settings.home.resolve(), settings.published.resolve()
    zones = (settings.livraisons, settings.prive, settings.protege, settings.rapports)
    for zone in zones:
        inside = zone.resolve()
        if published == inside or inside in published.parents or published in (home, *home.parents) or zone.is_symlink():
            raise HomeRefused(
                f"La zone privée « {settings.home} » et les publications « {settings.published} » se mêlent : donnez deux dossiers séparés."
            )
    if not settings.verrou.exists():
        for zone in zones:
            if zone.exists() and (not zone.is_dir() or any(zone.iterdir())):
                raise HomeRefused(f"« {zone} » existe et ne vient pas d'une exécution : donnez une autre zone privée par --home.")


class _ParquetIO(dg.UPathIOManager):
    """A frame is written in a stream; an input is a scan, or only the path when the asset asks for a `Path` (DuckDB reads it itself)."""

    extension = ".parquet"

    def dump_to_path(self, context: dg.OutputContext, obj: pl.LazyFrame | pl.DataFrame, path: UPath) -> None:
        target = Path(str(path))
        aside = target.with_name(f".{path.name}")
        obj.lazy().sink_parquet(aside, compression="zstd", row_group_size=ROW_GROUP, mkdir=True)
        aside.rename(target)

    def load_from_path(self, context: dg.InputContext, path: UPath) -> pl.LazyFrame | Path:
        if context.dagster_type.typing_type is Path:
            return Path(str(path))
        return pl.scan_parquet(str(path))

    def get_metadata(self, context: dg.OutputContext, obj: pl.LazyFrame | pl.DataFrame) -> dict[str, Any]:
        return {"dagster/row_count": row_count(Path(str(self._get_path(context))))}


class ParquetZone(dg.ConfigurableIOManagerFactory[_ParquetIO]):
    """Tables under `root`, at `<root>/<stage>/<table>.parquet` for the asset key [stage, table]."""

    root: str

    def create_io_manager(self, context: dg.InitResourceContext) -> _ParquetIO:
        return _ParquetIO(base_path=UPath(self.root))


def row_count(path: Path) -> int:
    """Rows of a Parquet file, read from its footer."""
    count: int = pl.scan_parquet(path).select(pl.len()).collect().item()
    return count


def columns(schema: TableSchema, *, text: bool = False, carried: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Dagster's column metadata for a table of ours: names, types and descriptions, from its schema. `text`: before the types are given."""
    types = schema.text_schema if text else schema.polars_schema
    own = [dg.TableColumn(field.name, str(types[field.name]), field.description or field.title) for field in schema.fields]
    provenance = [dg.TableColumn(name, kind) for name, kind in (carried or {}).items()]
    return {"dagster/column_schema": dg.TableSchema(columns=[*provenance, *own])}


def frame_columns(schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> dict[str, Any]:
    """The same for a table that has no Table Schema: the types that the stage gives it."""
    return {"dagster/column_schema": dg.TableSchema(columns=[dg.TableColumn(name, str(dtype)) for name, dtype in schema.items()])}
