"""Whether a text could stand in a field, once harmonised: its form only, never its check digits, bounds or length."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.ledger import repaired
from pipeline.harmonise.rules import kinds
from pipeline.schema import Field

_FORMS = {
    "number": r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$",
    "integer": "^[+-]?[0-9]+$",
    "year": "^[0-9]{4}$",
    "date": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}


def has_form(name: str, contract: Contract) -> bool:
    """Whether the field refuses some texts: any other type than a text, a pattern, a closed list, an identifier."""
    form = contract.forms[name]
    constraints = form.descriptor.get("constraints", {})
    return form.type != "string" or bool({"pattern", "enum"} & {*constraints}) or kinds.is_siret(form, contract.schema)


def in_form(texts: pl.Series, name: str, contract: Contract) -> pl.Series:
    """For each text, whether the field takes it after its rules; an empty text is always taken.

    What a rule would ask of the whole column is taken for granted: to take too much leaves a record that could have been joined, to take
    too little could make a wrong joining look like the only one.
    """
    form = contract.forms[name]
    chain = [replace(rule, proof=None) for rule in contract.rules_of(form)]
    cells, _ = repaired(texts, pl.Series(range(0), dtype=pl.UInt32).extend_constant(0, len(texts)), form, chain)
    checks = _checks(pl.col(cells.name), form, contract)
    return cells.to_frame().select(pl.all_horizontal(pl.lit(True), *checks).fill_null(True)).to_series()


def _checks(cell: pl.Expr, form: Field, contract: Contract) -> Sequence[pl.Expr]:
    constraints = form.descriptor.get("constraints", {})
    checks = [cell.str.contains(_FORMS[form.type])] if form.type in _FORMS else []
    if form.type == "date":
        checks.append(cell.str.to_date("%Y-%m-%d", strict=False).is_not_null() | cell.is_null())
    if form.type == "boolean":
        checks.append(cell.is_in([*form.descriptor.get("trueValues", ["true"]), *form.descriptor.get("falseValues", ["false"])]))
    if "enum" in constraints:
        checks.append(cell.is_in(constraints["enum"]))
    if "pattern" in constraints:
        checks.append(cell.str.contains(f"^(?:{constraints['pattern'].removeprefix('^').removesuffix('$')})$"))
    elif kinds.is_siret(form, contract.schema):
        checks.append(cell.str.contains("^(?:[0-9]{14}|[0-9]{9})$"))
    return checks
