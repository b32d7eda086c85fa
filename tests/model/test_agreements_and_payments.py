"""Grant agreements, their ids and amounts; payments, met by their legal commitment and never lost."""

from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from pipeline import programme
from tests.model.delivered import build_model, found

FUNDER, PAYEE, OTHER = "21000001200019", "55210055400013", "73282932000074"
AGREEMENT: dict[str, object] = {"idAttribuant": FUNDER, "dateConvention": "2021-05-04", "nomBeneficiaire": "Madame Martin"}


def digest(*parts: str) -> str:
    return sha256("|".join(parts).encode()).hexdigest()[:12]


def test_an_agreement_keeps_its_number_else_is_named_after_its_decision(tmp_path: Path) -> None:
    conventions = [
        {**AGREEMENT, "idConvention": "2021-17", "montant": "10.00"},
        {**AGREEMENT, "idConvention": "2021-17", "montant": "10.00"},
        {**AGREEMENT, "idConvention": "2021-17-2", "montant": "10.00"},  # what the second one would be called
        {**AGREEMENT, "referenceDecision": "D-1", "montant": "1234.50"},
        {**AGREEMENT, "montant": "1234.50"},
        {**AGREEMENT, "montant": "1234.50", "nomBeneficiaire": "Quelqu'un d'autre"},
    ]
    ids = build_model(tmp_path, {"conventions": conventions})["conventions"].sort("ligne")["convention"].to_list()
    plain = digest(FUNDER, "2021-05-04", "", "1234.50")
    reference = digest(FUNDER, "2021-05-04", "D-1", "1234.50")
    assert ids == ["2021-17", "ligne-conventions-000000000000-3", "2021-17-2", reference, plain, f"{plain}-2"]


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    shared = {"idConvention": "C3", "numeroEJ": "2100000003", "montant": "90.00"}
    conventions = [
        {"idConvention": "C1", "numeroEJ": "2100000001", "montant": "100.00", "idBeneficiaire": PAYEE},
        {"idConvention": "C2", "montant": "100.00"},
        {**shared, "idBeneficiaire": PAYEE},  # one agreement, two beneficiaries
        {**shared, "idBeneficiaire": OTHER},
        {"idConvention": "C5", "numeroEJ": "2100000005", "montant": "10.00", "idBeneficiaire": PAYEE},
        {"idConvention": "C6", "numeroEJ": "2100000005", "montant": "10.00", "idBeneficiaire": PAYEE},
        {"idConvention": "C7", "numeroEJ": "2100000007", "montant": "10.00"},
    ]
    payments = [
        ("2100000001", "0001", "60.01", PAYEE),
        ("2100000001", "0002", "-10.02", OTHER),  # the EJ decides, whoever is paid
        ("2100000003", "0003", "50.00", OTHER),
        ("2100000003", "0004", "40.00", None),  # which of the two lines is not told
        ("2100000005", "0005", "7.77", PAYEE),  # which of the two agreements is not told
        ("9999999999", "0006", "1000000.33", PAYEE),
        ("2100000007", "0007", "10.01", None),
        ("2100000007", "0007", "0.00", None),  # the same key twice
    ]
    versements = [
        {
            "numero_ej": ej,
            "poste_ej": "1",
            "numero_dp": dp,
            "poste_dp": "2",
            "societe": "ADCE",
            "exercice": 2021,
            "montant_paye": amount,
            "siret": siret,
        }
        for ej, dp, amount, siret in payments
    ]
    return build_model(tmp_path_factory.mktemp("versements"), {"conventions": conventions, "versements": versements})


def test_payments_meet_their_agreement_by_ej(paid: dict[str, pl.DataFrame]) -> None:
    payments = paid["versements"].sort("ligne")
    assert payments["convention"].to_list() == ["C1", "C1", "C3-2", None, None, None, "C7", "C7"]
    assert payments["rattache"].to_list() == [True, True, True, False, False, False, True, True]
    assert found(paid, "versement-ej-inconnu") == [("versements", 7)]
    assert found(paid, "versement-ej-partage") == [("versements", 5), ("versements", 6)]
    assert found(paid, "convention-ej-double") == [("conventions", 6), ("conventions", 7)]


def test_a_payment_delivered_twice_is_told_where_its_key_is_complete(paid: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    assert found(paid, "versement-double") == [("versements", 8), ("versements", 9)]
    key = {
        "numero_ej": "1",
        "poste_ej": "1",
        "numero_dp": "1",
        "poste_dp": "1",
        "societe": "ADCE",
        "exercice": 2021,
        "montant_paye": "1.00",
    }
    partial = {**key, "poste_dp": None}
    others = [{**key, name: value} for name, value in (("poste_ej", "2"), ("numero_dp", "2"), ("societe", "X"), ("exercice", 2022))]
    rows = [key, partial, partial, *others, {**key, "livraison": "versements-ffffffffffff", "montant_paye": "2.00"}]
    model = build_model(tmp_path, {"versements": rows})
    assert found(model, "versement-double") == [("versements", 2), ("versements", 9)]
    assert set(model["anomalies"].filter(pl.col("regle") == "versement-double")["gravite"]) == {"erreur"}


def test_no_euro_is_lost(paid: dict[str, pl.DataFrame]) -> None:
    delivered = Decimal("60.01") - Decimal("10.02") + 50 + 40 + Decimal("7.77") + Decimal("1000000.33") + Decimal("10.01")
    sums = dict(paid["versements"].group_by("rattache").agg(pl.sum("montant_paye")).iter_rows())
    assert sums[True] + sums[False] == delivered
    assert sums[True] == Decimal("110.00")
    assert paid["versements"]["montant_paye"].dtype == pl.Decimal(14, 2)


def test_a_payment_is_named_after_its_six_field_key(paid: dict[str, pl.DataFrame]) -> None:
    ids = paid["versements"].sort("ligne")["versement"].to_list()
    assert ids[0] == digest("2100000001", "1", "0001", "2", "ADCE", "2021")
    assert ids[7] == f"{ids[6]}-2"
    assert len(set(ids)) == len(ids)


def test_what_was_paid_stays_between_zero_and_the_amount(paid: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    assert found(paid, "cumul-verse-hors-convention") == [("conventions", 8)]
    negative = {"conventions": [{"numeroEJ": "1", "montant": "5.00"}], "versements": [{"numero_ej": "1", "montant_paye": "-0.01"}]}
    assert found(build_model(tmp_path, negative), "cumul-verse-hors-convention") == [("conventions", 2)]


def test_amounts_follow_the_rule_of_the_wave(tmp_path: Path) -> None:
    rules = programme.load()
    rule = rules.amount_rule(rules.wave("fdt-01"))
    assert rule.total_min and rule.total_max and rule.bonus_numerique and rule.confirmee
    low, high, bonus = rule.total_min, rule.total_max, rule.bonus_numerique
    open_rule = rules.amount_rule(rules.wave("fdt-10"))
    assert open_rule.total_max and not open_rule.confirmee
    digital, plain, cent = "fabrique_numerique_de_territoire", "fabrique_de_territoire", Decimal("0.01")
    cases: list[tuple[dict[str, object], list[tuple[str, str]]]] = [
        ({"vague": "1", "montant": low}, []),
        ({"vague": "1", "montant": low - cent}, [("montant", "erreur")]),
        ({"vague": "1", "montant": high + cent, "categorie": plain}, [("montant", "erreur")]),
        ({"vague": "1", "montant": high + bonus, "categorie": digital}, []),
        ({"vague": "1", "montant": high + bonus + cent, "categorie": digital}, [("montant", "erreur")]),
        ({"vague": "1", "montant": high + bonus}, []),  # the category is not told: it may be digital
        ({"vague": "1", "montant": low + bonus, "montantBase": low, "bonusNumerique": bonus, "categorie": digital}, []),
        (
            {"vague": "1", "montant": low + bonus, "montantBase": low, "bonusNumerique": bonus, "categorie": plain},
            [("bonusNumerique", "erreur")],
        ),
        (
            {"vague": "1", "montant": low + 1, "montantBase": low, "bonusNumerique": Decimal(1), "categorie": digital},
            [("bonusNumerique", "erreur")],
        ),
        ({"vague": "10", "montant": Decimal(1)}, []),
        ({"vague": "10", "montant": open_rule.total_max + cent}, [("montant", "alerte")]),
        ({"vague": "10", "montant": Decimal(0)}, [("montant", "alerte")]),
        ({"vague": "77", "montant": Decimal(0)}, []),  # no rule without a wave of the programme
        ({"montant": Decimal(0)}, []),
    ]
    model = build_model(tmp_path, {"conventions": [{**AGREEMENT, **case} for case, _ in cases]})
    anomalies = model["anomalies"].filter(pl.col("regle") == "convention-montant-hors-regle")
    for number, (case, expected) in enumerate(cases):
        assert anomalies.filter(pl.col("ligne") == number + 2).select("champ", "gravite").rows() == expected, case


def test_base_and_bonus_make_the_amount(tmp_path: Path) -> None:
    conventions = [
        {"montant": "150.00", "montantBase": "100.00", "bonusNumerique": "50.00"},
        {"montant": "150.01", "montantBase": "100.00", "bonusNumerique": "50.00"},
        {"montant": "100.00", "montantBase": "100.00"},
        {"montant": "150.00", "montantBase": "100.00"},
        {"montant": "150.00"},
    ]
    assert found(build_model(tmp_path, {"conventions": conventions}), "composantes-montant") == [("conventions", 3), ("conventions", 5)]


def test_an_agreement_leads_to_its_award_and_takes_its_wave(tmp_path: Path) -> None:
    tables = {
        "lieux": [{"lieu": "lieu-0001"}],
        "resultats": [{"lieu": "lieu-0001", "vague": "9"}],
        "conventions": [
            {"attribution": "lieu-0001_fdt-09", "montant": "50000.00"},
            {"attribution": "lieu-0001_fdt-08", "montant": "75000.00"},
            {"attribution": "lieu-0001_fdt-77", "montant": "1.00"},
            {"attribution": "lieu-0001_fdt-09", "vague": "1", "montant": "75000.00"},
            {"attribution": "lieu-0001_vague-inconnue", "montant": "1.00"},
            {"montant": "1.00"},
        ],
    }
    model = build_model(tmp_path, tables)
    assert model["conventions"].sort("ligne")["vague"].to_list() == ["fdt-09", "fdt-08", "hors-programme-fdt-77", "fdt-01", None, None]
    assert found(model, "convention-attribution-inconnue") == [("conventions", 3), ("conventions", 4), ("conventions", 6)]
    assert found(model, "convention-vague-contraire") == [("conventions", 5)]
