import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.presentation import STYLE, Citation, Frame, Html, data_table, element, link, page

CITATION = Citation("Projet Fabriques", "Attributions", date(2026, 11, 23))
VOID = {"br", "hr", "img", "link", "meta"}
# HTML reads a carriage return as a line feed and refuses a few control characters: text of a data cell has none of them.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


class Reader(HTMLParser):
    """An independent reader: the tags in order, their attributes, the text inside each; refuses what is not well nested."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            self.texts[tag][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_page_has_what_accessibility_asks_of_its_frame() -> None:
    reader = Reader(page(Frame(CITATION, navigation=(("Accueil", "index.html"),)), "Attributions", element("p", "Bonjour")))
    assert reader.all("html") == [{"lang": "fr"}]
    assert reader.texts["title"] == ["Attributions – Fabriques de territoire"]
    assert [tag for tag, _ in reader.tags if tag in ("header", "nav", "main", "footer")] == ["header", "nav", "main", "footer"]
    assert reader.texts["h1"] == ["Attributions"]
    first_link = reader.all("a")[0]
    assert first_link["href"] == "#contenu" and reader.all("main")[0]["id"] == "contenu"
    assert reader.tags.index(("a", first_link)) == next(i for i, (tag, _) in enumerate(reader.tags) if tag == "body") + 1
    assert reader.all("nav")[0]["aria-label"]
    assert {"charset": "utf-8"} in reader.all("meta")


def test_the_footer_gives_the_citation_and_claims_no_conformity() -> None:
    footer = Reader(page(Frame(CITATION), "T")).texts["footer"][0]
    assert "Source\u00a0: Projet Fabriques, «\u00a0Attributions\u00a0», mise à jour du 23 novembre 2026. Licence Ouverte 2.0." in footer
    assert "non conforme" in footer


@pytest.mark.parametrize("stylesheet", [None, "../style.css"])
def test_a_page_runs_no_script_and_asks_nothing_from_elsewhere(stylesheet: str | None) -> None:
    source = page(Frame(CITATION, notice="Fiction", stylesheet=stylesheet), "T", data_table("Légende", ["a"], [["1"]]))
    reader = Reader(source)
    assert not {tag for tag, _ in reader.tags} & {"script", "iframe", "object", "embed", "img", "base"}
    assert not any(name == "style" or name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert "//" not in source and "url(" not in source and "@import" not in source
    assert (len(reader.all("style")), [entry["href"] for entry in reader.all("link")]) == ((0, [stylesheet]) if stylesheet else (1, []))


@pytest.mark.parametrize("stylesheet", ["https://exemple.fr/style.css", "//exemple.fr/style.css"])
def test_a_style_sheet_from_elsewhere_is_refused(stylesheet: str) -> None:
    with pytest.raises(ValueError, match="adresse relative"):
        Frame(CITATION, stylesheet=stylesheet)


def test_the_banner_is_there_only_when_asked_for() -> None:
    assert "Fiction" in Reader(page(Frame(CITATION, notice="Fiction"), "T")).texts["header"][0]
    assert "avis" not in re.sub("<style>.*</style>", "", page(Frame(CITATION), "T"), flags=re.DOTALL)


def test_a_table_tells_its_caption_and_headers() -> None:
    reader = Reader(data_table("Par vague", ["Vague", "Lauréats"], [["Vague 1", "80"], [Html("<em>Vague 2</em>"), "30"]], numeric={1}))
    assert reader.texts["caption"] == ["Par vague"]
    assert [cell["scope"] for cell in reader.all("th")] == ["col", "col", "row", "row"]
    assert reader.texts["th"] == ["Vague", "Lauréats", "Vague 1", "Vague 2"]
    assert reader.texts["td"] == ["80", "30"]
    assert [cell.get("class") for cell in reader.all("td")] == ["nombre", "nombre"]
    assert reader.all("div")[0] == {"class": "tableau", "role": "region", "aria-label": "Par vague", "tabindex": "0"}


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        data_table("Par vague", ["Vague", "Lauréats"], [["Vague 1"]])


@given(TEXT, TEXT, TEXT)
def test_text_reads_back_as_itself_and_never_as_markup(title: str, cell: str, name: str) -> None:
    content = [element("p", cell, title=name), data_table("Légende", [name], [[cell]])]
    reader = Reader(page(Frame(Citation(name, title, date(2020, 1, 1))), title, *content))
    assert reader.texts["h1"] == [title]
    assert reader.texts["p"][1] == cell
    assert [attributes["title"] for attributes in reader.all("p") if "title" in attributes] == [name]
    assert reader.texts["th"] == [name, cell]
    plain = Reader(page(Frame(CITATION), "T", element("p", "x", title="x"), data_table("Légende", ["x"], [["x"]])))
    assert [tag for tag, _ in reader.tags] == [tag for tag, _ in plain.tags]


def test_already_html_is_not_escaped_twice() -> None:
    assert element("p", element("b", "a & b"), " < c") == "<p><b>a &amp; b</b> &lt; c</p>"
    assert element("label", "x", for_="champ", class_="a", aria_hidden=None) == '<label for="champ" class="a">x</label>'


@pytest.mark.parametrize("address", ["https://exemple.fr/a?b=1&c=2", "HTTP://exemple.fr", "fiche/1", "#note", "?page=2:3", "lieu/a:b"])
def test_a_link_to_a_page_is_a_link(address: str) -> None:
    assert Reader(link("voir", address)).all("a") == [{"href": address}]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "java\nscript:alert(1)", "mailto:a@b"]
)
def test_an_address_of_another_kind_is_not_a_link(address: str) -> None:
    assert link("<voir>", address) == "&lt;voir&gt;"


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrasts() -> Iterator[tuple[str, str, float]]:
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", STYLE))
    for front, back, floor in [
        ("encre", "papier", 4.5),
        ("lien", "papier", 4.5),
        ("encre", "fond", 4.5),
        ("encre", "avis", 4.5),
        ("filet", "papier", 3.0),
    ]:
        light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
        yield front, back, (light + 0.05) / (dark + 0.05) / floor


def test_colours_are_contrasted_enough() -> None:
    assert [(front, back) for front, back, ratio in contrasts() if ratio < 1] == []
