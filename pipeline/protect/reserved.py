"""Who is known by what is still to be announced, and by nothing announced: money paid to them would tell the award.

An agreement or a payment may cite neither its wave nor its award, or another one, or spell it badly; what tells of them may be a rejected
line, an application, or an entry of the registry alone. The beneficiary then decides.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from pipeline import programme
from pipeline.protect.reading import folded

MOTIF = "_motif"  # as `visibility` names it, which asks for this module
BEARER = ("siren", "rna", "porteur", "nom_lieu", "lieu")
AGREEMENT = ("vague", "attribution", "idBeneficiaire", "rnaBeneficiaire", "nomBeneficiaire", "idConvention", "numeroEJ")
_UNKNOWN = "?"  # a wave that the programme does not know
_APART = re.compile(r"[\s_\u2010-\u2015]+")
_WAVE, _PLACE = re.compile(r"\b(?!lieu-)[a-z]+-\d+"), re.compile(r"lieu-\d+")

Lines = Mapping[str, pl.LazyFrame]


class Identities(NamedTuple):
    """SIREN, RNA numbers and folded names."""

    sirens: pl.Series
    rnas: pl.Series
    names: pl.Series

    def holds(self, number: str, name: str, rna: str | None = None) -> pl.Expr:
        """True where a row's SIREN or SIRET, its name or its RNA number is one of these."""
        found = pl.col(number).str.slice(0, 9).is_in(self.sirens.implode()) | folded(pl.col(name)).is_in(self.names.implode())
        found = found | pl.col(rna).is_in(self.rnas.implode()) if rna else found
        return found.fill_null(False)


@dataclass(frozen=True)
class Waiting:
    """`closed` and `opened`: the bearers and places (`BEARER`) that wait, and those that are public; `agreements`: all."""

    closed: pl.DataFrame
    opened: pl.DataFrame
    awards: frozenset[str]
    waves: frozenset[str]
    agreements: pl.DataFrame

    @cached_property
    def people(self) -> Identities:
        """Who waits: by an award, an application or the registry; or by an agreement only, when none of an announced wave names them."""
        waits, says = self._cites(self.agreements), pl.col("vague").is_in(sorted(self.waves)) | pl.col("attribution").is_in(self.awards)
        known = pl.concat([self.opened, _beneficiaries(self.agreements.filter(says.fill_null(False) & ~waits))])
        return _union(_only(self.closed, self.opened), _only(_beneficiaries(self.agreements.filter(waits)), known))

    def keeps_back(self, agreements: pl.DataFrame) -> pl.Expr:
        """True on the agreements (`AGREEMENT`) of a wave, an award or a beneficiary that waits, whatever else they cite."""
        return self._cites(agreements) | self.people.holds("idBeneficiaire", "nomBeneficiaire", "rnaBeneficiaire")

    def _cites(self, agreements: pl.DataFrame) -> pl.Expr:
        wave = ~pl.col("vague").is_in(sorted(self.waves))
        cited = agreements["attribution"].drop_nulls().unique()
        award = pl.col("attribution").is_in([text for text in cited if self._waits(text)])
        return wave.fill_null(False) | award.fill_null(False)

    def paid(self, shown: pl.DataFrame) -> Identities:
        """Those whose award or whose agreement, be it a rejected line, waits; `shown`: the agreements that do not."""
        closed = self.agreements.filter(self.keeps_back(self.agreements))
        return _only(pl.concat([self.closed, _beneficiaries(closed)]), pl.concat([self.opened, _beneficiaries(shown)]))

    def told_by_no_row(self) -> pl.DataFrame:
        """`BEARER` of all that waits: awards, applications, entries of the registry, under their former names too, agreements."""
        return pl.concat([self.closed, _beneficiaries(self.agreements.filter(self.keeps_back(self.agreements)))])

    def cited(self, field: str, shown: pl.DataFrame, citations: pl.Series) -> pl.Series:
        """The citations, in any writing, of what the agreements that wait have in a field, rejected lines included, and none shown has."""
        closed = self.agreements.filter(self.keeps_back(self.agreements))
        told = {_key(text) for text in shown[field].drop_nulls()}
        secret = {_key(text) for text in closed[field].drop_nulls()} - told - {""}
        return pl.Series([text for text in citations.drop_nulls().unique() if _key(text) in secret], dtype=pl.String)

    def _waits(self, citation: str) -> bool:
        """A citation that is no award's which may be spoken of: it does not wait when it names a public wave or place, and nothing else."""
        if citation in self.awards:
            return False
        text = _APART.sub("-", citation.strip().lower())
        waves, places = set(_WAVE.findall(text)), set(_PLACE.findall(text))
        return not waves <= self.waves or bool(places & self._closed_places) or not (waves or places & self._public_places)

    @cached_property
    def _public_places(self) -> set[str]:
        return set(self.opened["lieu"].drop_nulls())

    @cached_property
    def _closed_places(self) -> set[str]:
        return set(self.closed["lieu"].drop_nulls()) - self._public_places


class Told(NamedTuple):
    """Awards and places judged, the registry as it is in force, the waves announced."""

    awards: pl.DataFrame
    places: pl.DataFrame
    registry: pl.DataFrame
    waves: pl.Series


def waiting(told: Told, agreements: pl.DataFrame, delivered: Lines, as_of: dt.date) -> Waiting:
    """What waits, by the rows of the model and by the lines of each delivered table, rejected ones included."""
    waves = frozenset(told.waves.explode())
    shown, hidden = told.awards.filter(pl.col(MOTIF).is_null()), told.awards.filter(pl.col(MOTIF) == "embargo")
    unsaid = told.awards.filter(pl.col(MOTIF).is_not_null() & (pl.col(MOTIF) != "embargo"))  # nothing announces it, nor is to
    public = {*shown["lieu"].drop_nulls(), *shown["lieu_designe"].drop_nulls()}
    said = public - set(hidden["lieu"].drop_nulls())  # where an award waits, the registry may already tell its bearer
    unlabelled = set(told.places.filter(pl.col(MOTIF).is_in(["embargo", "sans_label"]))["lieu"]) - public - set(unsaid["lieu"])
    closed = [_bearers(hidden), *_lines_that_wait(delivered, waves, as_of)]
    closed += [_of_registry(rows, unlabelled) for rows in (told.registry, *_collected(delivered, "lieux"))]
    opened = [_bearers(shown), _bearers(shown.with_columns(lieu="lieu_designe")), _of_registry(told.registry, said)]
    rows = [agreements.select(AGREEMENT), *(_agreements(lines) for lines in _collected(delivered, "conventions"))]
    return Waiting(pl.concat(closed), pl.concat(opened), frozenset([*shown["attribution"], *unsaid["attribution"]]), waves, pl.concat(rows))


def _only(closed: pl.DataFrame, opened: pl.DataFrame) -> Identities:
    """What the bearers that wait have, and no public one."""

    def only(value: pl.Expr) -> pl.Series:
        reserved, told = (rows.select(value.alias("v"))["v"].drop_nulls().unique() for rows in (closed, opened))
        return reserved.filter((reserved != "") & ~reserved.is_in(told.implode()))

    return Identities(only(pl.col("siren")), only(pl.col("rna")), only(folded(pl.col("porteur"))))


def _key(text: str) -> str:
    """« FICTIF 2026-0042 » and « fictif_2026_0042 », « EJ 0210 999 » and « 210999 »."""
    return re.sub(r"^(ej)?0*", "", re.sub(r"[\W_]", "", text.lower()))


def _union(one: Identities, other: Identities) -> Identities:
    return Identities(*(pl.concat(pair) for pair in zip(one, other, strict=True)))


def _bearers(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(pl.String) if name in rows.columns else pl.lit(None, pl.String).alias(name) for name in BEARER)


def _beneficiaries(agreements: pl.DataFrame) -> pl.DataFrame:
    return _bearers(agreements.select(siren=pl.col("idBeneficiaire").str.slice(0, 9), rna="rnaBeneficiaire", porteur="nomBeneficiaire"))


def _of_registry(rows: pl.DataFrame, places: Iterable[str]) -> pl.DataFrame:
    """The entries of these places, one line for each of their names."""
    entries = rows.filter(pl.col("lieu").is_in(sorted(places)))
    if "noms_anterieurs" not in rows.columns:
        return _bearers(entries.rename({"nom": "nom_lieu"}))
    names = pl.concat_str("nom", "noms_anterieurs", separator="|", ignore_nulls=True).str.split("|")
    return _bearers(entries.with_columns(nom_lieu=names).explode("nom_lieu"))


def _lines_that_wait(delivered: Lines, waves: frozenset[str], as_of: dt.date) -> list[pl.DataFrame]:
    """The bearers of results and applications of a wave that waits, or of a day that has not come."""
    found = []
    for table in ("resultats", "candidatures"):
        for rows in _collected(delivered, table):
            waits = ~_slug(pl.col("vague")).is_in(sorted(waves))
            if "date_annonce" in rows.columns:
                waits |= pl.col("date_annonce").str.to_date("%Y-%m-%d", strict=False) > as_of
            renamed = rows.rename({"rna_porteur": "rna"}).with_columns(siren=pl.col("siret_porteur").str.slice(0, 9))
            found.append(_bearers(renamed.filter(waits.fill_null(False))))
    return found


def _agreements(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(_slug(pl.col("vague"))).select(AGREEMENT)


def _slug(label: pl.Expr) -> pl.Expr:
    """The wave of a label, null where there is none, `?` where nobody knows it."""
    labels = programme.load().labels()
    found = label.str.strip_chars().replace_strict(labels, default=_UNKNOWN, return_dtype=pl.String)
    return pl.when(label.str.strip_chars() != "").then(found).alias("vague")


def _collected(delivered: Lines, table: str) -> list[pl.DataFrame]:
    """The delivered lines of a table as texts; none when it is not delivered."""
    return [delivered[table].select(pl.all().cast(pl.String)).collect()] if table in delivered else []
