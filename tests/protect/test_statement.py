"""What the public is told of what was hidden: reasons and numbers, never a value, and nothing of what waits for an announcement."""

import json
from pathlib import Path

import polars as pl

from pipeline.protect import policy
from pipeline.protect.protect import protect
from pipeline.protect.statement import statement
from tests.protect import chain


def test_each_masking_is_told_with_its_reason_and_source(tmp_path: Path) -> None:
    rules = policy.load()
    account = protect(chain.sources(tmp_path, chain.PROGRAMME), rules, chain.AS_OF).account
    told = statement(account, rules)
    masked = account.filter(pl.col("etape") == "classes").select("table", "champ", "regle", "nombre").rows()
    assert masked
    assert [
        tuple(entry[key] for key in ("table", "champ", "regle", "nombre")) for entry in told["masquages"] if entry["etape"] == "classes"
    ] == masked
    for entry in told["masquages"]:
        rule = told["regles"][entry["regle"]]
        assert rule["motif"] and rule["sources"]
    assert json.loads(json.dumps(told)) == told


def test_what_waits_for_an_announcement_changes_nothing(tmp_path: Path) -> None:
    rules = policy.load()
    told = [
        statement(protect(chain.sources(tmp_path / name, rows), rules, chain.AS_OF).account, rules)
        for name, rows in (("sans", chain.PROGRAMME), ("avec", chain.with_embargo()))
    ]
    assert told[0] == told[1]
