"""The forms that such files take: French CSV, clean CSV, Chorus extraction, workbook. Each says at which line every record begins."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Literal

import polars as pl

from pipeline.demo import workbook
from pipeline.demo.deliveries import Delivery, Value

NBSP = "\u00a0"
_PREAMBLE = ("INF-BUD-53 : Pilotage de la gestion - Vue détaillée", "Dernière MàJ des données :", "{date:%d.%m.%Y} 11:47:31", "Affichage :")


def write(delivery: Delivery, folder: Path) -> None:
    """Write the file of a delivery and note in it the first physical line of each of its `lines`."""
    path = folder / delivery.file
    if delivery.form == "classeur":
        delivery.numbers = _workbook(delivery, path)
        return
    head, text, separator, encoding, end = _dialect(delivery)
    records = [[*(text(line.values.get(field)) for field in delivery.columns.values()), *line.extra] for line in delivery.lines]
    written = [_record(record, separator, end, quoted=delivery.form == "chorus") for record in records]
    heads = [_record(record, separator, end, quoted=delivery.form == "chorus") for record in head]
    lines = accumulate((record.count("\n") for record in written), initial=1 + len(heads))
    delivery.numbers = tuple(lines)[:-1] if written else ()
    content = "".join([*heads, *written]).encode(encoding)
    if delivery.bulk is not None:
        content += _bulk(delivery.bulk, delivery, separator, end)
    path.write_bytes(content)


def _dialect(delivery: Delivery) -> tuple[Sequence[Sequence[str]], Callable[[Value], str], str, str, str]:
    labels = list(delivery.columns)
    if delivery.form == "francais":
        return [labels], french, ";", "cp1252", "\r\n"
    if delivery.form == "chorus":
        return _chorus_head(delivery, labels), chorus, ";", "utf-8", "\n"
    return [labels], plain, ",", "utf-8", "\n"


def _chorus_head(delivery: Delivery, labels: Sequence[str]) -> list[list[str]]:
    """Four lines of preamble and a header of three, as the extraction writes them: a code and its wording share one label."""
    blank = [""] * (len(labels) - 2)
    told = [[line.format(date=delivery.date)] for line in _PREAMBLE]
    year = delivery.constants["exercice"]
    return [*told, [*blank, "Exercice comptable", year], [*blank, "", "Montant payé"], [label.split("#")[0] for label in labels]]


def _record(cells: Sequence[str], separator: str, end: str, *, quoted: bool) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerow(cells)
    return out.getvalue()


def _bulk(bulk: pl.DataFrame, delivery: Delivery, separator: str, end: str) -> bytes:
    columns = [pl.col(field) if field in bulk.columns else pl.lit(None, pl.String).alias(field) for field in delivery.columns.values()]
    quotes: Literal["always", "necessary"] = "always" if delivery.form == "chorus" else "necessary"
    out = io.BytesIO()
    bulk.select(columns).write_csv(out, include_header=False, separator=separator, line_terminator=end, quote_style=quotes)
    return out.getvalue()


def _workbook(delivery: Delivery, path: Path) -> Sequence[int]:
    """A title, a date, a blank row, then the table, as an export makes them."""
    title = [[delivery.title], [f"Export du {delivery.date:%d/%m/%Y} - données fictives"], []]
    rows = [[line.values.get(field) for field in delivery.columns.values()] for line in delivery.lines]
    workbook.write(path, "Export", [*title, list(delivery.columns), *rows, delivery.total])
    first = len(title) + 2
    return range(first, first + len(rows))


def plain(value: Value) -> str:
    return "" if value is None else str(value)


def french(value: Value) -> str:
    """Dates day first; amounts with a decimal comma, thousands apart."""
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}".replace(",", NBSP).replace(".", ",")
    return plain(value)


def chorus(value: Value) -> str:
    if isinstance(value, dt.date):
        return f"{value:%d.%m.%Y}"
    return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else plain(value)
