"""Sums over the digits of a column, without a Python loop over rows."""

import polars as pl


def column_of(column: str | pl.Expr) -> pl.Expr:
    """The values to look at: a column by its name, or an expression that gives texts."""
    return pl.col(column) if isinstance(column, str) else column


def digit_sum(value: pl.Expr, length: int) -> pl.Expr:
    """Sum of the first `length` digits; a character that is no digit counts for nothing."""
    return pl.sum_horizontal(_digit(value, position) for position in range(length))


def luhn_sum(value: pl.Expr, length: int) -> pl.Expr:
    """Luhn sum: from the right, every second digit counts double, minus 9 when that exceeds 9. Valid: a multiple of 10."""
    doubled = [_digit(value, position) * 2 for position in range(length - 2, -1, -2)]
    plain = [_digit(value, position) for position in range(length - 1, -1, -2)]
    return pl.sum_horizontal(*plain, *(pl.when(d > 9).then(d - 9).otherwise(d) for d in doubled))


def _digit(value: pl.Expr, position: int) -> pl.Expr:
    return value.str.slice(position, 1).cast(pl.Int16, strict=False)
