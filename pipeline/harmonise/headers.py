"""Which column of a delivery is which field, and why a header cannot be used."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.schema import TableSchema
from pipeline.schema.labels import normalise_label
from pipeline.schema.vocabulary import Vocabulary

Match = Literal["exact", "alias", "exclusive", "constante", "ignoree"]


@dataclass(frozen=True)
class Column:
    """A column as found. `position` is null for a declared constant; `champ` is null for a column that the schema does not know.

    Several `exclusive` columns feed one field, a line filling one of them.
    """

    position: int | None
    libelle: str
    champ: str | None
    regle: Match


def matched(header: Sequence[tuple[int, str]], vocabulary: Vocabulary) -> tuple[Column, ...]:
    """Match each label of a header, given as (position, label), with a field: its name, then an alias, then a title.

    A label that comes several times is first sought with its number (« Compte général#2 »). A column without label that follows such a
    label is its next occurrence: Excel extractions from Chorus name only the first of two columns (code, then wording).
    """
    read = [normalise_label(label) for _, label in header]
    repeated = {label for label, _ in vocabulary.numbered}
    keys = [before if not key and before in repeated else key for before, key in zip(["", *read], read, strict=False)]
    total, seen = Counter(keys), Counter[str]()
    columns = []
    for (position, label), key in zip(header, keys, strict=True):
        seen[key] += 1
        field, rule = _numbered(key, seen[key], vocabulary) if total[key] > 1 and key in repeated else _plain(key, vocabulary)
        columns.append(Column(position, label, field, rule))
    return tuple(columns)


def _numbered(key: str, rank: int, vocabulary: Vocabulary) -> tuple[str | None, Match]:
    """A label that a family repeats on purpose means what its rank says, and nothing at another rank."""
    field = vocabulary.numbered.get((key, rank))
    return field, "ignoree" if field is None else "alias"


def _plain(key: str, vocabulary: Vocabulary) -> tuple[str | None, Match]:
    sources: tuple[tuple[Mapping[str, str], Match], ...] = (
        (vocabulary.names, "exact"),
        (vocabulary.aliases, "alias"),
        (vocabulary.exclusive, "exclusive"),
    )
    return next(((words[key], rule) for words, rule in sources if key in words), (None, "ignoree"))


def refusal(columns: Iterable[Column], constants: Mapping[str, str], schema: TableSchema, vocabulary: Vocabulary) -> str | None:
    """Why the delivery cannot be used, in French (what follows its name), or None. Every fault is told: one correction is enough."""
    found: dict[str, list[str]] = {}
    claims = Counter[tuple[str, str]]()
    for column in columns:
        if column.champ is not None:
            found.setdefault(column.champ, []).append(column.libelle)
            # Columns that exclude each other make one claim together, unless two bear the same label.
            claims[column.champ, normalise_label(column.libelle) if column.regle == "exclusive" else ""] += 1
    doubled = {field for (field, label), claim in claims.items() if claim > 1 or (label and (field, "") in claims)}
    if not found:
        return (
            f"aucune colonne de la table « {schema.name} » n'est reconnue : vérifier la table déclarée et la ligne d'en-tête ; "
            f"colonnes attendues : {_quoted(schema.field_names)}"
        )
    faults = [
        *(_doubled(field, labels) for field, labels in found.items() if field in doubled),
        *(_constant(field, value, found, schema) for field, value in constants.items()),
        _missing([field.name for field in schema.fields if field.required and field.name not in {*found, *constants}], vocabulary),
    ]
    return " ; ".join(fault for fault in faults if fault) or None


def _doubled(field: str, labels: Sequence[str]) -> str:
    return f"plusieurs colonnes donnent le champ « {field} » ({_quoted(labels)}) : n'en garder qu'une"


def _constant(field: str, value: str, found: Mapping[str, Sequence[str]], schema: TableSchema) -> str | None:
    if field not in schema.field_names:
        return (
            f"la constante déclarée « {field} » n'est pas un champ de « {schema.name} » : champs possibles : {_quoted(schema.field_names)}"
        )
    if field in found:
        return (
            f"la constante déclarée « {field} » contredit la colonne {_quoted(found[field])} du fichier : "
            "retirer la constante du fichier des sources, ou la colonne du fichier livré"
        )
    return None if value.strip() else f"la constante déclarée « {field} » est vide : lui donner une valeur ou la retirer"


def _missing(fields: Sequence[str], vocabulary: Vocabulary) -> str | None:
    if not fields:
        return None
    wanted = ", ".join(f"« {field} » (libellés acceptés : {_quoted(vocabulary.accepted[field])})" for field in fields)
    return f"champs obligatoires sans colonne : {wanted} ; les ajouter, ou déclarer leur valeur dans [source.constantes]"


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(f"« {text} »" for text in texts)
