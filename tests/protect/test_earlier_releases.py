"""What earlier releases show is known to whoever keeps them: two releases together give no count that one alone hides."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline import schema
from pipeline.protect import applications, earlier, policy
from pipeline.protect.audit.decision import audit
from pipeline.protect.earlier import PARQUET, EarlierUnreadable, counts
from pipeline.protect.protect import protect
from tests.controls import Blocks
from tests.protect import chain
from tests.protect.test_sums_and_counts import COUNTED, SMALL

TABLE = pl.DataFrame(
    [{"vague": "fdt-01", "region": "ensemble", "classe": "ensemble", "candidatures": 260, "laureats": 60, "non_retenues": 200}],
    schema=schema.load("public", earlier.TABLE).polars_schema,
)


def release(folder: Path, name: str, day: str, table: pl.DataFrame = TABLE) -> Path:
    path = folder / name
    (path / "parquet").mkdir(parents=True)
    (path / "datapackage.json").write_text(json.dumps({"created": f"{day}T00:00:00Z"}), encoding="utf-8")
    table.with_columns(donnees_fictives=True).write_parquet(path / PARQUET)
    prints = {file: hashlib.sha256((path / file).read_bytes()).hexdigest() for file in ("datapackage.json", PARQUET)}
    (path / "empreintes.json").write_text(json.dumps(prints), encoding="utf-8")
    return path


def test_releases_up_to_a_day_are_read_and_no_other(tmp_path: Path) -> None:
    release(tmp_path, "a", "2024-01-01")
    release(tmp_path, "b", "2024-06-01")
    release(tmp_path, "c", "2024-06-02")
    release(tmp_path, ".construction", "2024-01-01")
    (tmp_path / "latest").symlink_to("c")
    (tmp_path / "fictif").mkdir()
    found = counts(tmp_path, date(2024, 6, 1))
    assert found["publication"].to_list() == ["a", "b"]
    assert found.drop("publication").head(1).equals(TABLE)
    assert counts(tmp_path / "absent", date(2024, 6, 1)).is_empty()
    before_the_table = release(tmp_path, "d", "2023-01-01")
    (before_the_table / "empreintes.json").write_text("{}", encoding="utf-8")
    assert counts(tmp_path, date(2024, 6, 1)).equals(found)


def test_a_damaged_release_is_refused(tmp_path: Path) -> None:
    """Be it only altered: what it shows is not known any more, and a count that it hides could be told."""

    def altered(path: Path) -> None:
        pl.read_parquet(path / PARQUET).with_columns(pl.col("non_retenues") + 1).write_parquet(path / PARQUET)

    damages: dict[str, Callable[[Path], object]] = {
        "altérée \\(datapackage.json": lambda path: (path / "datapackage.json").write_text("{", encoding="utf-8"),
        "altérée \\(parquet/candidatures_agregees.parquet": altered,
        "illisible \\(FileNotFoundError\\)": lambda path: (path / PARQUET).unlink(),
        "illisible \\(FileNotFoundError": lambda path: (path / "empreintes.json").unlink(),
        "illisible \\(JSONDecodeError": lambda path: (path / "empreintes.json").write_text("{", encoding="utf-8"),
    }
    for number, (sentence, damage) in enumerate(damages.items()):
        damage(release(tmp_path / str(number), "a", "2024-01-01"))
        with pytest.raises(EarlierUnreadable, match=f"Publication « a » {sentence}"):
            counts(tmp_path / str(number), date(2024, 6, 1))


def test_a_total_of_fewer_waves_gives_nothing_away(tmp_path: Path, blocks: Blocks) -> None:
    """The first release sums one wave, the second two."""
    first = chain.sources(tmp_path / "a", chain.PROGRAMME | {"candidatures": COUNTED})
    published = protect(first, policy.load(), chain.AS_OF).tables[earlier.TABLE]
    again = [{**line, "candidature": f"3-{line['candidature']}", "vague": "3"} for line in COUNTED]
    second = chain.sources(tmp_path / "b", chain.PROGRAMME | {"candidatures": [*COUNTED, *again]})
    known = second | {applications.EARLIER: published.with_columns(publication=pl.lit("a")).lazy()}
    built = protect(known, policy.load(), chain.AS_OF)
    assert audit(built.tables, built.account, known, chain.delivered(second), chain.AS_OF).ok
    hidden = built.tables[earlier.TABLE].filter(pl.col("secret").is_not_null()).select("vague", "region", "classe").rows()
    assert SMALL in hidden and ("fdt-03", *SMALL[1:]) in hidden
    # Had the first release shown what it hides, hiding it now would protect nothing, and the audit says so.
    shown = published.with_columns(pl.col("candidatures", "non_retenues").fill_null(4), secret=pl.lit(None, pl.String))
    leaked = second | {applications.EARLIER: shown.with_columns(publication=pl.lit("a")).lazy()}
    verdict = audit(built.tables, built.account, leaked, chain.delivered(second), chain.AS_OF)
    blocks("counts: an earlier release gave what this one hides", "candidatures_agregees : ", verdict.motifs)
