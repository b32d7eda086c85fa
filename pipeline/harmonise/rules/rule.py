"""What a rule is, and the characters that several of them speak of."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipeline.schema import Field, TableSchema

# Unicode White_Space, and the invisible marks that spreadsheets and web pages leave around a value (zero-width spaces, byte order mark,
# directions of writing).
EDGES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff" + "".join(
    map(chr, (*range(0x2000, 0x200B), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
# Every space of one line that may stand inside a number: Unicode's space separators.
SPACES = r"[\p{Zs}]"

Concern = Callable[[Field, TableSchema], bool]
Expression = Callable[[pl.Expr, Field], pl.Expr]


@dataclass(frozen=True)
class Described:
    """What people are told of a change. `id` is what the ledger and the reports say, `sentence` (French) what is done, `reason` (French)
    its source or why it has one result, `example` a cell before and after.
    """

    id: str
    sentence: str
    reason: str
    example: tuple[str | None, str | None]


@dataclass(frozen=True)
class Rule(Described):
    """One known habit and its single canonical form.

    `concerns` tells the fields, `suspects` (a pattern) the only cells that `repaired` may change: it is evaluated on those alone. `proof`,
    where a cell alone does not say enough, is an aggregate over the whole column of the delivery as the rules before left it: the rule
    applies where it is true.
    """

    concerns: Concern
    suspects: str
    repaired: Expression
    proof: Expression | None = None
