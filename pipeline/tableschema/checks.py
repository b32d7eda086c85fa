"""The checks a schema asks for under `custom_checks`: those of Validata, by its names and parameters, and three of ours.

Plain functions of the cast cells of one line; a cell in error counts as empty. An empty cell or a missing column is treated as
validata-core 0.9.7 does. Where its verdict is an accident, ours is documented beside the function.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import polars as pl

from pipeline.tableschema import check_columns
from pipeline.tableschema.contract import Contract, SchemaInvalide

CELLS_KNOWN = 65_536  # verdicts a check remembers while it judges one table: identifiers come back often


@dataclass(frozen=True)
class Check:
    """`holds` takes the cells of `columns`; `field` is where the error is shown, None for the whole line.

    `columnar` takes their texts (null: no value) and tells the same of whole columns, null where it cannot; None: it never can.
    `surely` is a cheaper question asked first of every line: true where the check holds.
    """

    name: str
    columns: tuple[str, ...]
    field: str | None
    holds: Callable[..., bool]
    message: str
    columnar: Callable[..., pl.Expr] | None = None
    surely: Callable[..., pl.Expr] | None = None


@dataclass(frozen=True)
class Unanswerable:
    """A check that this table cannot answer because of its columns: an error on the table, none on its lines."""

    name: str
    message: str


Params = Mapping[str, Any]
Compiled = Check | Unanswerable | None


def compile_checks(contract: Contract, present: Collection[str]) -> list[Check | Unanswerable]:
    """The checks of a schema for a table with these columns. SchemaInvalide on an unknown check or a missing parameter."""
    compiled = []
    where = f"schéma « {contract.name} »"
    for item in contract.custom_checks:
        name = item["name"]
        if name not in _BUILDERS:
            raise SchemaInvalide(f"{where} : contrôle « {name} » inconnu ; contrôles possibles : {', '.join(sorted(_BUILDERS))}")
        try:
            check = _BUILDERS[name](name, item.get("params") or {}, present)
        except KeyError as missing:
            raise SchemaInvalide(f"{where} : le contrôle « {name} » demande le paramètre « {missing.args[0]} »") from missing
        if check is not None:
            compiled.append(check)
    return compiled


def _cell(
    holds: Callable[[str], bool],
    advice: str,
    columnar: Callable[[pl.Expr], pl.Expr] | None = None,
    surely: Callable[[pl.Expr], pl.Expr] | None = None,
) -> Callable[[str, Params, Collection[str]], Compiled]:
    """A check of one cell: an empty cell and a missing column are skipped."""

    def build(name: str, params: Params, present: Collection[str]) -> Compiled:
        column = params["column"]
        if column not in present:
            return None
        known = lru_cache(maxsize=CELLS_KNOWN)(holds)
        skipping = None if columnar is None else lambda text: pl.when(text.is_null() | (text == "")).then(True).otherwise(columnar(text))
        asked = surely or columnar
        first = None if asked is None else lambda text: (text == "") | asked(text)
        return Check(name, (column,), column, lambda value: not value or known(str(value)), advice, skipping, first)

    return build


def _one_of_required(name: str, params: Params, present: Collection[str]) -> Compiled:
    asked = (params["column1"], params["column2"])
    columns = tuple(column for column in asked if column in present)
    names = _names(asked)
    if not columns:
        return Unanswerable(name, f"les colonnes {names} manquent toutes deux : en ajouter au moins une")
    return Check(
        name,
        columns,
        None,
        lambda *values: any(map(_filled, values)),
        f"renseigner au moins l'une des colonnes {names}",
        check_columns.any_filled,
        check_columns.any_filled,
    )


def _cohesive_columns(name: str, params: Params, present: Collection[str]) -> Compiled:
    columns = (params["column"], *params["othercolumns"])
    if missing := [column for column in columns if column not in present]:
        return Unanswerable(name, f"colonnes manquantes pour ce contrôle : {_names(missing)}")
    advice = f"renseigner toutes les colonnes {_names(columns)}, ou aucune"
    columnar = check_columns.all_or_none
    return Check(name, columns, columns[0], lambda *values: len({_filled(value) for value in values}) == 1, advice, columnar, columnar)


def _several(check: Check, present: Collection[str]) -> Compiled:
    """A check of several cells: skipped on a line where one is empty, and when all its columns are missing."""
    missing = [column for column in check.columns if column not in present]
    if len(missing) == len(check.columns):
        return None
    if missing:
        return Unanswerable(check.name, f"colonnes manquantes pour ce contrôle : {_names(missing)}")
    columnar = None if check.columnar is None else check_columns.skipping(check.columnar)
    holds = lambda *values: not all(map(_filled, values)) or check.holds(*values)  # noqa: E731 - as short as what it wraps
    return replace(check, holds=holds, columnar=columnar, surely=columnar)


def _compare_columns(name: str, params: Params, present: Collection[str]) -> Compiled:
    operator = params["op"]
    if operator not in _OPERATORS:
        raise SchemaInvalide(f"contrôle « {name} » : opérateur inconnu ; opérateurs possibles : {' '.join(_OPERATORS)}")
    columns = (params["column"], params["column2"])
    words, compare = _OPERATORS[operator]
    advice = f"« {columns[0]} » doit être {words} « {columns[1]} » : corriger l'une des deux cellules"
    columnar = check_columns.compared(compare)
    return _several(Check(name, columns, columns[0], lambda left, right: _compare(left, right, compare), advice, columnar), present)


def _sum_columns(name: str, params: Params, present: Collection[str]) -> Compiled:
    parts = tuple(params["columns"])
    if len(parts) < 2:
        raise SchemaInvalide(f"contrôle « {name} » : « columns » doit nommer au moins deux colonnes")
    advice = f"« {params['column']} » doit être la somme de {_names(parts)} : corriger la cellule fausse"
    check = Check(name, (params["column"], *parts), params["column"], _is_sum, advice, check_columns.summed)
    return _several(check, present)


def _year_interval(name: str, params: Params, present: Collection[str]) -> Compiled:
    alone = params.get("allow-year-only") in ("yes", "true")
    advice = "écrire AAAA/AAAA, la seconde année après la première" + (", ou une année seule AAAA" if alone else "")
    return _cell(lambda text: _is_year_interval(text, alone), advice)(name, params, present)


def _filled(value: object) -> bool:
    return value is not None and value != ""


def _names(columns: Collection[str]) -> str:
    return ", ".join(f"« {column} »" for column in columns)


def _number(value: object) -> Decimal | None:
    """The cell as an exact number, None when it is not one or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _compare(left: object, right: object, compare: Callable[[Any, Any], bool]) -> bool:
    """Numbers as numbers, even in text; else values of one type in their order; a number and a text are not comparable.

    Dates are compared as dates: validata-core 0.9.7 lets every pair of dates through (it evaluates a quoted comparison).
    """
    numbers = (_number(left), _number(right))
    if None not in numbers:
        return compare(*numbers)
    if any(number is not None for number in numbers) or type(left) is not type(right):
        return False
    return compare(left, right)


def _is_sum(total: object, *parts: object) -> bool:
    """Exact sum. validata-core 0.9.7 cuts each number to its integer part first: same verdict on integers."""
    numbers = [number for number in map(_number, (total, *parts)) if number is not None]
    return len(numbers) == len(parts) + 1 and numbers[0] == sum(numbers[1:])


def _is_year_interval(text: str, alone: bool) -> bool:
    interval = re.match(r"^(\d{4})/(\d{4})$", text)
    if interval is None:
        return alone and re.match(r"^\d{4}$", text) is not None
    return int(interval[2]) > int(interval[1])


def _is_siret(text: str) -> bool:
    from stdnum.fr import siret  # noqa: PLC0415 - most files have no number that columns cannot judge

    return bool(siret.is_valid(text))


def _is_siren(text: str) -> bool:
    from stdnum.fr import siren  # noqa: PLC0415

    return bool(siren.is_valid(text))


def _is_phone(text: str) -> bool:
    from pipeline.tableschema.phones import is_phone  # noqa: PLC0415

    return is_phone(text)


def _is_strict_siret(text: str) -> bool:
    """14 ASCII digits, not all zero, that stdnum accepts: it also takes spaces, dots and the zero value that means « unknown »."""
    return re.fullmatch(r"[0-9]{14}", text) is not None and text != "0" * 14 and _is_siret(text)


def _is_not_rounded(text: str) -> bool:
    """A SIRET that ends in 00000 is a SIREN padded to length, whatever its Luhn sum: it designates no establishment."""
    return re.fullmatch(r"[0-9]{9}00000", text) is None


def _is_not_scientific(text: str) -> bool:
    """« 2,18602E+13 »: a spreadsheet took the SIRET for a number and kept six of its digits."""
    return re.fullmatch(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]{1,2}", text) is None


def _is_ordered_period(text: str) -> bool:
    """`AAAA-MM-JJ` or `AAAA-MM-JJ/AAAA-MM-JJ`: real dates, the first not after the second."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?", text) is None:
        return False
    try:
        days = [date.fromisoformat(part) for part in text.split("/")]
    except ValueError:
        return False
    return days == sorted(days)


_OPERATORS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "<": ("inférieur à", lambda left, right: left < right),
    "<=": ("inférieur ou égal à", lambda left, right: left <= right),
    "==": ("égal à", lambda left, right: left == right),
    ">=": ("supérieur ou égal à", lambda left, right: left >= right),
    ">": ("supérieur à", lambda left, right: left > right),
}
_SIRET = "recopier le SIRET à 14 chiffres depuis l'avis de situation SIRENE"
_BUILDERS: dict[str, Callable[[str, Params, Collection[str]], Compiled]] = {
    "french-siret-value": _cell(_is_siret, _SIRET, check_columns.siret, check_columns.surely_siret),
    "french-siren-value": _cell(_is_siren, "recopier le SIREN à 9 chiffres depuis l'avis de situation SIRENE", check_columns.siren),
    "one-of-required": _one_of_required,
    "cohesive-columns-value": _cohesive_columns,
    "compare-columns-value": _compare_columns,
    "sum-columns-value": _sum_columns,
    "year-interval-value": _year_interval,
    "phone-number-value": _cell(_is_phone, "écrire un numéro français à 10 chiffres, ou international commençant par +"),
    "siret-strict": _cell(_is_strict_siret, f"{_SIRET}, sans espace ni point", check_columns.strict_siret, check_columns.surely_siret),
    "siret-arrondi": _cell(
        _is_not_rounded, f"ce SIRET finit par 00000 et ne désigne aucun établissement ; {_SIRET}", check_columns.not_rounded
    ),
    "siret-notation-scientifique": _cell(
        _is_not_scientific,
        f"un tableur a écrit ce SIRET en notation scientifique et en a perdu des chiffres ; {_SIRET}, dans une colonne de texte",
        check_columns.not_scientific,
    ),
    "periode-ordonnee": _cell(
        _is_ordered_period, "écrire deux dates réelles AAAA-MM-JJ/AAAA-MM-JJ, le début avant la fin", check_columns.ordered_period
    ),
}
