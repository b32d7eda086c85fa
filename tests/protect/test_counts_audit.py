"""The audit of counts accepts a table if, and only if, every hidden count is protected; each protection taken away makes it refuse."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from pipeline.protect import policy
from pipeline.protect.effectifs import attack, certificates, cube, linear, paliers, suppression
from pipeline.protect.effectifs import audit as audit_module
from pipeline.protect.effectifs.audit import FLOORS, audit
from pipeline.protect.effectifs.thresholds import Thresholds
from tests.controls import Blocks
from tests.protect import counts
from tests.protect.counts import ASKED, AT_FLOORS, Key

SHAPES = [(2, 2, 2), (1, 3, 2), (2, 3, 1), (2, 2, 1), (3, 2, 1), (1, 2, 3)]


def test_the_audit_shares_no_code_with_the_builder() -> None:
    for module in (audit_module, attack, certificates, linear):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
        named |= {str(node.module).rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert named & {"cube", "suppression", "paliers", "policy"} == set()
    for module in (cube, suppression):
        assert not {"attack", "audit", "certificates", "linear"} & set(vars(module))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_it_accepts_if_and_only_if_every_hidden_count_is_protected(data: st.DataObject) -> None:
    """On what the builder hides, with some cells shown again or hidden more, and counts known from elsewhere."""
    shape = data.draw(st.sampled_from(SHAPES))
    size = shape[0] * shape[1] * shape[2]
    base = counts.base(shape, data.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)))
    true = counts.cells(base)
    elsewhere = set(data.draw(st.lists(st.sampled_from(sorted(true)), max_size=2)))
    small = {key for key, count in true.items() if 1 <= count < AT_FLOORS.seuil} - elsewhere
    built = paliers.protect_counts(base, AT_FLOORS, counts.coordinates(elsewhere))
    hidden = counts.hidden_in(built.table) if built.step == "vague_region_classe" and built.table is not None else small
    hidden ^= set(data.draw(st.lists(st.sampled_from(sorted(true)), max_size=2)))
    table = counts.table(base, (hidden | small) - elsewhere)
    verdict = audit(base, table, AT_FLOORS, counts.coordinates(elsewhere))
    assert verdict.ok == counts.protected(base, table, AT_FLOORS, elsewhere), verdict.motifs


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_on_a_coarser_table_too(data: st.DataObject) -> None:
    """The oracle sums base cells that the table does not have; what is known from elsewhere may be finer than the table."""
    shape = data.draw(st.sampled_from(SHAPES))
    size = shape[0] * shape[1] * shape[2]
    base = counts.base(shape, data.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)))
    true = counts.cells(base)
    wholes = data.draw(st.sampled_from(list(paliers.STEPS.values())[1:]))
    keys = {
        key
        for key in true
        if any({name for name, value in zip(counts.AXES, key, strict=True) if value != "ensemble"} <= whole for whole in wholes)
    }
    elsewhere = set(data.draw(st.lists(st.sampled_from(sorted(true)), max_size=3)))
    small = {key for key in keys if 1 <= true[key] < AT_FLOORS.seuil}
    hidden = (small | set(data.draw(st.lists(st.sampled_from(sorted(keys)), max_size=6)))) - elsewhere
    table = counts.table(base, hidden, keys)
    verdict = audit(base, table, AT_FLOORS, counts.coordinates(elsewhere))
    assert verdict.ok == counts.protected(base, table, AT_FLOORS, elsewhere), verdict.motifs


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_proved_is_possible(data: st.DataObject) -> None:
    size = 6
    base = counts.base((1, 3, 2), data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)))
    built = paliers.protect_counts(base, AT_FLOORS)
    if built.table is not None:
        reader = counts.Reader(base, built.table)
        for *cell, least, most in built.verdict.proofs.rows():
            assert reader.possible(tuple(cell), least, least)
            assert reader.possible(tuple(cell), most, most)


# A small count in two regions and two classes, and enough around it.
BASE = counts.base((2, 2, 2), [2, 9, 8, 12, 11, 3, 14, 17], [1, 0, 2, 1, 0, 0, 3, 1])
ALL_BUT_TOTALS: set[Key] = {key for key in counts.cells(BASE) if "ensemble" not in key}


def built() -> pl.DataFrame:
    """The table of BASE at its full detail."""
    done = paliers.protect_counts(BASE, ASKED._replace(part_montree=1))
    assert done.step == "vague_region_classe"
    assert done.table is not None
    return done.table


def test_what_is_built_passes() -> None:
    assert audit(BASE, built(), ASKED).motifs == ()


def test_complementary_hiding_skipped_blocks(blocks: Blocks) -> None:
    small = {key for key, count in counts.cells(BASE).items() if 1 <= count < ASKED.seuil}
    verdict = audit(BASE, counts.table(BASE, small), ASKED)
    assert len(verdict.motifs) == 1
    told = "candidatures_agregees : un effectif masqué se calcule, ou rien ne prouve le contraire ("
    blocks("counts: complementary hiding skipped", told, verdict.motifs)
    assert "vague v1, region r1, classe c1" in verdict.motifs[0]


def test_every_complementary_cell_matters() -> None:
    """Shown again one at a time: the audit agrees with the oracle on each, and blocks for at least one."""
    table, verdicts = built(), []
    small = {key for key, count in counts.cells(BASE).items() if 1 <= count < ASKED.seuil}
    hidden = counts.hidden_in(table)
    for key in sorted(hidden - small):
        less = counts.table(BASE, hidden - {key})
        verdicts.append(audit(BASE, less, ASKED).ok)
        assert verdicts[-1] == counts.protected(BASE, less, ASKED)
    assert verdicts
    assert False in verdicts


def test_an_interval_too_narrow_blocks(blocks: Blocks) -> None:
    """Hidden in a 2 × 2 square of the smallest counts: it moves by two, not by three."""
    base = counts.base((1, 2, 2), [4, 2, 2, 15])
    hidden = {key for key in counts.cells(base) if "ensemble" not in key[1:]}
    verdict = audit(base, counts.table(base, hidden), ASKED)
    blocks("counts: an interval too narrow", "s'encadre de plus près que ne le veut la politique", verdict.motifs)
    assert audit(base, counts.table(base, hidden), AT_FLOORS).ok == counts.protected(base, counts.table(base, hidden), AT_FLOORS)


@pytest.mark.parametrize("name", ["seuil", "amplitude_bas", "amplitude_haut"])
def test_a_threshold_below_the_floor_of_the_audit_blocks(name: str, blocks: Blocks) -> None:
    low = ASKED._replace(**{name: getattr(FLOORS, name) - 1})
    told = audit(BASE, built(), low).motifs
    assert len(told) == 1
    sentence = f"candidatures_agregees : seuil « {name} » sous le plancher {getattr(FLOORS, name)} de l'audit"
    blocks(f"counts: the threshold « {name} » below its floor", sentence, told)


def test_a_policy_whose_floors_were_lowered_is_stopped_by_the_audit(tmp_path: Path, blocks: Blocks) -> None:
    shipped = (policy.schemas_dir() / "protection.toml").read_text(encoding="utf-8")
    path = tmp_path / "protection.toml"
    path.write_text(shipped.replace("valeur = 5\nplancher = 3", "valeur = 2\nplancher = 2", 1), encoding="utf-8")
    lowered = policy.read(path).effectifs.values()
    assert lowered.seuil == 2
    told = audit(BASE, built(), lowered).motifs
    blocks("counts: a policy whose threshold and floor were lowered together", "seuil « seuil » sous le plancher 3", told)
    floors = Thresholds(*(threshold.plancher for _, threshold in policy.load().effectifs))
    assert all(written >= floor for written, floor in zip(floors, FLOORS, strict=True))


FIRST = (pl.col("vague") == "v1") & (pl.col("region") == "r1") & (pl.col("classe") == "c1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"non_retenues": 2, "candidatures": 3, "secret": None}, "petit effectif montré (vague v1, region r1, classe c1)"),
        ({"non_retenues": 2}, "effectif en partie masqué seulement"),
        ({"candidatures": 3}, "effectif en partie masqué seulement"),
        ({"non_retenues": 7, "candidatures": 8, "secret": None}, "effectif différent de celui des effectifs livrés"),
        ({"secret": "petit_effectif"}, "motif du secret qui distinguerait les petits effectifs des autres"),
        ({"laureats": 0}, "nombre de lauréats différent"),
        ({"vague": "v9"}, "ligne que les effectifs livrés ne donnent pas"),
    ],
)
def test_a_cell_tampered_with_blocks(change: dict[str, object], sentence: str, blocks: Blocks) -> None:
    types = built().schema
    altered = [pl.when(FIRST).then(pl.lit(value, types[name])).otherwise(name).alias(name) for name, value in change.items()]
    verdict = audit(BASE, built().with_columns(altered).sort(counts.AXES), ASKED)
    blocks(f"counts: a cell becomes {change}", sentence, verdict.motifs)


def test_a_row_lost_added_or_moved_and_a_column_more_block() -> None:
    table = built()
    assert "ligne absente" in audit(BASE, table.filter(~FIRST), ASKED).motifs[0]
    assert "ligne absente" in audit(BASE, table.clear(), ASKED).motifs[0]
    assert "clé vide ou répétée" in audit(BASE, pl.concat([table, table.head(1)]), ASKED).motifs[0]
    assert "dans l'ordre de leur clé" in audit(BASE, table.reverse(), ASKED).motifs[0]
    assert "(regle)" in audit(BASE, table.with_columns(regle=pl.lit("x")), ASKED).motifs[0]
    assert "(types)" in audit(BASE, table.cast({"laureats": pl.Int32()}), ASKED).motifs[0]


def test_what_is_public_elsewhere_cannot_be_hidden_nor_protect() -> None:
    """Each hidden cell, said to be public: it is refused as it is; and hiding without it must be enough."""
    table = built()
    for key in sorted(counts.hidden_in(table)):
        elsewhere = counts.coordinates([key])
        assert "effectif déjà public masqué" in audit(BASE, table, ASKED, elsewhere).motifs[0]
        again = paliers.protect_counts(BASE, ASKED._replace(part_montree=1), elsewhere).table
        assert again is not None
        assert key not in counts.hidden_in(again)
        assert audit(BASE, again, ASKED, elsewhere).ok
        assert counts.protected(BASE, again, ASKED, {key})


def test_a_count_public_elsewhere_is_not_in_the_coarser_table_and_still_known() -> None:
    """The table has neither classes nor what they would give away; the reader has one, from elsewhere."""
    base = counts.base((1, 2, 2), [4, 30, 9, 20])
    whole = {key for key in counts.cells(base) if key[2] == "ensemble"}
    table = counts.table(base, set(), whole)
    assert audit(base, table, ASKED).ok
    assert audit(base, table, ASKED, counts.coordinates([("v1", "r1", "c1")])).ok  # the small count is public: nothing to protect
    hidden = counts.table(
        base, {("v1", "r1", "ensemble"), ("ensemble", "r1", "ensemble"), ("v1", "r2", "ensemble"), ("ensemble", "r2", "ensemble")}, whole
    )
    parts = counts.coordinates([("v1", "r1", "c1"), ("v1", "r1", "c2")])
    assert audit(base, hidden, ASKED).ok
    assert "se calcule" in audit(base, hidden, ASKED, parts).motifs[0]
    assert "que la livraison n'a pas" in audit(base, table, ASKED, counts.coordinates([("v7", "ensemble", "ensemble")])).motifs[0]


def tampered(change: Callable[[np.ndarray, attack.Knowledge], np.ndarray]) -> Callable[..., Iterator[np.ndarray]]:
    honest = certificates.search
    return lambda knowledge, *rest: (change(table.copy(), knowledge) for table in honest(knowledge, *rest))


def on_hidden(table: np.ndarray, knowledge: attack.Knowledge, add: int) -> np.ndarray:
    table[knowledge.hidden[0]] += add
    return table


@pytest.mark.parametrize(
    "change",
    [
        lambda table, knowledge: on_hidden(table, knowledge, 1),  # margins no longer true
        lambda table, knowledge: on_hidden(table, knowledge, -1000),  # a negative count
        lambda table, knowledge: table + 1,  # published counts changed
        lambda table, knowledge: table.astype(float),  # not integers
        lambda table, knowledge: table[:-1],  # not the whole table
        lambda table, knowledge: np.where(knowledge.known, knowledge.counts, 10**6),  # wide, and false
    ],
)
def test_a_certificate_tampered_with_proves_nothing(monkeypatch: pytest.MonkeyPatch, change: Callable[..., np.ndarray]) -> None:
    table = built()
    monkeypatch.setattr(certificates, "search", tampered(change))
    verdict = audit(BASE, table, ASKED)
    assert not verdict.ok
    assert "rien ne prouve le contraire" in verdict.motifs[0]


def test_no_certificate_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    table = built()
    monkeypatch.setattr(certificates, "search", lambda *_: iter(()))
    assert not audit(BASE, table, ASKED).ok


def test_no_reason_shows_a_count() -> None:
    """Counts that no coordinate holds: none of them in any reason."""
    base = counts.base((2, 2, 2), [4, 61, 67, 71, 73, 4, 79, 83])
    true = counts.cells(base)
    for hidden in (set(), {key for key, count in true.items() if count < 5}, ALL_BUT_TOTALS):
        told = " ".join(audit(base, counts.table(base, hidden), ASKED).motifs)
        assert not {str(count) for count in true.values() if count > 4} & set(
            told.replace("(", " ").replace(")", " ").replace(",", " ").split()
        )
