"""However a contact, a person or a number is written in a public text, the builder empties the text and the audit, by itself, blocks it."""

import polars as pl
import pytest

from pipeline.protect import hidden, persons, policy
from pipeline.protect.audit import fullnames
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import known_contacts
from tests.controls import Blocks
from tests.protect import chain

Frames = dict[str, pl.LazyFrame]
CONTACTS = [
    "Anne-Marie Quindel-Zorblax", "Zuzkane Vorpalik (trésorière)", "Gruzkane Vorpali / Drezkane Nuldik", "VORZIK Plenka, directrice",
    "Dr Kolzik Plenkor", "Mirlik Bofur et Taniz Gorbal", "Chargée de mission : Helbaz Trumik",
]  # fmt: skip
FOLLOWUP = {"lieu": "lieu-0404", "contact_courriel": "zq77@porteur-zurbi.example"}
REFUSED = {"vague": "1", "decision": "refusee", "siret_porteur": "00086736000014"}
APPLICANTS = [
    {**REFUSED, "candidature": "D-70", "porteur": "Association fictive Z924", "nom_lieu": "Lieu Zurbi"},
    {**REFUSED, "candidature": "D-71", "porteur": "Mme Vadrouille Kestrik", "forme_juridique": "entrepreneur individuel", "nom_lieu": "A"},
]  # fmt: skip
ADDRESSES = [
    "zor.blax @ gmail.com", "Zor.Blax @ Gmail.Com", "ZOR.BLAX @ GMAIL.COM", "zor.blax@ Gmail.com", "zor.blax chez gmail point com",
    "zor.blax&#x40;gmail.com", "zor.blax%2540gmail.com", "zor.blax_at_gmail.com", "zor.blax (à) gmail.com",
    "zor.blax AT gmail DOT com", "zor.blax\u200e@\u200egmail.com", "zor.blax@gmail,com", "zor.blax@gmail",
    "zor.blax(a)gmail(point)com", "zor.blax -at- gmail -dot- com", "zor.blax *at* gmail.com", "zor.blax « at » gmail.com",
    "zor.blax@gmail . com", "zor.blax@gmail .com", "zor.blax /at/ gmail.com", "zor.blax @\ngmail.com", "zor.blax‹at›gmail.com",
    "zor.blax — at — gmail.com", "zor.blax at gmail.com", "zor.blax à gmail.com", "zor.blax\\@gmail.com", "zor.blax@@gmail.com",
    "zor.blax＠gmail.com", "zor.blax@gmail。com", "zor.blax@gmail·com", "zor.blax @ gmail point com", "zor.blax @gmail(.)com",
    "zor.blax@[127.0.0.1]", "zor.blax at asso.fr", "zоr@lieu.example", "zq77 chez porteur-zurbi point example",
    "zq77 porteur zurbi example",
]  # fmt: skip
PEOPLE = [
    "Quindel-Zorblax Anne-Marie", "QUINDEL ZORBLAX Anne Marie", "Marie-Anne Quindel-Zorblax", "Anne Quindel-Zorblax",
    "Mme Quindel-Zorblax, Marie", "Anne-Marie B. Quindel-Zorblax", "Anne-Marie (dite Am) Quindel-Zorblax", "AnneMarieQuindelZorblax",
    "Anne-Marie Quin-\ndel-Zorblax", "An\u200ene-Marie\u2060 Quindel-Zorblax", "Anne-Marie\u200eQuindel-Zorblax",
    "Аnne-Mаrie Quindel-Zоrblax", "Anne-Marıe Quindel-Zorblax", "Anne&#45;Marie&nbsp;Quindel&shy;-Zorblax",
    "𝐀nne-Marie Quindel-Zorblax", "A n n e Marie Quindel-Zorblax", "Zuzkane Vorpalik", "Vorpalik Zuzkane", "Gruzkane Vorpali",
    "Nuldik Drezkane", "Plenka Vorzik", "Vorzik Plenka", "Kolzik Plenkor", "Plenkor Kolzik", "Mirlik Bofur", "Gorbal Taniz",
    "Helbaz Trumik", "Kestrik Vadrouille", "Association\u200efictive\u200eZ924", "AssociationFictive Z924",
    "Association fictive Z-924",
]  # fmt: skip
NUMBERS = [
    "000,867,360", "000|867|360", "000'867'360", "000\u200e867\u200e360", "000. 867. 360", "٠٠٠٨٦٧٣٦٠", "06|39|98|02|89",
    "06’39’98’02’89", "n°0639980289", "📞0639980289", "(06) 39 98 02 89", "+33 (0)6-39-98-02-89", "+32 470 12 34 56",
    "IBAN=FR7630006000011234567890189", "FR76\n3000\n6000\n0112\n3456\n7890\n189", "FR76/3000/6000/0112/3456/7890/189",
    "NIR=269054958815780", "2/69/05/49/588/157/80", "269 054 958 815 780",
]  # fmt: skip
WRITINGS = [*ADDRESSES, *PEOPLE, *NUMBERS]
INNOCENT = [
    "un atelier à Lyon.fr et ailleurs", "voir le site pont-a-mousson.fr", "Le L@bo. Des ateliers", "StationW @ Bliss",
    "BUROL@B, com et médias", "Tiers-lieu @ Saint-Denis", "https://lieu.example/look-at-me.html", "12,5 % puis 13,5 %",
    "01, 38, 42, 69, 73", "1 000, 867, 000 €", "de 09:00 à 12:30, de 14:00 à 18:30", "du 01/02/2020 au 03/04/2021",
    "10 000, 20 000, 30 000 et 40 000 €", "SIRET 73282932000074.0", "Anne et Marie", "Marie-Anne Zorblaxon", "Joanne Marie",
    "visite de l'association", "Zuzkane seule", "Le Zurbi du lieu",
]  # fmt: skip


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    tables: dict[str, list[dict[str, object]]] = {**chain.PROGRAMME}
    tables["candidatures"] = [*tables["candidatures"], *APPLICANTS]
    called = [{**FOLLOWUP, "annee": 1990 + rank, "contact_nom": name} for rank, name in enumerate(CONTACTS)]
    tables["suivi"] = [*tables["suivi"], *called]
    grant = {"nomAttribuant": "Région fictive", "nomBeneficiaire": "Association aidée", "rnaBeneficiaire": "W102000002", "exercice": 2020}
    said = [{**grant, "objet": text, "montant": f"{9000 + rank}.00"} for rank, text in enumerate([*WRITINGS, *INNOCENT])]
    tables["subventions"] = [*tables["subventions"], *said]
    return chain.sources(tmp_path_factory.mktemp("textes"), tables)


@pytest.fixture(scope="module")
def made(frames: Frames) -> Protected:
    delivered = chain.delivered(frames)
    return protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)


@pytest.fixture(scope="module")
def shown(made: Protected) -> list[str | None]:
    grants = made.tables["subventions"].filter(pl.col("montant") >= 9000).sort("montant")
    return grants["objet"].to_list()


def test_the_rest_passes(made: Protected, frames: Frames) -> None:
    assert audit(made.tables, made.account, frames, chain.delivered(frames), chain.AS_OF).motifs == ()


@pytest.mark.parametrize("rank", range(len(WRITINGS)), ids=[ascii(text) for text in WRITINGS])
def test_the_text_is_emptied_and_without_that_blocks(
    made: Protected, frames: Frames, shown: list[str | None], rank: int, blocks: Blocks
) -> None:
    assert shown[rank] in (None, "Non publié")
    left = made.tables["subventions"].with_columns(
        objet=pl.when(pl.col("montant") == 9000 + rank).then(pl.lit(f"Bourse ; {WRITINGS[rank]}")).otherwise("objet")
    )
    motifs = audit(made.tables | {"subventions": left}, made.account, frames, chain.delivered(frames), chain.AS_OF).motifs
    blocks(f"text left: {WRITINGS[rank]!a}", "subventions.objet : ", motifs)


@pytest.mark.parametrize("rank", range(len(INNOCENT)), ids=INNOCENT)
def test_what_only_looks_like_one_stays(shown: list[str | None], rank: int) -> None:
    assert shown[len(WRITINGS) + rank] == INNOCENT[rank]


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("Zoé Kam", ["zoe kam"]),
        ("Zoé Kam / Zed Bor", ["zed bor", "zoe kam"]),
        ("Zoé Kam et Zed Bor ; Lia Tum", ["lia tum", "zed bor", "zoe kam"]),
        ("Mme Zoé Kam, directrice", ["zoe kam"]),
        ("Directeur général : Me Zed Bor", ["zed bor"]),
        ("Zoé Kam (directrice de la Ferme des Possibles)", ["zoe kam"]),
        ("chargée de mission Zoé Kam - Association Les Possibles", ["zoe kam"]),
        ("KAM, Zoé", []),  # the whole of the cell is sought besides
        ("Accueil", []),
    ],
)
def test_the_persons_of_a_cell_of_contacts(cell: str, people: list[str]) -> None:
    found = persons.full(persons.named_in(pl.Series([cell]))).sort().to_list()
    assert found == people
    assert fullnames.persons([], [cell]) <= {*people, *hidden.fold(pl.Series([cell]))}
