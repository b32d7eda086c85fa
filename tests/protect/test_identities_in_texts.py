"""Whoever is public nowhere is in no text of a public row, however written: without « Mme », « EI » or « (Zed) », or by a SIREN alone."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import applications, hidden, policy
from pipeline.protect import protect as protect_stage
from pipeline.protect.audit import mentions
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import Known, known_contacts
from tests.controls import Blocks
from tests.model.delivered import Row
from tests.protect import chain

APPLICANT = {"candidature": "D-7", "vague": "1", "decision": "refusee", "porteur": "Association fictive Z924 (Zed)"}
APPLICANT |= {"nom_lieu": "La Filature de Zurbiville", "siret_porteur": "00086736000014", "contact_nom": "Mme Mirlitone Babux-Fictif"}
TRADER = {"lieu": "lieu-0077", "porteur": "Gribouille Tramex-Fictif EI", "forme_juridique": "entrepreneur individuel"}
FORMER = {"lieu": "lieu-0004", "porteur": "Zorblax Quindel-Fictif", "statut_porteur": "personne_physique", "siren": "000910006"}
SECOND = {"livraison": "lieux-ffffffffffff", "lieu": "lieu-0004", "porteur": "Association qui suit", "rna": "W104000004"}
LATER = {"nom_lieu": "Plus tard", "porteur": "Compagnie Zéphyr Tardif", "source_url": chain.PAGE, "date_annonce": "2999-01-01"}
# What each protection finds: text that says it → the sentence of the audit.
OTHERWISE = "conventions.objet : l'identité, écrite autrement, de qui n'est nommé nulle part"
UNIT = "conventions.objet : le SIREN de qui n'est nommé nulle part"
SECRETS = {
    "suite du dossier de SIREN 000867360": UNIT,
    "suite du dossier de SIREN 000 867 360, refusé": UNIT,
    "autre siège : 000.867.360.00022": UNIT,
    "contact : Mirlitone BABUX-FICTIF": OTHERWISE,
    "prestation de Gribouille Tramex-Fictif au lieu": OTHERWISE,
    "avec l'Association fictive Z924": OTHERWISE,
    "visite de La Filature de Zurbiville à Bayonne": OTHERWISE,
    "avec Porteur Embargo, bientôt": OTHERWISE,
    "ouverture de Nouveau Caché": OTHERWISE,
    "association W108888888": "conventions.objet : le numéro RNA de qui attend son annonce",
    "avec la Compagnie Zéphyr Tardif": OTHERWISE,
    "lieu tenu par Zorblax Quindel-Fictif": OTHERWISE,
    "SIREN 000910006": UNIT,
}


def frames_of(folder: Path, text: str) -> dict[str, pl.LazyFrame]:
    tables: dict[str, list[dict[str, object]]] = chain.with_embargo()
    tables["conventions"] = [{**tables["conventions"][0], "objet": text}, *tables["conventions"][1:]]
    tables["candidatures"] = [*tables["candidatures"], APPLICANT]
    tables["resultats"] = [*tables["resultats"], LATER]
    tables["lieux"] = [*(line for line in tables["lieux"] if line["lieu"] != "lieu-0004"), TRADER, FORMER, SECOND]
    declared: list[Row] = [{"livraison": "lieux-ffffffffffff", "mode": "corrige", "date": chain.AS_OF}]
    return chain.sources(folder, tables, declared)


def built(frames: dict[str, pl.LazyFrame]) -> Protected:
    delivered = chain.delivered(frames)
    return protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)


def told(made: Protected, frames: dict[str, pl.LazyFrame]) -> tuple[str, ...]:
    return audit(made.tables, made.account, frames, chain.delivered(frames), chain.AS_OF).motifs


def objects(made: Protected) -> list[str | None]:
    return made.tables["conventions"].filter(pl.col("convention") == "C-1")["objet"].to_list()


@pytest.mark.parametrize("text", SECRETS)
def test_the_text_is_emptied_and_without_that_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, blocks: Blocks) -> None:
    frames = frames_of(tmp_path, text)
    made = built(frames)
    assert objects(made) == ["Non publié"] or objects(made) == [None]
    assert told(made, frames) == ()
    before = applications.unsuccessful

    def as_before(*arguments: object) -> Known:
        known = before(*arguments)  # type: ignore[arg-type]
        return Known(anywhere=known.anywhere, names=known.names, whole=known.whole)

    monkeypatch.setattr(applications, "unsuccessful", as_before)
    monkeypatch.setattr(protect_stage, "_otherwise_written", lambda *_: Known())
    monkeypatch.setattr(protect_stage.hidden, "to_come", lambda *_: Known())
    leaking = built(frames)
    assert objects(leaking) == [text]
    blocks(f"text: « {text} »", SECRETS[text], told(leaking, frames))


@pytest.mark.parametrize(
    "text",
    [
        "avec l'Association des Fictions",  # a laureate
        "au lieu Le L@bo",
        "StationW @ 153",  # an applicant's place that bears the name of a public one
        "Association fictive, la maison du lieu",
        "engagement 2100086736 de 2021",
        "dossier 000 867 de 2024",
    ],
)
def test_what_only_looks_like_one_stays(tmp_path: Path, text: str) -> None:
    frames = frames_of(tmp_path, text)
    made = built(frames)
    assert objects(made) == [text]
    assert told(made, frames) == ()


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Mme Mirlitone Babux-Fictif", ["mirlitone babux fictif"]),
        ("M.Jean Babux", ["jean babux"]),
        ("M. et Mme Jean Babux", ["jean babux"]),
        ("Babux Jean EI", ["babux jean"]),
        ("Babux Jean (EI)", ["babux jean"]),
        ("Jean Babux, entrepreneur individuel", ["jean babux"]),
        ("Association fictive Z924 (Zed)", ["association fictive z924"]),
        ("Mme Dupont", []),
        ("M. le Maire", []),
        ("Madame la Directrice générale", []),
        ("Association (ADA)", []),
        ("Mr Jean", []),
        ("Maison Mathilde", []),
    ],
)
def test_what_is_left_of_a_name(name: str, left: list[str]) -> None:
    assert hidden.stripped(pl.Series("nom", [name])).to_list() == left


def test_what_the_builder_holds_for_common_the_audit_does_too() -> None:
    """They share no code: a word that the audit alone sought would block what the builder lets through."""
    assert hidden._COMMON <= mentions.ORDINARY


def test_a_public_name_that_holds_a_hidden_one_stays(tmp_path: Path) -> None:
    """The place of an applicant is called as a part of a public one."""
    tables: dict[str, list[dict[str, object]]] = {**chain.PROGRAMME}
    tables["candidatures"] = [{**APPLICANT, "nom_lieu": "Des Fictions", "porteur": "Nul"}, {**APPLICANT, "nom_lieu": "Lieu Zurbi"}]
    tables["resultats"] = [
        *tables["resultats"],
        {"vague": "1", "nom_lieu": "Lieu Zurbi du Pré", "lieu": "lieu-0006", "source_url": chain.PAGE},
    ]
    frames = chain.sources(tmp_path, tables)
    made = built(frames)
    assert "Lieu Zurbi du Pré" in made.tables["attributions"]["nom_lieu"].to_list()
    assert told(made, frames) == ()
