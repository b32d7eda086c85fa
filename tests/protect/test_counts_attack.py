"""The attack finds exactly what a reader of the published table can know of a hidden count, neither more nor less."""

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

from pipeline.protect.effectifs import attack
from tests.protect import counts

SHAPES = [(2, 2, 2), (1, 3, 2), (2, 3, 1), (2, 2, 1), (3, 2, 1)]
GRAND_TOTAL = ("ensemble",) * 3


def labels(base: pl.DataFrame) -> list[set[str]]:
    return [set(base[axis]) for axis in counts.AXES]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_the_bounds_are_those_of_every_table_that_agrees(data: st.DataObject) -> None:
    """A grand total that is shown bounds everything; integers, found by backtracking."""
    shape = data.draw(st.sampled_from(SHAPES))
    size = shape[0] * shape[1] * shape[2]
    base = counts.base(shape, data.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)))
    keys = sorted(set(counts.cells(base)) - {GRAND_TOTAL})
    hidden = {
        key for key, drawn in zip(keys, data.draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys))), strict=True) if drawn
    }
    table = counts.table(base, hidden)
    reader = counts.Reader(base, table)
    found = attack.bounds(attack.read(table, {}, labels(base)))
    assert set(found.select(counts.AXES).rows()) == hidden
    for *cell, least, most in found.rows():
        key = tuple(cell)
        assert reader.possible(key, least, least)
        assert not (least and reader.possible(key, 0, least - 1))
        assert reader.possible(key, most, most)
        assert not reader.possible(key, most + 1, None)


def test_a_count_without_bound_is_said_to_have_none() -> None:
    base = counts.base((1, 2, 1), [3, 4])
    found = attack.bounds(attack.read(counts.table(base, set(counts.cells(base))), {}, labels(base)))
    assert found["minimum"].to_list() == [0] * found.height
    assert found["maximum"].null_count() == found.height


def test_what_is_known_from_elsewhere_is_used() -> None:
    """Two hidden classes of a hidden total: the total alone, said elsewhere, bounds both."""
    base = counts.base((1, 1, 2), [3, 9])
    table = counts.table(base, set(counts.cells(base)))
    found = attack.bounds(attack.read(table, {GRAND_TOTAL: 12}, labels(base)))
    assert found.filter(pl.col("classe") != "ensemble")["maximum"].to_list() == [12] * 8
    pinned = attack.bounds(attack.read(table, {GRAND_TOTAL: 12, ("v1", "ensemble", "c1"): 3}, labels(base)))
    assert pinned["minimum"].to_list() == pinned["maximum"].to_list()
    assert {row[2:] for row in pinned.rows()} == {("c1", 3, 3), ("c2", 9, 9), ("ensemble", 12, 12)}


def test_a_table_that_contradicts_itself_is_refused() -> None:
    base = counts.base((1, 1, 3), [6, 7, 8])
    keys = {("v1", "r1", "c1"), ("v1", "ensemble", "c1")}
    table = counts.table(base, keys).with_columns(
        pl.when(pl.col("classe") == "ensemble").then(2).otherwise("non_retenues").alias("non_retenues")
    )
    with pytest.raises(ValueError, match="Table publiée incohérente"):
        attack.bounds(attack.read(table, {}, labels(base)))
