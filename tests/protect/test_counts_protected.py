"""The table of counts as published: small counts hidden, nothing of them left to compute, coarser rather than empty, the same each time."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

from pipeline.protect import policy
from pipeline.protect.effectifs import attack, paliers, suppression
from pipeline.protect.effectifs.audit import audit
from pipeline.protect.effectifs.cube import CountsError
from pipeline.protect.effectifs.paliers import STEPS, account, protect_counts
from tests.protect import counts
from tests.protect.counts import ASKED, AT_FLOORS

ROOT = Path(__file__).resolve().parents[2]
EVERYTHING = ASKED._replace(part_montree=1)
WAVES = counts.coordinates([("fdt-03", "ensemble", "ensemble"), ("fdt-10", "ensemble", "ensemble")])
SHAPES = [(2, 2, 2), (1, 3, 2), (2, 3, 1), (3, 2, 1)]


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_is_published_is_true_and_protected(data: st.DataObject) -> None:
    """At any step, with counts known from elsewhere; judged by the oracle, not by the audit."""
    shape = data.draw(st.sampled_from(SHAPES))
    size = shape[0] * shape[1] * shape[2]
    lost, won = (data.draw(st.lists(st.integers(0, most), min_size=size, max_size=size)) for most in (5, 2))
    base = counts.base(shape, lost, won)
    true, laureates = counts.cells(base), counts.cells(base.with_columns(candidatures=2 * pl.col("laureats")))
    elsewhere = set(data.draw(st.lists(st.sampled_from(sorted(true)), max_size=2)))
    asked = data.draw(st.sampled_from([AT_FLOORS, AT_FLOORS._replace(part_montree=60)]))
    done = protect_counts(base, asked, counts.coordinates(elsewhere))
    if done.table is None:
        assert [each.step for each in done.left] == list(STEPS)
        return
    for *key, applications, gained, refused, mark in done.table.rows():
        cell = tuple(key)
        assert gained == laureates[cell]
        assert (applications, refused) in {(None, None), (true[cell] + gained, true[cell])}
        assert (mark is None) == (refused is not None)
        assert refused is not None or cell not in elsewhere
        assert cell in elsewhere or refused is None or not 1 <= refused < asked.seuil
    assert counts.protected(base, done.table, asked, elsewhere)
    assert 100 * len(counts.hidden_in(done.table)) <= (100 - asked.part_montree) * done.table.height


def test_a_programme_of_the_real_size() -> None:
    """Ten waves, eighteen regions, four classes, 2,500 applications: too thin for the whole crossing, published by region and by class."""
    base = counts.programme(2_500)
    done = protect_counts(base, policy.load().effectifs.values(), WAVES)
    assert done.table is not None
    assert (done.step, done.table.height) == ("vague_region_et_vague_classe", 253)
    true = counts.cells(base)
    small = {key for key in done.table.select(counts.AXES).rows() if 1 <= true.get(key, 0) < 5}
    hidden = counts.hidden_in(done.table)
    assert (len(small), len(hidden - small)) == (done.small, done.others)
    assert small
    assert small <= hidden
    found = {
        tuple(row[:3]): row[3:] for row in attack.bounds(attack.read(done.table, {}, [set(base[axis]) for axis in counts.AXES])).rows()
    }
    assert set(found) == hidden
    for key, (least, most) in found.items():
        count = true.get(key, 0)
        low, high = (min(2, count), 3) if key in small else (0, 0)
        assert least <= count - low
        assert most is None or most >= count + high
        assert least != most


def test_a_dense_programme_keeps_its_whole_detail() -> None:
    base = counts.programme(25_000)
    done = protect_counts(base, ASKED, WAVES)
    assert (done.step, done.left) == ("vague_region_classe", ())
    assert done.verdict.ok
    assert done.others < 2 * done.small


def test_the_solver_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    code = "from tests.protect import counts; from pipeline.protect.effectifs import paliers; "
    code += "paliers.account(paliers.protect_counts(counts.programme(2_500), counts.ASKED), counts.ASKED)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)
    assert capfd.readouterr() == ("", "")


def test_same_counts_same_cells_on_any_machine() -> None:
    code = """
import sys
import polars as pl
from pipeline.protect.effectifs import paliers
from tests.protect import counts
for applications in (2_500, 25_000):
    base = counts.programme(applications).sample(fraction=1, shuffle=True, seed=int(sys.argv[1]))
    done = paliers.protect_counts(base, counts.ASKED)
    print(done.table.write_csv(), paliers.account(done, counts.ASKED), done.verdict.proofs.write_csv(), sep="\\n")
"""
    seen = set()
    for seed, threads in (("0", "1"), ("4242", "4")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads}
        run = subprocess.run([sys.executable, "-c", code, seed], cwd=ROOT, env=environment, capture_output=True, check=True, timeout=240)
        seen.add(hashlib.sha256(run.stdout).hexdigest())
        assert run.stdout
    assert len(seen) == 1


def test_a_threshold_raised_hides_more() -> None:
    base = counts.programme(25_000)
    by_default = protect_counts(base, EVERYTHING).table
    raised = protect_counts(base, EVERYTHING._replace(seuil=11)).table
    assert by_default is not None
    assert raised is not None
    assert len(counts.hidden_in(by_default)) < len(counts.hidden_in(raised))


def test_coarser_when_too_little_would_be_shown() -> None:
    base = counts.programme(25_000)
    steps = [protect_counts(base, ASKED._replace(part_montree=share)).step for share in (70, 95, 100)]
    assert steps == ["vague_region_classe", "vague_region_et_vague_classe", "vague_classe_et_region"]


def test_when_the_audit_refuses_every_step_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Complementary hiding forgotten: each step where a small count stands is refused, with the cells for the operator alone."""
    honest = suppression.hide

    def careless(*arguments: object) -> suppression.Hidden:
        found = honest(*arguments)  # type: ignore[arg-type]
        return suppression.Hidden(found.primary, found.complementary & False, found.unprotected)

    monkeypatch.setattr(suppression, "hide", careless)
    monkeypatch.setattr(paliers, "MANY_SMALL", 100)  # every step is searched, then judged
    base = counts.base((2, 2, 2), [1, 0, 0, 2, 30, 40, 50, 60])
    done = protect_counts(base, EVERYTHING)
    assert done.table is None
    assert not done.verdict.ok
    assert [each.raison for each in done.left] == ["écarté : refusé par l'audit"] * 4
    assert all("vague v1" in " ".join(each.motifs) for each in done.left)
    assert "v1" not in " ".join(done.verdict.motifs)


def test_one_small_count_alone_is_not_published() -> None:
    """Hiding everything protects it, and leaves nothing to read."""
    done = protect_counts(counts.base((1, 1, 1), [3]), ASKED)
    assert done.table is None
    assert done.verdict.motifs[0] == (
        "candidatures_agregees : détail « vague_region_classe » écarté : plus de 33 % des effectifs sont petits"
    )


def test_no_application_at_all() -> None:
    done = protect_counts(counts.base((1, 1, 1), [0]).clear(), ASKED)
    assert done.table is not None
    assert done.table.rows() == [("ensemble", "ensemble", "ensemble", 0, 0, 0, None)]


def test_no_step_holds_the_three_pairs_alone() -> None:
    for wholes in STEPS.values():
        pairs = {part for whole in wholes for part in paliers.cube.margins([whole]) if len(part) == 2}
        assert len(pairs) < 3 or paliers.VRC in wholes


def test_the_account_says_only_what_the_table_says() -> None:
    """Computed again from what a reader has, and nothing that tells small counts from the others."""
    base = counts.programme(2_500)
    done = protect_counts(base, ASKED, WAVES)
    assert done.table is not None
    told = account(done, ASKED)
    bounds = attack.bounds(attack.read(done.table, {}, [set(done.table[axis]) for axis in counts.AXES]))
    widths = (bounds["maximum"] - bounds["minimum"]).to_list()
    assert json.loads(json.dumps(told)) == {
        "detail": done.step,
        "details_ecartes": [{"detail": "vague_region_classe", "raison": "écarté : plus de 33 % des effectifs sont petits"}],
        "seuil": 5,
        "amplitude_bas": 2,
        "amplitude_haut": 3,
        "part_montree": 60,
        "cellules": done.table.height,
        "cellules_masquees": len(counts.hidden_in(done.table)),
        "largeurs": {"minimum": min(widths), "mediane": pl.Series(widths).median(), "sans_borne": 0},
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"candidatures": 0}, "avec moins de candidatures que de lauréats (vague v1, region r1, classe c1)"),
        ({"laureats": -1}, "au nombre négatif (vague v1, region r1, classe c1)"),
        ({"candidatures": 10**9}, "au nombre démesuré"),
        ({"classe": "ensemble"}, "au nom réservé « ensemble »"),
        ({"classe": "c2"}, "répétée (vague v1, region r1, classe c2)"),
        ({"region": None}, "écrire « indéterminée »"),
    ],
)
def test_counts_that_make_no_cube_are_refused(change: dict[str, object], sentence: str) -> None:
    base = counts.base((1, 1, 2), [6, 7], [2, 2])
    first = pl.col("classe") == "c1"
    altered = [pl.when(first).then(pl.lit(value, base.schema[name])).otherwise(name).alias(name) for name, value in change.items()]
    with pytest.raises(CountsError) as error:
        protect_counts(base.with_columns(altered), ASKED)
    assert sentence in str(error.value)
    assert str(10**9) not in str(error.value)


def test_a_cube_beyond_any_programme_is_refused_before_it_takes_memory() -> None:
    rank = range(3_000)
    base = pl.DataFrame({axis: [f"{axis}-{place}" for place in rank] for axis in counts.AXES}).with_columns(
        candidatures=pl.lit(9, pl.Int64), laureats=pl.lit(1, pl.Int64)
    )
    with pytest.raises(CountsError, match="trop de valeurs différentes"):
        protect_counts(base, ASKED)


def test_a_cell_known_from_elsewhere_must_exist() -> None:
    with pytest.raises(CountsError, match="vague : « v7 » absente des effectifs"):
        protect_counts(counts.base((1, 1, 2), [6, 7]), ASKED, counts.coordinates([("v7", "ensemble", "ensemble")]))


def test_laureates_are_not_what_is_protected() -> None:
    """Few laureates and many applications: shown; all applications but a few successful: hidden."""
    base = counts.base((1, 2, 2), [40, 50, 60, 3], [1, 1, 0, 90])
    done = protect_counts(base, EVERYTHING)
    assert done.table is not None
    cell = pl.col("vague").eq("v1") & pl.col("region").eq("r2") & pl.col("classe").eq("c2")
    assert done.table.filter(cell).rows() == [("v1", "r2", "c2", None, 90, None, "secret_statistique")]
    assert audit(base, done.table, EVERYTHING).ok
