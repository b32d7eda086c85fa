"""What a person reads or runs first: the LISEZMOI, the dictionary, and the views that open the Parquet files in DuckDB."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from pipeline import schema as schemas
from pipeline.presentation import ABSENT, day, number
from pipeline.release import datapackage, scdl, tables
from pipeline.release.fingerprints import WrittenFile
from pipeline.release.manifest import Manifest
from pipeline.schema import TableSchema
from pipeline.schema.dictionary import dictionary
from pipeline.schema.sql import quoted

README_FILE = "LISEZMOI.md"
SQL_FILE = "ouvrir.sql"
DICTIONARY_FILE = "dictionnaire.md"


def open_sql(released: Sequence[TableSchema], fictif: bool) -> str:
    """DuckDB views over the release's Parquet files, with what their columns mean. To be run from the release's folder."""
    lines = ["-- Ouvrir cette publication dans DuckDB, depuis son dossier : duckdb -init ouvrir.sql"]
    if fictif:
        lines.append(f"-- {datapackage.FICTION_NOTICE}")
    for schema in released:
        view = quoted(schema.name)
        lines += ["", f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM read_parquet({_text(tables.parquet_path(schema.name))});"]
        lines.append(f"COMMENT ON VIEW {view} IS {_text(f'{schema.title}. {schema.description}')};")
        lines += [f"COMMENT ON COLUMN {view}.{quoted(field.name)} IS {_text(field.description)};" for field in schema.fields]
    return "\n".join(lines) + "\n"


def columns(released: Sequence[TableSchema], fictif: bool) -> str:
    """The dictionary of the released tables."""
    return dictionary(released, datapackage.titled("Dictionnaire des données", fictif))


def readme(manifest: Manifest, files: Mapping[str, WrittenFile], released: Sequence[TableSchema], name: str) -> str:
    """The LISEZMOI of the release made of `files`."""
    template = Template(Path(__file__).with_name("lisezmoi.md").read_text(encoding="utf-8"))
    return template.substitute(
        titre=datapackage.titled(datapackage.TITLE, manifest.fictif),
        avertissement=f"**{datapackage.FICTION_NOTICE}**\n\n" if manifest.fictif else "",
        nom=name,
        jour=day(manifest.day),
        description=datapackage.DESCRIPTION,
        contenu=_contents(manifest, files, released),
        absents=_missing(manifest),
        scdl=_exchange(files, released),
        licence=datapackage.LICENCE["title"],
        adresse_licence=datapackage.LICENCE["path"],
        citation=_citation(manifest, name),
    )


def _contents(manifest: Manifest, files: Mapping[str, WrittenFile], released: Sequence[TableSchema]) -> str:
    rows = ["| Table | Lignes | CSV | SHA-256 du CSV |", "| --- | ---: | --- | --- |"]
    for schema in released:
        path = tables.csv_path(schema.name)
        count = number(manifest.tables[schema.name].lignes)
        rows.append(f"| {schema.title} | {count} | `{path}` | `{files[path].sha256}` |")
    return "\n".join(rows)


def _exchange(files: Mapping[str, WrittenFile], released: Sequence[TableSchema]) -> str:
    """Which tables have an export in the national format, and which have no complete line to put in it."""
    exported = {schema.title: scdl.path(schema.name) for schema in released if schema.name in scdl.TABLES}
    told = ", ".join(f"`{path}` ({title})" for title, path in exported.items() if path in files)
    without = ", ".join(f"« {title} »" for title, path in exported.items() if path not in files)
    whole = "les lignes complètes dont l'identité peut être publiée, sous les noms et l'ordre du SCDL « subventions » 2.1.1."
    lines = [f"- {told} : {whole}"] if told else []
    lines += [f"- Pas d'export SCDL pour {without} : aucune ligne publique n'y est complète."] if without else []
    return "".join(f"{line}\n" for line in lines)


def _missing(manifest: Manifest) -> str:
    """Public tables that this release does not have, or has empty."""
    held = {name for name, entry in manifest.tables.items() if entry.lignes}
    absent = [schemas.load("public", name) for name in schemas.names("public") if name not in held]
    if not absent:
        return "Toutes les tables ont au moins une ligne."
    lines = [f"- {schema.title} : {ABSENT}" for schema in absent]
    return "Aucune livraison publiable ne renseigne ces tables ; ce n'est pas un zéro.\n\n" + "\n".join(lines)


def _citation(manifest: Manifest, name: str) -> str:
    """What the Licence Ouverte 2.0 asks of a re-user: the source and the date of last update."""
    publishers = ", ".join(sorted({delivery.editeur for delivery in manifest.livraisons if delivery.editeur})) or ABSENT
    title = datapackage.titled(datapackage.TITLE, manifest.fictif)
    return f"{title}, publication « {name} », mise à jour du {day(manifest.day)}. Sources : {publishers}."


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
