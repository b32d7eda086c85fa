"""The data dictionary in French Markdown, from the schemas alone."""

from collections.abc import Iterable, Sequence

from pipeline.schema.table import Field, TableSchema
from pipeline.schema.wording import type_in_words, unit_in_words

HEADER = ("Colonne", "Ce qu'elle dit", "Type", "Unité", "Toujours remplie", "Exemple")


def dictionary(schemas: Sequence[TableSchema], title: str = "Dictionnaire des données") -> str:
    """Every table and column of `schemas`, in their order: meaning, type, unit, values, keys, sources. Ends with a line end."""
    contents = [f"- [{schema.title}](#{schema.name}) : `{schema.name}`, {len(schema.fields)} colonnes" for schema in schemas]
    blocks = [f"# {title}", "Une case vide veut dire « non disponible », jamais zéro.", "\n".join(contents)]
    for schema in schemas:
        blocks += _table(schema)
    return "\n\n".join(blocks) + "\n"


def _table(schema: TableSchema) -> list[str]:
    modified = schema.descriptor.get("lastModified")
    facts = [f"Schéma version {schema.version}" + (f", modifié le {modified}." if modified else ".")]
    if schema.primary_key:
        facts.append(f"Clé : {_codes(schema.primary_key)}.")
    facts += [_link(key["fields"], key["reference"]["resource"], key["reference"]["fields"]) for key in schema.foreign_keys]
    rows = ["| " + " | ".join(HEADER) + " |", "|" + " --- |" * len(HEADER), *map(_row, schema.fields)]
    blocks = [f'<a id="{schema.name}"></a>\n\n## {schema.title} (`{schema.name}`)', schema.description, " ".join(facts), "\n".join(rows)]
    values = [_values(field) for field in schema.fields if "libelles" in field.descriptor]
    if values:
        blocks.append("Valeurs possibles :\n\n" + "\n".join(values))
    sources = [f"- [{source['title']}]({source['path']})" for source in schema.descriptor.get("sources", ())]
    if sources:
        blocks.append("Sources :\n\n" + "\n".join(sources))
    return blocks


def _row(field: Field) -> str:
    example = field.descriptor.get("example")
    cells = (
        f"`{field.name}`",
        f"**{_cell(field.title)}.** {_cell(field.description)}",
        type_in_words(field),
        _cell(unit_in_words(field) or ""),
        "oui" if field.required else "",
        f"`{_cell(str(example))}`" if example is not None else "",
    )
    return "| " + " | ".join(cells) + " |"


def _values(field: Field) -> str:
    return f"- `{field.name}` : " + " ; ".join(f"`{value}` ({label})" for value, label in field.descriptor["libelles"].items())


def _link(fields: str | list[str], resource: str, target: str | list[str]) -> str:
    return f"{_codes(_names(fields))} renvoie à {_codes(_names(target))} de la table « {resource} »."


def _names(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    """A bar would end the cell, even inside a code span."""
    return text.replace("|", "\\|").replace("\n", " ")
