"""A masked identity does not come back through the other texts of its row, of another table, of a rejected line's count."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import policy, repeats
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import HITS, known_contacts
from tests.controls import Blocks
from tests.protect import chain

LINE = {"vague": "1", "categorie": "fabrique_de_territoire", "porteur": "Bérengère Fictive", "siret_porteur": "00012345600017"}


def made(folder: Path, **tables: list[dict[str, object]]) -> tuple[Protected, tuple[str, ...]]:
    """The public tables and what the audit says of them."""
    frames = chain.sources(folder, tables)
    delivered = chain.delivered(frames)
    built = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    return built, audit(built.tables, built.account, frames, delivered, chain.AS_OF).motifs


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("nom_lieu", "Atelier de Berengere FICTIVE"),
        ("nom_lieu", "Bérengère"),  # a part of the identity
        ("source_url", "https://a.example/berengere-fictive/2020"),
        ("source_url", "https://a.example/B%C3%A9reng%C3%A8re%20Fictive"),
        ("source_url", "https://a.example/siren/000123456"),
        ("commune", "chez Bérengère Fictive"),
        ("region", "BERENGERE_FICTIVE"),
    ],
)
def test_the_texts_of_a_masked_award_do_not_repeat_its_bearer(tmp_path: Path, field: str, text: str) -> None:
    built, motifs = made(tmp_path, resultats=[LINE | {field: text}, LINE | {"porteur": "Autre", field: "https://b.example/innocent"}])
    assert motifs == ()
    column = built.tables["attributions"][field].to_list()
    assert text not in column and "https://b.example/innocent" in column
    assert ("attributions", field, "identite_repetee", 1) in built.account.select("table", "champ", "regle", "nombre").rows()


def test_a_short_identity_is_sought_as_a_whole_word(tmp_path: Path) -> None:
    lines = [LINE | {"porteur": "Léa", "nom_lieu": name} for name in ("Le Léandre", "Chez Léa")]
    built, motifs = made(tmp_path, resultats=lines)
    assert motifs == ()
    assert sorted(built.tables["attributions"]["nom_lieu"].to_list(), key=str) == ["Le Léandre", None]


def test_a_legal_person_may_be_repeated(tmp_path: Path) -> None:
    built, motifs = made(tmp_path, resultats=[LINE | {"nom_lieu": "Bérengère Fictive", "forme_juridique": "association"}])
    assert (motifs, built.tables["attributions"]["nom_lieu"].to_list()) == ((), ["Bérengère Fictive"])


def test_an_agreement_s_scheme_is_a_free_text(tmp_path: Path) -> None:
    masked = chain.CONVENTION | {"nomBeneficiaire": "Bérengère Fictive", "dispositifAide": "Aide à l'artiste"}
    legal = masked | {"rnaBeneficiaire": "W101000001", "nomBeneficiaire": "Association", "idConvention": "C-1"}
    built, motifs = made(tmp_path, conventions=[masked, legal])
    assert motifs == ()
    assert built.tables["conventions"].sort("statut_beneficiaire")["dispositif_aide"].to_list() == [None, "Aide à l'artiste"]


def test_the_audit_sees_an_identity_that_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: Blocks) -> None:
    monkeypatch.setattr(repeats, "hide", lambda frame, *_: (frame, pl.DataFrame(schema=HITS)))
    line = LINE | {"nom_lieu": "Bérengère", "source_url": "https://a.example/berengere-fictive", "lieu": "lieu-0001"}
    agreement = chain.CONVENTION | {"nomBeneficiaire": "Préfecture"}
    _, motifs = made(tmp_path, resultats=[line], lieux=[{"lieu": "lieu-0001"}], conventions=[agreement])
    told = "répète l'identité masquée de sa ligne"
    fields = ("fabriques.nom", "fabriques.source_url", "attributions.nom_lieu", "attributions.source_url", "conventions.nom_attribuant")
    for field in fields:
        blocks(f"step: repeats.hide, {field}", f"{field} : {told}", motifs)


def test_a_person_named_in_the_name_of_a_file_or_in_a_licence_is_hidden(tmp_path: Path, blocks: Blocks) -> None:
    frames = chain.sources(tmp_path, {"resultats": [LINE | {"forme_juridique": "entrepreneur individuel"}]})
    told = {"fichier": "labels_berengere-fictive.csv", "licence": "accord de Bérengère Fictive", "editeur": "BÉRENGÈRE FICTIVE"}
    frames["validate/livraisons"] = frames["validate/livraisons"].with_columns(pl.lit(text).alias(name) for name, text in told.items())
    built = protect(frames, policy.load(), chain.AS_OF)
    assert not {cell for row in built.tables["livraisons"].rows() for cell in row} & set(told.values())
    left = built.tables["livraisons"].with_columns(pl.lit(told["licence"]).alias("licence"))
    motifs = audit(built.tables | {"livraisons": left}, built.account, frames, {}, chain.AS_OF).motifs
    blocks("table: livraisons, a person named in a licence", "livraisons.licence : le nom d'une personne ou d'un contact", motifs)


@pytest.mark.parametrize("rejected", [{"vague": "10"}, {"vague": "Vague inconnue"}])
def test_a_rejected_line_of_a_reserved_wave_is_not_counted(tmp_path: Path, rejected: dict[str, str], blocks: Blocks) -> None:
    frames = chain.sources(tmp_path, chain.PROGRAMME)
    delivered = chain.delivered(frames)
    line = pl.LazyFrame({"livraison": ["resultats-000000000000"], "ligne": [99], **{name: [text] for name, text in rejected.items()}})
    delivered["resultats"] = pl.concat([delivered["resultats"].cast({"ligne": pl.Int64}), line], how="diagonal").cast({"ligne": pl.UInt32})
    built = protect(frames, policy.load(), chain.AS_OF, None, delivered)
    counts = {row["table"]: row["lignes_rejetees"] for row in built.tables["livraisons"].rows(named=True)}
    assert (counts["resultats"], counts["conventions"]) == (None, 1)
    assert "resultats-000000000000" not in set(built.tables["qualite"]["livraison"])
    unaware = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered))
    motifs = audit(unaware.tables, unaware.account, frames, delivered, chain.AS_OF).motifs
    for table in ("livraisons", "qualite"):
        sentence = f"{table} : une livraison de « resultats » cite une vague sous embargo et compte ses lignes"
        blocks(f"step: the rejected lines of a wave under embargo are counted, {table}", sentence, motifs)
