"""What a person reads on the terminal: the progress of a run, how it ended, the releases."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.presentation import counted, number
from pipeline.protect import policy
from pipeline.release import catalogue, manifest, swap
from pipeline.run import OK, Outcome
from pipeline.settings import Settings
from pipeline.validate.summary import BLOCKED, REFUSED

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "lire": "Lecture des livraisons",
        "harmoniser": "Remise en forme",
        "valider": "Vérification ligne à ligne",
        "modeliser": "Mise en relation",
        "evaluer": "Rapprochement avec les comptes officiels",
        "proteger": "Protection des personnes",
        "release__publication": "Publication",
    }
)
"""Steps of the job worth a line; checks and the rest go by in silence."""

WIDTH = 110
COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "enregistrements": "Enregis-\ntrements",
        "lignes_recues": "Lignes",
        "lignes_valides_telles_quelles": "Valides\ntelles\nquelles",
        "lignes_acceptees": "Accep-\ntées",
        "lignes_completes_scdl": "Complè-\ntes SCDL",
        "lignes_rejetees": "Reje-\ntées",
    }
)


def announce(step: str) -> None:
    """Say on stderr which step begins."""
    if step in STEPS:
        sys.stderr.write(f"{STEPS[step]}…\n")


def show(outcome: Outcome, settings: Settings) -> None:
    """Deliveries, what is hidden and why, and where the release is, on stdout; what went wrong, on stderr."""
    console = Console(width=WIDTH, highlight=False, markup=False)
    if outcome.judged:
        _deliveries(console, settings)
    if outcome.code == OK:
        _anomalies(console, settings)
        _hidden(console, settings)
        _release(console, settings, outcome.release)
    if outcome.reasons:
        for reason in outcome.reasons:
            sys.stderr.write(f"{reason}\n")
        told = f" Le rapport de chaque livraison est dans « {settings.rapports} »." if outcome.judged else ""
        sys.stderr.write(f"Rien n'a été publié ; la dernière publication n'a pas changé.{told}\n")


def _deliveries(console: Console, settings: Settings) -> None:
    """A row for each file, under the name of its table, then the reasons of the rejected lines of the run."""
    livraisons = pl.read_parquet(settings.prive / "validate" / "livraisons.parquet")
    motifs = pl.read_parquet(settings.prive / "validate" / "motifs.parquet")
    counts = dict(COUNTS)
    effective = settings.prive / "model" / "livraisons_effectives.parquet"
    if effective.is_file():  # absent when the run stopped before
        livraisons = livraisons.join(pl.read_parquet(effective), on="livraison", how="left", maintain_order="left")
        if livraisons["lignes_remplacees"].sum():
            counts["lignes_remplacees"] = "Rempla-\ncées"
    table = Table(title="Livraisons", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column("Fichier", overflow="fold", ratio=3)
    for title in counts.values():
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Premier motif", overflow="fold", ratio=2)
    first, sheets = _first_reasons(motifs), _sheets(livraisons, settings)
    for (name,), rows in livraisons.group_by("table", maintain_order=True):
        table.add_row(f"{name} :")
        for row in rows.iter_rows(named=True):
            reason = row["etat"] if row["etat"] == REFUSED else first.get(row["livraison"], "")
            blocked = f"{BLOCKED} ; " if row["etat"] == BLOCKED else ""
            figures = ("–" if row[field] is None else number(row[field]) for field in counts)
            table.add_row(f"  {row['fichier']}{sheets.get(row['livraison'], '')}", *figures, blocked + reason)
    console.print(table)
    why = motifs.group_by("table", "champ", "regle").agg(lignes=pl.struct("livraison", "ligne").n_unique())
    for name, champ, regle, lignes in why.sort("lignes", "table", "champ", "regle", descending=[True, False, False, False]).iter_rows():
        console.print(f"  {counted(lignes, 'ligne rejetée', 'lignes rejetées')} : {name}{'.' + champ if champ else ''}, règle {regle}")
    if not livraisons["lignes_rejetees"].sum() and livraisons["motif"].null_count() == livraisons.height:
        console.print("Aucune ligne rejetée.")
    _notices(console, settings)


def _sheets(livraisons: pl.DataFrame, settings: Settings) -> dict[str, str]:
    """What tells apart the deliveries that are sheets of one file."""
    ingested = settings.prive / "ingest" / "livraisons.parquet"
    if livraisons["fichier"].is_unique().all() or not ingested.is_file():
        return {}
    read = pl.scan_parquet(ingested).select("livraison", "fichier", "feuille").drop_nulls("feuille").collect()
    return {delivery: f" ({sheet})" for delivery, sheet in read.filter(pl.col("fichier").is_duplicated()).drop("fichier").iter_rows()}


def _notices(console: Console, settings: Settings) -> None:
    """What the person who delivers should know and no count tells."""
    ingested = settings.prive / "ingest" / "livraisons.parquet"
    if ingested.is_file():
        told = pl.scan_parquet(ingested).select("fichier", "avis").explode("avis").drop_nulls("avis").collect()
        for name, sentence in told.iter_rows():
            console.print(f"À savoir, « {name} » : {sentence}")


def _anomalies(console: Console, settings: Settings) -> None:
    """What the rules that compare lines found; the lines, and what to do, are in the reports."""
    found = pl.read_parquet(settings.prive / "model" / "anomalies.parquet")
    titles = dict(pl.read_parquet(settings.prive / "model" / "regles.parquet").select("regle", "titre").iter_rows())
    if found.is_empty():
        console.print("\nAucune anomalie entre les lignes acceptées.")
        return
    console.print(
        f"\n{counted(found.height, 'anomalie')} entre les lignes acceptées, ligne par ligne dans « {settings.rapports / 'anomalies.csv'} »"
    )
    told = found.group_by("regle", "table").len().sort("len", "regle", "table", descending=[True, False, False])
    for rule, table, lines in told.iter_rows():
        console.print(f"  {number(lines)} : {table}, {titles[rule]} ({rule})")


def _first_reasons(motifs: pl.DataFrame) -> dict[str, str]:
    """The reason that rejects most lines of each delivery: its field, where it has one, and its rule."""
    lines = motifs.group_by("livraison", "champ", "regle").agg(lignes=pl.col("ligne").n_unique())
    ordered = lines.sort("livraison", "lignes", "champ", "regle", descending=[False, True, False, False])
    first = ordered.group_by("livraison", maintain_order=True).first()
    return {row["livraison"]: " ".join(part for part in (row["champ"], row["regle"]) if part) for row in first.iter_rows(named=True)}


def _hidden(console: Console, settings: Settings) -> None:
    rules = policy.load()
    reasons = {name: rule.motif for group in (rules.regles, rules.lignes, rules.textes) for name, rule in group.items()}
    account = pl.read_parquet(settings.prive / "protect" / "masquages.parquet")
    console.print("\nMasqué" if account.height else "\nRien n'a été masqué.")
    for row in account.iter_rows(named=True):
        what = counted(row["nombre"], "cellule") if row["champ"] else counted(row["nombre"], "ligne")
        where = f"{row['table']}.{row['champ']}" if row["champ"] else row["table"]
        console.print(f"  {where} : {what} — {reasons[row['regle']]}")


def _release(console: Console, settings: Settings, name: str | None) -> None:
    folder = settings.published / swap.FICTION if manifest.read(settings.protege).fictif else settings.published
    release = catalogue.show(folder, name or swap.LATEST)
    account = pl.read_parquet(settings.prive / "protect" / "masquages.parquet")
    withheld = set(account.filter(pl.col("etape") == "lignes")["table"]) | _uncounted(settings)
    empty = [name for name, rows in release.tables.items() if not rows]
    missing = [name for name in empty if name not in withheld]
    console.print(f"\nPublication {release.name} : {release.path}")
    if not release.latest:
        console.print("  État passé (--au) : la dernière publication, « latest », n'a pas changé.")
    told = {"anomalies": "règles d'anomalie"}
    console.print("  " + ", ".join(f"{told.get(name, name)} {number(rows)}" for name, rows in release.tables.items() if rows))
    if kept_back := [name for name in empty if name in withheld]:
        console.print(f"  Rien de publiable encore (voir « Masqué » et protection.html) : {', '.join(kept_back)}")
    if missing:
        console.print(f"  Non disponible (aucune source) : {', '.join(missing)}")
    console.print(f"  Pour la servir : fabriques serve --published {folder}")


def _uncounted(settings: Settings) -> set[str]:
    """The counts of applications, when applications were delivered: no detail protects them enough yet."""
    delivered = pl.scan_parquet(settings.prive / "model" / "candidatures.parquet").head(1).collect()
    return {"candidatures_agregees"} if delivered.height else set()


def releases_table(published: Path) -> str:
    """The releases of a folder, one a line: name, date, rows, whether it is the latest."""
    lines = [
        f"{release.name}  {release.date or 'date illisible'}  {counted(sum(release.tables.values()), 'ligne')}"
        f"{'  fictive' if release.fictif else ''}{'  ← latest' if release.latest else ''}"
        for release in catalogue.releases(published)
    ]
    return "\n".join(lines) or f"Aucune publication dans « {published} »."


def release_card(published: Path, name: str) -> str:
    """One release: its date, its tables, and what is wrong with its files. LookupError, with a French sentence, when there is none."""
    release = catalogue.show(published, name)
    lines = [
        f"Publication {release.name}{' (données fictives)' if release.fictif else ''}{', la dernière' if release.latest else ''}",
        f"Données à jour au {release.date or 'non disponible'}",
        f"Dossier : {release.path}",
        *(f"  {table} : {counted(rows, 'ligne')}" if rows else f"  {table} : non disponible" for table, rows in release.tables.items()),
        *(release.problemes or ("Fichiers entiers.",)),
    ]
    return "\n".join(lines)
