"""How many accepted lines say all that the national exchange format (SCDL « subventions » 2.1.1) asks for."""

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline.identifiants import is_rounded_siret
from pipeline.schema import schemas_dir
from pipeline.tableschema import validate
from pipeline.validate.judgement import KEY

TABLES = ("conventions", "subventions")
COUNTED: Mapping[str, type[pl.DataType]] = MappingProxyType({"livraison": pl.String, "completes": pl.UInt32})


def complete(harmonised: Mapping[str, pl.LazyFrame], accepted: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The complete lines of each delivery of grants (COUNTED), whoever receives them: what may be exported is decided on public tables."""
    counts = [_count(harmonised[name], accepted[name]) for name in TABLES if name in accepted]
    return pl.concat([pl.DataFrame(schema=dict(COUNTED)), *counts])


def _count(harmonised: pl.LazyFrame, accepted: pl.LazyFrame) -> pl.DataFrame:
    names = [field["name"] for field in _contract()["fields"]]
    lines = harmonised.select(*KEY, *names).join(accepted.select(KEY), on=KEY, how="semi", maintain_order="left")
    # The pinned schema takes rounded SIRET and zeros that pass Luhn: they identify nobody.
    rounded = pl.any_horizontal(is_rounded_siret(name).fill_null(False) for name in ("idAttribuant", "idBeneficiaire"))
    whole = validate(lines.filter(~rounded), _contract(), carry=KEY).accepted.group_by("livraison").agg(completes=pl.len().cast(pl.UInt32))
    deliveries = harmonised.select("livraison").unique(maintain_order=True)
    return (
        deliveries.join(whole, on="livraison", how="left", maintain_order="left").with_columns(pl.col("completes").fill_null(0)).collect()
    )


@cache
def _contract() -> dict[str, Any]:
    descriptor: dict[str, Any] = json.loads((schemas_dir() / "scdl" / "subventions-2.1.1.json").read_text(encoding="utf-8"))
    return descriptor
