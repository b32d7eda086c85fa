"""The verdicts of a table, slice by slice: columns first, frictionless for the suspect cells, keys at the end.

Nothing of a slice outlives it but the numbers of its faulty rows, and the keys of the columns that must be unique or refer to each other.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from pipeline.tableschema import compiler, header, keys, rowchecks, soundness
from pipeline.tableschema.ahead import ahead
from pipeline.tableschema.checks import Check, compile_checks
from pipeline.tableschema.compiler import TYPE, Column
from pipeline.tableschema.contract import Contract, SchemaInvalide
from pipeline.tableschema.first import Doubts, First
from pipeline.tableschema.kinds import Findings, Kind

if TYPE_CHECKING:
    from pipeline.tableschema.suspects import Reader

CHUNK = 100_000
_UNHASHED = ("array", "object", "geojson", "list")


class Engine:
    """Judges slices of a table in order. `labels`: its header. SchemaInvalide when frictionless refuses the schema, or could not apply it.

    A slice has one column a label, `c0`, `c1`…, all String; a null is an absent cell, not an empty one. Without labels it has one a field.
    When `stopped`, no line of the table can be judged. `samples`: how many faulty cells of a kind to keep.
    """

    def __init__(self, contract: Contract, labels: Sequence[str], samples: int = 0) -> None:
        self._reader = admitted(contract)
        self.contract = contract
        self.findings = Findings()
        self.samples: dict[int, list[str]] = {}
        self._samples = samples
        head = header.read(labels, contract)
        self.stopped = head.stops
        for error in head.errors:
            self.findings.add(error)
        missing = contract.descriptor.get("missingValues", [""])
        self.columns = [compiler.column(contract.fields.get(name), name, missing) for name in head.names]
        self._place = {name: index for index, name in enumerate(head.names)}
        compiled = compile_checks(contract, head.names)
        for check in compiled:
            if not isinstance(check, Check):
                self.findings.add(Kind("check-error", check.name, check=check))
        self._checks = [(check, self._kind(check)) for check in compiled if isinstance(check, Check)]
        for _, kind in self._checks:
            self.findings.expect(kind)
        self._first = First(self.columns, [check for check, _ in self._checks], self._place, contract)
        self._interned = keys.Interned()
        self._keys: dict[str, list[pl.Series]] = {name: [] for name in self._keyed()}

    def look(self, lines: pl.DataFrame) -> Doubts:
        """What a first look at one slice does not settle. Slices can be looked at in any order, several at once."""
        return self._first.doubts(lines)

    def judge(self, lines: pl.DataFrame, widths: pl.Series | None = None, doubts: Doubts | None = None) -> None:
        """The errors of one slice. `widths`: how many cells each of its lines has, when they are not all as many as the columns.

        `doubts`: what a look at it left, when it was already looked at.
        """
        doubts = self.look(lines) if doubts is None else doubts
        begin = self.findings.lines
        self._first.learn(lines, doubts)
        if not doubts and not self._keys and widths is None and self._first.fills(doubts):
            self.findings.lines += lines.height
            return
        lines = lines.with_row_index("row", offset=begin)
        blank = lines["row"].clear() if self._first.fills(doubts) else self._blank(lines)
        if not blank.is_empty():
            self.findings.add_rows(blank, Kind("blank-row", "blank-row"))
        if widths is not None:
            self._shape(lines, widths, blank)
        wrong = self._cells(lines, blank, doubts)
        for name, parts in self._keys.items():
            parts.append(self._key(lines, self._place[name], wrong.get(self._place[name])))
        for rank, (check, kind) in enumerate(self._checks):
            self.findings.add_rows(self._broken(check, lines, wrong, doubts.get(f"k{rank}")), kind)
        self.findings.lines = begin + lines.height

    def finish(self) -> Findings:
        """Add what only the whole table tells: repeated values, repeated or empty keys, references without a target."""
        if self.stopped or not self.findings.lines:
            return self.findings
        known = {name: pl.concat(parts) if parts else pl.Series(dtype=pl.String) for name, parts in self._keys.items()}
        for name in self._unique():
            rows = keys.repeated(known[name]).arg_true()
            self.findings.add_rows(rows, Kind("unique-error", "unique", name, self._place[name] + 1))
        primary = self.contract.primary_key
        if primary and set(primary) <= set(self._place):
            rows = keys.repeated_or_empty([known[name] for name in primary]).arg_true()
            self.findings.add_rows(rows, Kind("primary-key", "primaryKey"))
        for fields, targets in self._references():
            rows = keys.without_target(
                [known[name] for name in fields], [_of(known, name, self.findings.lines) for name in targets]
            ).arg_true()
            self.findings.add_rows(rows, Kind("foreign-key", "foreignKey"))
        return self.findings

    def explain(self) -> list[tuple[str, str, bool]]:
        """(field, rule, whether columns judge it) for every rule of the columns of this table."""
        return [(column.field, rule, columns) for column in self.columns for rule, columns in column.steps]

    def _frictionless(self) -> "Reader":
        """frictionless's readers, imported on first need."""
        if self._reader is None:
            from pipeline.tableschema.suspects import Reader  # noqa: PLC0415

            self._reader = Reader(self.contract)
        return self._reader

    def _unique(self) -> list[str]:
        fields = self.contract.fields
        return [name for name in self._place if fields.get(name, {}).get("constraints", {}).get("unique")]

    def _references(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        pairs = [(_listed(key["fields"]), _listed(key["reference"]["fields"])) for key in self.contract.foreign_keys]
        return [(fields, targets) for fields, targets in pairs if set(fields) <= set(self._place)]

    def _keyed(self) -> list[str]:
        """Columns whose values are compared with others. SchemaInvalide when they cannot be: frictionless stops on them."""
        primary = self.contract.primary_key if set(self.contract.primary_key) <= set(self._place) else ()
        referring = [name for fields, targets in self._references() for name in (*fields, *targets) if name in self._place]
        names = list(dict.fromkeys([*self._unique(), *primary, *referring]))
        for name in names:
            if (kind := self.contract.fields.get(name, {}).get("type")) in _UNHASHED:
                raise SchemaInvalide(
                    f"schéma « {self.contract.name} » : le champ « {name} », de type « {kind} », ne peut être ni unique ni une clé ; "
                    "retirer cette contrainte"
                )
        return names

    def _blank(self, lines: pl.DataFrame) -> pl.Series:
        """Rows without any value; each column is read only where those before it hold none."""
        left = lines
        for index, column in enumerate(self.columns):
            if left.is_empty():
                break
            left = left.filter(column.blank(pl.col(f"c{index}")))
        return left["row"]

    def _shape(self, lines: pl.DataFrame, widths: pl.Series, blank: pl.Series) -> None:
        expected = len(self.columns)
        ragged = pl.DataFrame({"row": lines["row"], "width": widths.cast(pl.UInt32)}).filter(
            pl.col("width") != expected, ~pl.col("row").is_in(blank.implode())
        )
        for index, column in enumerate(self.columns):
            rows = ragged.filter(pl.col("width") <= index)["row"]
            self.findings.add_rows(rows, Kind("missing-cell", "missing-cell", column.field, index + 1))
        extra = ragged.filter(pl.col("width") > expected)
        places = extra.select("row", place=pl.int_ranges(expected + 1, pl.col("width") + 1, dtype=pl.UInt32)).explode("place")
        self.findings.add_rows(places["row"], Kind("extra-cell", "extra-cell"), places["place"])

    def _cells(self, lines: pl.DataFrame, blank: pl.Series, doubts: Doubts) -> dict[int, pl.Series]:
        """Add the errors of cells, but on blank rows; by column, the rows whose cell is not of the type."""
        wrong = {}
        for index, column in enumerate(self.columns):
            name = f"c{index}"
            if name not in doubts:
                continue
            doubtful = lines.select("row", text=name).filter(~doubts[name])
            if not blank.is_empty():
                doubtful = doubtful.filter(~pl.col("row").is_in(blank.implode()))
            wrong[index] = self._tell(index, column, self._verdicts(column, doubtful), doubtful)
        return {index: rows for index, rows in wrong.items() if not rows.is_empty()}

    def _verdicts(self, column: Column, cells: pl.DataFrame) -> pl.DataFrame:
        """`row` and `bits` of cells (`row`, `text`) that are not surely valid."""
        text = pl.col("text")
        wrong = pl.lit(False) if column.form is None else (column.form.wrong(text) & ~column.blank(text)).fill_null(False)
        parted = cells.with_columns(wrong=wrong)
        told = parted.filter("wrong").select("row", bits=pl.lit(TYPE, pl.UInt16))
        if told.height == cells.height:
            return told
        known = pl.lit(None, pl.UInt16) if column.verdict is None else column.verdict(text)
        empty = pl.lit(column.required_bit, pl.UInt16)
        judged = parted.filter(~pl.col("wrong")).with_columns(bits=pl.when(column.blank(text)).then(empty).otherwise(known))
        suspect = judged.filter(pl.col("bits").is_null())
        told = pl.concat([told, judged.filter(pl.col("bits").is_not_null()).select("row", "bits")])
        if suspect.is_empty():
            return told
        distinct = suspect["text"].unique()
        bits = pl.DataFrame({"text": distinct, "bits": pl.Series(self._frictionless().verdicts(column, distinct), dtype=pl.UInt16)})
        return pl.concat([told, suspect.select("row", "text").join(bits, on="text", how="left").select("row", "bits")])

    def _tell(self, index: int, column: Column, judged: pl.DataFrame, cells: pl.DataFrame) -> pl.Series:
        faulty = judged.filter(pl.col("bits") != 0)
        kinds = [Kind("type-error", "type", column.field, index + 1)]
        kinds += [Kind("constraint-error", rule, column.field, index + 1) for rule in column.constraints]
        for bits in faulty["bits"].unique():
            rows = faulty.filter(pl.col("bits") == bits)["row"]
            for rank, kind in enumerate(kinds):
                if bits >> rank & 1:
                    self.findings.add_rows(rows, kind)
                    self._show(kind, rows, cells)
        return faulty.filter(pl.col("bits") & TYPE != 0)["row"]

    def _show(self, kind: Kind, rows: pl.Series, cells: pl.DataFrame) -> None:
        """Keep a few of the faulty cells, when they were asked for."""
        shown = self.samples.setdefault(self.findings.kinds[kind], []) if self._samples else []
        if len(shown) < self._samples:
            few = cells.filter(pl.col("row").is_in(rows.head(self._samples).implode()))["text"].fill_null("")
            shown.extend(few.head(self._samples - len(shown)))

    def _key(self, lines: pl.DataFrame, index: int, wrong: pl.Series | None) -> pl.Series:
        """The key of each cell of a column; null where it holds no value."""
        column, text = self.columns[index], pl.col("text")
        none = column.blank(text) if wrong is None else column.blank(text) | pl.col("row").is_in(wrong.implode())
        cells = lines.select("row", text=f"c{index}").with_columns(none=none, key=pl.when(~none).then(column.key(text)))
        unknown = cells.filter(~pl.col("none"), pl.col("key").is_null())["text"].unique()
        if not unknown.is_empty():
            reader = self._frictionless()
            found = [keys.canonical(reader.value(column.field, one), self._interned) for one in unknown]
            read = pl.DataFrame({"text": unknown, "read": pl.Series(found, dtype=pl.String)})
            joined = cells.join(read, on="text", how="left", maintain_order="left")
            cells = joined.with_columns(key=pl.when(~pl.col("none")).then(pl.coalesce("key", "read")))
        return cells["key"]

    def _kind(self, check: Check) -> Kind:
        position = self._place[check.field] + 1 if check.field else None
        return Kind("cell-error" if check.field else "row-constraint", check.name, check.field, position, check)

    def _broken(self, check: Check, lines: pl.DataFrame, wrong: Mapping[int, pl.Series], settled: pl.Series | None) -> pl.Series:
        """Rows where a check does not hold. A check sees values: a cell that is missing or not of its type is none.

        `settled`: where the texts alone keep it, null: everywhere. That says nothing of several cells when one of them is no value.
        """
        places = [self._place[name] for name in check.columns]
        if len(places) == 1 or not any(place in wrong for place in places):
            if settled is None:
                return lines["row"].clear()
            lines = lines.filter(~settled)
        columns = [self.columns[place] for place in places]
        held: list[pl.Expr] = []
        for place, column in zip(places, columns, strict=True):
            text = pl.col(f"c{place}")
            lost = wrong.get(place)
            none = column.blank(text) if lost is None else column.blank(text) | pl.col("row").is_in(lost.implode())
            held.append(pl.when(~none).then(text).alias(f"v{len(held)}"))
        return rowchecks.broken(check, columns, self.contract, lines.select("row", *held), self._frictionless)


def admitted(contract: Contract) -> "Reader | None":
    """frictionless's readers when it had to be asked about the schema, None when it surely accepts it. SchemaInvalide when it does not."""
    if soundness.surely_sound(contract):
        return None
    from pipeline.tableschema.suspects import Reader  # noqa: PLC0415

    return Reader(contract)


def find(table: pl.LazyFrame, columns: Sequence[str], contract: Contract) -> Findings:
    """Every error of these columns of a table of texts. A null is an empty cell. SchemaInvalide when frictionless refuses the schema."""
    engine = Engine(contract, columns)
    if not columns:
        engine.findings.add(Kind("source-error", "source-error"))
    elif not engine.stopped:
        texts = table.select(pl.col(name).fill_null("").alias(f"c{index}") for index, name in enumerate(columns))
        for chunk, doubts in ahead(engine.look, texts.collect_batches(chunk_size=CHUNK, maintain_order=True)):
            engine.judge(chunk, None, doubts)
    return engine.finish()


def _of(known: Mapping[str, pl.Series], name: str, height: int) -> pl.Series:
    """The keys of a column; a column that the table lacks holds none."""
    return known[name] if name in known else pl.repeat(None, height, dtype=pl.String, eager=True)


def _listed(fields: str | Sequence[str]) -> tuple[str, ...]:
    return (fields,) if isinstance(fields, str) else tuple(fields)
