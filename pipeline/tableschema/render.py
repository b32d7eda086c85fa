"""A report for people, in French: text for a terminal, a page of HTML that needs nothing else."""

from collections.abc import Iterator, Sequence
from html import escape

from pipeline.tableschema.lines import line_ranges
from pipeline.tableschema.report import Group, Report, counted

_STYLE = (
    "body{max-width:60rem;margin:0 auto;padding:1rem;font:100%/1.6 system-ui,sans-serif;color:#1b1b1b;background:#fff}"
    "section{border-top:1px solid #767676}h3{font-size:1rem}code{overflow-wrap:anywhere}dt{font-weight:bold}"
)
_CELL_SHOWN = 80


def text(reports: Sequence[Report], max_errors: int | None = None) -> Iterator[str]:
    """One paragraph a kind of error. `max_errors` limits how many kinds are told of each table, never what is counted."""
    for index, report in enumerate(reports):
        rejected = report.rejected_rows().len()
        yield "\n" * (index > 0) + f"{report.place}\n"
        yield (
            f"{counted(report.lines, 'ligne lue', 'lignes lues')}, {counted(report.lines - rejected, 'acceptée')}, "
            f"{counted(rejected, 'rejetée')} ; {counted(report.found.height, 'erreur')}.\n"
        )
        yield from (f"Remarque : {warning}\n" for warning in report.warnings)
        groups = report.groups()
        for group in groups[:max_errors]:
            yield f"\n{group.message}.\n    règle {group.rule} ; {_where(report, group)}\n"
            if cells := _shown(report, group):
                yield f"    par exemple : {cells}\n"
        if max_errors is not None and len(groups) > max_errors:
            yield f"\n… et {counted(len(groups) - max_errors, 'autre sorte', 'autres sortes')} d'erreurs.\n"


def page(reports: Sequence[Report], max_errors: int | None = None) -> Iterator[str]:
    """The same as a page: each kind of error has an anchor of its own, the same from one version of the file to the next."""
    valid = all(report.valid for report in reports)
    title = "Rapport de validation : " + ("aucune erreur" if valid else counted(sum(report.found.height for report in reports), "erreur"))
    yield f'<!doctype html>\n<html lang="fr">\n<head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n<body><main>\n<h1>{title}</h1>\n'
    for number, report in enumerate(reports, start=1):
        yield from _table(report, number, max_errors)
    yield "</main></body>\n</html>\n"


def _table(report: Report, number: int, max_errors: int | None) -> Iterator[str]:
    rejected = report.rejected_rows().len()
    yield f'<h2 id="t{number}">{escape(_plain(report.place))}</h2>\n<p>Schéma « {escape(report.contract.name)} » : '
    yield f"{counted(report.lines, 'ligne lue', 'lignes lues')}, {counted(report.lines - rejected, 'acceptée')}, "
    yield f"{counted(rejected, 'rejetée')} ; {counted(report.found.height, 'erreur')}.</p>\n"
    yield from (f"<p>Remarque : {escape(warning)}</p>\n" for warning in report.warnings)
    groups = report.groups()
    for group in groups[:max_errors]:
        anchor = f"t{number}-{group.id}"
        yield f'<section id="{anchor}">\n<h3>{escape(group.message)}</h3>\n<dl><dt>Règle</dt><dd><code>{escape(group.rule)}</code></dd>'
        yield f'<dt>Où</dt><dd>{_where(report, group)}</dd><dt>Lien</dt><dd><a href="#{anchor}">#{anchor}</a></dd>'
        if cells := _shown(report, group):
            yield f"<dt>Par exemple</dt><dd>{escape(cells)}</dd>"
        yield "</dl>\n</section>\n"
    if max_errors is not None and len(groups) > max_errors:
        yield f"<p>… et {counted(len(groups) - max_errors, 'autre sorte', 'autres sortes')} d'erreurs.</p>\n"


def _where(report: Report, group: Group) -> str:
    if group.rows.is_empty():
        return "toute la table"
    errors = f", {counted(group.errors, 'erreur')}" if group.errors != group.rows.len() else ""
    return f"{counted(group.rows.len(), 'ligne')}{errors} : {line_ranges(report.numbers(group.rows))}"


def _shown(report: Report, group: Group) -> str:
    cells = dict.fromkeys(cell for kind in group.kinds for cell in report.samples.get(kind, ()))
    return ", ".join(f"« {_plain(cell)} »" for cell in cells)


def _plain(cell: str) -> str:
    """Without what a terminal would obey, and not too long."""
    shown = cell if len(cell) <= _CELL_SHOWN else f"{cell[:_CELL_SHOWN]}…"
    return "".join(char if char.isprintable() else "·" for char in shown)
