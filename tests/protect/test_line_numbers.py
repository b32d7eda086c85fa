"""A file that also holds lines under embargo leads to no line: the gaps in the numbers would tell how many wait, and where."""

from collections.abc import Callable

import polars as pl
import pytest

from pipeline.protect import deliveries, policy
from pipeline.protect.audit import decision
from pipeline.protect.protect import protect
from tests.controls import Blocks
from tests.protect import chain

Tables = dict[str, pl.DataFrame]
NUMBERS = "des numéros de ligne d'une livraison qui ne dit pas ses comptes"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """A programme whose files hold the lines of a wave to come, among the others."""
    tables = chain.with_embargo()
    tables["conventions"] = [*tables["conventions"][-2:], *tables["conventions"][:-2]]
    frames = chain.sources(tmp_path_factory.mktemp("programme"), tables)
    return dict(protect(frames, policy.load(), chain.AS_OF).tables)


def test_a_file_with_lines_under_embargo_leads_to_no_line(audited: Tables) -> None:
    public = deliveries.untraced(audited)
    lines = {name: frame["ligne"].count() for name, frame in public.items() if "ligne" in frame.columns}
    # What is not of a wave has no line under embargo.
    assert {name for name, count in lines.items() if count} == {"subventions", "recensement", "indicateurs_publies"}
    assert audited["conventions"]["ligne"].min() == 4  # two lines wait above it
    assert decision.published(public, audited) == decision.Verdict(True, ())


def test_a_file_with_nothing_under_embargo_keeps_its_lines(tmp_path_factory: pytest.TempPathFactory) -> None:
    frames = chain.sources(tmp_path_factory.mktemp("programme"), {"recensement": chain.PROGRAMME["recensement"]})
    tables = protect(frames, policy.load(), chain.AS_OF).tables
    assert deliveries.untraced(tables)["recensement"]["ligne"].to_list() == [2, 3]


ALTERED: dict[str, tuple[Callable[[Tables], Tables], str]] = {
    "line numbers of a file that mixes waves": (lambda judged: judged, f"conventions.ligne : {NUMBERS}"),
    "a table changed after the audit": (
        lambda judged: judged | {"fabriques": judged["fabriques"].with_columns(commune=pl.lit("Ailleurs"))},
        "fabriques : ce qui paraîtrait n'est pas ce que l'audit a jugé",
    ),
    "a row lost after the audit": (
        lambda judged: judged | {"subventions": judged["subventions"].head(1)},
        "subventions : ce qui paraîtrait n'est pas ce que l'audit a jugé",
    ),
    "a table added after the audit": (
        lambda judged: judged | {"candidatures": pl.DataFrame({"porteur": ["X"]})},
        "candidatures : ce qui paraîtrait n'est pas ce que l'audit a jugé",
    ),
    "a masked row led back to its line after the audit": (
        lambda judged: judged | {"subventions": judged["subventions"].with_columns(pl.col("ligne").fill_null(9))},
        "subventions.ligne : mène à une autre ligne que celle que l'audit a jugée",
    ),
}


@pytest.mark.parametrize("removed", ALTERED)
def test_nothing_goes_out_but_what_was_audited(audited: Tables, removed: str, blocks: Blocks) -> None:
    change, sentence = ALTERED[removed]
    blocks(f"protect: {removed}", sentence, decision.published(change(audited), audited).motifs)
