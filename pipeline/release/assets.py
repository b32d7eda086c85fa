"""Dagster's view of the stage. It reads `protege/` and `published/`, nothing else."""

import datetime as dt
from collections.abc import Iterator

import dagster as dg

from pipeline import schema
from pipeline.release.build import build
from pipeline.release.verify import file_problems
from pipeline.storage import Execution

FRESH = dt.timedelta(hours=36)  # the nightly run, with half a day to mend a failure
PUBLICATION = dg.AssetKey(["release", "publication"])
PROTECTED = [dg.AssetKey(["protege", table]) for table in schema.names("public")]


@dg.asset(
    key=PUBLICATION,
    group_name="release",
    deps=[*PROTECTED, dg.AssetKey(["protege", "manifeste"])],
    kinds={"csv", "parquet", "sqlite"},
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=FRESH),
    check_specs=[
        dg.AssetCheckSpec(
            "publication_entiere",
            asset=PUBLICATION,
            blocking=True,
            description="What is in place is what was built, file by file; what the files say was checked before they were put there.",
        )
    ],
)
def publication(execution: Execution) -> Iterator[dg.MaterializeResult[None]]:
    """The release: CSV, Parquet, SQLite and Data Package, built aside and swapped in at once."""
    settings = execution.settings
    release = build(settings.protege, settings.published, settings.release, past=settings.au is not None)
    problems = file_problems(release.path)
    yield dg.MaterializeResult(
        metadata={
            "publication": release.name,
            "dossier": str(release.path),
            "fictif": release.fictif,
            "deja": release.deja,
            "dagster/row_count": sum(release.tables.values()),
        },
        check_results=[
            dg.AssetCheckResult(passed=not problems, metadata={"anomalies": len(problems)}, description="\n".join(problems) or None)
        ],
    )
