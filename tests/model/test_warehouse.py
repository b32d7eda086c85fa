"""The warehouse as a whole: its contract, what goes in comes out, and the same bytes whatever the machine does."""

import random
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import programme, schema
from pipeline.duck import CLOSED
from pipeline.model.warehouse import build
from tests.model.delivered import REFERENCE, frame, write

DELIVERED_KEY = ["livraison", "ligne"]
KEPT = ("candidatures", "conventions", "echeancier", "versements", "suivi", "subventions", "recensement", "indicateurs_publies")
COLUMNS = {
    "lieux": [
        *("lieu", "nom", "porteur", "statut_porteur", "siren", "rna", "categorie", "dispositif"),
        *("commune", "code_commune", "departement", "nom_departement", "region", "code_region", "population_commune"),
        *("classe_officielle", "types", "premiere_vague", "derniere_vague", "attributions", "relabellise", "source_url"),
        *DELIVERED_KEY,
    ],
    "attributions": [
        *("attribution", "lieu", "lieu_designe", "statut_designe", "nom_lieu", "porteur"),
        *("statut_porteur", "siren", "rna", "forme_juridique"),
        *("categorie", "dispositif", "vague", "date_annonce", "nature", "types"),
        *("commune", "code_commune", "departement", "nom_departement", "region", "code_region", "classe_officielle", "source_url"),
        *DELIVERED_KEY,
    ],
    "vagues": [
        *("vague", "libelle", "dispositif", "ordinal", "date_cloture", "date_cloture_2", "date_annonce", "embargo_jusqu_au"),
        *("candidatures", "laureats", "laureats_numeriques", "cumul_lieux", "montant", "source_url", "note"),
        *DELIVERED_KEY,
    ],
    "conventions": [
        "convention",
        *schema.load("deliveries", "conventions").field_names,
        *("racine", "lieu", "statut_beneficiaire"),
        *DELIVERED_KEY,
    ],
    "candidatures": ["vague", "region", "classe", "decision", *DELIVERED_KEY],
    "echeancier": ["convention", "annee", "montant_engage", "rattache", "lieu", *DELIVERED_KEY],
    "suivi": [
        *("lieu", "lieu_cite", "annee", "emplois_etp", "chiffre_affaires", "ressources_propres", "financements_publics"),
        *("personnes_formees", "visiteurs", "partenaires", "horaires_ouverture", "statut", "champs_publiables", "occurrence"),
        "statut_cite",
        "champs_ouverts",
        *DELIVERED_KEY,
    ],
    "subventions": [
        "subvention",
        *schema.load("deliveries", "subventions").field_names,
        *("statut_beneficiaire", "champs_scdl_manquants"),
        *DELIVERED_KEY,
    ],
    "versements": [
        "versement",
        *schema.load("deliveries", "versements").field_names,
        *("convention", "rattache", "statut_fournisseur"),
        *DELIVERED_KEY,
    ],
    "recensement": [*schema.load("deliveries", "recensement").field_names, "commune_cog", *DELIVERED_KEY],
    "indicateurs_publies": ["id_indicateur", *schema.load("deliveries", "indicateurs_publies").field_names, *DELIVERED_KEY],
    "lignes_remplacees": ["table", *DELIVERED_KEY, "remplacee_par"],
    "livraisons_effectives": ["livraison", "lignes_effectives", "lignes_remplacees"],
    "anomalies": ["regle", "gravite", "table", *DELIVERED_KEY, "champ", "message"],
    "regles": ["regle", "titre", "gravite", "source", "tables", "ecarts_dans", "etat", "anomalies"],
}


def lines(count: int, seed: int = 0) -> dict[str, list[dict[str, object]]]:
    """Plausible lines with collisions everywhere: same places, same numbers, same figures, several deliveries."""
    names, waves, places = ("A", "B", "Ç", None), ("1", "2", "MP-1", "11", None), [f"lieu-{number:04}" for number in range(1, 6)]
    fabrique = "fabrique_de_territoire"

    def rows(table: str, number_of_rows: int, **choices: Sequence[object]) -> list[dict[str, object]]:
        def pick(number: int, field: str, among: Sequence[object]) -> object:
            return among[crc32(f"{seed} {table} {field} {number}".encode()) % len(among)]

        livraisons = {"livraison": [f"{table}-{letter * 12}" for letter in "ab"]}
        return [
            {"ligne": number + 2} | {field: pick(number, field, among) for field, among in (livraisons | choices).items()}
            for number in range(number_of_rows)
        ]

    return {
        "resultats": rows("resultats", count, vague=waves, nom_lieu=names, lieu=[None, *places]),
        "lieux": rows("lieux", 6, lieu=places, nom=names, fusionne_dans=[None, *places]),
        "vagues": rows("vagues", 4, vague=["1", "2", "11"], nb_laureats=[1, 2], dispositif=[fabrique]),
        "conventions": rows(
            "conventions",
            count,
            idConvention=[None, "C1", "C2"],
            numeroEJ=[None, "1", "2", "3"],
            montant=["1.25", "99.10"],
            nomBeneficiaire=names,
            vague=waves,
        ),
        "versements": rows("versements", count, numero_ej="1234", montant_paye=["-9.99", "0.01", "33.33"], fournisseur_paye=names),
        "candidatures": rows(
            "candidatures",
            count,
            candidature="abcdef",
            vague=("1", "2", "11"),
            nom_lieu=names,
            porteur=names,
            decision=("retenue", "refusee"),
            commune=("Valbourg", None),
            departement=("10", "20", None),
            candidature_precedente=(None, "a", "z"),
        ),
        "echeancier": rows("echeancier", count, convention=("C1", "C2", "C9"), annee=(2021, 2022), montant_engage=("0.00", "10.01")),
        "suivi": rows("suivi", count, lieu=[*places, "lieu-0404"], annee=(2022, 2023), visiteurs=(None, 3)),
        "subventions": rows(
            "subventions",
            count,
            nomAttribuant=names,
            nomBeneficiaire=names,
            montant=("-1.00", "99.10"),
            dateConvention=("2021-01-02", None),
        ),
        "recensement": rows("recensement", count, ID=["1", "2"], NOM_TL=["L@bo"], INSEECOM=["10001", "0", None]),
        "indicateurs_publies": rows("indicateurs_publies", count, indicateur="xy", valeur=[1.0, 2.5], annee=[2020], unite=["u"]),
    }


def digests(paths: dict[str, Path]) -> dict[str, str]:
    return {table: sha256(path.read_bytes()).hexdigest() for table, path in paths.items()}


def run(folder: Path, inputs: dict[str, Path], threads: int | None = None) -> dict[str, Path]:
    return build(inputs, programme.load(), folder / "prive" / "entrepot.duckdb", folder / "model", threads=threads)


def test_tables_and_columns_are_the_ones_agreed_with_the_next_stages(tmp_path: Path) -> None:
    written = run(tmp_path, write(tmp_path / "validate", {}))
    assert {table: list(pl.read_parquet_schema(path)) for table, path in written.items()} == COLUMNS
    for path in written.values():
        kinds = pl.read_parquet_schema(path)
        assert not any(isinstance(kind, pl.Decimal) and kind != schema.table.MONEY for kind in kinds.values())


def test_no_line_and_no_euro_is_lost(tmp_path: Path) -> None:
    delivered = lines(200)
    written = run(tmp_path, write(tmp_path / "validate", delivered))
    for table, kept in (
        ("resultats", "attributions"),
        *((same, same) for same in KEPT),
    ):
        expected = frame(table, delivered[table]).select(DELIVERED_KEY).sort(DELIVERED_KEY)
        assert pl.read_parquet(written[kept]).select(DELIVERED_KEY).sort(DELIVERED_KEY).equals(expected), table
    payments = pl.read_parquet(written["versements"])
    attached = payments.group_by("rattache").agg(pl.sum("montant_paye"))["montant_paye"]
    assert attached.sum() == frame("versements", delivered["versements"])["montant_paye"].sum()
    for table, amount in (("conventions", "montant"), ("echeancier", "montant_engage"), ("subventions", "montant")):
        assert pl.read_parquet(written[table])[amount].sum() == frame(table, delivered[table])[amount].sum()


def test_same_bytes_whatever_the_number_of_threads(tmp_path: Path) -> None:
    inputs = write(tmp_path / "validate", lines(1000))
    few = pl.read_parquet(inputs["versements"])
    # More than one row group of DuckDB (122,880 rows): below, it does not share the work between threads.
    pl.concat([few.with_columns(pl.col("ligne") + copy * 1000) for copy in range(130)]).write_parquet(inputs["versements"])
    reference = digests(run(tmp_path / "one", inputs, threads=1))
    assert digests(run(tmp_path / "one", inputs, threads=5)) == reference, "a second run, over the first"


@given(st.integers(min_value=0, max_value=2**32), st.randoms(use_true_random=False))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_the_lines_changes_nothing(tmp_path_factory: pytest.TempPathFactory, seed: int, order: random.Random) -> None:
    folder = tmp_path_factory.mktemp("ordre")
    delivered = lines(30, seed)
    first = digests(run(folder / "a", write(folder / "a", delivered)))
    for rows in delivered.values():
        order.shuffle(rows)
    shuffled = {table: data[order.sample(range(data.height), data.height)] for table, data in REFERENCE.items()}
    assert digests(run(folder / "b", write(folder / "b", delivered, shuffled))) == first


def test_a_build_replaces_the_warehouse_at_once_and_forgets_an_interrupted_one(tmp_path: Path) -> None:
    prive = tmp_path / "prive"
    prive.mkdir()
    for leftover in ("entrepot.construction.duckdb", "entrepot.construction.duckdb.wal"):
        (prive / leftover).write_bytes(b"cut short")
    run(tmp_path, write(tmp_path / "a", {"resultats": [{"vague": "1"}]}))
    broken = write(tmp_path / "b", {"resultats": []})
    broken["versements"].write_bytes(b"not Parquet")
    with pytest.raises(duckdb.Error):
        run(tmp_path, broken)
    with duckdb.connect(prive / "entrepot.duckdb", read_only=True) as warehouse:
        assert warehouse.execute("SELECT count(*) FROM model.attributions").fetchone() == (1,)
    run(tmp_path, write(tmp_path / "c", {}))
    assert [path.name for path in prive.iterdir()] == ["entrepot.duckdb"]


def test_no_sql_can_fetch_anything() -> None:
    with duckdb.connect(config={**CLOSED}) as connection:
        with pytest.raises(duckdb.Error, match="locked"):
            connection.execute("SET autoload_known_extensions = true")
        with pytest.raises(duckdb.Error, match="httpfs"):
            connection.execute("FROM read_parquet('https://exemple.example/a.parquet')")


def test_an_input_that_is_not_given_is_named(tmp_path: Path) -> None:
    inputs = write(tmp_path / "validate", {})
    del inputs["lieux"]
    with pytest.raises(KeyError, match="lieux"):
        run(tmp_path, inputs)
