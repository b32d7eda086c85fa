"""How many anomalies each rule found in each table, among the lines that may be spoken of.

A line of a wave under embargo is not counted: its number would be told. Of applications no number is told here at all: counts of them are
published under a rule of confidentiality, or not at all.
"""

import polars as pl

from pipeline.protect.deliveries import SILENT, has_source, secret_tables

EVALUATED, NOT_EVALUATED = "évaluée", "non évaluée"
LINE = ("livraison", "ligne")


def counted(rules: pl.DataFrame, found: pl.DataFrame, lines: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """One row a rule and a table where its breaches are: regle, table, titre, gravite, etat, nombre, source.

    `lines` and `deliveries` are those of `deliveries.lines` and `deliveries.judge`. A line that was not judged (the model does not keep it)
    counts when its delivery holds nothing back.
    """
    silent = deliveries.filter(pl.col(SILENT))["livraison"].implode()
    judged_lines = lines.select(*LINE, "reservee").unique(LINE)
    told = found.join(judged_lines, on=LINE, how="left").filter(~pl.col("reservee").fill_null(pl.col("livraison").is_in(silent)))
    present = pl.Series([table for table in deliveries["table"].unique() if has_source(deliveries, table)], dtype=pl.String).implode()
    rows = rules.with_columns(pl.col("ecarts_dans").str.split(", ").alias("table")).explode("table")
    rows = rows.join(told.group_by("regle", "table").agg(pl.len().alias("nombre")), on=["regle", "table"], how="left")
    judged = (pl.col("etat") == EVALUATED) & pl.col("table").is_in(present)
    number = pl.when(judged & ~pl.col("table").is_in(secret_tables())).then(pl.col("nombre").fill_null(0).cast(pl.Int64))
    state = pl.when(judged).then(pl.lit(EVALUATED)).otherwise(pl.lit(NOT_EVALUATED))
    return rows.select("regle", "table", "titre", "gravite", state.alias("etat"), number.alias("nombre"), "source")
