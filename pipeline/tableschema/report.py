"""The report on one table: its errors as a frame, as a Frictionless Report, as French text. No clock, and no cell unless asked for."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from pipeline.tableschema.contract import Contract
from pipeline.tableschema.kinds import Findings, Kind
from pipeline.tableschema.lines import LineNumbers, line_ranges
from pipeline.tableschema.messages import message


class Group(NamedTuple):
    """Errors of one kind, told together. `rows`: where, ascending, without repetition; `errors`: how many."""

    id: str
    rule: str
    message: str
    rows: pl.Series
    errors: int
    kinds: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """`found`: row (u32, 0-based; null: the table itself), kind (index in `kinds`), place (column of an extra cell), in order of rows.

    `lines` counts the rows read. `warnings`: what the schema asks that one table cannot answer. `begins`: the physical line of each row,
    where a file was read. `samples`: a few faulty cells by kind, only when someone asked to see their own file's.
    """

    contract: Contract
    columns: tuple[str, ...]
    lines: int
    found: pl.DataFrame
    kinds: tuple[Kind, ...]
    warnings: tuple[str, ...] = ()
    name: str = "table"
    place: str = "<memory>"
    begins: LineNumbers | None = None
    samples: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        return self.found.is_empty()

    @cached_property
    def messages(self) -> tuple[str, ...]:
        """The French sentence of each kind: no value."""
        return tuple(message(kind, self.contract) for kind in self.kinds)

    @cached_property
    def errors(self) -> pl.DataFrame:
        """`row`, field, position (column, from 1), type, rule, message (French, no value), one row per error.

        `type` is frictionless's; `rule` is the constraint's name, or the check's, or `type`, `unique`, `primaryKey`, `foreignKey`, or the
        type itself.
        """
        told = zip(self.kinds, self.messages, strict=True)
        kinds = pl.DataFrame(
            [(index, kind.field, kind.position, kind.type, kind.rule, text) for index, (kind, text) in enumerate(told)],
            schema={
                **{"kind": pl.UInt32, "field": pl.String, "position": pl.UInt32},
                **dict.fromkeys(("type", "rule", "message"), pl.String),
            },
            orient="row",
        )
        joined = self.found.join(kinds, on="kind", how="left", maintain_order="left")
        return joined.with_columns(position=pl.coalesce("position", "place")).drop("kind", "place")

    def rejected_rows(self) -> pl.Series:
        """Rows with at least one error, ascending."""
        return self.found.get_column("row").drop_nulls().unique().sort()

    def numbers(self, rows: pl.Series) -> pl.Series:
        """The line of each row in its file; without a file, as in a CSV whose header is line 1."""
        return rows.cast(pl.UInt32) + 2 if self.begins is None else self.begins.of(rows)

    def kind_id(self, index: int) -> str:
        """What a link to errors of one kind can name: the same for the same schema, whatever the table."""
        kind = self.kinds[index]
        about = kind.check.columns if kind.check is not None and hasattr(kind.check, "columns") else ()
        told = json.dumps([kind.type, kind.rule, kind.field, kind.position, about])
        return "e" + hashlib.sha256(told.encode()).hexdigest()[:8]

    def groups(self) -> list[Group]:
        """Errors by rule and message, those that touch most rows first."""
        alike: dict[tuple[str, str], list[int]] = {}
        for index, (kind, text) in enumerate(zip(self.kinds, self.messages, strict=True)):
            alike.setdefault((kind.rule, text), []).append(index)
        groups = []
        for (rule, text), kinds in alike.items():
            rows = self.found.filter(pl.col("kind").is_in(kinds))["row"]
            if not rows.is_empty():
                groups.append(Group(self.kind_id(kinds[0]), rule, text, rows.drop_nulls().unique().sort(), rows.len(), tuple(kinds)))
        return sorted(groups, key=lambda group: (-group.rows.len(), group.rule, group.message))

    def to_descriptor(self) -> dict[str, Any]:
        """A Frictionless Report that `frictionless.Report.from_descriptor` reads: its keys, emptied of cells and labels."""
        from pipeline.tableschema.frictionless_report import report_json  # noqa: PLC0415 - it needs this module

        descriptor: dict[str, Any] = json.loads("".join(report_json([self])))
        return descriptor

    def to_text(self, line_numbers: pl.Series | None = None) -> str:
        """In French, errors of one kind together, most frequent first, with their lines.

        `line_numbers` gives each row's line in its file, when the table did not come from a file read here.
        """
        rejected = self.rejected_rows().len()
        lines = [
            f"Table « {self.contract.name} » : {counted(self.lines, 'ligne lue', 'lignes lues')}, "
            f"{counted(self.lines - rejected, 'acceptée')}, {counted(rejected, 'rejetée')}."
        ]
        lines += [f"Remarque : {warning}" for warning in self.warnings]
        for group in self.groups():
            numbers = self.numbers(group.rows) if line_numbers is None else line_numbers.gather(group.rows)
            where = f"{counted(numbers.len(), 'ligne')} : {line_ranges(numbers)}" if numbers.len() else "toute la table"
            lines += ["", f"{group.message}.", f"    règle {group.rule} ; {where}"]
        return "\n".join(lines) + "\n"


def of_findings(findings: Findings, contract: Contract, columns: Sequence[str], **about: Any) -> Report:
    """The report of what an engine found; `about`: the other fields of a report."""
    return Report(contract, tuple(columns), findings.lines, findings.frame(), tuple(findings.kinds), **about)


def counted(number: int, one: str, several: str | None = None) -> str:
    """« 1 ligne », « 3 lignes »."""
    return f"{number} {one if number < 2 else several or one + 's'}"
