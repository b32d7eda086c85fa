"""What the audit finds to wait for its day, read again from every delivered line, be it rejected: who, which agreements, which commitments.

It shares no code with what built the tables.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import polars as pl

from pipeline import programme
from pipeline.protect.audit.echoes import words

Row = Mapping[str, object]
Frames = Mapping[str, pl.DataFrame]
Lines = Mapping[str, pl.LazyFrame]

# Of the awards that are not shown: one that nothing announces, nor is to, keeps nothing back.
SECRET = pl.col("vague").is_not_null() | pl.col("source_url").is_not_null()
BEARER = ("siren", "siret_porteur", "rna", "rna_porteur", "porteur")
BENEFICIARY = ("idBeneficiaire", "rnaBeneficiaire", "nomBeneficiaire")


class Awaited:
    """`awards`: those that may be shown, of the waves `waves`. A name or a number that something public has too does not wait.

    `lines`: the results, applications and entries of the registry that wait.
    """

    def __init__(self, read: Frames, deliveries: Lines, awards: pl.DataFrame, waves: set[str], as_of: dt.date) -> None:
        others = read["model/attributions"].join(awards, on="attribution", how="anti")
        secret, unsaid = others.filter(SECRET), others.filter(~SECRET)
        self._waves, self._labels = waves, programme.load().labels()
        self._awards = {*awards["attribution"], *unsaid["attribution"]}
        self._public = set(awards["lieu"].drop_nulls()) | set(awards["lieu_designe"].drop_nulls())
        in_force = read["validate/lieux"].join(read["model/lignes_remplacees"], on=["livraison", "ligne"], how="anti")
        entries = list(in_force.iter_rows(named=True))
        unlabelled = set(read["model/lieux"]["lieu"]) - self._public - set(unsaid["lieu"])
        self.lines: list[Row] = [
            *secret.iter_rows(named=True),
            *(line for name in ("resultats", "candidatures") for line in _rows(deliveries, name) if self._closed(line, as_of)),
            *(entry for entry in (*entries, *_rows(deliveries, "lieux")) if entry.get("lieu") in unlabelled),
        ]
        said = self._public - set(secret["lieu"].drop_nulls())
        self._told = _identities([*awards.iter_rows(named=True), *(entry for entry in entries if entry["lieu"] in said)], BEARER)
        self._who = _identities(self.lines, BEARER) - self._told
        self._places = {_text(line, "lieu") for line in self.lines} - self._public
        self._agreements: list[Row] = [*read["model/conventions"].iter_rows(named=True), *_rows(deliveries, "conventions")]
        self._who |= self._by_agreement_alone()

    @property
    def opened(self) -> list[str]:
        """The labels of announced waves."""
        return [label for label, wave in self._labels.items() if wave in self._waves]

    def values(self, *fields: str) -> set[str]:
        """What the lines that wait, agreements too, have in these fields."""
        return {text for line in (*self.lines, *self._held) for field in fields if (text := _text(line, field))}

    def kept_back(self, agreements: pl.DataFrame) -> pl.DataFrame:
        """Those of `model/conventions` that are of a wave, of an award or for somebody that waits."""
        waits = [self._waits(line) for line in agreements.iter_rows(named=True)]
        return agreements.filter(pl.Series("attend", waits, pl.Boolean))

    def who(self, shown: pl.DataFrame) -> set[str]:
        """Names (as `words` gives them), SIREN and RNA numbers of who waits; `shown`: the agreements that do not."""
        told = self._told | _identities(shown.iter_rows(named=True), BENEFICIARY)
        return (self._who | _identities(self._held, BENEFICIARY)) - told

    def cited(self, field: str, shown: pl.DataFrame, citations: pl.Series) -> list[str]:
        """The citations, in any writing, of what the agreements that wait have in a field, and none of those shown."""
        secret = {_plain(_text(line, field)) for line in self._held} - {_plain(text) for text in shown[field].drop_nulls()} - {""}
        return sorted(text for text in set(citations.drop_nulls()) if _plain(text) in secret)

    @cached_property
    def _held(self) -> list[Row]:
        return [line for line in self._agreements if self._waits(line)]

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """Name of a beneficiary → its words."""
        return _said(_text(line, BENEFICIARY[-1]) for line in self._agreements)

    def _by_agreement_alone(self) -> set[str]:
        """Beneficiaries of agreements of what waits, whom no award that may be shown names, nor an agreement of an announced wave."""
        secret = [line for line in self._agreements if self._speaks(line)]
        open_ones = (line for line in self._agreements if not self._speaks(line))
        dated = [line for line in open_ones if _text(line, "vague") or _text(line, "attribution") in self._awards]
        return _identities(secret, BENEFICIARY) - _identities(dated, BENEFICIARY) - self._told

    def _speaks(self, agreement: Row) -> bool:
        return self._closed(agreement) or self._cites(_text(agreement, "attribution"))

    def _waits(self, agreement: Row) -> bool:
        who = _numbers(agreement, BENEFICIARY[:-1]) | {self._names.get(_text(agreement, BENEFICIARY[-1]), "")}
        return self._speaks(agreement) or bool(who & self._who)

    def _closed(self, line: Row, as_of: dt.date | None = None) -> bool:
        label, day = _text(line, "vague"), _text(line, "date_annonce")
        if as_of and re.fullmatch(r"\d{4}-\d\d-\d\d", day) and day > as_of.isoformat():
            return True
        return bool(label) and self._labels.get(label, label) not in self._waves

    def _cites(self, text: str) -> bool:
        """Whether a citation that is not that of a public award names something that is not public, or nothing that is."""
        if not text or text in self._awards:
            return False
        plain = "-".join(re.split(r"[\s_\u2010-\u2015-]+", text.lower()))
        places = set(re.findall(r"lieu-\d+", plain))
        waves = set(re.findall(r"\b[a-z]+-\d+", plain)) - places
        return bool(waves - self._waves or places & self._places) or not (waves or places & self._public)


def _rows(deliveries: Lines, table: str) -> Iterator[Row]:
    if table in deliveries:
        yield from deliveries[table].select(pl.all().cast(pl.String)).collect().iter_rows(named=True)


def _plain(text: str) -> str:
    """The letters and digits of an id, without what may stand before its number."""
    letters = "".join(sign for sign in text.casefold() if sign.isalnum())
    return letters.removeprefix("ej").lstrip("0")


def _text(row: Row, field: str) -> str:
    value = row.get(field)
    return "" if value is None else str(value).strip()


def _numbers(row: Row, fields: Iterable[str]) -> set[str]:
    """Its numbers, a SIRET by its SIREN."""
    return {number[:9] if number[:9].isdigit() else number for field in fields if (number := _text(row, field))}


def _said(names: Iterable[str]) -> dict[str, str]:
    distinct = pl.Series("nom", sorted(set(names)), pl.String)
    return dict(zip(distinct, distinct.to_frame().select(words(pl.col("nom"))).to_series(), strict=True))


def _identities(rows: Iterable[Row], fields: tuple[str, ...]) -> set[str]:
    lines = list(rows)
    names = _said(_text(line, fields[-1]) for line in lines).values()
    return {number for line in lines for number in _numbers(line, fields[:-1])} | {name for name in names if name.strip()}
