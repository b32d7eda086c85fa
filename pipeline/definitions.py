"""The Dagster code location: it gathers the stages and says when they run, nothing else."""

from collections.abc import Mapping

import dagster as dg

from pipeline.evaluate import assets as evaluate
from pipeline.harmonise import assets as harmonise
from pipeline.ingest import assets as ingest
from pipeline.model import assets as model
from pipeline.protect import assets as protect
from pipeline.release import assets as release
from pipeline.settings import Settings
from pipeline.storage import Execution, HomeLock, ParquetZone
from pipeline.validate import assets as validate

STAGES = (ingest, harmonise, validate, model, evaluate, protect, release)
JOB = "programme"


def build(settings: Settings, loggers: Mapping[str, dg.LoggerDefinition] | None = None) -> dg.Definitions:
    """Every stage's assets, checks and sensors, on the zones that `settings` names."""
    execution = Execution.of(settings)
    job = dg.define_asset_job(JOB, selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor)
    return dg.Definitions(
        assets=dg.load_assets_from_modules(STAGES),
        asset_checks=dg.load_asset_checks_from_modules(STAGES),
        jobs=[job],
        schedules=[dg.ScheduleDefinition(name="chaque_nuit", job=job, cron_schedule="0 4 * * *", execution_timezone="Europe/Paris")],
        sensors=[ingest.reception],
        resources={
            "execution": execution,
            "verrou": HomeLock(execution=execution),
            "prive": ParquetZone(root=str(settings.prive)),
        },
        loggers=loggers,
        executor=dg.in_process_executor,
    )


defs = build(Settings())
