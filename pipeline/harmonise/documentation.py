"""The rules as a page: what `docs/regles-harmonisation.md` holds between its marks, made from the rules themselves."""

from collections.abc import Iterable, Mapping, Sequence

from pipeline.harmonise.contract import Contract
from pipeline.harmonise.derivations import YEAR_ALONE
from pipeline.harmonise.ledger import DECLARED_CONSTANT
from pipeline.harmonise.merged import MERGED
from pipeline.harmonise.rules.rule import Described
from pipeline.harmonise.widths import CENTS, ONLY_WAY
from pipeline.schema import names

# Beyond that many columns, their number says more than their names.
_LISTED = 30


def sentences() -> dict[str, str]:
    """Every rule by its id: what it does, in a French sentence."""
    always: tuple[Described, ...] = (CENTS, ONLY_WAY, MERGED, DECLARED_CONSTANT, YEAR_ALONE)
    return {rule.id: rule.sentence for rule in (*always, *Contract.of(names("deliveries")[0]).rules)}


def rules_table() -> str:
    """A Markdown table of every change that the stage can make, in the order in which they are made."""
    contracts = {table: Contract.of(table) for table in names("deliveries")}
    told: list[tuple[Described, str]] = [
        (CENTS, "montants"),
        (ONLY_WAY, "toutes"),
        (MERGED, "toutes, nombres exceptés"),
        (DECLARED_CONSTANT, "celles que le fichier des sources déclare"),
        *((rule, _columns(rule.id, contracts)) for rule in next(iter(contracts.values())).rules),
        (YEAR_ALONE, "`subventions` : dateConvention, exercice"),
    ]
    rows = [(f"`{rule.id}`", rule.sentence, rule.reason, columns, _shown(rule.example)) for rule, columns in told]
    return _markdown(("règle", "ce qu'elle fait", "pourquoi un seul résultat", "colonnes", "exemple"), rows)


def _columns(rule: str, contracts: Mapping[str, Contract]) -> str:
    concerned = {
        table: [field.name for field in contract.schema.fields if rule in {known.id for known in contract.rules_of(field)}]
        for table, contract in contracts.items()
    }
    count = sum(map(len, concerned.values()))
    if count > _LISTED:
        return f"{count} colonnes de {sum(map(bool, concerned.values()))} tables"
    return " ; ".join(f"`{table}` : {', '.join(fields)}" for table, fields in concerned.items() if fields)


def _shown(example: tuple[str | None, str | None]) -> str:
    before, after = ("(vide)" if text is None else f"« {text} »" for text in example)
    return f"{before} → {after}"


def _markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
