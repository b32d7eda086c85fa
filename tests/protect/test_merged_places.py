"""A merge in the registry does not name a place before its day: the entry of a place to be named says nothing until then."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import places, policy, visibility
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import known_contacts
from tests.controls import Blocks
from tests.protect import chain

Rows = dict[str, list[dict[str, object]]]
SECRET = ("Nom réservé", "Porteuse réservée", "Commune réservée", "W105555555")
ANNOUNCED = {"vague": "1", "nom_lieu": "Lieu annoncé", "porteur": "Association annoncée", "rna_porteur": "W106666666", "lieu": "lieu-0010"}
TO_COME = {"vague": chain.EMBARGOED, "nom_lieu": "Nom réservé", "porteur": "Porteuse réservée", "rna_porteur": "W105555555"}
ENTRY = {"lieu": "lieu-0011", "nom": "Nom réservé", "porteur": "Porteuse réservée", "rna": "W105555555", "commune": "Commune réservée"}


def programme(into: str, *cited: str) -> Rows:
    """lieu-0010 is announced, lieu-0011 is to come; the one that is not `into` is merged into it. The award to come cites the place by id
    (`cited`), or by its designation."""
    registry = [{"lieu": "lieu-0010", "nom": "Lieu annoncé", "porteur": "Association annoncée", "rna": "W106666666"}, ENTRY]
    merged = [line if line["lieu"] == into else {**line, "fusionne_dans": into} for line in registry]
    to_come = {**TO_COME, **({"lieu": cited[0]} if cited else {"commune": "Commune réservée"})}
    years = [
        {"lieu": place, "annee": year, "visiteurs": visitors, "champs_publiables": "visiteurs"}
        for place, year, visitors in (("lieu-0010", 2021, 510), ("lieu-0011", 2022, 511))
    ]
    return {
        **chain.PROGRAMME,
        "resultats": [*chain.PROGRAMME["resultats"], ANNOUNCED, to_come],
        "lieux": [*chain.PROGRAMME["lieux"], *merged],
        "suivi": [*chain.PROGRAMME["suivi"], *years],
        "vagues": [*chain.PROGRAMME["vagues"], *chain.UNDER_EMBARGO["vagues"]],
    }


def built(folder: Path, tables: Rows) -> tuple[Protected, tuple[str, ...]]:
    frames = chain.sources(folder, tables)
    delivered = chain.delivered(frames)
    made = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    return made, audit(made.tables, made.account, frames, delivered, chain.AS_OF).motifs


def said(made: Protected) -> str:
    return "\n".join(frame.write_csv() for frame in made.tables.values())


@pytest.mark.parametrize("into", ["lieu-0010", "lieu-0011"])
@pytest.mark.parametrize("cited", [(), ("lieu-0011",)], ids=["designation", "id"])
def test_a_merge_names_nobody_before_the_day(tmp_path: Path, into: str, cited: tuple[str, ...]) -> None:
    made, motifs = built(tmp_path, programme(into, *cited))
    assert motifs == ()
    place = made.tables["fabriques"].filter(pl.col("fabrique") == into)
    assert place.select("nom", "porteur", "attributions").rows() == [("Lieu annoncé", "Association annoncée", 1)]
    assert [text for text in SECRET if text in said(made)] == []
    # Its origin: the entry that speaks, else the award shown.
    assert place.select(pl.col("livraison").str.head(5), "ligne").rows() == [("lieux", 10) if into == "lieu-0010" else ("resul", 13)]
    assert made.tables["suivi"].filter(pl.col("fabrique") == into)["visiteurs"].to_list() == [510]


def test_a_duplicate_merged_does_not_silence_the_entry_of_an_announced_place(tmp_path: Path) -> None:
    """lieu-0010 has an award of its own: its entry, more recent than the award, goes on speaking."""
    tables = programme("lieu-0010")
    tables["lieux"] = [line | {"nom": "Nom d'aujourd'hui"} if line["lieu"] == "lieu-0010" else line for line in tables["lieux"]]
    tables["resultats"] = [line | {"lieu": "lieu-0011"} if line["nom_lieu"] == "Nom réservé" else line for line in tables["resultats"]]
    made, motifs = built(tmp_path, tables)
    assert motifs == ()
    assert made.tables["fabriques"].filter(pl.col("fabrique") == "lieu-0010")["nom"].to_list() == ["Nom d'aujourd'hui"]


def test_once_announced_the_entry_speaks(tmp_path: Path) -> None:
    tables = programme("lieu-0011", "lieu-0011")
    tables["resultats"] = [line | {"vague": "1"} if line["nom_lieu"] == "Nom réservé" else line for line in tables["resultats"]]
    made, motifs = built(tmp_path, tables)
    assert motifs == ()
    assert made.tables["fabriques"].filter(pl.col("fabrique") == "lieu-0011").select("nom", "attributions").rows() == [("Nom réservé", 2)]


def test_an_entry_without_any_award_of_its_own_does_not_speak(tmp_path: Path) -> None:
    """Its award may have been rejected, or not have found its place."""
    tables = programme("lieu-0011", "lieu-0011")
    tables["resultats"] = [line for line in tables["resultats"] if line["nom_lieu"] != "Nom réservé"]
    made, motifs = built(tmp_path, tables)
    assert motifs == ()
    assert [text for text in SECRET if text in said(made)] == []
    assert made.tables["fabriques"].filter(pl.col("fabrique") == "lieu-0011")["nom"].to_list() == ["Lieu annoncé"]


@pytest.mark.parametrize("first", [True, False])
def test_an_id_minted_twice_names_nobody_before_the_day(tmp_path: Path, first: bool) -> None:
    """lieu-0010 is announced; a second entry of that id has an award to come."""
    tables = programme("lieu-0010", "lieu-0010")
    known, secret = ({**line, "lieu": "lieu-0010", "fusionne_dans": None} for line in tables["lieux"][-2:])
    tables["lieux"] = [*chain.PROGRAMME["lieux"], *((secret, known) if first else (known, secret))]
    tables["suivi"] = chain.PROGRAMME["suivi"]
    made, motifs = built(tmp_path, tables)
    assert motifs == ()
    assert [text for text in SECRET if text in said(made)] == []
    assert made.tables["fabriques"].filter(pl.col("fabrique") == "lieu-0010")["nom"].to_list() == ["Lieu annoncé"]


def test_a_merge_does_not_make_somebody_a_legal_person(tmp_path: Path) -> None:
    """The place of a natural person is merged into that of an association: neither its name nor its accounts are shown."""
    person = {"lieu": "lieu-0012", "nom": "Chez Zorblax", "statut_porteur": "personne_physique", "fusionne_dans": "lieu-0010"}
    year = {"lieu": "lieu-0012", "annee": 2023, "chiffre_affaires": "98765.00", "champs_publiables": "chiffre_affaires"}
    award = {"vague": "1", "nom_lieu": "Chez Zorblax", "lieu": "lieu-0012"}
    tables = {
        **chain.PROGRAMME,
        "lieux": [*chain.PROGRAMME["lieux"], {"lieu": "lieu-0010", "porteur": "Association annoncée", "rna": "W106666666"}, person],
        "resultats": [*chain.PROGRAMME["resultats"], ANNOUNCED, award],
        "suivi": [*chain.PROGRAMME["suivi"], year],
    }
    made, motifs = built(tmp_path, tables)
    assert motifs == ()
    assert [text for text in ("Zorblax", "98765") if text in said(made)] == []
    assert "Association annoncée" in said(made)


def test_the_audit_blocks_a_merge_that_tells_the_name_or_a_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: Blocks) -> None:
    tables = programme("lieu-0011", "lieu-0011")
    told = places.as_announced

    def credulous(found: pl.DataFrame, registry: pl.DataFrame, shown: pl.DataFrame, *others: pl.DataFrame) -> pl.DataFrame:
        return told(found, registry, shown.with_columns(lieu_designe=pl.col("lieu")), *others)

    monkeypatch.setattr(visibility, "as_announced", credulous)
    sentence = "fabriques.nom : ne vient ni du registre ni d'un label publié"
    blocks("step: the entry of a place to be named goes on speaking", sentence, built(tmp_path / "nom", tables)[1])
    monkeypatch.undo()
    followed = visibility._followup
    monkeypatch.setattr(visibility, "_followup", lambda rows, found, awards: followed(rows, found, awards.clear()))
    blocks("step: the years of a place to be named are shown", "suivi : ", built(tmp_path / "suivi", tables)[1])
