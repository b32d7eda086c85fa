"""From the tables of the earlier stages to the public ones: judge the rows, show what each may show, scan what is shown."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import NamedTuple

import polars as pl

from pipeline import programme
from pipeline import schema as schemas
from pipeline.protect import applications, followup, hidden, judgement, masking, repeats, texts, visibility
from pipeline.protect.effectifs.paliers import ProtectedCounts
from pipeline.protect.policy import Policy
from pipeline.protect.reading import folded
from pipeline.protect.texts import Known
from pipeline.protect.visibility import MOTIF

REGISTRY = "validate/lieux"
# What a row is judged by, besides the fields that may be shown.
JUDGED = (
    *("embargo_jusqu_au", "statut_porteur", "statut_beneficiaire", "statut_fournisseur", "forme_juridique", "nom_lieu"),
    *(
        "racine",
        "idConvention",
        "montant_engage",
        "champs_publiables",
        "champs_ouverts",
        "occurrence",
        "ecarts_dans",
        "lieu_designe",
        "lieu_cite",
    ),
    *("statut_designe", "statut_cite"),
)
ACCOUNT = pl.Schema({"table": pl.String(), "etape": pl.String(), "champ": pl.String(), "regle": pl.String(), "nombre": pl.UInt32()})


class ProtectError(ValueError):
    """Tables that cannot be protected; one French sentence."""


@dataclass(frozen=True)
class Protected:
    """The public tables, and the account of what was hidden: table, etape, champ, regle, nombre. No value. `counts`: how those of
    applications were protected; None when there are none.

    `etape`: lignes, classes (of rows), textes, declaration (what a place did not open).
    """

    tables: Mapping[str, pl.DataFrame]
    account: pl.DataFrame
    counts: ProtectedCounts | None = None


def sources_of(policy: Policy) -> tuple[str, ...]:
    """The tables that `protect` reads, as stage/table, sorted."""
    return tuple(sorted({source for table in policy.tables.values() for source in (*table.sources, *table.lues)} | {REGISTRY}))


def protect(
    sources: Mapping[str, pl.LazyFrame],
    policy: Policy,
    as_of: dt.date,
    known: Known | None = None,
    delivered: Mapping[str, pl.LazyFrame] | None = None,
) -> Protected:
    """Rebuild every public table as it may be shown on the day `as_of`, sorted by its key.

    `sources` holds the tables of `sources_of`; `known` the private values that no text may hold, `delivered` the rows of each delivered
    table, those that were rejected included. ProtectError when a table is missing.
    """
    missing = sorted(set(sources_of(policy)) - set(sources))
    if missing:
        raise ProtectError(f"Protection impossible sans {', '.join(missing)} : relancer le traitement depuis le début.")
    read = {name: _needed(sources[name], policy) for name in sources_of(policy)}
    if applications.EARLIER in sources:
        read[applications.EARLIER] = sources[applications.EARLIER].collect()
    open_waves = visibility.announced(read["model/vagues"], as_of)
    late = visibility.late(read["model/attributions"], open_waves, as_of)
    counts = applications.aggregated(read, policy, open_waves.explode().filter(~open_waves.explode().is_in(late)).implode())
    rows_of, waiting = judgement.judge(read, policy, as_of, delivered or {}, applications.published_counts(counts))
    read["evaluate/rapprochement"] = visibility.compared(read["evaluate/rapprochement"], late)
    judged = {name: _completed(rows, policy.tables[name].sources[1:], read) for name, rows in rows_of.items()}
    sought = (known or Known()) | _identities(judged, policy) | _otherwise_written(judged, read, policy, delivered or {})
    sought |= hidden.to_come(waiting.told_by_no_row(), masking.published(judged, policy))
    sought |= applications.unsuccessful(delivered or {}, judged, policy, programme.load().labels(), open_waves)
    sought |= Known(told=frozenset(hidden.fold(masking.published(judged, policy))))
    built = {name: _built(visibility.shown(judged[name]), policy, name) for name in schemas.names("public")}
    found = texts.broken(((each.frame.drop(masking.KEY), policy.tables[name].codes) for name, each in built.items()), sought)
    keys: dict[str, pl.DataFrame] = {}
    tables, account = {}, [_entries("suivi", "declaration", followup.kept_back(read["model/suivi"], visibility.shown(judged["suivi"])))]
    for name in _by_dependency():
        schema = schemas.load("public", name)
        frame = masking.follow(built[name].frame, schema, keys)
        required = [field.name for field in schema.fields if field.required and field.name not in schema.primary_key]
        clean, hits = texts.scan(frame.drop(masking.KEY), found, policy.tables[name].codes, required)
        numbered = masking.number(clean.with_columns(frame[masking.KEY]), schema, policy)
        keys[name] = numbered.select(masking.KEY, schema.primary_key[0])
        tables[name] = numbered.select(schema.field_names).sort(schema.primary_key)
        account += [*built[name].account, _entries(name, "textes", hits), _entries(name, "lignes", _hidden(judged[name]))]
    return Protected(dict(sorted(tables.items())), pl.concat(account).sort("table", "etape", "champ", "regle"), counts)


class _Built(NamedTuple):
    """A public table before its texts are scanned, with the key of each source row, and what its masking hid."""

    frame: pl.DataFrame
    account: list[pl.DataFrame]


def _built(rows: pl.DataFrame, policy: Policy, name: str) -> _Built:
    """What each row may show, its identity hidden from its other texts."""
    schema = schemas.load("public", name)
    selected = masking.select(rows, policy, schema)
    apart, repeated = repeats.hide(selected.drop(masking.KEY), rows, policy, schema)
    masked = masking.masked_cells(rows, policy, schema)
    return _Built(apart.with_columns(selected[masking.KEY]), [_entries(name, "classes", masked), _entries(name, "textes", repeated)])


def _needed(source: pl.LazyFrame, policy: Policy) -> pl.DataFrame:
    """The columns that the policy or a judgement names: payments bring many others."""
    named = {table.champ(field) for table in policy.tables.values() for field in table.champs} | set(JUDGED)
    return source.select(name for name in source.collect_schema().names() if name in named).collect()


def _completed(rows: pl.DataFrame, others: tuple[str, ...], read: visibility.Frames) -> pl.DataFrame:
    """What the other sources of a table add to its rows, by the columns that they share and that identify them: the first one."""
    for name in others:
        key, *added = read[name].columns
        rows = rows.join(
            read[name].select(key, *(column for column in added if column not in rows.columns)), on=key, how="left", maintain_order="left"
        )
    return rows


def _identities(judged: visibility.Frames, policy: Policy) -> Known:
    """A natural person's identifiers and names of two words or more are sought inside texts, other names as whole cells: a single word
    may be a common one."""
    found = _of_natural_persons(judged, policy)
    identifiers = found.filter(found.str.contains(r"^W?[0-9]{9,14}$"))
    words = found.to_frame("nom").select(folded(pl.col("nom"))).to_series()
    words = words.filter(words != "")
    return Known(anywhere=frozenset(identifiers), names=frozenset(words.filter(words.str.contains(" "))), whole=frozenset(words))


def _of_natural_persons(judged: visibility.Frames, policy: Policy) -> pl.Series:
    return pl.concat([masking.private_identities(rows, policy.tables[name], policy) for name, rows in judged.items()])


def _otherwise_written(judged: visibility.Frames, read: visibility.Frames, policy: Policy, delivered: Mapping[str, pl.LazyFrame]) -> Known:
    """Natural persons and contacts as they may also be written."""
    return hidden.persons(read, _of_natural_persons(judged, policy), delivered, masking.published(judged, policy))


def _by_dependency() -> list[str]:
    """Public tables, each after those that its foreign keys lead to. The deliveries come last: theirs are not to be emptied."""
    names = [name for name in schemas.names("public") if name != "livraisons"]
    targets = {
        name: {link["reference"]["resource"] for link in schemas.load("public", name).foreign_keys} & set(names) - {name} for name in names
    }
    return [*TopologicalSorter(targets).static_order(), "livraisons"]


def _hidden(rows: pl.DataFrame) -> pl.DataFrame:
    hidden = rows.filter(pl.col(MOTIF).is_not_null()).group_by(pl.col(MOTIF).alias("regle")).agg(pl.len().alias("nombre"))
    return hidden.select(pl.lit(None, pl.String).alias("champ"), "regle", "nombre")


def _entries(table: str, step: str, counts: pl.DataFrame) -> pl.DataFrame:
    return counts.select(pl.lit(table).alias("table"), pl.lit(step).alias("etape"), pl.col("champ", "regle", "nombre")).cast(ACCOUNT)
