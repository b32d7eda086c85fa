"""Dagster's view of the stage. It reads `protege/` and `published/`, nothing else."""

import datetime as dt

import dagster as dg

from pipeline import schema
from pipeline.release import manifest, swap
from pipeline.release.build import build
from pipeline.release.verify import file_problems
from pipeline.storage import Execution

FRESH = dt.timedelta(hours=36)  # the nightly run, with half a day to mend a failure
PROTECTED = [dg.AssetKey(["protege", table]) for table in schema.names("public")]


@dg.asset(
    key=["release", "publication"],
    group_name="release",
    deps=[*PROTECTED, dg.AssetKey(["protege", "manifeste"])],
    kinds={"csv", "parquet", "sqlite"},
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=FRESH),
)
def publication(execution: Execution) -> dg.MaterializeResult[None]:
    """The release: CSV, Parquet, SQLite and Data Package, built aside and swapped in at once."""
    settings = execution.settings
    release = build(settings.protege, settings.published, settings.release)
    return dg.MaterializeResult(
        metadata={
            "publication": release.name,
            "dossier": str(release.path),
            "fictif": release.fictif,
            "deja": release.deja,
            "dagster/row_count": sum(release.tables.values()),
        }
    )


@dg.asset_check(asset=["release", "publication"], blocking=True)
def publication_entiere(execution: Execution) -> dg.AssetCheckResult:
    """What is in place is what was built, file by file; what the files say was checked before they were put there."""
    settings = execution.settings
    folder = settings.published / swap.FICTION if manifest.read(settings.protege).fictif else settings.published
    problems = file_problems(folder / swap.LATEST)
    return dg.AssetCheckResult(passed=not problems, metadata={"anomalies": len(problems)}, description="\n".join(problems) or None)
