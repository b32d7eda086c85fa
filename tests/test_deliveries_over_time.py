"""Several deliveries of one table, end to end: what holds, what was known at a date, and what the order of things never changes."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.run import OK, execute
from pipeline.settings import Settings
from tests.test_reproducible import digests

RESULTS = "vague,categorie,nom_lieu,porteur,rna_porteur,commune,departement,lieu,source_url"
PLACE = "fdt-0{wave},fabrique_de_territoire,Lieu fictif {place},Association fictive {place},W00000000{place},Mende,48,lieu-000{place},https://journal.example/{place}"
PAYMENTS = "numero_ej;poste_ej;numero_dp;poste_dp;societe;exercice;montant_paye"


@dataclass(frozen=True)
class Entry:
    """An entry of the sources file, and the file that it names."""

    name: str
    table: str
    date: str
    text: str
    more: str = ""

    def declared(self, name: str | None = None) -> str:
        return f'[[source]]\ntable = "{self.table}"\npath = "{name or self.name}"\ndate = {self.date}\n{self.more}\n'


def results(*places: tuple[int, int]) -> str:
    return "\n".join([RESULTS, *(PLACE.format(wave=wave, place=place) for wave, place in places)]) + "\n"


def payments(*lines: tuple[int, int, str]) -> str:
    """(number, year, amount) of each payment."""
    return "\n".join([PAYMENTS, *(f"21000000{number};1;{number};1;ADCE;{year};{amount}" for number, year, amount in lines)]) + "\n"


ENTRIES = (
    Entry(
        "registre.csv", "lieux", "2024-01-10", "lieu,nom\n" + "".join(f"lieu-000{place},Lieu fictif {place}\n" for place in (1, 2, 3, 4))
    ),
    Entry("laureats.csv", "resultats", "2024-01-10", results((1, 1), (1, 2), (3, 3))),
    Entry("chorus.csv", "versements", "2024-01-10", payments((1, 2021, "100,00"), (2, 2022, "200,00"), (3, 2022, "300,00"))),
    Entry("chorus_2022.csv", "versements", "2024-02-01", payments((2, 2022, "250,50"), (4, 2022, "400,00")), 'periode = "2022"'),
    Entry("chorus_2023.csv", "versements", "2024-02-01", payments((5, 2023, "500,00")), 'mode = "ajoute"\nperiode = "2023"'),
    Entry("vague_1_revue.csv", "resultats", "2024-03-01", results((1, 1)), 'periode = "1"'),
    Entry("erratum.csv", "versements", "2024-04-01", payments((4, 2022, "444,00"), (9, 2022, "9,00")), 'mode = "corrige"'),
    Entry("laureats_bis.csv", "resultats", "2024-05-01", results((1, 1), (3, 3), (3, 4))),
)
DATES = sorted({entry.date for entry in ENTRIES})
# What holds at each date, worked out by hand: awards by place, payments by number.
AWARDS = {DATES[0]: {1, 2, 3}, DATES[1]: {1, 2, 3}, DATES[2]: {1, 3}, DATES[3]: {1, 3}, DATES[4]: {1, 3, 4}}
BEFORE = {1: "100.00", 2: "200.00", 3: "300.00"}
SINCE = {1: "100.00", 2: "250.50", 4: "400.00", 5: "500.00"}
PAID = {DATES[0]: BEFORE, DATES[1]: SINCE, DATES[2]: SINCE} | dict.fromkeys(DATES[3:], SINCE | {4: "444.00", 9: "9.00"})


def write(folder: Path, entries: Sequence[Entry], rename: bool = False) -> Path:
    """The files of the entries, renamed or not, and their sources file, in the order given."""
    folder.mkdir()
    told = ["fictif = true\n"]
    for place, entry in enumerate(entries):
        name = f"{place}-{entry.name}" if rename else entry.name
        (folder / name).write_text(entry.text, encoding="utf-8")
        told.append(entry.declared(name))
    path = folder / "sources.toml"
    path.write_text("".join(told), encoding="utf-8")
    return path


def run(folder: Path, sources: Path, **given: str) -> Path:
    """The release that a run makes; `folder` holds its home and its releases."""
    settings = Settings.model_validate({"home": folder / "var", "published": folder / "published", "sources": sources, **given})
    outcome = execute(settings, lambda _step: None)
    assert outcome.code == OK, outcome.reasons
    return (folder / "published" / "fictif" / "latest").resolve()


def mixed(seed: str) -> list[Entry]:
    """The entries in another order, the same for the same seed."""
    return sorted(ENTRIES, key=lambda entry: hashlib.sha256(f"{seed} {entry.name}".encode()).digest())


def known_at(date: str) -> list[Entry]:
    return [entry for entry in ENTRIES if entry.date <= date]


@pytest.mark.parametrize("date", [DATES[0], DATES[1], DATES[3]])
def test_what_was_known_is_rebuilt_from_the_file_of_today(tmp_path: Path, date: str) -> None:
    """The release made then, and the one that `--au` makes from all that was declared since, in another order: same name, same bytes."""
    then = run(tmp_path / "alors", write(tmp_path / "alors-sources", known_at(date)))
    shuffled = mixed(date)
    rebuilt = run(tmp_path / "depuis", write(tmp_path / "depuis-sources", shuffled), au=date)
    assert (rebuilt.name, digests(rebuilt)) == (then.name, digests(then))

    awards = pl.read_parquet(then / "parquet" / "attributions.parquet")
    assert set(awards["fabrique"]) == {f"lieu-000{place}" for place in AWARDS[date]}
    paid = pl.read_parquet(tmp_path / "alors" / "var" / "prive" / "model" / "versements.parquet")
    assert dict(paid.select("numero_dp", "montant_paye").iter_rows()) == {
        str(number): Decimal(euros) for number, euros in PAID[date].items()
    }
    anomalies = pl.read_parquet(tmp_path / "alors" / "var" / "prive" / "model" / "anomalies.parquet")
    without_object = anomalies.filter(pl.col("regle") == "correction-sans-objet").select("table", "ligne").rows()
    assert without_object == ([("versements", 3)] if date >= "2024-04-01" else [])
    public = pl.read_parquet(then / "parquet" / "versements.parquet")
    assert public["montant_paye"].sum() == sum(map(Decimal, PAID[date].values()))


def test_a_state_of_the_past_is_released_beside_the_latest(tmp_path: Path) -> None:
    """Looking back does not send readers of `latest` back; a file of sources that lost a delivery does: that is a correction."""
    folder, sources = tmp_path / "p", write(tmp_path / "sources", ENTRIES)
    latest = run(folder, sources)
    settings = Settings.model_validate({"home": folder / "var", "published": folder / "published", "sources": sources, "au": DATES[0]})
    outcome = execute(settings, lambda _step: None)
    assert outcome.code == OK, outcome.reasons
    assert outcome.release is not None
    assert outcome.release.startswith(DATES[0])
    assert (folder / "published" / "fictif" / outcome.release).is_dir()
    assert (folder / "published" / "fictif" / "latest").resolve() == latest
    corrected = run(folder, write(tmp_path / "sources-d-avant", known_at(DATES[0])))
    assert corrected.name == outcome.release


def test_a_given_name_and_a_later_day_give_the_same_tables(tmp_path: Path) -> None:
    named = run(tmp_path / "a", write(tmp_path / "a-sources", known_at(DATES[1])), release="revue-2024")
    again = run(tmp_path / "b", write(tmp_path / "b-sources", ENTRIES), au=DATES[1], release="revue-2024")
    assert digests(again) == digests(named)


def tables(release: Path) -> dict[str, pl.DataFrame]:
    frames = {path.stem: pl.read_parquet(path) for path in sorted((release / "parquet").glob("*.parquet"))}
    return frames | {"livraisons": frames["livraisons"].drop("fichier")}


def test_neither_the_order_nor_the_names_of_the_files_change_a_figure(tmp_path: Path) -> None:
    first = tables(run(tmp_path / "a", write(tmp_path / "a-sources", ENTRIES)))
    other = tables(run(tmp_path / "b", write(tmp_path / "b-sources", mixed("autrement"), rename=True)))
    assert first.keys() == other.keys()
    assert [name for name in first if not first[name].equals(other[name])] == []


def test_a_pinned_delivery_outlives_its_file(tmp_path: Path) -> None:
    """The frozen copies stand for files that were removed, or written over since."""
    folder = tmp_path / "sources"
    sources = write(folder, ENTRIES)
    release = run(tmp_path, sources)
    before = (release.name, digests(release))
    received = pl.read_parquet(tmp_path / "var" / "prive" / "validate" / "livraisons.parquet")
    pins = dict(received.select("fichier", "sha256").iter_rows())
    pinned = ["fictif = true\n", *(entry.declared() + f'sha256 = "{pins[entry.name]}"\n' for entry in ENTRIES)]
    sources.write_text("".join(pinned), encoding="utf-8")
    (folder / "chorus.csv").unlink()
    (folder / "laureats.csv").write_text("autre chose", encoding="utf-8")
    shutil.rmtree(tmp_path / "published")
    again = run(tmp_path, sources)
    assert (again.name, digests(again)) == before
