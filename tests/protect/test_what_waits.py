"""What waits is told by no public row nor text, though only a rejected line, an application or the registry says who it is."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import applications, hidden, policy
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import protect
from pipeline.protect.texts import Known, known_contacts
from tests.controls import Blocks
from tests.protect import chain
from tests.protect.test_reserved_identities import PAYMENT, SIRET, Rows, built, told

WAITS = {"nom_lieu": "Lieu d'attente", "porteur": "Association d'attente", "rna_porteur": "W106666666"}
AWAITED = {**chain.CONVENTION, "idConvention": "C-88", "nomBeneficiaire": "ASSOCIATION D'ATTENTE", "objet": "x", "numeroEJ": "2177777777"}
MONEY = {"numero_ej": "2177777777", "exercice": 2024, "montant_paye": "88.00", "fournisseur_paye": "UNE AUTRE"}


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("resultats", {**WAITS, "vague": chain.EMBARGOED, "date_annonce": "31/02/2024"}),  # a rejected line
        ("resultats", {**WAITS, "vague": "1", "date_annonce": "2024-12-31"}),
        ("candidatures", {**WAITS, "vague": chain.EMBARGOED, "decision": "retenue"}),
        ("conventions", {**AWAITED, "vague": chain.EMBARGOED, "montant": "à préciser"}),
        ("conventions", {**AWAITED, "attribution": "fdt-10 (à venir)", "montant": "à préciser"}),
    ],
)
def test_a_rejected_line_keeps_back_the_money_of_who_waits(tmp_path: Path, table: str, line: dict[str, object]) -> None:
    """An agreement that cites nothing, its payment, and the schedule of it: sums and rows are those of a programme without them."""
    money: Rows = {
        "conventions": [AWAITED],
        "versements": [MONEY],
        "echeancier": [{"convention": "C-88", "annee": 2029, "montant_engage": "9"}],
    }
    tables: Rows = {name: [*rows, *money.get(name, ())] for name, rows in chain.PROGRAMME.items()}
    before, _ = built(tmp_path / "sans", chain.PROGRAMME)
    frames = chain.sources(tmp_path / "avec", tables)
    rejected = pl.LazyFrame([{"livraison": f"{table}-999999999999", "ligne": 2, **line}])
    delivered = chain.delivered(frames)
    texts = pl.concat([delivered[table].cast(pl.String), rejected.cast(pl.String)], how="diagonal")
    delivered[table] = texts.cast({"ligne": pl.UInt32})
    made = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    for name in ("conventions", "versements", "financements"):
        assert made.tables[name].equals(before.tables[name]), name
    assert audit(made.tables, made.account, frames, delivered, chain.AS_OF).motifs == ()
    leaking = protect(frames, policy.load(), chain.AS_OF)  # the builder without the rejected lines
    motifs = audit(leaking.tables, leaking.account, frames, delivered, chain.AS_OF).motifs
    assert {motif.split(" : ")[0] for motif in motifs} >= {"conventions", "versements"}


def test_a_place_of_the_registry_that_no_award_names_keeps_back_its_money(tmp_path: Path) -> None:
    """The registry often precedes the results; an award that nothing announces, nor is to, keeps nothing back."""
    place = {"lieu": "lieu-0077", "nom": "Lieu d'attente", "porteur": "Association d'attente", "rna": "W106666666"}
    money: Rows = {"lieux": [place], "conventions": [AWAITED], "versements": [MONEY]}
    tables: Rows = {name: [*rows, *money.get(name, ())] for name, rows in chain.PROGRAMME.items()}
    before, _ = built(tmp_path / "sans", chain.PROGRAMME)
    made, frames = built(tmp_path / "avec", tables)
    assert told(made, frames) == ()
    assert made.tables["versements"].height == before.tables["versements"].height
    assert made.tables["conventions"].height == before.tables["conventions"].height
    tables["resultats"] = [*tables["resultats"], {"nom_lieu": "Lieu d'attente", "lieu": "lieu-0077"}]
    spoken, frames = built(tmp_path / "sans-annonce", tables)
    assert told(spoken, frames) == ()
    assert spoken.tables["versements"].height == before.tables["versements"].height + 1


def test_an_agreement_whose_citation_may_be_of_what_waits_is_kept_back(tmp_path: Path) -> None:
    """An unknown award of an announced wave keeps nothing back."""
    tables = chain.with_embargo()
    before, _ = built(tmp_path / "sans", tables)
    citations = [
        "lieu-0009_FDT-10",
        "lieu-0009",
        "fdt-10",
        "fdt 10 lieu-0001",
        "lieu-0970 vague 10",
        "lieu-0970",
        "à venir",
        "lieu-0404_fdt-01",
    ]
    agreements = [
        {**AWAITED, "nomBeneficiaire": f"Quelqu'un {n}", "attribution": text, "idConvention": f"C-9{n}", "numeroEJ": f"21777777{n}0"}
        for n, text in enumerate(citations)
    ]
    tables["conventions"] = [*tables["conventions"], *agreements]
    made, frames = built(tmp_path / "avec", tables)
    assert told(made, frames) == ()
    assert made.tables["conventions"].height == before.tables["conventions"].height + 1


def test_a_wave_one_award_of_which_waits_says_no_count_of_applications(tmp_path: Path) -> None:
    """Nor an anomaly that counts its awards."""
    applications = [{"candidature": f"D-{n}", "vague": "1", "decision": "retenue", "region": "Bretagne"} for n in range(40)]
    tables: Rows = {**chain.PROGRAMME, "candidatures": applications}
    made, _ = built(tmp_path / "sans", tables)
    assert "fdt-01" in made.tables["candidatures_agregees"]["vague"].to_list()
    tables["resultats"] = [*tables["resultats"], {**WAITS, "vague": "1", "date_annonce": "2024-12-31", "lieu": "lieu-0009"}]
    late, frames = built(tmp_path / "avec", tables)
    assert "fdt-01" not in late.tables["candidatures_agregees"]["vague"].to_list()
    assert told(late, frames) == ()
    counted = {**late.tables, "candidatures_agregees": made.tables["candidatures_agregees"]}
    assert any(
        "candidatures_agregees" in motif for motif in audit(counted, late.account, frames, chain.delivered(frames), chain.AS_OF).motifs
    )


def test_a_second_award_with_a_later_day_takes_nothing_from_the_first(tmp_path: Path) -> None:
    """Same place, same wave, a file whose name sorts before the other: the public award keeps its id, its agreement and its money."""
    before, _ = built(tmp_path / "sans", chain.PROGRAMME)
    again = {"vague": "1", "lieu": "lieu-0001", "nom_lieu": "Le L@bo", "date_annonce": "2024-12-31", "livraison": "resultats-000000000000"}
    first = [{**line, "livraison": "resultats-ffffffffffff"} for line in chain.PROGRAMME["resultats"]]
    made, frames = built(tmp_path / "avec", {**chain.PROGRAMME, "resultats": [*first, again]})
    assert told(made, frames) == ()
    for name in ("conventions", "versements", "financements"):
        assert made.tables[name].equals(before.tables[name]), name
    own = pl.col("attribution").str.starts_with("lieu-")  # the others bear the name of their file
    public, alone = (each.tables["attributions"].filter(own)["attribution"].to_list() for each in (made, before))
    assert public == alone


def test_an_agreement_to_come_with_the_number_of_another_takes_no_schedule_from_it(tmp_path: Path) -> None:
    number = str(chain.PROGRAMME["conventions"][0]["idConvention"])
    tables = {**chain.PROGRAMME, "echeancier": [{"convention": number, "annee": 2021, "montant_engage": "50.00"}]}
    before, _ = built(tmp_path / "sans", tables)
    secret = {**chain.UNDER_EMBARGO["conventions"][0], "idConvention": number, "livraison": "conventions-eeeeeeeeeeee"}
    made, frames = built(tmp_path / "avec", {**tables, "conventions": [*tables["conventions"], secret]})
    assert told(made, frames) == ()
    assert made.tables["financements"].equals(before.tables["financements"])
    assert float(before.tables["financements"]["engage"].sum()) == 50


@pytest.mark.parametrize(("number", "agreement"), [("2100000009", "C-9"), ("EJ 2100 000 009", "c_9"), ("02100000009", "C 9")])
def test_what_an_agreement_to_come_is_paid_waits_however_its_number_is_written(tmp_path: Path, number: str, agreement: str) -> None:
    tables = chain.with_embargo()
    before, _ = built(tmp_path / "sans", tables)
    payment = {**PAYMENT, "fournisseur_paye": "UNE AUTRE", "numero_ej": number}
    schedule = {"convention": agreement, "annee": 2030, "montant_engage": "7.00"}
    tables |= {"versements": [*tables["versements"], payment], "echeancier": [*tables["echeancier"], schedule]}
    made, frames = built(tmp_path / "avec", tables)
    assert told(made, frames) == ()
    assert made.tables["financements"].equals(before.tables["financements"])


@pytest.mark.parametrize("closes", [None, "partenaires"])
def test_the_follow_up_of_a_place_to_come_merged_into_a_public_one_changes_nothing(tmp_path: Path, closes: str | None) -> None:
    year = {"lieu": "lieu-0001", "annee": 2021, "visiteurs": 3, "partenaires": 4, "champs_publiables": "visiteurs|partenaires"}
    entries = [line for line in chain.PROGRAMME["lieux"] if line["lieu"] != "lieu-0009"]
    secret = {"lieu": "lieu-0009", "nom": "Nouveau caché", "fusionne_dans": "lieu-0001"}
    tables = {**chain.PROGRAMME, "resultats": chain.with_embargo()["resultats"], "lieux": [*entries, secret], "suivi": [year]}
    before, _ = built(tmp_path / "sans", tables)
    silent = {**year, "lieu": "lieu-0009", "visiteurs": 99, "champs_publiables": closes, "livraison": "suivi-000000000000"}
    made, frames = built(tmp_path / "avec", {**tables, "suivi": [{**year, "livraison": "suivi-ffffffffffff"}, silent]})
    assert told(made, frames) == ()
    fields = ("fabrique", "annee", "visiteurs", "partenaires")
    assert made.tables["suivi"].select(fields).rows() == before.tables["suivi"].select(fields).rows() == [("lieu-0001", 2021, 3, 4)]


ENTRY = {"lieu": "lieu-0077", "nom": "Grange d'essai", "noms_anterieurs": "Halle|Lieu d'attente", "porteur": "Association d'attente"}
ENTRY |= {"siren": SIRET[:9], "rna": "W106666666"}
PAID = {"nomBeneficiaire": "Association d'attente", "idBeneficiaire": SIRET, "rnaBeneficiaire": "W106666666", "vague": chain.EMBARGOED}
WAITING: dict[str, dict[str, object]] = {
    "resultats": {**WAITS, "vague": chain.EMBARGOED, "siret_porteur": SIRET},
    "lieux": {**ENTRY},
    "candidatures": {**WAITS, "vague": chain.EMBARGOED, "decision": "retenue", "siret_porteur": SIRET},
    "conventions": {**PAID},
}
TEXTS = ["avec l'Association d’attente", f"SIREN {SIRET[:3]} {SIRET[3:6]} {SIRET[6:9]}", "W106666666", "RNA W 106-666 666"]


@pytest.mark.parametrize(
    ("table", "text"),
    [*((table, text) for table in WAITING for text in TEXTS), ("resultats", PLACE := "au Lieu d'attente, dès mars"), ("lieux", PLACE)],
)
def test_who_waits_by_a_rejected_line_or_the_registry_alone_is_in_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, text: str, blocks: Blocks
) -> None:
    grant = {
        "nomAttribuant": "Région fictive",
        "nomBeneficiaire": "Commune",
        "idBeneficiaire": "21000000100017",
        "montant": "3.00",
        "exercice": 2023,
    }
    tables, line = {**chain.PROGRAMME, "subventions": [{**grant, "objet": text}]}, WAITING[table]
    tables["lieux"] = [*tables["lieux"], *([line] if table == "lieux" else [])]
    frames = chain.sources(tmp_path, tables)
    delivered = chain.delivered(frames)
    if table != "lieux":
        rejected = pl.LazyFrame([{"livraison": f"{table}-999999999999", "ligne": 2, **line}]).cast(pl.String)
        delivered[table] = pl.concat([delivered[table].cast(pl.String), rejected], how="diagonal").cast({"ligne": pl.UInt32})
    made = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    assert made.tables["subventions"]["objet"].to_list() in (["Non publié"], [None])
    assert audit(made.tables, made.account, frames, delivered, chain.AS_OF).motifs == ()
    monkeypatch.setattr(hidden, "to_come", lambda *_: Known())
    monkeypatch.setattr(applications, "unsuccessful", lambda *_: Known())
    leaking = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    assert leaking.tables["subventions"]["objet"].to_list() == [text]
    blocks(
        f"who waits by {table} in « {text} »",
        "subventions.objet : ",
        audit(leaking.tables, leaking.account, frames, delivered, chain.AS_OF).motifs,
    )
