"""Tables made of sums and counts, and what a place opens: nothing hidden is in a figure, nothing closed is in a cell."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import policy
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import known_contacts
from tests.controls import Blocks
from tests.protect import chain

COUNTS = ("enregistrements", "lignes_recues", "lignes_valides_telles_quelles", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees")


def made(folder: Path, tables: dict[str, list[dict[str, object]]]) -> Protected:
    """The public tables; the audit must agree."""
    frames = chain.sources(folder, tables)
    delivered = chain.delivered(frames)
    built = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    verdict = audit(built.tables, built.account, frames, delivered, chain.AS_OF)
    assert verdict.ok, verdict.motifs
    return built


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Protected:
    return made(tmp_path_factory.mktemp("embargo"), chain.with_embargo())


def test_accounts_are_of_what_is_shown_and_what_leads_nowhere_is_apart(public: Protected) -> None:
    accounts = public.tables["financements"].select("financement", "engage", "verse", "reste", "rattachement").rows()
    assert accounts == [
        ("lieu-0001_2020", 60_000, 50_000, 50_000, "lieu"),
        ("lieu-0001_2021", 40_000, None, 50_000, "lieu"),
        ("lieu-0002_2020", None, 40_000, 60_000, "lieu"),
        # C-3 names no award, C-404 is unknown; the payment of 2021 cites no known commitment.
        ("non-rattache_2020", 100_007, 30_000, None, "non_rattache"),
        ("non-rattache_2021", None, 10, None, "non_rattache"),
    ]
    assert public.tables["financements"]["verse"].sum() == public.tables["versements"]["montant_paye"].sum()


def test_money_of_a_place_that_is_not_public_is_attached_to_none(tmp_path: Path) -> None:
    """A Manufacture's agreement, and that of an award which nothing announced, stay in the sums without their place."""
    agreements = [
        chain.CONVENTION | {"idConvention": "M", "attribution": "lieu-0005_mp-01", "nomBeneficiaire": "A", "numeroEJ": "1"},
        chain.CONVENTION | {"idConvention": "N", "attribution": "lieu-0007_vague-inconnue", "nomBeneficiaire": "B"},
    ]
    tables = chain.PROGRAMME | {
        "conventions": agreements,
        "echeancier": [{"convention": number, "annee": 2022, "montant_engage": "5.00"} for number in "MN"],
        "versements": [{"numero_ej": "1", "montant_paye": "3.00", "exercice": 2022}],
    }
    accounts = made(tmp_path, tables).tables["financements"]
    assert accounts.drop("rattachement").rows() == [("non-rattache_2022", None, 2022, Decimal(10), Decimal(3), None)]


def test_a_payment_without_year_is_kept_and_says_nothing_of_what_remains(tmp_path: Path) -> None:
    tables = chain.PROGRAMME | {"versements": [{"numero_ej": "2100000001", "montant_paye": "1.00"}]}
    accounts = made(tmp_path, tables).tables["financements"].filter(fabrique="lieu-0001")
    assert accounts.select("financement", "verse", "reste").rows() == [
        ("lieu-0001_2020", None, None),
        ("lieu-0001_2021", None, None),
        ("lieu-0001_annee-inconnue", 1, None),
    ]


def test_without_payments_delivered_nothing_is_said_to_remain(tmp_path: Path) -> None:
    tables = {name: rows for name, rows in chain.PROGRAMME.items() if name != "versements"}
    accounts = made(tmp_path, tables).tables["financements"]
    assert accounts["reste"].null_count() == accounts["verse"].null_count() == accounts.height > 0


def test_follow_up_shows_what_the_place_declared_and_no_account_of_a_person(public: Protected) -> None:
    rows = {row["fabrique"]: row for row in public.tables["suivi"].iter_rows(named=True)}
    assert set(rows) == {"lieu-0001", "lieu-0002"}
    told = [rows["lieu-0001"][name] for name in ("visiteurs", "chiffre_affaires", "horaires_ouverture", "partenaires", "ligne")]
    assert told == [100, 1000, "du lundi au jeudi", None, 2]
    person = rows["lieu-0002"]
    assert {name for name, value in person.items() if value is not None} == {"fabrique", "annee", "visiteurs", "livraison"}
    assert ("suivi", "declaration", "partenaires", "non_declare", 1) in public.account.rows()


def test_a_grant_of_another_funder_is_masked_like_an_agreement(public: Protected) -> None:
    rows = {row["montant"]: row for row in public.tables["subventions"].iter_rows(named=True)}
    named, person, unproved = rows[Decimal("12.50")], rows[Decimal(1)], rows[Decimal(2)]
    assert (named["nom_beneficiaire"], named["rna_beneficiaire"], named["objet"], named["ligne"]) == (
        "Association aidée",
        "W102000002",
        "Atelier",
        2,
    )
    for row in (person, unproved):
        assert [row[name] for name in ("nom_beneficiaire", "id_beneficiaire", "objet", "nature", "ligne")] == [None] * 5
        assert row["subvention"].startswith("masquee-subventions-")
    assert (person["conditions_versement"], person["exercice"]) == ("unique", 2022)
    assert unproved["nom_attribuant"] is None  # it repeats who is masked
    assert named["champs_scdl_manquants"].split("|")[:2] == ["idAttribuant", "dateConvention"]


def test_no_application_is_counted_nor_its_delivery_named(public: Protected) -> None:
    assert public.tables["candidatures_agregees"].height == 0
    assert "candidatures" not in set(public.tables["livraisons"]["table"])
    assert not public.tables["qualite"]["livraison"].str.starts_with("candidatures").any()
    told = public.tables["anomalies"].filter(table="candidatures")
    assert told.height > 0 and told["nombre"].null_count() == told.height


def _refused(number: int, region: str, territory: str) -> list[dict[str, object]]:
    return [
        {"candidature": f"{region}-{territory}-{n}", "vague": "1", "decision": "refusee", "region": region, "territoire": territory}
        for n in range(number)
    ]


def test_an_application_is_counted_where_no_row_tells_how_many(tmp_path: Path) -> None:
    """With a published row of its wave, a delivery of applications is named, and says none of its counts."""
    many = [*chain.PROGRAMME["candidatures"], *_refused(40, "Grande-Vallée", "qpv"), *_embargoed("candidatures-ffffffffffff")]
    built = made(tmp_path, chain.PROGRAMME | {"candidatures": many})
    named = built.tables["livraisons"].filter(table="candidatures")
    assert named["livraison"].to_list() == ["candidatures-000000000000"]
    assert named.select(COUNTS).null_count().row(0) == (1,) * len(COUNTS)
    shown = built.tables["candidatures_agregees"].filter(region="ensemble", classe="ensemble")
    assert shown.select("vague", "candidatures", "laureats", "non_retenues").rows() == [("ensemble", 43, 1, 42), ("fdt-01", 43, 1, 42)]


REGIONS = ("Grande-Vallée", "Haute-Côte", "indéterminée")
CLASSES = ("autre", "hors_grands_centres_urbains", "petites_et_moyennes_villes", "qpv", "qpv_proximite", "rural_frr")
SMALL = ("fdt-01", "Haute-Côte", "rural_frr")
COUNTED = [
    line
    for rank, (region, territory) in enumerate((region, territory) for region in REGIONS for territory in CLASSES)
    for line in _refused(4 if (region, territory) == SMALL[1:] else 40 + rank, region, territory)
]


def test_a_small_count_is_hidden_with_those_that_would_give_it(tmp_path: Path) -> None:
    built = made(tmp_path, chain.PROGRAMME | {"candidatures": COUNTED})
    table = built.tables["candidatures_agregees"]
    hidden = table.filter(pl.col("secret").is_not_null())
    assert SMALL in hidden.select("vague", "region", "classe").rows()
    assert hidden.height > 1 and hidden.height < table.height / 2
    assert hidden["non_retenues"].null_count() == hidden["candidatures"].null_count() == hidden.height


@pytest.mark.parametrize("key", [SMALL, None], ids=["the small count", "one that protects it"])
def test_a_hidden_count_let_through_blocks(tmp_path: Path, key: tuple[str, str, str] | None, blocks: Blocks) -> None:
    frames = chain.sources(tmp_path, chain.PROGRAMME | {"candidatures": COUNTED})
    built = protect(frames, policy.load(), chain.AS_OF)
    table = built.tables["candidatures_agregees"]
    axes = ["vague", "region", "classe"]
    hidden = table.filter(pl.col("secret").is_not_null()).select(axes).rows()
    told = key or next(row for row in hidden if row[1:] != SMALL[1:])
    true = sum(1 for line in COUNTED if told[1] in (line["region"], "ensemble") and told[2] in (line["territoire"], "ensemble"))
    here = pl.all_horizontal(pl.col(axis) == value for axis, value in zip(axes, told, strict=True))
    opened = table.with_columns(
        *(pl.when(here).then(pl.lit(true, pl.Int64)).otherwise(pl.col(name)).alias(name) for name in ("candidatures", "non_retenues")),
        pl.when(~here).then(pl.col("secret")).alias("secret"),
    )
    verdict = audit(built.tables | {"candidatures_agregees": opened}, built.account, frames, chain.delivered(frames), chain.AS_OF)
    assert not verdict.ok
    opened_as = "a small count shown" if key else "a count that protects a small one shown"
    blocks(f"chain: {opened_as}", "candidatures_agregees : ", verdict.motifs)


def test_a_threshold_lowered_blocks(tmp_path: Path, blocks: Blocks) -> None:
    """The audit reads the thresholds where they are written, whatever the builder was given."""
    shipped = policy.load()
    lowered = shipped.effectifs.model_copy(update={"seuil": shipped.effectifs.seuil.model_copy(update={"valeur": 3})})
    frames = chain.sources(tmp_path, chain.PROGRAMME | {"candidatures": COUNTED})
    built = protect(frames, shipped.model_copy(update={"effectifs": lowered}), chain.AS_OF)
    verdict = audit(built.tables, built.account, frames, chain.delivered(frames), chain.AS_OF)
    blocks("chain: the builder given a lower threshold than the policy", "petit effectif montré", verdict.motifs)


@pytest.mark.parametrize(
    "text",
    [
        "La grange éconduite de Valbourg",
        "Avec Candidat éconduit",
        "CANDIDAT ECONDUIT",
        "SIRET 00011122200016",
        "La grange éconduite",
        "voir candidate-sous-embargo",
        "Retirée",
    ],
)
def test_who_applied_in_vain_is_named_in_no_text(tmp_path: Path, text: str) -> None:
    tables = chain.with_embargo()
    tables["vagues"] = [tables["vagues"][0] | {"note": text}, *tables["vagues"][1:]]
    built = made(tmp_path, tables)
    assert text not in set(built.tables["vagues"]["note"])


@pytest.mark.parametrize(
    "text", ["Avec Association des Fictions", "StationW @ 153", "Grange", "Candidat", "Une grange, des éconduites à Valbourg"]
)
def test_who_is_public_elsewhere_and_common_words_stay(tmp_path: Path, text: str) -> None:
    """A laureate that also applied, the name of a place that is public, a part of a name, the words of a name apart."""
    tables = chain.with_embargo()
    tables["vagues"] = [tables["vagues"][0] | {"note": text}, *tables["vagues"][1:]]
    assert text in set(made(tmp_path, tables).tables["vagues"]["note"])


def test_an_applicant_refused_that_another_row_names_is_not_sought(tmp_path: Path) -> None:
    grants = [
        {
            "nomAttribuant": "Région",
            "nomBeneficiaire": "Candidat Éconduit",
            "rnaBeneficiaire": "W102000002",
            "montant": "1.00",
            "exercice": 2020,
        }
    ]
    built = made(tmp_path, chain.PROGRAMME | {"subventions": grants})
    assert built.tables["subventions"]["nom_beneficiaire"].to_list() == ["Candidat Éconduit"]


def test_anomalies_count_open_lines_only(public: Protected, tmp_path: Path) -> None:
    """Three more results under embargo lead to no place, and a payment of that wave to two agreements: neither number is told."""
    reserved = [{"vague": chain.EMBARGOED, "nom_lieu": f"Inconnu {number}"} for number in range(3)]
    tables = chain.with_embargo()
    tables["resultats"] = [*tables["resultats"], *reserved]
    more = made(tmp_path, tables)
    assert more.tables["anomalies"].equals(public.tables["anomalies"])
    told = {(row["regle"], row["table"]): row["nombre"] for row in public.tables["anomalies"].iter_rows(named=True)}
    assert (told["attribution-sans-lieu", "resultats"], told["versement-ej-partage", "versements"]) == (2, 0)
    assert told["echeancier-convention-inconnue", "echeancier"] == 1


def test_a_rule_without_its_sources_is_not_evaluated(tmp_path: Path) -> None:
    rules = made(tmp_path, {"resultats": [{"vague": "1"}]}).tables["anomalies"]
    states = {(row["regle"], row["table"]): (row["etat"], row["nombre"]) for row in rules.iter_rows(named=True)}
    assert states["vague-inconnue", "resultats"] == ("évaluée", 0)
    assert states["vague-inconnue", "conventions"] == ("non évaluée", None)
    assert states["versement-double", "versements"] == ("non évaluée", None)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("echeancier", {"convention": "C-9", "annee": "vingt"}),
        ("versements", {"numero_ej": "2100000009", "montant_paye": "cher"}),
        ("suivi", {"lieu": "lieu-0009", "annee": "vingt"}),
        ("candidatures", {"vague": "10", "decision": "perdue"}),
    ],
)
def test_a_rejected_line_that_cites_what_is_reserved_is_not_counted(tmp_path: Path, table: str, line: dict[str, str]) -> None:
    tables = chain.with_embargo() | {table: chain.PROGRAMME[table]}
    frames = chain.sources(tmp_path, tables)
    delivered = chain.delivered(frames)
    added = pl.LazyFrame({"livraison": [f"{table}-000000000000"], "ligne": [99], **{name: [text] for name, text in line.items()}})
    delivered[table] = pl.concat([delivered[table].cast(pl.String), added.cast(pl.String)], how="diagonal").cast({"ligne": pl.UInt32})
    built = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    assert audit(built.tables, built.account, frames, delivered, chain.AS_OF).ok
    counted = built.tables["livraisons"].filter(pl.col("lignes_rejetees").is_not_null())["livraison"].to_list()
    assert f"{table}-000000000000" not in counted and "recensement-000000000000" in counted


def _embargoed(delivery: str) -> list[dict[str, object]]:
    return [{**line, "livraison": delivery, "ligne": number} for number, line in enumerate(chain.UNDER_EMBARGO["candidatures"], 2)]
