"""Whoever is known by an award to come is not told by the money paid to them, whatever the money cites; nor by what they say elsewhere."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import policy, reserved
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import known_contacts
from tests.protect import chain

SIRET = "00011122200016"
PAYMENT = {"numero_ej": "2199999999", "exercice": 2024, "montant_paye": "10.00", "fournisseur_paye": "PORTEUR  EMBARGO"}
AGREEMENT = {
    **chain.CONVENTION,
    "idConvention": "C-77",
    "nomBeneficiaire": "Porteur inconnu",
    "rnaBeneficiaire": "W108888888",
    "objet": "x",
}

Rows = dict[str, list[dict[str, object]]]


def built(folder: Path, tables: Rows) -> tuple[Protected, dict[str, pl.LazyFrame]]:
    frames = chain.sources(folder, tables)
    delivered = chain.delivered(frames)
    return protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered), frames


def told(made: Protected, frames: dict[str, pl.LazyFrame]) -> tuple[str, ...]:
    return audit(made.tables, made.account, frames, chain.delivered(frames), chain.AS_OF).motifs


@pytest.mark.parametrize(("table", "line"), [("versements", PAYMENT), ("conventions", AGREEMENT)])
def test_money_that_cites_nothing_does_not_tell_an_award_to_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, line: dict[str, object]
) -> None:
    tables = chain.with_embargo()
    before, _ = built(tmp_path / "sans", tables)
    tables[table] = [*tables[table], line]
    made, frames = built(tmp_path / "avec", tables)
    assert told(made, frames) == ()
    assert made.tables[table].height == before.tables[table].height
    assert made.tables["financements"].equals(before.tables["financements"])
    nobody = reserved.Identities(*(pl.Series([], dtype=pl.String) for _ in range(3)))
    monkeypatch.setattr(reserved, "_only", lambda *_: nobody)
    leaking, frames = built(tmp_path / "negatif", tables)
    assert any(motif.startswith(f"{table} : ") for motif in told(leaking, frames))


@pytest.mark.parametrize(
    "cited",
    [
        {"attribution": "lieu-0009"},
        {"attribution": f"lieu-0009_{chain.EMBARGOED} et lieu-0001_fdt-01", "vague": "1"},
        {"attribution": "LIEU-0009_FDT-77", "vague": "1"},
        {"vague": "1"},
        {"attribution": "lieu-0001_fdt-01"},
    ],
)
def test_whatever_else_an_agreement_cites_its_beneficiary_decides(tmp_path: Path, cited: dict[str, object]) -> None:
    tables = chain.with_embargo()
    before, _ = built(tmp_path / "sans", tables)
    tables["conventions"] = [*tables["conventions"], AGREEMENT | cited]
    made, frames = built(tmp_path / "avec", tables)
    assert told(made, frames) == ()
    assert made.tables["conventions"].height == before.tables["conventions"].height


def test_whoever_is_paid_decides_too(tmp_path: Path) -> None:
    """The commitment is that of a public agreement; or the payee is only known by an agreement of a wave to come."""
    tables = chain.with_embargo()
    before, _ = built(tmp_path / "sans", tables)
    by_agreement = {**PAYMENT, "fournisseur_paye": "AUTRE"}
    tables["versements"] = [*tables["versements"], PAYMENT | {"numero_ej": "2100000001"}, by_agreement]
    made, frames = built(tmp_path / "avec", tables)
    assert told(made, frames) == ()
    assert made.tables["versements"].height == before.tables["versements"].height


def test_an_agreement_to_come_with_the_commitment_of_another_takes_no_payment_from_it(tmp_path: Path) -> None:
    payment = {"numero_ej": "2100000001", "siret": SIRET, "fournisseur_paye": "ASSOCIATION DES FICTIONS", "exercice": 2021}
    agreement = {**AGREEMENT, "vague": chain.EMBARGOED, "numeroEJ": "2100000001"}
    first, *others = chain.with_embargo()["conventions"]
    tables = chain.with_embargo()
    tables["conventions"] = [first | {"idBeneficiaire": SIRET}, *others, agreement]
    tables["versements"] = [payment | {"montant_paye": "1234.00"}]
    made, frames = built(tmp_path, tables)
    assert told(made, frames) == ()
    assert [float(amount) for amount in made.tables["versements"]["montant_paye"]] == [1234.0]


@pytest.mark.parametrize("line", [{"vague": "1"}, {"source_url": chain.PAGE}])
def test_an_award_with_a_later_day_of_its_own_waits_for_it(tmp_path: Path, line: dict[str, object]) -> None:
    tables = {**chain.PROGRAMME, "lieux": [*chain.PROGRAMME["lieux"], {"lieu": "lieu-0020", "nom": "Lieu d'un autre jour"}]}
    award = {**line, "lieu": "lieu-0020", "nom_lieu": "Lieu d'un autre jour"}
    for day, known in ((chain.AS_OF, True), (chain.AS_OF + timedelta(days=1), False)):
        tables["resultats"] = [*chain.PROGRAMME["resultats"], award | {"date_annonce": day.isoformat()}]
        made, frames = built(tmp_path / day.isoformat(), tables)
        assert told(made, frames) == ()
        assert ("lieu-0020" in made.tables["fabriques"]["fabrique"].to_list()) == known


def test_an_applicant_who_is_a_natural_person_stays_one_in_another_table(tmp_path: Path) -> None:
    applicant = {"candidature": "D-7", "vague": "1", "decision": "refusee", "porteur": "Zélie Fictive", "siret_porteur": SIRET}
    grant = {"nomAttribuant": "Région fictive", "idAttribuant": "00098765400018", "montant": "5.00", "exercice": 2023}
    grant |= {"nomBeneficiaire": "Z. Fictive", "idBeneficiaire": SIRET, "formeJuridiqueBeneficiaire": "association"}
    for form, status in (("entrepreneur individuel", "personne_physique"), ("SARL", "personne_morale")):
        tables: Rows = {**chain.PROGRAMME, "candidatures": [{**applicant, "forme_juridique": form}], "subventions": [grant]}
        made, frames = built(tmp_path / status, tables)
        assert made.tables["subventions"]["statut_beneficiaire"].to_list() == [status]
        assert told(made, frames) == ()
        assert made.tables["subventions"]["id_beneficiaire"].to_list() == [None if status == "personne_physique" else SIRET]


def test_a_year_of_which_nothing_may_be_shown_is_no_row(tmp_path: Path) -> None:
    """A natural person's place that opens only what its class may not show."""
    year = {"lieu": "lieu-0002", "annee": 2021, "emplois_etp": 1.0, "champs_publiables": "emplois_etp"}
    made, frames = built(
        tmp_path, {**chain.PROGRAMME, "suivi": [year, {**year, "annee": 2022, "visiteurs": 3, "champs_publiables": "visiteurs"}]}
    )
    assert told(made, frames) == ()
    assert made.tables["suivi"].select("fabrique", "annee", "visiteurs", "emplois_etp").rows() == [("lieu-0002", 2022, 3, None)]


def test_what_one_line_of_a_year_closes_is_shown_by_none(tmp_path: Path) -> None:
    year = {"lieu": "lieu-0001", "annee": 2021, "visiteurs": 3, "partenaires": 4, "champs_publiables": "visiteurs|partenaires"}
    later = {**year, "champs_publiables": "partenaires", "livraison": "suivi-ffffffffffff"}
    tables = {**chain.PROGRAMME, "suivi": [year, later, {**year, "annee": 2022}, {**later, "annee": 2022, "champs_publiables": None}]}
    made, frames = built(tmp_path, tables)
    assert told(made, frames) == ()
    assert made.tables["suivi"].select("annee", "visiteurs", "partenaires").rows() == [(2021, None, 4)]
    forgotten = {**frames, "model/suivi": frames["model/suivi"].with_columns(champs_ouverts=pl.col("champs_publiables"))}
    motifs = told(protect(forgotten, policy.load(), chain.AS_OF), frames)
    assert "suivi.visiteurs : une valeur que le lieu n'a pas déclarée publiable" in motifs
