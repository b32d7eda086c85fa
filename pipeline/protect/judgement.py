"""The rows of every public table, judged in the order in which they depend on one another: lines, then sums and counts made of those that
may be shown, then deliveries, then anomalies."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from pipeline.protect import accounts, anomalies, applications, deliveries, followup, replaced, visibility
from pipeline.protect.policy import Policy
from pipeline.protect.reserved import Waiting
from pipeline.protect.visibility import MOTIF, Frames


def judge(
    read: Frames, policy: Policy, as_of: dt.date, delivered: Mapping[str, pl.LazyFrame], counts: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], Waiting]:
    """Public table → its rows in the fields of its sources, with `_motif` (null: may be shown) and, where it has a status, `_statut`; and
    what waits for its day.

    `read`: the tables of `protect.sources_of`; `delivered`: the rows of each delivered table, rejected ones included;
    `counts`: those of applications that may be published.
    """
    open_waves = visibility.announced(read["model/vagues"], as_of)
    judged, waiting = visibility.judge(read, policy, as_of, delivered)
    judged["suivi"] = visibility.kept(followup.opened(judged["suivi"], policy), policy, "suivi")
    summed = visibility.judge_summed(read, judged["conventions"], waiting, policy, as_of)
    judged["financements"] = _nothing_hidden(
        accounts.by_place_and_year(
            visibility.shown(judged["conventions"]),
            visibility.shown(judged["versements"]),
            visibility.shown(summed["echeancier"]),
            visibility.financed(judged),
            paid_known=deliveries.has_source(read["validate/livraisons"], "versements"),
        )
    )
    judged["candidatures_agregees"] = _nothing_hidden(counts)
    summed["candidatures"] = applications.told(summed["candidatures"], judged["candidatures_agregees"])
    lines = deliveries.lines([*judged.values(), *summed.values()])
    reserved = deliveries.citing_reserved_waves(delivered, open_waves) | deliveries.citing_hidden_rows(delivered, judged)
    reserved |= replaced.places_gone(read[replaced.LINES], read["validate/lieux"], judged["fabriques"])
    received = replaced.counted(read["validate/livraisons"], read[replaced.COUNTS])
    every = pl.concat([lines, replaced.judged(read[replaced.LINES], reserved, deliveries.secret_tables())])
    judged |= deliveries.judge(received, read["validate/qualite"], every, policy, reserved)
    late = judged["vagues"].filter(pl.col("vague").is_in(visibility.late(read["model/attributions"], open_waves, as_of)))
    found = read["model/anomalies"].join(late, on=["livraison", "ligne"], how="anti")  # what they compare includes the award that waits
    judged["anomalies"] = _nothing_hidden(anomalies.counted(read["model/regles"], found, lines, judged["livraisons"]))
    return judged, waiting


def _nothing_hidden(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, pl.String).alias(MOTIF))
