"""Lines that a later delivery replaced: counted where nothing reserved is among them, shown nowhere, their contacts still sought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.protect import policy
from pipeline.protect.audit.decision import Verdict, audit
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import known_contacts
from tests.controls import Blocks
from tests.model.delivered import Row
from tests.protect import chain

COUNTS = ("enregistrements", "lignes_recues", "lignes_acceptees", "lignes_rejetees", "cellules_modifiees", "lignes_remplacees")
COUNTS += ("lignes_valides_telles_quelles",)
OPEN: Row = {"vague": "1", "nom_lieu": "Le L@bo", "lieu": "lieu-0001", "source_url": chain.PAGE}
RESERVED: Row = {"vague": chain.EMBARGOED, "nom_lieu": "Nouveau caché", "lieu": "lieu-0009", "source_url": chain.PAGE}


@dataclass
class Case:
    """Two deliveries of a table, the second of which replaces the first: what protect makes of them, and what the audit says."""

    built: Protected
    frames: dict[str, pl.LazyFrame]

    def audited(self, tables: Mapping[str, pl.DataFrame] | None = None) -> Verdict:
        return audit(tables or self.built.tables, self.built.account, self.frames, chain.delivered(self.frames), chain.AS_OF)

    @property
    def deliveries(self) -> dict[str, dict[str, object]]:
        return {row["livraison"]: row for row in self.built.tables["livraisons"].iter_rows(named=True)}


def case(
    folder: Path, table: str, first: Sequence[Row], second: Sequence[Row], periode: str | None = None, **others: Sequence[Row]
) -> Case:
    old, new = f"{table}-aaaaaaaaaaaa", f"{table}-bbbbbbbbbbbb"
    rows = [{**row, "livraison": name, "ligne": line} for name, group in ((old, first), (new, second)) for line, row in enumerate(group, 2)]
    declared: list[Row] = [
        {"livraison": name, "mode": "remplace", "date": date(2024, month, 1)} for month, name in enumerate((old, new), 1)
    ]
    declared[1] = {**declared[1], "periode": periode}
    frames = chain.sources(folder, {**others, table: rows}, declared)
    frames["validate/qualite"] = frames["validate/qualite"].filter(~pl.col("livraison").str.starts_with(f"{table}-"))
    delivered = chain.delivered(frames)
    built = protect(frames, policy.load(), chain.AS_OF, known_contacts(delivered), delivered)
    made = Case(built, frames)
    verdict = made.audited()
    assert verdict.ok, verdict.motifs
    return made


def test_what_was_replaced_is_counted_and_shown_nowhere(tmp_path: Path) -> None:
    made = case(tmp_path, "resultats", [OPEN, {**OPEN, "nom_lieu": "Le vieux nom"}], [{**OPEN, "nom_lieu": "Le nouveau nom"}])
    old, new = made.deliveries["resultats-aaaaaaaaaaaa"], made.deliveries["resultats-bbbbbbbbbbbb"]
    assert (old["lignes_acceptees"], old["lignes_remplacees"]) == (2, 2)
    assert (new["lignes_acceptees"], new["lignes_remplacees"]) == (1, 0)
    assert made.built.tables["attributions"]["livraison"].to_list() == ["resultats-bbbbbbbbbbbb"]
    assert "vieux nom" not in str({name: frame.rows() for name, frame in made.built.tables.items()})


def test_a_delivery_replaced_in_part_says_so(tmp_path: Path) -> None:
    first = [{"indicateur": "lieux", "valeur": float(year), "annee": year} for year in (2021, 2022)]
    made = case(tmp_path, "indicateurs_publies", first, [{"indicateur": "lieux", "valeur": 5.0, "annee": 2022}], periode="2022")
    old = made.deliveries["indicateurs_publies-aaaaaaaaaaaa"]
    assert (old["lignes_acceptees"], old["lignes_remplacees"]) == (2, 1)
    assert sorted(made.built.tables["indicateurs_publies"]["valeur"]) == [5.0, 2021.0]


def test_no_count_where_a_replaced_line_is_of_a_reserved_wave(tmp_path: Path, blocks: Blocks) -> None:
    """Else « acceptées − remplacées » would say how many lines of the wave there were, and that there were some."""
    made = case(tmp_path, "resultats", [OPEN, RESERVED], [OPEN], lieux=[{"lieu": "lieu-0001", "nom": "Le L@bo"}])
    assert "resultats-aaaaaaaaaaaa" not in made.deliveries, "nothing that it holds is still public"
    assert made.deliveries["resultats-bbbbbbbbbbbb"]["lignes_acceptees"] == 1
    leaked = _named(made, "resultats-aaaaaaaaaaaa", lignes_remplacees=2)
    blocks("table: livraisons, one of a wave under embargo, replaced since, is named", "remplacée en entier", made.audited(leaked).motifs)
    counted = "cite une vague sous embargo et compte ses lignes"
    blocks("table: livraisons, one of a wave under embargo, replaced since, is counted", counted, made.audited(leaked).motifs)


def test_a_place_that_left_the_registry_may_wait_for_its_announcement(tmp_path: Path, blocks: Blocks) -> None:
    kept, gone = {"lieu": "lieu-0001", "nom": "Le L@bo"}, {"lieu": "lieu-0009", "nom": "Nouveau caché"}
    made = case(tmp_path, "lieux", [kept, gone], [kept], resultats=[OPEN])
    assert "lieux-aaaaaaaaaaaa" not in made.deliveries
    leaked = _named(made, "lieux-aaaaaaaaaaaa", lignes_remplacees=2)
    blocks("table: livraisons, a registry with a place gone since", "compte un lieu qui n'est pas public", made.audited(leaked).motifs)
    plain = case(tmp_path / "plain", "lieux", [kept], [{**kept, "nom": "Le Labo"}], resultats=[OPEN])
    assert plain.deliveries["lieux-aaaaaaaaaaaa"]["lignes_remplacees"] == 1


def test_the_payment_of_a_reserved_agreement_stays_uncounted_once_replaced(tmp_path: Path) -> None:
    agreement = {**chain.CONVENTION, "idConvention": "C-9", "vague": chain.EMBARGOED, "numeroEJ": "2100000009"}
    paid, other = {"numero_ej": "2100000009", "montant_paye": "1.00"}, {"numero_ej": "2100000099", "montant_paye": "2.00"}
    made = case(tmp_path, "versements", [paid, other], [other], conventions=[agreement])
    assert "versements-aaaaaaaaaaaa" not in made.deliveries
    assert made.deliveries["versements-bbbbbbbbbbbb"]["lignes_remplacees"] == 0


def test_an_application_replaced_is_counted_nowhere(tmp_path: Path) -> None:
    line = {"candidature": "1", "vague": "1", "decision": "retenue"}
    made = case(tmp_path, "candidatures", [line], [line])
    assert not [row for row in made.deliveries.values() if row["table"] == "candidatures" and any(row[name] is not None for name in COUNTS)]
    assert "candidatures-aaaaaaaaaaaa" not in made.deliveries


def test_the_audit_counts_the_replaced_lines_again(tmp_path: Path, blocks: Blocks) -> None:
    made = case(tmp_path, "resultats", [OPEN], [OPEN])
    wrong = made.built.tables["livraisons"].with_columns(pl.col("lignes_remplacees") + 1)
    verdict = made.audited({**made.built.tables, "livraisons": wrong})
    blocks("table: livraisons, a wrong number of replaced lines", "lignes_remplacees", verdict.motifs)


@pytest.mark.parametrize("contact", ["prive@courriel.example", "06 39 98 01 02"])
def test_the_contacts_of_a_replaced_line_are_still_sought(tmp_path: Path, contact: str) -> None:
    before = {"ID": "1", "NOM_TL": "Lieu fictif 1", "MAIL": contact, "CONTACT": "Prénom Nomdefiction"}
    page = [{"indicateur": "lieux", "valeur": 1.0, "annee": 2020, "note": f"écrire à {contact}"}]
    page += [{"indicateur": "lieux", "valeur": 2.0, "annee": 2020, "note": "selon Prénom Nomdefiction, animateur"}]
    made = case(tmp_path, "recensement", [before], [{"ID": "1", "NOM_TL": "Lieu fictif 1"}], indicateurs_publies=page)
    assert made.built.tables["indicateurs_publies"]["note"].to_list() == [None, None]
    assert made.deliveries["recensement-aaaaaaaaaaaa"]["lignes_remplacees"] == 1


def _named(made: Case, name: str, **counts: int) -> dict[str, pl.DataFrame]:
    """The tables as built, with a line for a delivery that they do not name."""
    tables = made.built.tables
    row = made.frames["validate/livraisons"].filter(pl.col("livraison") == name).collect().cast({pl.UInt32: pl.Int64})
    told = row.select(column for column in tables["livraisons"].columns if column in row.columns)
    told = told.with_columns(pl.lit(value, pl.Int64).alias(column) for column, value in counts.items())
    return {**tables, "livraisons": pl.concat([tables["livraisons"], told.select(tables["livraisons"].columns)])}
