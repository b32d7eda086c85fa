"""Dagster's view of the stage."""

from collections.abc import Iterator

import dagster as dg

from pipeline.evaluate.figures import SORT, evaluate
from pipeline.storage import Execution, row_count

WAREHOUSE = "entrepot.duckdb"
NEEDED = {
    "rapprochement": ("attributions", "lieux", "vagues"),
    "financements": ("conventions", "echeancier", "versements"),
    "candidatures_comptees": ("candidatures",),
}
DESCRIPTIONS = {
    "rapprochement": "Attributions et lieux connus par vague, à côté des comptes officiels ; vide où rien ne le dit.",
    "financements": "Engagé, versé et reste par lieu et par année, non rattaché compris ; vide où rien ne le dit.",
    "candidatures_comptees": "Candidatures et lauréats par vague, région et classe de territoire.",
}


@dg.multi_asset(
    name="evaluer",
    group_name="evaluate",
    specs=[
        dg.AssetSpec(
            ["evaluate", table],
            deps=[dg.AssetKey(["model", needed]) for needed in NEEDED[table]],
            kinds={"duckdb"},
            description=DESCRIPTIONS[table],
        )
        for table in SORT
    ],
)
def evaluated(execution: Execution) -> Iterator[dg.MaterializeResult[None]]:
    """The figures that need the whole model."""
    prive = execution.settings.prive
    for table, path in evaluate(prive / WAREHOUSE, prive / "evaluate").items():
        yield dg.MaterializeResult(asset_key=["evaluate", table], metadata={"dagster/row_count": row_count(path)})
