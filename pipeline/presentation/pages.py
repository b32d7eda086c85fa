"""The frame of an HTML page: French, accessible, whole by itself. No script, no style attribute, nothing asked from elsewhere.

Text is escaped unless it is already `Html`. A neutral theme: the look of the State's own sites is reserved to them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from pipeline.presentation.french import day

_VOID = frozenset({"br", "hr", "img", "link", "meta"})

STYLE = """
:root { --encre: #1b1b1b; --papier: #ffffff; --lien: #0b4f9e; --fond: #f3f3f1; --avis: #fff3cd; --filet: #767676; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--encre); background: var(--papier); font: 100%/1.6 system-ui, sans-serif; }
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 1rem; }
footer { border-top: 1px solid var(--filet); }
a { color: var(--lien); }
:focus-visible { outline: 3px solid var(--lien); outline-offset: 2px; }
.evitement { position: absolute; left: -100vw; padding: .5rem 1rem; background: var(--papier); }
.evitement:focus { left: 0; }
.site { margin: 0; font-weight: bold; }
nav ul { display: flex; flex-wrap: wrap; gap: 1rem; margin: .5rem 0 0; padding: 0; list-style: none; }
.avis { margin: 1rem 0 0; padding: .5rem 1rem; border-left: .4rem solid var(--encre); background: var(--avis); }
.tableau { overflow-x: auto; }
table { border-collapse: collapse; }
caption { padding: .5rem 0; text-align: left; font-weight: bold; }
th, td { padding: .3rem .6rem; border: 1px solid var(--filet); text-align: left; vertical-align: top; }
thead th { background: var(--fond); }
.nombre { text-align: right; white-space: nowrap; }
"""


class Html(str):
    """Text that is HTML already and must not be escaped again."""

    __slots__ = ()


@dataclass(frozen=True)
class Citation:
    """What a re-user must be able to copy: who, what, as of which day, under which licence (Licence Ouverte 2.0 asks for it).

    `updated` is null where nobody declared the day.
    """

    producer: str
    title: str
    updated: date | None
    licence: str = "Licence Ouverte 2.0"

    def __str__(self) -> str:
        updated = f", mise à jour du {day(self.updated)}" if self.updated else ""
        return f"Source\u00a0: {self.producer}, «\u00a0{self.title}\u00a0»{updated}. {self.licence}."


def element(tag: str, *children: str, **attributes: str | None) -> Html:
    """One element. Children and attributes are escaped, `Html` children are not; an attribute that is None is left out.

    `class_` and `for_` stand for the words that Python keeps, `aria_label` for `aria-label`.
    """
    written = "".join(f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"' for name, value in attributes.items() if value is not None)
    inside = "".join(child if isinstance(child, Html) else escape(child, quote=False) for child in children)
    return Html(f"<{tag}{written}>" if tag in _VOID else f"<{tag}{written}>{inside}</{tag}>")


def link(label: str, address: str) -> Html:
    """A link to a web page or a relative address; the label alone when the address is of another kind (`javascript:`…)."""
    head = address.strip().split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    safe = ":" not in head or head.lower() in ("http:", "https:")
    return element("a", label, href=address.strip()) if safe else Html(escape(label, quote=False))


def data_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Collection[int] = ()) -> Html:
    """A table that a screen reader can tell: caption, column headers, the first cell of each row as its header.

    `numeric` holds the positions, from 0, of the columns of figures. The table scrolls by itself, with the keyboard too.
    """
    kinds = ["nombre" if position in numeric else None for position in range(len(header))]
    heads = (element("th", name, scope="col", class_=kind) for name, kind in zip(header, kinds, strict=True))
    lines = (
        element(
            "tr",
            *(
                element("td" if position else "th", cell, scope=None if position else "row", class_=kind)
                for position, (cell, kind) in enumerate(zip(row, kinds, strict=True))
            ),
        )
        for row in rows
    )
    table = element("table", element("caption", caption), element("thead", element("tr", *heads)), element("tbody", *lines))
    return element("div", table, class_="tableau", role="region", aria_label=caption, tabindex="0")


@dataclass(frozen=True)
class Frame:
    """What the pages of one site or report share.

    `navigation` holds (label, relative address); `notice` is a banner (fiction). `stylesheet` is the relative address of a style
    sheet; without it each page carries `STYLE`, so that it stands alone. ValueError when that address would leave the site.
    """

    citation: Citation
    site: str = "Fabriques de territoire"
    navigation: tuple[tuple[str, str], ...] = ()
    notice: str | None = None
    stylesheet: str | None = None

    def __post_init__(self) -> None:
        if self.stylesheet is not None and "//" in self.stylesheet:
            raise ValueError(f"feuille de style « {self.stylesheet} » : adresse relative attendue")


def page(frame: Frame, title: str, *content: str) -> str:
    """A whole page, as text to write in UTF-8. `title` is its only h1."""
    body = element(
        "body",
        element("a", "Aller au contenu", class_="evitement", href="#contenu"),
        _header(frame),
        element("main", element("h1", title), *content, id="contenu", tabindex="-1"),
        _footer(frame.citation),
    )
    return "<!doctype html>\n" + element("html", _head(frame, title), body, lang="fr") + "\n"


def _head(frame: Frame, title: str) -> Html:
    own = element("style", Html(STYLE))
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{title} – {frame.site}"),
        own if frame.stylesheet is None else element("link", rel="stylesheet", href=frame.stylesheet),
    )


def _header(frame: Frame) -> Html:
    entries = (element("li", link(label, address)) for label, address in frame.navigation)
    menu = (element("nav", element("ul", *entries), aria_label="Navigation principale"),) if frame.navigation else ()
    banner = (element("p", frame.notice, class_="avis"),) if frame.notice else ()
    return element("header", element("p", frame.site, class_="site"), *menu, *banner)


def _footer(citation: Citation) -> Html:
    accessibility = "Accessibilité\u00a0: non conforme (site non audité)."
    return element("footer", element("p", str(citation)), element("p", accessibility))
