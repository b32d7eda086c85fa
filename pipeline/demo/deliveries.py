"""What an operator hands in: a file, its lines, what is wrong with some of them, and its entry in the sources file."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

import polars as pl

Value = str | int | Decimal | dt.date | None
Form = Literal["francais", "simple", "chorus", "classeur"]
Mode = Literal["remplace", "ajoute", "corrige"]
Stage = Literal["validate", "model", "protect"]


@dataclass(frozen=True)
class Defect:
    """What is wrong with a line and who must say so: `stage` and its rule, on a `champ` ('' where it is the whole line).

    At `validate` the line is rejected, at `model` it is an anomaly, at `protect` the cell is withheld.
    """

    kind: str
    stage: Stage
    rule: str
    field: str = ""


# What the programme does not know stays under embargo, and an anomaly says so on each line that cites it.
RESERVED_WAVE = Defect("vague-sous-embargo", "model", "vague-inconnue", "vague")


@dataclass
class Line:
    """One record. `extra` are cells beyond the header; `replaced` when a later delivery takes its place."""

    values: dict[str, Value]
    defects: list[Defect] = field(default_factory=list)
    extra: tuple[str, ...] = ()
    replaced: bool = False

    @property
    def is_rejected(self) -> bool:
        return any(defect.stage == "validate" for defect in self.defects)

    def flawed(self, *defects: Defect, **values: Value) -> "Line":
        """A copy of this line with other values, and what is wrong with it."""
        return Line(self.values | values, list(defects))


@dataclass
class Delivery:
    """One file. `columns` gives label → field, in order. `bulk` are lines without a defect, as text by field, after `lines`.

    `total` is the last row of a workbook, `numbers` where each of `lines` begins, once written.
    """

    file: str
    table: str
    form: Form
    date: dt.date
    columns: Mapping[str, str]
    lines: list[Line]
    mode: Mode = "ajoute"
    period: str | None = None
    title: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    publisher: str = "Programme fictif"
    total: Sequence[Value] = ()
    bulk: pl.DataFrame | None = None
    bulk_replaced: int = 0
    numbers: Sequence[int] = ()

    @property
    def received(self) -> int:
        return len(self.lines) + (self.bulk.height if self.bulk is not None else 0)

    @property
    def rejected(self) -> int:
        return sum(line.is_rejected for line in self.lines)

    @property
    def replaced(self) -> int:
        return sum(line.replaced and not line.is_rejected for line in self.lines) + self.bulk_replaced

    def source(self) -> str:
        """Its entry in the sources file."""
        entries = {"table": self.table, "path": self.file, "publisher": self.publisher, "licence": "Licence Ouverte 2.0", "mode": self.mode}
        told = [f'{key} = "{value}"' for key, value in entries.items()]
        told += [f'periode = "{self.period}"'] if self.period else []
        told += [f"date = {self.date.isoformat()}"]
        told += ["[source.constantes]", *(f'{key} = "{value}"' for key, value in self.constants.items())] if self.constants else []
        return "\n".join(["[[source]]", *told, ""])


def never_delivered(field: str) -> Defect:
    """A correction whose line was never delivered; `field` is the first of the table's key."""
    return Defect("correction-sans-objet", "model", "correction-sans-objet", field)


def write_sources(deliveries: Sequence[Delivery], folder: Path) -> Path:
    """The sources file of a fictional run on these deliveries."""
    path = folder / "sources.toml"
    head = "# Données fictives : livraisons d'un programme inventé par « fabriques demo ».\nfictif = true\n\n"
    path.write_text(head + "\n".join(one.source() for one in deliveries), encoding="utf-8")
    return path
