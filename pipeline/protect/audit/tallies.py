"""What the audit asks of the counts of applications: recounted from the applications, proved one by one, as wide as the policy asks.

It reads the thresholds in the file itself, and the audit of counts refuses those that are under its own floors.
"""

import tomllib
from collections.abc import Iterator, Mapping

import polars as pl

from pipeline.protect.effectifs.attack import AXES, TOTAL
from pipeline.protect.effectifs.audit import TABLE
from pipeline.protect.effectifs.audit import audit as audit_counts
from pipeline.protect.effectifs.thresholds import Thresholds
from pipeline.schema import schemas_dir

EARLIER = "release/candidatures_agregees"

Frames = Mapping[str, pl.DataFrame]


def applications(tables: Frames, read: Frames, waves: set[str]) -> Iterator[str]:
    """A hidden count that can be computed, a small one shown, a count that is not that of the announced applications."""
    told = read["model/candidatures"].filter(pl.col("vague").is_in(sorted(waves)))
    if told.is_empty():
        if tables[TABLE].height:
            yield f"{TABLE} : des comptes sans candidature d'une vague annoncée"
        return
    if tables[TABLE].is_empty():  # no detail protects enough: nothing is told of applications
        return
    counts = told.group_by(AXES).agg(candidatures=pl.len().cast(pl.Int64), laureats=(pl.col("decision") == "retenue").sum().cast(pl.Int64))
    official = read["model/vagues"].filter(pl.col("candidatures").is_not_null(), pl.col("vague").is_in(told["vague"].implode()))
    elsewhere = official.select("vague", region=pl.lit(TOTAL), classe=pl.lit(TOTAL))
    earlier = read[EARLIER].partition_by("publication", include_key=False) if EARLIER in read else []
    yield from audit_counts(counts, tables[TABLE], _thresholds(), elsewhere, earlier).motifs


def _thresholds() -> Thresholds:
    asked = tomllib.loads((schemas_dir() / "protection.toml").read_text(encoding="utf-8"))["effectifs"]
    return Thresholds(**{name: asked[name]["valeur"] for name in Thresholds._fields})
