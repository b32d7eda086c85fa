"""A name that says a natural person is masked whatever the evidence, and the audit sees it by itself."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import policy
from pipeline.protect.audit import civilities
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import known_contacts
from tests.controls import Blocks
from tests.protect import chain

LEGAL = "personne_morale"
NAMES = [
    "Mme Lise Zurbain", "M. Zed Fictif", "M.Zed Fictif", "M ZED FICTIF", "Mlle Zurbain", "Monsieur Zed Fictif", "Madame Zurbain",
    "Lise Zurbain EI", "EI LISE ZURBAIN", "Lise Zurbain (EIRL)", "Entreprise individuelle Lise Zurbain", "Lise Zurbain, auto-entrepreneuse",
    "Lise Zurbain - micro-entreprise", "ZURBAIN LISE (MME)",
]  # fmt: skip
SOURCES = {"conventions": "statut_beneficiaire", "subventions": "statut_beneficiaire", "versements": "statut_fournisseur"}


def frames_of(folder: Path, name: str) -> dict[str, pl.LazyFrame]:
    """The name with an RNA, a legal form or the SIREN of a public body, in the three tables of money and on an award."""
    tables: dict[str, list[dict[str, object]]] = {**chain.PROGRAMME}
    legal = {"nomBeneficiaire": name, "rnaBeneficiaire": "W109090909", "formeJuridiqueBeneficiaire": "association", "objet": "Reste"}
    tables["conventions"] = [*tables["conventions"], {**chain.CONVENTION, **legal, "idConvention": "C-50", "idBeneficiaire": "000505050"}]
    tables["subventions"] = [*tables["subventions"], {**legal, "nomAttribuant": "Région fictive", "montant": "1.00", "exercice": 2021}]
    paid = {"numero_ej": "2100000150", "montant_paye": "5.00", "fournisseur_paye": name, "siret": "21000050500019", "exercice": 2021}
    tables["versements"] = [*tables["versements"], paid]
    award = {"vague": "1", "nom_lieu": "Lieu Zeb", "porteur": name, "rna_porteur": "W109090909", "source_url": chain.PAGE}
    tables["resultats"] = [*tables["resultats"], award]
    return chain.sources(folder, tables)


def built(frames: dict[str, pl.LazyFrame]) -> tuple[Protected, tuple[str, ...]]:
    delivered = chain.delivered(frames)
    made = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    return made, audit(made.tables, made.account, frames, delivered, chain.AS_OF).motifs


@pytest.mark.parametrize("name", NAMES)
def test_it_is_masked_and_without_that_blocks(tmp_path: Path, name: str, blocks: Blocks) -> None:
    frames = frames_of(tmp_path, name)
    made, motifs = built(frames)
    assert motifs == ()
    for table, field in civilities.NAMES.items():
        assert name not in made.tables[table][field].to_list()
    for table, status in SOURCES.items():
        named = pl.col("fournisseur_paye" if table == "versements" else "nomBeneficiaire") == name
        frames[f"model/{table}"] = frames[f"model/{table}"].with_columns(pl.when(named).then(pl.lit(LEGAL)).otherwise(status).alias(status))
    frames["model/attributions"] = frames["model/attributions"].with_columns(
        pl.when(pl.col("porteur") == name).then(pl.lit(LEGAL)).otherwise("statut_porteur").alias("statut_porteur")
    )
    made, motifs = built(frames)
    for table in (*SOURCES, "attributions"):
        field = civilities.NAMES[table]
        assert name in made.tables[table][field].to_list()
        blocks(f"status: {table}, « {name} » taken for a legal person", f"{table}.{field} : un nom qui dit une personne physique", motifs)


@pytest.mark.parametrize(
    "name", ["M.J.C. Fictive", "A.P.E.I. Fictive", "Monsieur le Maire", "MJC Monsieur Loyal", "Maison des auto-entrepreneurs"]
)
def test_what_only_looks_like_one_is_shown(tmp_path: Path, name: str) -> None:
    made, motifs = built(frames_of(tmp_path, name))
    assert motifs == ()
    assert all(name in made.tables[table][civilities.NAMES[table]].to_list() for table in (*SOURCES, "attributions"))
