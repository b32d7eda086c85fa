import csv
import hashlib
import os
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from pipeline.data.facts import sources_file

FACTS = sources_file().parent
REAL = Path(os.environ.get("FABRIQUES_DONNEES_REELLES", Path(__file__).parents[2].parent / "shared" / "data"))
# What the source itself must write for a bearer to be held for a legal person.
PROOFS = ("Association", "SCIC", "CCAS", "Mairie", "Communauté d'agglomération", "Université", "Régie de quartier", "Esat", "collectivité")
# Names that are those of an intermunicipal body.
PUBLIC_BODIES = {"Le Grand Narbonne", "Grand Autunois Morvan", "Rennes Métropole"}


def lines(name: str) -> list[dict[str, str]]:
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def designations() -> list[tuple[str, str, str, str, str]]:
    """The designation of each result line, with its rank among those that say the same."""
    seen: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for line in lines("laureats_fabriques.csv"):
        designation = (line["nom_lieu"], line["porteur"], line["commune"], line["departement"])
        seen[designation] += 1
        ranked.append((*designation, str(seen[designation])))
    return ranked


def test_every_result_line_is_one_place_of_the_registry_in_the_same_order() -> None:
    registry = lines("lieux.csv")
    keys = [(place["nom"], place["porteur"], place["commune"], place["departement"], place["rang"]) for place in registry]
    assert len(set(keys)) == len(keys) == 58
    assert keys == designations()
    assert [place["lieu"] for place in registry] == [f"lieu-{n:04d}" for n in range(1, 59)]


def test_two_unnamed_places_are_told_apart_by_their_rank() -> None:
    assert [place["lieu"] for place in lines("lieux.csv") if place["rang"] == "2"] == ["lieu-0012"]


def test_a_bearer_is_a_legal_person_only_where_the_words_of_the_source_prove_it() -> None:
    for place in lines("lieux.csv"):
        proven = place["porteur"] in PUBLIC_BODIES or any(proof in place["porteur"] for proof in PROOFS)
        assert (place["statut_porteur"], bool(place["preuve_statut"])) == (("personne_morale", True) if proven else ("", False)), place[
            "lieu"
        ]
        quoted = re.findall("la source écrit « (.+?) »| et « (.+?) »", place["preuve_statut"])
        assert all(word in place["porteur"] for words in quoted for word in words)


def test_the_registry_invents_no_identifier() -> None:
    assert {(place["siren"], place["rna"], place["fusionne_dans"]) for place in lines("lieux.csv")} == {("", "", "")}


def test_sources_file_names_the_four_deliveries_that_ship() -> None:
    document = tomllib.loads(sources_file().read_text(encoding="utf-8"))
    assert not document.get("fictif", False)
    named = {source["table"]: source for source in document["source"]}
    assert set(named) == {"resultats", "lieux", "vagues", "indicateurs_publies"}
    for source in named.values():
        assert (FACTS / source["path"]).is_file()
        assert source["mode"] == "remplace"
        assert source["publisher"] and source["licence"] and source["date"].isoformat() == "2026-11-23"
    assert {source["path"] for source in named.values()} == {path.name for path in FACTS.glob("*.csv")}


@pytest.mark.parametrize("name", ["laureats_fabriques.csv", "vagues.csv", "indicateurs_publies.csv"])
def test_the_facts_are_the_collected_ones_byte_for_byte(name: str) -> None:
    if not (REAL / name).is_file():
        pytest.skip("fichiers réels absents : définir FABRIQUES_DONNEES_REELLES")
    assert hashlib.sha256((FACTS / name).read_bytes()).digest() == hashlib.sha256((REAL / name).read_bytes()).digest()
