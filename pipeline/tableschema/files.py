"""A file judged as it is: CSV, Excel or Parquet, nothing repaired. The first record is the header."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO, Any, NamedTuple

import polars as pl

from pipeline.tableschema import csvtext, source
from pipeline.tableschema.ahead import ahead
from pipeline.tableschema.contract import Contract
from pipeline.tableschema.engine import Engine
from pipeline.tableschema.header import hint
from pipeline.tableschema.kinds import Kind
from pipeline.tableschema.lines import LineNumbers
from pipeline.tableschema.report import Report, of_findings

_MIDNIGHT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00$"


class FileUnreadable(ValueError):
    """A file that cannot be judged; the message (French) says why and what to do."""


class Checked(NamedTuple):
    """`explained`: (field, rule, whether columns judge it) for each rule of the columns of the file."""

    report: Report
    explained: list[tuple[str, str, bool]]


Look = Callable[[pl.DataFrame], Any]


class _Content(NamedTuple):
    """`records` takes a function to call on cells as soon as they are read."""

    labels: Sequence[str]
    records: Callable[[Look], Iterator[csvtext.Records]]
    warnings: tuple[str, ...] = ()


def check(stream: IO[bytes], contract: Contract, *, samples: int = 0, progress: source.Progress | None = None, **about: Any) -> Checked:
    """Judge a file open in binary at its beginning, which can be read twice. `samples`: how many faulty cells of a kind to keep.

    `progress` is told how many bytes were read; `about` gives `name` and `place` to the report. FileUnreadable, SchemaInvalide.
    """
    head = stream.read(source.SAMPLE)
    stream.seek(0)
    kind = source.kind_of(head)
    try:
        if kind != "csv":
            content = _workbook(stream, contract) if kind == "xlsx" else _parquet(stream)
            return _judge(content, contract, samples, about)
        encoding, _ = source.encoding_of(head)
        try:
            return _judge(_text(stream, encoding, contract, progress), contract, samples, about)
        except UnicodeDecodeError:
            if encoding != "utf-8":
                raise
            return _judge(_text(stream, "cp1252", contract, progress), contract, samples, about)
    except csvtext.RecordTooLong as endless:
        raise FileUnreadable(f"ligne {endless.line} : guillemet ouvert et jamais fermé ; le fermer ou l'enlever") from None
    except UnicodeDecodeError:
        raise FileUnreadable("texte d'un codage inconnu : le réenregistrer en CSV (UTF-8)") from None
    except pl.exceptions.PolarsError:
        raise FileUnreadable("fichier abîmé ou incomplet : le réenregistrer") from None


def _judge(content: _Content, contract: Contract, samples: int, about: dict[str, Any]) -> Checked:
    engine = Engine(contract, content.labels, samples)
    lines = LineNumbers()
    if not engine.stopped:
        for records in content.records(engine.look):
            lines.add(records.lines)
            engine.judge(records.cells, records.widths, records.seen)
    if not content.labels and not engine.findings.lines:
        engine.findings.add(Kind("source-error", "source-error"))
    findings = engine.finish()
    warnings = (*hint(content.labels, contract), *contract.warnings, *content.warnings)
    report = of_findings(findings, contract, content.labels, warnings=warnings, begins=lines, samples=engine.samples, **about)
    return Checked(report, engine.explain())


def _text(stream: IO[bytes], encoding: str, contract: Contract, progress: source.Progress | None) -> _Content:
    stream.seek(0)
    head = stream.read(source.SAMPLE)
    mark = source.encoding_of(head)[1]
    if b"\0" in head and encoding in ("utf-8", "cp1252"):
        raise FileUnreadable("fichier binaire, pas un tableau : le réenregistrer en CSV (UTF-8), en Excel .xlsx ou en Parquet")
    separator = source.separator_of(head[mark:].decode(encoding, errors="ignore"), contract.fields)
    stream.seek(mark)
    reader = csvtext.Reader(source.blocks(stream, encoding, progress), separator)
    told = () if encoding == "utf-8" else (f"Le fichier n'est pas en UTF-8 : il a été lu en {encoding} ; le réenregistrer en UTF-8.",)
    return _Content(reader.labels, partial(reader.records, len(reader.labels) or len(contract.fields)), told)


def _workbook(stream: IO[bytes], contract: Contract) -> _Content:
    """The sheet whose first row has the most fields. A cell is judged as its text; a day without an hour is written as a day."""
    try:
        sheets = pl.read_excel(
            stream.read(), sheet_id=0, engine="calamine", drop_empty_rows=False, read_options={"header_row": None, "dtypes": "string"}
        )
    except Exception as error:  # calamine's own exceptions have no common public class
        raise FileUnreadable("classeur abîmé, vide ou protégé : le réenregistrer en .xlsx sans mot de passe") from error
    frames = [frame for frame in sheets.values() if frame.height and frame.width]
    if not frames:
        raise FileUnreadable("aucune ligne dans le classeur : le réenregistrer")
    frame = max(frames, key=lambda one: sum(label in contract.fields for label in one.row(0)))
    filled = [column.name for column in frame if column.null_count() < frame.height]
    cells = frame[:, : frame.get_column_index(filled[-1]) + 1] if filled else frame
    last = cells.select(pl.any_horizontal(pl.all().is_not_null()).arg_true().max()).item() or 0
    rows = cells[1 : last + 1].select(pl.all().str.replace(_MIDNIGHT, "${1}"))
    named = rows.rename(dict(zip(rows.columns, (f"c{index}" for index in range(rows.width)), strict=True)))
    lines = pl.int_range(2, named.height + 2, dtype=pl.UInt32, eager=True)
    return _Content([label or "" for label in cells.row(0)], lambda _look: iter([csvtext.Records(named, None, lines)]))


def _parquet(stream: IO[bytes]) -> _Content:
    """Columns of a type become texts in its plain writing: a whole number without decimals, a day or an hour in ISO form."""
    table = pl.scan_parquet(stream)
    schema = table.collect_schema()
    if nested := [name for name, kind in schema.items() if kind.is_nested() or kind == pl.Binary]:
        raise FileUnreadable(f"{len(nested)} colonne(s) imbriquée(s) ou binaire(s) : ne garder que des colonnes simples")
    texts = table.select(_plain(name, kind).alias(f"c{index}") for index, (name, kind) in enumerate(schema.items()))
    return _Content(list(schema), partial(_numbered, texts))


def _plain(name: str, kind: pl.DataType) -> pl.Expr:
    cell = pl.col(name)
    if kind.is_float() or kind.is_decimal():
        return cell.cast(pl.String).str.replace(r"\.0+$", "")
    if kind == pl.Datetime:
        return cell.dt.strftime("%Y-%m-%dT%H:%M:%S%.f").str.replace("T00:00:00$", "")
    return cell.cast(pl.String)


def _numbered(texts: pl.LazyFrame, look: Look) -> Iterator[csvtext.Records]:
    line = 2
    for chunk, seen in ahead(look, texts.collect_batches(chunk_size=100_000, maintain_order=True)):
        yield csvtext.Records(chunk, None, pl.int_range(line, line + chunk.height, dtype=pl.UInt32, eager=True), seen)
        line += chunk.height
