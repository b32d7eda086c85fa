"""What the public is told of what was hidden: by table, field and rule, with each rule's reason and source. Never a value.

Nothing tells that rows wait for an announcement, nor how many: the statement is the same with and without them.
"""

from typing import Any

import polars as pl

from pipeline.protect.effectifs import paliers
from pipeline.protect.effectifs.paliers import ProtectedCounts
from pipeline.protect.policy import Policy, Reason

# Rules on rows that may hide a laureate to come, or the number of deliveries that wait.
UNTOLD = ("embargo", "sans_label", "sans_ligne_publique", "compte_secret")


def statement(account: pl.DataFrame, policy: Policy, counts: ProtectedCounts | None = None) -> dict[str, Any]:
    """As JSON holds it. `account` is that of `Protected`; `counts`, how those of applications were protected."""
    reasons: dict[str, Reason] = {**policy.regles, **policy.lignes, **policy.textes}
    untold = (pl.col("etape") == "lignes") & pl.col("regle").is_in(UNTOLD)
    hidden = account.filter(~untold).sort("table", "etape", "champ", "regle")
    used = sorted(set(hidden["regle"]))
    return {
        "politique": {"version": policy.version, "sha256": policy.sha256},
        "masquages": hidden.rows(named=True),
        "regles": {name: _rule(reasons[name]) for name in used},
        "effectifs": None if counts is None else paliers.account(counts, policy.effectifs.values()),
    }


def _rule(rule: Reason) -> dict[str, Any]:
    sources = [{"titre": source.titre, **({"url": source.url} if source.url else {})} for source in rule.sources]
    return {"motif": rule.motif, "marque": rule.marque, "sources": sources}
