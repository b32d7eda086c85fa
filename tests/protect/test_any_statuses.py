"""Whatever the statuses, waves and schemes, no identity of anybody but a legal person is in a public table, and the audit agrees."""

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.protect import policy
from pipeline.protect.audit.decision import audit
from pipeline.protect.protect import protect
from tests.protect import chain

STATUSES = ("personne_morale", "personne_physique", "non_etabli", "sans_porteur")
SCHEMES = ("fabrique_de_territoire", "manufacture_de_proximite")
WAVES = ("fdt-01", "fdt-10", "hors-programme", None)  # announced, under embargo, unknown, none
AS_OF = date(2024, 6, 1)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.LazyFrame]:
    """The tables that protect reads, without a row but the programme's waves."""
    return chain.sources(tmp_path_factory.mktemp("vide"), {})


def identity(status: str, *values: str) -> list[str | None]:
    return [None if status == "sans_porteur" else value for value in values]


def drawn(empty: dict[str, pl.LazyFrame], seed: int) -> dict[str, pl.LazyFrame]:
    """Rows where every text that could name somebody is written once."""
    draw = random.Random(seed)  # noqa: S311
    key = {"livraison": "resultats-000000000000"}
    awards, places, agreements, payments = [], [], [], []
    for number in range(draw.randint(0, 12)):
        status = draw.choice(STATUSES)
        porteur, siren, rna = identity(status, f"porteur du lieu {number}", f"{number + 1:09}", f"W{number + 1:09}")
        places.append(
            {
                "lieu": f"lieu-{number:04}",
                "nom": f"nom du lieu {number}",
                "porteur": porteur,
                "siren": siren,
                "rna": rna,
                "statut_porteur": status,
                "livraison": "lieux-000000000000",
                "ligne": number + 2,
                "attributions": 0,
            }
        )
    for number in range(draw.randint(0, 20)):
        status, place, wave = draw.choice(STATUSES), draw.choice([None, *places]), draw.choice(WAVES)
        lieu = place["lieu"] if place else None
        (porteur,) = identity(status, f"porteur du label {number}")
        mark = f"{lieu}_{wave}_{number}" if lieu else f"ligne-{key['livraison']}-{number + 2}"
        awards.append(
            key
            | {
                "attribution": mark,
                "lieu": lieu,
                "nom_lieu": f"nom du label {number}",
                "porteur": porteur,
                "statut_porteur": status,
                "dispositif": draw.choice(SCHEMES),
                "vague": wave,
                "ligne": number + 2,
                "source_url": draw.choice([None, f"https://a.example/{number}"]),
            }
        )
        if place:
            place["attributions"] += 1
    for number in range(draw.randint(0, 10)):
        status, award = draw.choice(STATUSES), draw.choice([None, *awards])
        nom, siret, rna = identity(status, f"bénéficiaire {number}", f"{number + 1:014}", f"W1{number + 1:08}")
        agreements.append(
            {
                "convention": f"convention {number}",
                "attribution": award and award["attribution"],
                "racine": f"convention {number}",
                "vague": award["vague"] if award and draw.random() < 0.5 else None,
                "nomBeneficiaire": nom,
                "idBeneficiaire": siret,
                "rnaBeneficiaire": rna,
                "statut_beneficiaire": status,
                "objet": f"objet {number}",
                "numeroEJ": f"EJ{number + 1:08}",
                "referenceDecision": f"décision {number}",
                "livraison": "conventions-000000000000",
                "ligne": number + 2,
            }
        )
    for number in range(draw.randint(0, 10)):
        status, paid = draw.choice(STATUSES), draw.choice([None, *agreements])
        nom, siret = identity(status, f"fournisseur {number}", f"9{number + 1:013}")
        payments.append(
            {
                "versement": f"versement {number}",
                "convention": paid and paid["convention"],
                "rattache": paid is not None,
                "numero_ej": paid["numeroEJ"] if paid else f"seul{number}",
                "fournisseur_paye": nom,
                "siret": siret,
                "statut_fournisseur": status,
                "montant_paye": 1,
                "livraison": "versements-000000000000",
                "ligne": number + 2,
            }
        )
    rows = {"model/lieux": places, "model/attributions": awards, "model/conventions": agreements, "model/versements": payments}
    frames = empty | {name: pl.LazyFrame(content, schema=empty[name].collect_schema()) for name, content in rows.items()}
    return frames | counted(frames, rows)


def counted(frames: dict[str, pl.LazyFrame], rows: dict[str, list[dict[str, object]]]) -> dict[str, pl.LazyFrame]:
    """What validate and evaluate say of these rows."""
    named = {name: len(content) for name, content in rows.items() if content}
    tables = {
        "model/lieux": "lieux",
        "model/attributions": "resultats",
        "model/conventions": "conventions",
        "model/versements": "versements",
    }
    deliveries = [
        {"livraison": f"{tables[name]}-000000000000", "table": tables[name], "fichier": "f.csv", "etat": "acceptée"}
        | dict.fromkeys(("enregistrements", "lignes_recues", "lignes_valides_telles_quelles", "lignes_acceptees"), count)
        | dict.fromkeys(("lignes_rejetees", "cellules_modifiees"), 0)
        for name, count in named.items()
    ]
    waves = frames["model/vagues"].collect()
    known = [
        sum(award["vague"] == wave and award["dispositif"] == scheme for award in rows["model/attributions"])
        for wave, scheme in waves.select("vague", "dispositif").rows()
    ]
    return {
        "validate/livraisons": pl.LazyFrame(deliveries, schema=frames["validate/livraisons"].collect_schema()),
        "validate/lieux": pl.LazyFrame(
            [
                {name: place[name] for name in ("livraison", "ligne", "lieu", "nom", "porteur", "siren", "rna")}
                for place in rows["model/lieux"]
            ],
            schema=frames["validate/lieux"].collect_schema(),
        ),
        "evaluate/rapprochement": pl.LazyFrame(
            [
                {"vague": wave, "attributions_connues": count, "etat": "non disponible"}
                for wave, count in zip(waves["vague"], known, strict=True)
            ],
            schema=frames["evaluate/rapprochement"].collect_schema(),
        ),
    }


def private_texts(frames: dict[str, pl.LazyFrame]) -> set[str]:
    """Identities of all but legal persons, what leads to them, the names of natural persons' places, all of a wave under embargo."""
    found: set[str] = set()
    for name, status, fields in (
        ("model/lieux", "statut_porteur", ("porteur", "siren", "rna")),
        ("model/attributions", "statut_porteur", ("porteur",)),
        ("model/conventions", "statut_beneficiaire", ("nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire")),
        ("model/versements", "statut_fournisseur", ("fournisseur_paye", "siret")),
    ):
        rows = frames[name].collect()
        masked = rows.filter(pl.col(status) != "personne_morale")
        found |= {value for field in fields for value in masked[field].drop_nulls()}
    agreements = frames["model/conventions"].filter(pl.col("statut_beneficiaire").is_in(STATUSES[1:3])).collect()
    found |= {value for field in ("objet", "numeroEJ", "referenceDecision", "convention") for value in agreements[field].drop_nulls()}
    persons = frames["model/attributions"].filter(statut_porteur="personne_physique").collect()
    found |= {value for field in ("nom_lieu", "source_url") for value in persons[field].drop_nulls()}
    reserved = frames["model/attributions"].filter(pl.col("vague").is_in(["fdt-10", "hors-programme"])).collect()
    return found | {value for field in ("attribution", "nom_lieu", "porteur", "source_url") for value in reserved[field].drop_nulls()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_nobody_is_shown_but_legal_persons(empty: dict[str, pl.LazyFrame], seed: int) -> None:
    frames = drawn(empty, seed)
    built = protect(frames, policy.load(), AS_OF)
    cells = {str(cell) for table in built.tables.values() for row in table.iter_rows() for cell in row if cell is not None}
    assert not cells & private_texts(frames)
    verdict = audit(built.tables, built.account, frames, {}, AS_OF)
    assert verdict.ok, verdict.motifs


def test_the_draw_reaches_every_case(empty: dict[str, pl.LazyFrame], tmp_path: Path) -> None:
    """Legal persons are shown, others are not: the property is not true of nothing."""
    frames = [drawn(empty, seed) for seed in range(20)]
    built = [protect(each, policy.load(), AS_OF).tables for each in frames]
    assert sum(tables["attributions"]["porteur"].count() for tables in built) > 5
    assert sum(tables["fabriques"].height for tables in built) > 5
    assert sum(tables["versements"]["ligne"].null_count() for tables in built) > 5
    assert min(len(private_texts(each)) for each in frames[1:4]) > 0
