"""Merges of places, followed by SQL and by a walk in Python that owes it nothing."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline.model
from tests.model.delivered import Row, build_model, found

PLACES = [f"lieu-{number:04}" for number in range(1, 9)]
UNKNOWN = "lieu-9999"
SQL = Path(pipeline.model.__file__).parent


def by_sql(merges: dict[str, str | None]) -> dict[str, tuple[str, bool, bool]]:
    """Place → (the one that stands for it, in a loop, merged into an unknown id)."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA livre; CREATE SCHEMA travail")
        connection.execute(
            "CREATE TABLE livre.lieux (livraison VARCHAR, ligne UINTEGER, lieu VARCHAR, nom VARCHAR, noms_anterieurs VARCHAR, "
            "porteur VARCHAR, commune VARCHAR, departement VARCHAR, rang BIGINT, fusionne_dans VARCHAR)"
        )
        rows = [("l", line, place, into) for line, (place, into) in enumerate(merges.items())]
        connection.executemany("INSERT INTO livre.lieux BY NAME SELECT ? AS livraison, ? AS ligne, ? AS lieu, ? AS fusionne_dans", rows)
        for script in ("normalisation", "registre"):
            connection.execute((SQL / f"{script}.sql").read_text(encoding="utf-8"))
        result = connection.execute("SELECT lieu, lieu_actuel, en_boucle, fusion_inconnue FROM travail.registre").fetchall()
    return {place: (current, loop, unknown) for place, current, loop, unknown in result}


def by_hand(merges: dict[str, str | None]) -> dict[str, tuple[str, bool, bool]]:
    def walk(place: str) -> tuple[str, bool]:
        seen, current = {place}, place
        while (following := merges[current]) in merges:
            if following in seen:
                return place, True
            seen.add(following)
            current = following
        return current, False

    return {place: (*walk(place), into is not None and into not in merges) for place, into in merges.items()}


@given(st.fixed_dictionaries({place: st.sampled_from([None, UNKNOWN, *PLACES]) for place in PLACES}))
@settings(max_examples=40, deadline=None)
def test_merges_are_followed_to_their_end_or_not_at_all(merges: dict[str, str | None]) -> None:
    assert by_sql(merges) == by_hand(merges)


def test_a_long_chain_ends() -> None:
    chain = [f"lieu-{number:04}" for number in range(1, 301)]
    merges: dict[str, str | None] = dict(zip(chain, [*chain[1:], None], strict=True))
    assert {current for current, _, _ in by_sql(merges).values()} == {chain[-1]}


def test_loops_and_unknown_targets_are_anomalies_and_the_places_stay(tmp_path: Path) -> None:
    registry = [
        {"lieu": "lieu-0001", "nom": "A", "fusionne_dans": "lieu-0002"},
        {"lieu": "lieu-0002", "nom": "B", "fusionne_dans": "lieu-0001"},
        {"lieu": "lieu-0003", "nom": "C", "fusionne_dans": "lieu-0003"},
        {"lieu": "lieu-0004", "nom": "D", "fusionne_dans": "lieu-0404"},
        {"lieu": "lieu-0005", "nom": "E", "fusionne_dans": "lieu-0006"},
        {"lieu": "lieu-0006", "nom": "F"},
        {"lieu": "lieu-0006", "nom": "G", "livraison": "lieux-ffffffffffff"},
    ]
    results = [{"vague": "1", "nom_lieu": name} for name in "ABCDEFG"]
    model = build_model(tmp_path, {"resultats": results, "lieux": registry})
    assert found(model, "registre-boucle") == [("lieux", 2), ("lieux", 3), ("lieux", 4)]
    assert found(model, "registre-fusion-inconnue") == [("lieux", 5)]
    assert found(model, "registre-lieu-double") == [("lieux", 8)]
    assert model["lieux"]["lieu"].to_list() == ["lieu-0001", "lieu-0002", "lieu-0003", "lieu-0004", "lieu-0006"]
    awarded = model["attributions"].sort("ligne")["lieu"].to_list()
    assert awarded == ["lieu-0001", "lieu-0002", "lieu-0003", "lieu-0004", "lieu-0006", "lieu-0006", None]


@pytest.mark.parametrize(("merged", "kept"), [("lieu-0001", "lieu-0002"), ("lieu-0002", "lieu-0001")])
@pytest.mark.parametrize("first", ["lieu-0001", "lieu-0002"])
def test_a_merge_leaves_each_agreement_with_its_own_award(tmp_path: Path, merged: str, kept: str, first: str) -> None:
    """An agreement cites the award by the id it had before the merge, or by the one it has since; the order of deliveries is nothing."""
    results: list[Row] = [
        {"lieu": place, "nom_lieu": place, "vague": "1", "livraison": f"resultats-{number}00000000000"}
        for number, place in enumerate(sorted({merged, kept}, key=lambda place: place != first))
    ]
    results += [{"lieu": merged, "nom_lieu": f"{merged} encore", "vague": "1", "livraison": "resultats-200000000000"}]
    tables: dict[str, list[Row]] = {
        "lieux": [{"lieu": kept}, {"lieu": merged, "fusionne_dans": kept}],
        "resultats": results,
        "conventions": [
            {"attribution": f"{place}_fdt-01{number}", "nomBeneficiaire": name, "montant": "135000.00"}
            for place, number, name in (
                (kept, "", kept),
                (merged, "", merged),
                (merged, "_2", f"{merged} encore"),
                (kept, "_2", merged),
                (kept, "_3", f"{merged} encore"),
            )
        ]
        + [{"attribution": f"{merged}_fdt-01_3", "montant": "1.00"}],
    }
    model = build_model(tmp_path, tables)
    named = model["conventions"].sort("ligne").join(model["attributions"], on="attribution", how="left", maintain_order="left")
    assert named["nom_lieu"].to_list()[:-1] == named["nomBeneficiaire"].to_list()[:-1]
    assert named["lieu"].to_list() == [kept] * 5 + [None]
    assert found(model, "convention-attribution-inconnue") == [("conventions", 7)]
    assert dict(model["attributions"].select("nom_lieu", "attribution").iter_rows())[kept] == f"{kept}_fdt-01", "an award keeps its id"
