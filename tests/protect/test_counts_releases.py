"""Two releases read side by side: what one shows must not give away what the other hides, though a wave came in between."""

import hypothesis.strategies as st
import polars as pl
from hypothesis import given, settings

from pipeline.protect.effectifs import paliers
from pipeline.protect.effectifs.audit import audit
from tests.protect import counts
from tests.protect.counts import ASKED, AT_FLOORS

SHAPES = [(3, 2, 1), (3, 1, 2), (3, 2, 2), (2, 2, 2)]


def cut(base: pl.DataFrame, *waves: str) -> pl.DataFrame:
    """The base cells of some waves."""
    return base.filter(pl.col("vague").is_in(waves))


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_the_second_release_protects_what_both_hide(data: st.DataObject) -> None:
    """The oracle sums, for each release, the waves that it had. Small counts that the first one hides are asked for too."""
    shape = data.draw(st.sampled_from(SHAPES))
    size = shape[0] * shape[1] * shape[2]
    base = counts.base(shape, data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)))
    waves = data.draw(st.sampled_from([("v1",), ("v1", "v2"), ("v1", "v2", "v3")]))
    first = paliers.protect_counts(cut(base, *waves), AT_FLOORS).table
    if first is None:
        return
    second = paliers.protect_counts(base, AT_FLOORS, earlier=[first])
    if second.table is not None:
        assert counts.protected(base, second.table, AT_FLOORS, earlier=[first])
        small = counts.hidden_in(first) & {key for key, count in counts.cells(cut(base, *waves)).items() if 1 <= count < AT_FLOORS.seuil}
        reader, true = counts.Reader(base, second.table, earlier=[first]), counts.cells(base)
        for key in (key for key in small if key[0] != "ensemble"):
            assert reader.possible(key, true[key] + 2, None)
            assert reader.possible(key, 0, true[key] - 1)


def test_the_difference_of_two_totals_is_seen() -> None:
    """A region with one application in the last wave: shown by the totals over the waves, with and without it. Forgetting the first release
    is refused; knowing it, the builder hides otherwise."""
    base = counts.base((3, 3, 1), [6, 7, 8, 9, 6, 7, 1, 8, 9])
    first = paliers.protect_counts(cut(base, "v1", "v2"), ASKED).table
    assert first is not None
    assert not counts.hidden_in(first)
    careless = paliers.protect_counts(base, ASKED)
    assert careless.table is not None
    assert audit(base, careless.table, ASKED).ok
    verdict = audit(base, careless.table, ASKED, earlier=[first])
    assert verdict.ok == counts.protected(base, careless.table, ASKED, earlier=[first])
    assert not verdict.ok
    knowing = paliers.protect_counts(base, ASKED._replace(part_montree=50), earlier=[first])
    assert knowing.table is not None
    assert counts.protected(base, knowing.table, ASKED, earlier=[first])


def test_the_same_counts_keep_the_same_cells_hidden() -> None:
    base = counts.programme(2_500)
    first = paliers.protect_counts(base, ASKED)
    assert first.table is not None
    again = paliers.protect_counts(base, ASKED, earlier=[first.table, first.table])
    assert again.table is not None
    assert again.table.equals(first.table)


def test_a_tenth_wave_after_nine() -> None:
    """The real programme grows a wave at a time: what nine waves showed stays shown, and all is proved again with both tables."""
    base = counts.programme(2_500)
    nine = cut(base, *(f"fdt-{wave:02}" for wave in range(1, 10)))
    first = paliers.protect_counts(nine, ASKED).table
    assert first is not None
    second = paliers.protect_counts(base, ASKED, earlier=[first])
    assert second.table is not None
    assert second.verdict.ok
    shown = first.filter(pl.col("vague") != "ensemble", pl.col("non_retenues").is_not_null()).select(*counts.AXES, "non_retenues")
    kept = second.table.select(*counts.AXES, "non_retenues")
    assert shown.join(kept, on=[*counts.AXES, "non_retenues"], how="anti").is_empty()


def test_a_count_that_became_small_is_hidden_again() -> None:
    """Corrected from nine to three after a release that showed it."""
    before = counts.base((2, 2, 2), [9, 5, 6, 7, 8, 5, 6, 7])
    after = counts.base((2, 2, 2), [3, 5, 6, 7, 8, 5, 6, 7])
    first = paliers.protect_counts(before, ASKED).table
    assert first is not None
    second = paliers.protect_counts(after, ASKED, earlier=[first])
    assert second.table is not None
    shown = second.table.filter(pl.col("non_retenues").is_not_null())
    assert ("v1", "r1", "c1") not in shown.select(counts.AXES).rows()
    assert counts.protected(after, second.table, ASKED)


def test_what_a_release_hides_stays_hidden_when_counts_grow() -> None:
    """Three refused in one class are hidden, and others with them, their sum known: were these shown once the three have grown to five, the
    three would follow. The audit refuses the table of a builder that forgot the first release."""
    before = counts.base((1, 1, 6), [3, 17, 30, 31, 32, 33])
    after = counts.base((1, 1, 6), [5, 17, 30, 31, 32, 33])
    first = paliers.protect_counts(before, ASKED).table
    assert first is not None
    hidden = counts.hidden_in(first)
    assert hidden
    careless = paliers.protect_counts(after, ASKED).table
    assert careless is not None
    assert hidden - counts.hidden_in(careless)
    refused = audit(after, careless, ASKED, earlier=[first])
    assert any("effectif montré, qu'une publication antérieure masque" in motif for motif in refused.motifs)
    knowing = paliers.protect_counts(after, ASKED, earlier=[first]).table
    assert knowing is not None
    assert hidden <= counts.hidden_in(knowing)
