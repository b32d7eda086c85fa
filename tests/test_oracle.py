"""A run on the fictional programme finds what is true of it: every planted defect and no other, accounts to the cent, every count.

The truth is written by the generator from its own world, which no stage makes; a spoiled copy shows that each comparison can fail.
"""

import csv
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from tests import oracle
from tests.conftest import Fabriques
from tests.public_bytes import SHORTEST, occurrences

SEEDS = (1, 2)
SAMPLE = 60  # people sought in every form: some twenty forms each


class Run:
    """A demo, and the run on it."""

    def __init__(self, folder: Path, fabriques: Fabriques, seed: int) -> None:
        self.folder, self.demo, self.home = folder, folder / "demo", folder / "var"
        self._fabriques = fabriques
        made = fabriques("demo", self.demo, "--seed", seed, cwd=folder)
        assert made.returncode == 0, made.stderr

    def run(self) -> None:
        self.done = self._fabriques("run", "--sources", self.demo / "sources.toml", cwd=self.folder)

    @property
    def release(self) -> Path:
        assert self.done.returncode == 0, self.done.stderr
        return self.folder / "published" / "fictif" / "latest"


@pytest.fixture(scope="module", params=SEEDS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, fabriques: Fabriques) -> Run:
    made = Run(tmp_path_factory.mktemp(f"graine-{request.param}"), fabriques, request.param)
    made.run()
    return made


def name(compare: Callable[..., object]) -> str:
    return compare.__name__


@pytest.mark.parametrize("compare", oracle.PRIVATE, ids=name)
def test_a_run_finds_the_truth(run: Run, compare: Callable[[Path, Path], oracle.Difference]) -> None:
    found = compare(run.demo, run.home)
    assert found.rows > 0
    assert not found, found


@pytest.mark.parametrize("compare", oracle.PUBLIC, ids=name)
def test_a_release_tells_the_truth(run: Run, compare: Callable[[Path, Path], oracle.Difference]) -> None:
    found = compare(run.demo, run.release)
    assert found.rows > 0
    assert not found, found


def test_no_person_and_no_applicant_in_a_public_byte(run: Run) -> None:
    """All of them as they are written, in every file and every cell; some of them in every form that a publication could give them."""
    values = sorted({row["valeur"] for row in oracle.truth(run.demo, "personnes") if row["nature"] != "texte"})
    assert len(values) > 5_000
    assert written(run.home / "prive" / "validate", values)
    assert written(run.release, values) == []
    some = {value for value in values[:: len(values) // SAMPLE] if len(value) >= SHORTEST}
    assert len(some) > SAMPLE / 2
    assert occurrences(run.release, some) == []


def written(folder: Path, values: Sequence[str]) -> list[Path]:
    """The files that hold one of the values, in any case: their bytes, and the cells of what is compressed."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and told(path).str.contains_any(values, ascii_case_insensitive=True).any()
    ]


def told(path: Path) -> pl.Series:
    if path.suffix != ".parquet":
        return pl.Series([path.read_bytes().decode("utf-8", errors="replace")])
    texts = pl.read_parquet(path).select(pl.col(pl.String))
    return pl.concat([pl.Series([""]), *(column.drop_nulls().unique().rename("") for column in texts)])


def test_a_cell_that_tells_too_much_is_withheld(run: Run) -> None:
    """The texts that hold an address, a number or a known name are nowhere; each was there to be found."""
    texts = {row["valeur"] for row in oracle.truth(run.demo, "personnes") if row["nature"] == "texte"}
    planted = [row for row in oracle.truth(run.demo, "defauts") if row["etape"] == "protect"]
    assert len(texts) == len(planted) > 10
    assert {row["regle"] for row in planted} == {"courriel", "telephone", "iban", "nir", "valeur_connue"}
    assert occurrences(run.release, texts) == []


def test_nothing_of_the_wave_under_embargo_is_published(run: Run) -> None:
    secret = {row["lieu"] for row in oracle.truth(run.demo, "lieux") if row["public"] == "non" and row["attributions"] == "0"}
    assert len(secret) == 10
    assert written(run.home / "prive" / "validate", sorted(secret))
    assert occurrences(run.release, secret) == []
    assert written(run.release, ["fdt-11", "Lieu fictif S", "fictive S"]) == []


def test_the_comparisons_can_fail(tmp_path: Path, fabriques: Fabriques) -> None:
    spoiled = Run(tmp_path, fabriques, SEEDS[0])
    truth = shutil.copytree(spoiled.demo / "verite", tmp_path / "vraie" / "verite").parent
    one_cent_more(spoiled.demo / "versements-2022.csv")
    spoil(spoiled.demo / "conventions-2024-2026.csv", 1, "idAttribuant", "12345678900011")
    spoil(spoiled.demo / "candidatures-vague-5-revue.csv", 1, "decision", "")
    spoil(spoiled.demo / "registre-des-lieux.csv", 5, "fusionne_dans", "lieu-0006")
    spoiled.run()
    found = {compare.__name__: compare(truth, spoiled.home) for compare in oracle.PRIVATE}
    assert all(found.values()), [key for key, difference in found.items() if not difference]
    new = {(row[0], row[3], row[4]) for row in found["rejections"].extra}
    assert new == {
        ("conventions-2024-2026.csv", "idAttribuant", "french-siret-value"),
        ("candidatures-vague-5-revue.csv", "decision", "required"),
    }
    assert {row[:1] + row[3:] for row in found["anomalies"].extra} >= {("vagues.csv", "nb_candidatures", "vague-candidatures-differentes")}


def one_cent_more(path: Path) -> None:
    """One payment of the file, greater by a cent."""
    lines = path.read_text(encoding="utf-8").split("\n")
    last = next(index for index in range(len(lines) - 1, 0, -1) if lines[index].endswith('"'))
    head, _, amount = lines[last].rstrip('"').rpartition(",")
    lines[last] = f'{head},{(int(amount) + 1) % 100:02d}"'
    path.write_text("\n".join(lines), encoding="utf-8")


def spoil(path: Path, line: int, field: str, value: str) -> None:
    """One cell of a clean CSV, by the number of its record."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    columns = {"decision": "Avis"}.get(field, field)
    rows[line - 1][columns] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
