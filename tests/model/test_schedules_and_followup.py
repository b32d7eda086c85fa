"""Schedules lead to the place of their agreement, follow-up to the place that stands for it today; what leads nowhere is kept."""

from pathlib import Path

import polars as pl
import pytest

from pipeline import programme
from tests.model.delivered import Row, build_model, found

DIGITAL, PLAIN = "fabrique_numerique_de_territoire", "fabrique_de_territoire"
PLACES: dict[str, list[Row]] = {
    "lieux": [{"lieu": "lieu-0001"}, {"lieu": "lieu-0002"}, {"lieu": "lieu-0003", "fusionne_dans": "lieu-0001"}],
    "resultats": [{"lieu": "lieu-0001", "vague": "1"}, {"lieu": "lieu-0002", "vague": "9"}],
}


def agreement(number: str, place: str | None = None, **values: object) -> Row:
    award = {"attribution": f"{place}_fdt-01" if place == "lieu-0001" else f"{place}_fdt-09"} if place else {}
    return {"idConvention": number, "montant": "150000.00", **award, **values}


def test_a_schedule_leads_to_the_only_place_of_its_agreement(tmp_path: Path) -> None:
    tables = PLACES | {
        "conventions": [
            agreement("A", "lieu-0001"),
            agreement("B", "lieu-0001"),
            agreement("B"),  # the second beneficiary's line names no award
            agreement("C", "lieu-0001"),
            agreement("C", "lieu-0002"),
            agreement("D"),
        ],
        "echeancier": [{"convention": number, "annee": 2021, "montant_engage": "1.00"} for number in ("A", "B", "C", "D", "E")],
    }
    model = build_model(tmp_path, tables)
    assert model["echeancier"].sort("convention").select("convention", "rattache", "lieu").rows() == [
        ("A", True, "lieu-0001"),
        ("B", True, "lieu-0001"),
        ("C", True, None),
        ("D", True, None),
        ("E", False, None),
    ]
    assert model["echeancier"]["montant_engage"].sum() == 5
    assert found(model, "echeancier-convention-inconnue") == [("echeancier", 6)]


def test_a_schedule_makes_the_amount_of_its_agreement_once(tmp_path: Path) -> None:
    tables: dict[str, list[Row]] = {
        "conventions": [agreement("A"), agreement("A"), agreement("B"), agreement("C")],
        "echeancier": [
            *({"convention": "A", "annee": year, "montant_engage": "50000.00"} for year in (2021, 2022, 2023)),
            {"convention": "B", "annee": 2021, "montant_engage": "50000.01"},
            {"convention": "B", "annee": 2022, "montant_engage": "100000.00"},
            {"convention": "B", "annee": 2022, "montant_engage": "0.00", "livraison": "echeancier-ffffffffffff"},
        ],
    }
    model = build_model(tmp_path, tables)
    assert found(model, "echeancier-somme-differente") == [("conventions", 4)]
    assert found(model, "echeancier-double") == [("echeancier", 7)]


def test_a_year_stays_under_the_ceiling_of_its_wave_but_for_the_bonus(tmp_path: Path) -> None:
    rule = programme.load().amount_rule(programme.load().wave("fdt-01"))
    assert rule.tranche_max and rule.bonus_numerique
    ceiling, bonus = int(rule.tranche_max), int(rule.bonus_numerique)
    cases: list[tuple[dict[str, object], list[int], list[int]]] = [
        ({"categorie": PLAIN}, [ceiling, ceiling], []),
        ({"categorie": PLAIN}, [ceiling + 1, ceiling], [0]),
        ({"categorie": DIGITAL}, [ceiling + bonus, ceiling], []),
        ({"categorie": DIGITAL}, [ceiling + bonus, ceiling + 1], [0, 1]),
        ({"categorie": DIGITAL, "bonusNumerique": "10.00"}, [ceiling + 11], [0]),
        ({"categorie": DIGITAL, "montantBase": "1.00"}, [ceiling + 1], [0]),  # base told, bonus not: there is none
        ({}, [ceiling + bonus], []),  # the category is not told: it may be digital
        ({"vague": "10"}, [ceiling * 9], []),  # no ceiling is known
        ({"vague": None}, [ceiling * 9], []),
    ]
    conventions = [agreement(f"C{number}", **({"vague": "1"} | case)) for number, (case, _, _) in enumerate(cases)]
    schedule = [
        {"convention": f"C{number}", "annee": 2021 + rank, "montant_engage": f"{amount}.00"}
        for number, (_, amounts, _) in enumerate(cases)
        for rank, amount in enumerate(amounts)
    ]
    model = build_model(tmp_path, {"conventions": conventions, "echeancier": schedule})
    broken = {(schedule[line - 2]["convention"], schedule[line - 2]["annee"]) for _, line in found(model, "echeancier-tranche-hors-regle")}
    assert broken == {(f"C{number}", 2021 + rank) for number, (_, _, ranks) in enumerate(cases) for rank in ranks}


def test_an_amount_in_thousands_is_suspected_where_it_breaks_the_rule_and_its_thousandfold_does_not(tmp_path: Path) -> None:
    amounts: list[tuple[dict[str, object], bool]] = [
        ({"vague": "1", "montant": "150.00"}, True),
        ({"vague": "1", "montant": "75.00"}, True),
        ({"vague": "1", "montant": "74.99"}, False),
        ({"vague": "1", "montant": "151.00", "categorie": PLAIN}, False),
        ({"vague": "1", "montant": "250.00", "categorie": DIGITAL}, True),
        ({"vague": "9", "montant": "50.00"}, True),
        ({"vague": "9", "montant": "50000.00"}, False),
        ({"vague": "10", "montant": "100.00"}, False),  # no lower bound is known: the amount is within the rule
        ({"montant": "150.00"}, False),
    ]
    conventions: list[Row] = [agreement(f"C{number}", **values) for number, (values, _) in enumerate(amounts)]
    other = {"idBeneficiaire": "00000001800010", "dateConvention": "2021-05-01"}
    conventions.append(agreement("D", montant="12000.00", **other))
    grants: list[Row] = [
        {"idBeneficiaire": "000000018", "exercice": 2021, "montant": "12.00"},
        {"idBeneficiaire": "000000018", "exercice": 2022, "montant": "12.00"},
        {"idBeneficiaire": "000000026", "exercice": 2021, "montant": "12.00"},
        {"exercice": 2021, "montant": "12.00"},
        {"idBeneficiaire": "000000018", "exercice": 2021, "montant": "12000.00"},
    ]
    model = build_model(tmp_path, {"conventions": conventions, "subventions": grants})
    suspected = [("conventions", number + 2) for number, (_, wrong) in enumerate(amounts) if wrong]
    assert found(model, "convention-montant-en-milliers") == [*suspected, ("subventions", 2)]


def test_follow_up_goes_to_the_place_of_today(tmp_path: Path) -> None:
    tables = PLACES | {
        "suivi": [
            {"lieu": "lieu-0003", "annee": 2022, "visiteurs": 1, "contact_nom": "Canari", "commentaire": "Canari"},
            {"lieu": "lieu-0001", "annee": 2022, "visiteurs": 2},
            {"lieu": "lieu-0003", "annee": 2021, "visiteurs": 3},
            {"lieu": "lieu-0404", "annee": 2022, "visiteurs": 4},
            {"lieu": "lieu-0404", "annee": 2022, "visiteurs": 5, "livraison": "suivi-ffffffffffff"},
            {"lieu": "lieu-0001", "annee": 2019, "visiteurs": 6},
            {"lieu": "lieu-0001", "annee": 2020, "visiteurs": 7},
        ]
    }
    model = build_model(tmp_path, tables)
    rows = model["suivi"].sort("visiteurs").select("visiteurs", "lieu", "occurrence").rows()
    assert rows == [
        (1, "lieu-0001", 2),  # the line that cites the present id stands
        (2, "lieu-0001", 1),
        (3, "lieu-0001", 1),
        (4, None, None),
        (5, None, None),
        (6, "lieu-0001", 1),
        (7, "lieu-0001", 1),
    ]
    assert found(model, "suivi-lieu-inconnu") == [("suivi", 5), ("suivi", 6)]
    assert found(model, "suivi-double") == [("suivi", 2)]
    assert found(model, "suivi-avant-label") == [("suivi", 7)], "wave 1 was announced in 2020"
    assert "Canari" not in str(model["suivi"].rows())


def test_an_undated_award_says_nothing_of_the_first_year(tmp_path: Path) -> None:
    tables = PLACES | {
        "resultats": [{"lieu": "lieu-0001", "vague": "9"}, {"lieu": "lieu-0001", "vague": "2"}],
        "suivi": [{"lieu": "lieu-0001", "annee": 2021}],
    }
    assert found(build_model(tmp_path, tables), "suivi-avant-label") == []


def test_several_beneficiaries_of_one_agreement_share_its_root_and_keep_their_place(tmp_path: Path) -> None:
    tables = PLACES | {"conventions": [agreement("C", "lieu-0001"), agreement("C", "lieu-0002"), agreement("D", "lieu-0404")]}
    rows = build_model(tmp_path, tables)["conventions"].select("convention", "racine", "lieu").sort("convention").rows()
    assert rows == [("C", "C", "lieu-0001"), ("C-2", "C", "lieu-0002"), ("D", "D", None)]
    assert pl.DataFrame(rows, orient="row").height == 3


@pytest.mark.parametrize("livraison", ["suivi-00000000000a", "suivi-ffffffffffff"])
def test_a_consent_that_one_line_withdraws_is_withdrawn(tmp_path: Path, livraison: str) -> None:
    said = [
        ("lieu-0001", 2022, "visiteurs|partenaires|statut"),
        ("lieu-0001", 2022, "statut|visiteurs"),
        ("lieu-0003", 2022, "statut"),  # merged into lieu-0001
        ("lieu-0001", 2023, "visiteurs"),
        ("lieu-0001", 2023, None),
        ("lieu-0001", 2024, "visiteurs|partenaires"),
        ("lieu-0002", 2022, "partenaires"),
        ("lieu-0404", 2022, "visiteurs"),
    ]
    lines: list[Row] = [
        {"lieu": place, "annee": year, "champs_publiables": opened, "livraison": "suivi-777777777777" if number % 2 else livraison}
        for number, (place, year, opened) in enumerate(said)
    ]
    model = build_model(tmp_path, PLACES | {"suivi": lines})
    rows = model["suivi"].sort("ligne")["champs_ouverts"].to_list()
    assert rows == ["statut"] * 3 + [None] * 2 + ["partenaires|visiteurs", "partenaires", "visiteurs"]
