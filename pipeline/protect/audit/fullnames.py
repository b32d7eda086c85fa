"""A person's full name among the words of the public cells, as the audit seeks it: in any order, spread or in one piece.

It shares no code with what built the tables. Names and cells are words in small letters (`echoes.words`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import polars as pl

from pipeline.protect.audit.echoes import words

JOINED = 10  # letters of a name in one piece
MOST = 6  # words
BETWEEN = re.compile(r"[/;,:|&+()\n]|\s(?:et|ou)\s", re.IGNORECASE)
CALLED = re.compile(
    r"^(?:(?:m|mr|mme|mlle|monsieur|madame|mademoiselle|dr|docteur|me|maitre|pr)\s)+|(?:\s(?:directeur|directrice|president|presidente|gerant"
    r"|gerante|tresorier|tresoriere|secretaire|responsable|coordinateur|coordinatrice))+$"
)
# A part of a cell with one of these may be a body, a function or a place.
NOT_A_PERSON = frozenset(
    re.findall(
        r"\w+",
        """
    a accueil adherent adjoint adjointe administrateur administratif administration administrative administratrice agence animateur
    animation animatrice antenne architecte artisan artisane artiste assistant assistante asso association associations associe
    associee atelier ateliers au auteur autrice aux bar benevole bureau cafe campus centre charge chargee chef cheffe cie club
    cofondateur cofondatrice cogerant cogerante collectif comite commun communaute commune communes compagnie comptable concierge
    conseil conseiller conseillere contact cooperative coordinateur coordination coordinatrice coordonnateur coordonnatrice
    copresident copresidente coworking d de departement des designer developpement dg dga directeur direction directrice du ecole elu
    elue en entreprise equipe espace espaces fab fablab fabrique fabriques facilitateur facilitatrice ferme fondateur fondation
    fondatrice formation foyer friche gare general generale gerant gerante groupe hub jardin jardins l la lab le les lieu lieux mail
    maire mairie maison manager mediateur mediatrice membre metropole mission mjc municipal municipale nom numerique permanence pole
    poste pour prenom president presidente projet projets quartier quartiers recherche referent referente region regisseur regisseuse
    reseau responsable salarie salariee sarl sas sasu scic scop secretaire service services societe stage stagiaire standard station
    sur syndicat technique tel territoire territoires theatre tiers tous tout tresorier tresoriere universite vers vice village ville
    voir
""",
    )
)


def persons(names: Iterable[str], contacts: Iterable[str]) -> set[str]:
    """The names of natural persons (words), and those that the cells of contacts hold, one or several: words, one space between them."""
    parts = pl.Series("nom", sorted({part for cell in contacts for part in BETWEEN.split(cell)}), pl.String).to_frame()
    called = {CALLED.sub("", part.strip()) for part in parts.select(words(pl.col("nom"))).to_series()}
    found = {name for name in called if not NOT_A_PERSON & set(name.split())} | {" ".join(name.split()) for name in names}
    return {name for name in found if 2 <= len(name.split()) <= MOST and sum(len(word) > 1 for word in name.split()) > 1}


def places(cells: pl.DataFrame, names: set[str]) -> list[str]:
    """Where one of the names is said. `cells`: place, said (words)."""
    rarest = pl.DataFrame(
        [(word, name) for name in sorted(names) for word in _rarest(name)], {"mot": pl.String, "nom": pl.String}, orient="row"
    )
    if rarest.is_empty():
        return []
    sought = rarest["mot"].unique().sort().to_list()
    texts = cells.select("place", "said", joined=pl.col("said").str.replace_all(" ", "")).filter(pl.col("joined").str.contains_any(sought))
    met = texts.with_columns(mot=pl.col("joined").str.extract_many(sought, overlapping=True)).explode("mot").join(rarest, on="mot")
    found: set[str] = set()
    for place, said, name in met.select("place", "said", "nom").unique().iter_rows():
        if place not in found and _said(said, name.split()):
            found.add(place)
    return sorted(found)


def _rarest(name: str) -> list[str]:
    """The longest words of the name: two when one of its words may be missing."""
    longest = sorted(set(name.split()), key=lambda word: (len(word), word))
    return longest[-2:] if _may_lack_one(name.split()) else longest[-1:]


def _may_lack_one(name: list[str]) -> bool:
    return len([word for word in name if len(word) > 2]) > 3


def _said(said: str, name: list[str]) -> bool:
    return any(re.search(pattern, said) for pattern in _patterns(name)) or _around(said.split(), name)


def _patterns(name: list[str]) -> Iterator[str]:
    """The letters of the name in one of its orders, spaces anywhere, at the borders of words."""
    for order in [name[turn:] + name[:turn] for turn in range(len(name))] + [name[::-1]]:
        letters = "".join(order)
        if len(letters) >= JOINED:
            yield r"\b" + r"\s*".join(letters) + r"\b"


def _around(text: list[str], name: list[str]) -> bool:
    """As many words of the name as it needs within half as many more words."""
    needed = len(name) - _may_lack_one(name)
    reach = len(name) * 3 // 2
    at = [rank for rank, word in enumerate(text) if word in name]
    return any(sum((Counter(text[rank : rank + reach]) & Counter(name)).values()) >= needed for rank in at)
