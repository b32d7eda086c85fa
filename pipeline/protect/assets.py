"""Dagster's view of the stage: the public tables, the manifest, and the audit that stops a release."""

import datetime as dt
from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipeline import programme, schema
from pipeline.protect import applications, deliveries, earlier, policy, zone
from pipeline.protect.audit import decision
from pipeline.protect.protect import protect, sources_of
from pipeline.protect.statement import statement
from pipeline.protect.texts import known_contacts
from pipeline.storage import Execution, columns, row_count

PUBLIC = schema.names("public")
DELIVERED = schema.names("deliveries")
ACCOUNT = "masquages"
COMPUTED = {"financements": "financements", "candidatures_agregees": "candidatures_comptees"}
MANIFEST = dg.AssetKey(["protege", "manifeste"])
NEEDED = [dg.AssetKey(["validate", name]) for name in ("lieux", "livraisons", "qualite")]
NEEDED += [dg.AssetKey(["model", name]) for name in PUBLIC if name not in {"fabriques", "livraisons", "qualite", *COMPUTED}]
NEEDED += [
    dg.AssetKey(["model", name]) for name in ("lieux", "echeancier", "candidatures", "regles", "lignes_remplacees", "livraisons_effectives")
]
NEEDED += [dg.AssetKey(["evaluate", name]) for name in ("rapprochement", *COMPUTED.values())]
NEEDED += [dg.AssetKey(["harmonise", name]) for name in DELIVERED]


@dg.multi_asset(
    name="proteger",
    group_name="protect",
    specs=[
        *(
            dg.AssetSpec(
                ["protege", name],
                deps=NEEDED,
                kinds={"polars", "parquet"},
                description=f"{schema.load('public', name).title} : ce qui peut être montré.",
                metadata=columns(schema.load("public", name)),
            )
            for name in PUBLIC
        ),
        dg.AssetSpec(["protege", ACCOUNT], deps=NEEDED, kinds={"parquet"}, description="Ce qui a été masqué, par table, champ et règle."),
        dg.AssetSpec(MANIFEST, deps=NEEDED, description="Empreintes des tables protégées et verdict de l'audit."),
    ],
)
def protected(execution: Execution) -> Iterator[dg.MaterializeResult[None]]:
    """Rebuild the public tables from the allow-list, audit them, and say in the manifest what may be released."""
    settings = execution.settings
    rules = policy.load()
    sources = {name: pl.scan_parquet(settings.prive / f"{name}.parquet") for name in sources_of(rules)}
    delivered = {name: pl.scan_parquet(settings.prive / "harmonise" / f"{name}.parquet") for name in DELIVERED}
    received = pl.read_parquet(settings.prive / "validate" / "livraisons.parquet")
    as_of = settings.au or _last_day(received) or programme.load().mise_a_jour
    fictif = bool(received["fictif"].any())
    released = settings.published / "fictif" if fictif else settings.published
    sources[applications.EARLIER] = earlier.counts(released, _last_day(received) or as_of).lazy()
    done = protect(sources, rules, as_of, known_contacts(delivered), delivered)
    public = deliveries.untraced(done.tables)
    verdict = decision.audit(done.tables, done.account, sources, delivered, as_of) & decision.published(public, done.tables)
    paths = zone.write(public, settings.protege)
    account = settings.prive / "protect" / f"{ACCOUNT}.parquet"
    account.parent.mkdir(exist_ok=True)
    done.account.write_parquet(account)
    zone.write_manifest(settings.protege, statement(done.account, rules, done.counts), verdict, as_of, fictif)
    for name in PUBLIC:
        yield dg.MaterializeResult(asset_key=["protege", name], metadata={"dagster/row_count": row_count(paths[name])})
    yield dg.MaterializeResult(asset_key=["protege", ACCOUNT], metadata={"dagster/row_count": done.account.height})
    yield dg.MaterializeResult(asset_key=MANIFEST, metadata={"motifs": dg.MetadataValue.json(list(verdict.motifs))})


def _last_day(received: pl.DataFrame) -> dt.date | None:
    """The latest day that a delivery declares."""
    days: list[dt.date] = received["date"].drop_nulls().to_list()
    return max(days, default=None)


@dg.asset_check(asset=MANIFEST, blocking=True)
def audit_favorable(execution: Execution) -> dg.AssetCheckResult:
    """The audit, which shares no code with the builder, found nothing that may not be shown."""
    verdict = zone.read_verdict(execution.settings.protege)
    return dg.AssetCheckResult(passed=verdict.ok, description="\n".join(f"Protection : {motif}." for motif in verdict.motifs) or None)
