"""Persons' names: those that a cell of contacts holds, and the texts that say one, in any order or in one piece.

A name is folded (`reading.folded`) and has two words or more.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator

import polars as pl

from pipeline.protect.reading import folded

LONG_NAME = 10  # letters: a shorter name in one piece is met inside other words
LONGEST = 6  # words: a longer part of a cell is a sentence
_PARTS = r"(?i)[/;,:|&+\n()\[\]{}«»\"]|\s(?:et|ou|puis)\s|\s[-–—]\s"
_TITLES = (
    "m mm mr mme mmes mlle mlles monsieur messieurs madame mesdames mademoiselle dr docteur me maitre pr prof professeur professeure "
    "mgr abbe nom prenom contact referent referente tel mail"
)
_FUNCTIONS = (
    "directeur directrice dg dga president presidente vice copresident copresidente tresorier tresoriere secretaire gerant gerante "
    "cogerant cogerante responsable coordinateur coordinatrice coordonnateur coordonnatrice fondateur fondatrice cofondateur "
    "cofondatrice animateur animatrice facilitateur facilitatrice mediateur mediatrice regisseur regisseuse maire adjoint adjointe "
    "elu elue conseiller conseillere charge chargee chef cheffe assistant assistante administrateur administratrice benevole "
    "salarie salariee stagiaire associe associee concierge manager general generale technique administratif administrative "
    "municipal municipale artisan artisane artiste auteur autrice architecte designer comptable "
)
_CHARGE = r"(?: d(?:e|u|es)? (?:mission|projets?|developpement|communication|production))?"
_HEAD = rf"^(?:(?:{'|'.join(f'{_TITLES} {_FUNCTIONS}'.split())}){_CHARGE}(?: |$))+"
_TAIL = rf"(?: (?:{'|'.join(_FUNCTIONS.split())}))+$"
_OF = r"^(?:d|de|du|des|a|au|aux|en|la|le|les|l|pour|chez) "  # what follows a function and names a body
# A part of a cell with one of these is a body or a place.
_BODIES = (
    r" (?:associations?|asso|ateliers?|bar|cafe|campus|centre|cie|club|collectif|comite|compagnie|communes?|communaute|conseil|cooperative"
    r"|coworking|departement|ecole|equipe|espaces?|fab|fablab|fabriques?|ferme|fondation|foyer|friche|gare|groupe|hub|jardins?|lab|lieux?|mairie"
    r"|maison|metropole|mjc|pole|quartiers?|region|sarl|sas|sasu|scic|scop|services?|societe|standard|station|syndicat|territoires?|theatre|tiers"
    r"|universite|ville|village|accueil|bureau) "
)


def named_in(cells: pl.Series) -> pl.Series:
    """The persons whom cells name (« Zoé A / Zed B, directeur », « Dr Zoé A »): folded, distinct, without title nor function."""
    parts = pl.col("nom").str.replace_all(_PARTS, "\n").str.split("\n").explode()
    words = cells.alias("nom").drop_nulls().unique().to_frame().select(entier=folded(parts)).drop_nulls().unique()
    name = pl.col("entier").str.replace(_HEAD, "").str.replace(_TAIL, "")
    read = words.with_columns(nom=name).filter(~((name != pl.col("entier")) & name.str.contains(_OF)))
    return read.filter(~pl.format(" {} ", "nom").str.contains(_BODIES))["nom"].unique()


def full(names: pl.Series) -> pl.Series:
    """The folded names that may be a person's: two to LONGEST words, two of which of two letters or more."""
    words = names.str.split(" ")
    long = words.list.eval(pl.element().str.len_chars() > 1).list.sum()
    return names.filter(words.list.len().is_between(2, LONGEST) & (long > 1))


def said(texts: pl.Series, names: Collection[str], *, ordered: bool = False) -> pl.Series:
    """Whether each folded text says one of the names, its words in any order; `ordered`: in one of `orders` only."""
    by_key = _by_key(names, ordered)
    keys = by_key["cle"].unique().sort().to_list()
    if not keys:
        return pl.repeat(False, texts.len(), eager=True)
    letters = texts.str.replace_all(" ", "", literal=True)
    doubtful = letters.alias("lettres").to_frame().with_row_index("rang").filter(pl.col("lettres").str.contains_any(keys))
    pairs = doubtful.with_columns(cle=pl.col("lettres").str.extract_many(keys, overlapping=True).list.unique()).explode("cle")
    likely = pairs.join(by_key, on="cle").filter(pl.col("lettres").str.contains(pl.col("autre"), literal=True))
    found = {rank for rank, name in likely.select("rang", "nom").unique().iter_rows() if _says(texts[rank].split(), name.split(), ordered)}
    return pl.int_range(texts.len(), eager=True).is_in(sorted(found))


def _by_key(names: Collection[str], ordered: bool) -> pl.DataFrame:
    """cle, autre, nom: what to seek first for each name, a long word that few others have; then another. A name that may lack a word has
    two keys."""
    split = [name.split() for name in sorted(names) if name]
    shared = Counter(word for name in split for word in set(name))
    rows = []
    for name in split:
        first, second = (2 * sorted(name, key=lambda word: (-(len(word) * 4) // (3 + shared[word]), word)))[:2]
        lacking = _spare(name) and not ordered
        rows += [(first, "", name), (second, "", name)] if lacking else [(first, second, name)]
    told = [(first, second, " ".join(name)) for first, second, name in rows]
    return pl.DataFrame(told, schema={"cle": pl.String, "autre": pl.String, "nom": pl.String}, orient="row")


def _spare(name: list[str]) -> int:
    """How many words may be left out: one of a name of four that say something (« Anne-Marie Bo-Li » is also « Anne Bo-Li »)."""
    return int(sum(len(word) > 2 for word in name) >= 4)


def _says(text: list[str], name: list[str], ordered: bool) -> bool:
    return _in_one_piece(text, name) or (not ordered and _gathered(text, name))


def _gathered(text: list[str], name: list[str]) -> bool:
    """The words of the name stand together, with at most half as many others among them."""
    wanted, number, least = Counter(name), len(name), len(name) - _spare(name)
    width = number + number // 2
    windows = (text[start : start + width] for start in range(max(1, len(text) - least + 1)))
    return any((wanted & Counter(window)).total() >= least for window in windows)


def _in_one_piece(text: list[str], name: list[str]) -> bool:
    """The letters of the name in one of its orders, from the beginning of a word to the end of one; a short name as its words."""
    letters, borders = "".join(text), {0}
    for word in text:
        borders.add(max(borders) + len(word))
    for order in orders(name):
        if f" {' '.join(order)} " in f" {' '.join(text)} ":
            return True
        piece = "".join(order)
        found = re.finditer(re.escape(piece), letters) if len(piece) >= LONG_NAME else ()
        if any({match.start(), match.end()} <= borders for match in found):
            return True
    return False


def orders(name: list[str]) -> Iterator[list[str]]:
    """The name as it may be written: from whichever of its words on, or from the last to the first."""
    yield name[::-1]
    yield from (name[start:] + name[:start] for start in range(len(name)))
