"""The fast reading of a regular text: one record a line, quotes only around whole cells. Records may have any number of cells."""

import codecs

import polars as pl

from pipeline.ingest.shape import LISTED, Records, by_shape
from pipeline.schema.records import cells

# Beyond this, one pattern for a whole record would be too large: records with quotes then go cell by cell.
WIDEST_PATTERN = 200


def split_block(block: bytes, first_line: int, separator: str, width: int, max_line_bytes: int) -> Records | None:
    """Records of a block of UTF-8 lines, exactly those of the csv module; `width` is the header's.

    None when the block is not regular (a cell over several lines, a stray quote, \\r inside a line) or has a line too long: the csv
    module must then read it, as the end of the block may be inside a record.
    """
    text = pl.col("texte")
    lines = pl.read_lines(block, name="texte", row_index_name="ligne", row_index_offset=first_line)
    alone = lines.select(text.str.contains("\r", literal=True).any(), long=text.str.len_bytes().max() > max_line_bytes)
    if alone["texte"][0] or alone["long"][0]:
        return None
    quoted = text.str.contains('"', literal=True)
    simple = text.str.count_matches(separator, literal=True) == width - 1
    lines = lines.select(pl.col("ligne").cast(pl.UInt32), text, entre=quoted, droit=simple & ~quoted)
    if b'"' in block:
        with_quotes = lines.filter("entre")
        if not with_quotes["texte"].str.contains(_record(separator)).all():
            return None
        if 1 < width <= WIDEST_PATTERN:
            strict = lines.select(pl.when("entre").then(text.str.contains(_record_of(separator, width))).otherwise("droit"))
            lines = lines.with_columns(strict.to_series().alias("droit"))
    straight = _straight(lines, block, separator, width)
    others = _listed(lines.filter(~pl.col("droit")), separator)
    return _merged(straight, by_shape(others, width))


def _straight(lines: pl.DataFrame, block: bytes, separator: str, width: int) -> pl.DataFrame:
    """(ligne, c0, …) of the lines whose cells Polars' own reader cuts as the csv module does."""
    names = cells(width)
    fit = lines.filter("droit")
    if width == 1 or fit.is_empty():
        return fit.select("ligne", pl.col("texte").alias(names[0]), *(pl.lit("").alias(name) for name in names[1:]))
    content = block if fit.height == lines.height else fit["texte"].str.join("\n").item().encode()
    if content.startswith(codecs.BOM_UTF8):  # Polars would take it for the mark of a file
        return by_shape(_listed(fit, separator), width).reguliers
    table = pl.read_csv(
        content,
        has_header=False,
        separator=separator,
        schema=dict.fromkeys(names, pl.String()),
        quote_char='"' if b'"' in content else None,
        empty_string_is_null=False,
    )
    return table.select(fit["ligne"], *names)


def _merged(straight: pl.DataFrame, others: Records) -> Records:
    """The columns of both, by line. Few regular records come from the others: those where a quote is a character like another."""
    if others.reguliers.is_empty():
        return Records(straight, others.irreguliers)
    return Records(pl.concat([straight, others.reguliers]).sort("ligne"), others.irreguliers)


def _listed(lines: pl.DataFrame, separator: str) -> pl.DataFrame:
    """(ligne, cellules) of regular lines."""
    if lines.is_empty():
        return pl.DataFrame(schema=LISTED)
    plain = lines.filter(~pl.col("entre")).select("ligne", cellules=pl.col("texte").str.split(separator))
    # One more separator at the head of a line: each of its cells is then found behind one.
    quoted = lines.filter("entre").select("ligne", texte=separator + pl.col("texte"))
    return pl.concat([plain, quoted.select("ligne", cellules=_quoted_cells(separator))]).sort("ligne")


def _cell(separator: str) -> str:
    """A separator, then a cell: whole between quotes, or not beginning with one (a quote further on is then a character like another)."""
    border = f"\\x{ord(separator):02x}"
    return f'{border}(?:"(?:[^"]|"")*"|[^"{border}][^{border}]*)?'


def _record(separator: str) -> str:
    """A whole line of cells as `_cell` describes them."""
    border = f"\\x{ord(separator):02x}"
    first = f'(?:"(?:[^"]|"")*"|[^"{border}][^{border}]*)?'
    return f"^{first}(?:{_cell(separator)})*$"


def _record_of(separator: str, width: int) -> str:
    """A whole line of `width` cells, with quotes around whole cells only."""
    border = f"\\x{ord(separator):02x}"
    cell = f'(?:"(?:[^"]|"")*"|[^"{border}]*)'
    return f"^{cell}(?:{border}{cell}){{{width - 1}}}$"


def _quoted_cells(separator: str) -> pl.Expr:
    cell = pl.element().str.slice(1)
    inside = cell.str.strip_prefix('"').str.strip_suffix('"').str.replace_all('""', '"', literal=True)
    return pl.col("texte").str.extract_all(_cell(separator)).list.eval(pl.when(cell.str.starts_with('"')).then(inside).otherwise(cell))
