from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.harmonise import Harmonised, harmonise
from pipeline.harmonise.contract import Contract
from pipeline.harmonise.deliveries import harmonise_under
from pipeline.schema import SchemaError, from_descriptor, load
from pipeline.schema.vocabulary import read_vocabulary
from tests.harmonise.ingested import Ingested, ingested, together

SCHEMA = from_descriptor(
    {
        "name": "essai",
        "title": "Essai",
        "description": "Une petite table",
        "version": "1",
        "fields": [
            {"name": "nom", "type": "string", "constraints": {"required": True}},
            {"name": "siret", "type": "string", "constraints": {"pattern": r"^\d{14}$"}},
            {"name": "montant", "type": "number", "unit": "EUR"},
            {"name": "jour", "type": "date"},
            {"name": "vague", "type": "string"},
            {"name": "objet", "type": "string"},
        ],
    }
)
CONTRACT = Contract.under(SCHEMA, read_vocabulary(SCHEMA, {"espaces": {"conserver": ["objet"]}}), {"1": "fdt-01"})
HEADER = ("nom", "siret", "montant", "jour", "vague", "objet")


def run(delivered: Ingested) -> Harmonised:
    return harmonise_under(CONTRACT, *(frame.lazy() for frame in delivered))


def ledger(result: Harmonised) -> list[tuple[object, ...]]:
    return result.registre.collect().rows()


def one(cells: Sequence[str], header: Sequence[str] = HEADER, **options: Any) -> Harmonised:
    return run(ingested("essai", header, [cells], **options))


def test_a_line_is_brought_to_the_canonical_form_and_each_change_is_told() -> None:
    result = one([" Luzin\u00a0", "732 829 320 00074", "12 350,00 €", "28/10/2024", "1", " texte "])
    assert result.table.collect().rows() == [
        ("livraison-1", 2, None, None, "Luzin", "73282932000074", "12350.00", "2024-10-28", "fdt-01", " texte ")
    ]
    assert ledger(result) == [
        ("livraison-1", 2, "nom", "espaces", " Luzin\u00a0", "Luzin"),
        ("livraison-1", 2, "siret", "siret-espaces", "732 829 320 00074", "73282932000074"),
        ("livraison-1", 2, "montant", "montant-francais", "12 350,00 €", "12350.00"),
        ("livraison-1", 2, "jour", "date-jjmmaaaa", "28/10/2024", "2024-10-28"),
        ("livraison-1", 2, "vague", "vague-libelle", "1", "fdt-01"),
    ]


def test_two_rules_on_one_cell_are_two_chained_entries() -> None:
    assert ledger(one(["Luzin", "", " 1 200,5 ", "", "", ""])) == [
        ("livraison-1", 2, "montant", "espaces", " 1 200,5 ", "1 200,5"),
        ("livraison-1", 2, "montant", "montant-francais", "1 200,5", "1200.5"),
    ]


def test_an_empty_cell_is_null_and_no_change_but_spaces_are_told() -> None:
    result = one(["Luzin", "  ", "", "", "", ""])
    assert result.table.collect().row(0)[4:] == ("Luzin", None, None, None, None, None)
    assert ledger(result) == [("livraison-1", 2, "siret", "vide", "  ", None)]


def test_columns_in_any_order_unknown_ones_ignored_absent_ones_null() -> None:
    result = one(["x", "1,5", "Luzin"], ("Couleur", "MONTANT", "nom"))
    assert result.table.collect().row(0)[4:] == ("Luzin", None, "1.5", None, None, None)
    assert result.colonnes.rows() == [
        ("livraison-1", 0, "Couleur", None, "ignoree"),
        ("livraison-1", 1, "MONTANT", "montant", "exact"),
        ("livraison-1", 2, "nom", "nom", "exact"),
    ]


def test_the_header_is_read_by_position_whatever_the_order_of_its_rows() -> None:
    delivered = ingested("versements", ["N° EJ", "Compte général", "Compte général", "EUR"], [["2100000000", "6188", "Prestations", "1"]])
    result = harmonise("versements", *delivered._replace(entetes=delivered.entetes.reverse()))
    assert result.table.select("code_compte_general", "compte_general").collect().rows() == [("6188", "Prestations")]


def test_the_shapes_that_the_next_stage_reads() -> None:
    result = one(["Luzin", "", "", "", "", ""])
    assert dict(result.table.collect_schema()) == {
        "livraison": pl.String,
        "ligne": pl.UInt32,
        "defaut": pl.String,
        "recollages": pl.UInt64,
        **dict.fromkeys(HEADER, pl.String),
    }
    assert dict(result.registre.collect_schema()) == {
        "livraison": pl.String,
        "ligne": pl.UInt32,
        "colonne": pl.String,
        "regle": pl.String,
        "avant": pl.String,
        "apres": pl.String,
    }
    nothing = run(ingested("autre", HEADER, [["Luzin"] * 6]))
    assert nothing.table.collect().is_empty()
    assert nothing.table.collect_schema() == result.table.collect_schema()
    assert nothing.registre.collect_schema() == result.registre.collect_schema()
    assert nothing.colonnes.schema == result.colonnes.schema
    assert dict(nothing.refus.schema) == {"livraison": pl.String, "refus": pl.String}


def test_only_data_records_enter_the_table() -> None:
    delivered = ingested("essai", HEADER, [["Total", *[""] * 5], ["Luzin", *[""] * 5]], lines=[2, 7])
    roles = delivered.enregistrements.with_columns(role=pl.Series(["entete", "total", "donnees"]))
    result = run(delivered._replace(enregistrements=roles))
    assert result.table.select("ligne", "nom").collect().rows() == [(7, "Luzin")]


# Constants


def test_a_declared_constant_fills_each_line_and_is_one_entry() -> None:
    delivered = ingested("essai", HEADER[:3], [["Luzin", "", ""], ["Polinno", "", ""]], constants={"vague": 1, "objet": "Tiers-lieux"})
    result = run(delivered)
    assert result.table.select("ligne", "vague", "objet").collect().rows() == [(2, "fdt-01", "Tiers-lieux"), (3, "fdt-01", "Tiers-lieux")]
    assert ledger(result) == [
        ("livraison-1", 0, "vague", "constante-declaree", None, "1"),
        ("livraison-1", 0, "vague", "vague-libelle", "1", "fdt-01"),
        ("livraison-1", 0, "objet", "constante-declaree", None, "Tiers-lieux"),
    ]
    assert result.colonnes.rows()[3:] == [
        ("livraison-1", None, "vague", "vague", "constante"),
        ("livraison-1", None, "objet", "objet", "constante"),
    ]


def test_a_constant_may_give_a_required_field() -> None:
    result = one(["1,5"], ("montant",), constants={"nom": "Luzin"})
    assert result.refus.is_empty()
    assert result.table.select("nom", "montant").collect().rows() == [("Luzin", "1.5")]


# Refusals


def test_a_refused_delivery_has_no_line_and_stops_no_other() -> None:
    good = ingested("essai", HEADER, [["Luzin", *[""] * 5]], livraison="b")
    doubled = ingested("essai", ("nom", "NOM"), [["Luzin", " x "]], livraison="a")
    result = run(together(doubled, good))
    assert result.refus.rows() == [("a", "plusieurs colonnes donnent le champ « nom » (« nom », « NOM ») : n'en garder qu'une")]
    assert result.table.select("livraison").collect().rows() == [("b",)]
    assert ledger(result) == []
    assert result.colonnes["livraison"].to_list() == ["a", "a", *["b"] * 6]


def test_a_constant_that_the_header_contradicts_is_a_refusal() -> None:
    result = one(["Luzin", *[""] * 5], constants={"nom": "SECRET"})
    (refus,) = result.refus["refus"]
    assert "la constante déclarée « nom » contredit la colonne « nom »" in refus
    assert "SECRET" not in refus
    assert result.table.collect().is_empty()


def test_what_ingest_refused_is_left_alone() -> None:
    result = one(["Luzin", *[""] * 5], refused="Fichier vide.")
    assert result.refus.is_empty()
    assert result.table.collect().is_empty()
    assert result.colonnes.is_empty()


def test_an_unknown_table_is_named() -> None:
    with pytest.raises(SchemaError, match="table « inconnue » inconnue"):
        harmonise("inconnue", *ingested("inconnue", HEADER, []))


# Records that have not the width of the header


def defects(header: Sequence[str], *records: Sequence[str]) -> list[tuple[object, ...]]:
    return run(ingested("essai", header, records)).table.select("defaut", "nom", "vague").collect().rows()


def test_a_record_of_another_width_is_marked_and_none_of_its_cells_is_read() -> None:
    short, split, right = ["Luzin", "", "58 400"], ["Luzin", "", "58 400", "00", "2019-02-20", "1", "x"], ["Luzin", *[""] * 3, "1", ""]
    assert defects(HEADER, short, split, right) == [("missing-cell", None, None), ("extra-cell", None, None), (None, "Luzin", "fdt-01")]
    assert [entry[1] for entry in ledger(run(ingested("essai", HEADER, [short, split, right])))] == [4]


def test_no_constant_is_read_either_on_such_a_line() -> None:
    result = one(["Luzin", "x"], ("nom",), constants={"vague": "1"})
    assert result.table.select("defaut", "nom", "vague").collect().rows() == [("extra-cell", None, None)]


def test_empty_cells_that_end_every_record_are_no_defect() -> None:
    assert defects(HEADER, ["Luzin", *[""] * 7], ["Polinno", *[""] * 6, " "]) == [(None, "Luzin", None), (None, "Polinno", None)]


def test_empty_cells_that_end_some_records_only_may_hide_a_shift() -> None:
    """An unquoted comma in the name, and a last column that happens to be empty: read as aligned, every cell would be wrong."""
    shifted = ["Le Moulin", " Digital", "73282932000074", "", "", "1", ""]
    assert defects(HEADER, shifted, ["Luzin", *[""] * 5]) == [("extra-cell", None, None), (None, "Luzin", None)]


def test_a_value_beyond_the_header_is_a_defect_even_on_every_record() -> None:
    assert defects(HEADER, [*["Luzin"] * 6, "x"], [*["Luzin"] * 6, "y"]) == [("extra-cell", None, None)] * 2


def test_the_columns_without_label_that_end_a_header_may_be_absent_all_together() -> None:
    padded = (*HEADER, "", "")
    full, bare, between = ["Luzin", *[""] * 7], ["Luzin", *[""] * 5], ["Luzin", *[""] * 6]
    assert [row[0] for row in defects(padded, full, bare, between)] == [None, None, "missing-cell"]


# The whole


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "Luzin", " Luzin ", "1", "12 350,00 €", " 1,5", "28/10/2024", "31/02/2024", "732 829 320 00074\u00a0", "1,234"]
    ),
    st.text(max_size=6),
)
RECORDS = st.lists(st.lists(CELLS, min_size=5, max_size=7), max_size=12)


@settings(deadline=None, max_examples=50)
@given(RECORDS, RECORDS)
def test_the_ledger_holds_exactly_the_cells_that_differ(first: list[list[str]], second: list[list[str]]) -> None:
    deliveries = {"b": first, "a": second}
    result = run(together(*(ingested("essai", HEADER, records, livraison=name) for name, records in deliveries.items())))
    table = result.table.collect()
    assert table.select("livraison", "ligne").rows() == [
        (name, line) for name, records in deliveries.items() for line in range(2, len(records) + 2)
    ]
    differ = {}
    for row in table.iter_rows(named=True):
        delivered = deliveries[row["livraison"]][row["ligne"] - 2]
        if row["defaut"] is not None:
            assert len(delivered) != len(HEADER)
            assert all(row[name] is None for name in HEADER)
            continue
        for name, before in zip(HEADER, delivered, strict=False):
            if row[name] != (before or None):
                differ[row["livraison"], row["ligne"], name] = (before, row[name])
    told: dict[tuple[str, int, str], tuple[str, str]] = {}
    for livraison, ligne, colonne, _, avant, apres in ledger(result):
        key = (livraison, ligne, colonne)
        assert avant != apres
        assert key not in told or told[key][1] == avant, "the entries of a cell form a chain"
        told[key] = (told[key][0] if key in told else avant, apres)
    assert told == differ
    rank = {name: place for place, name in enumerate(deliveries)}
    order = [(rank[entry[0]], entry[1], HEADER.index(entry[2])) for entry in ledger(result)]
    assert order == sorted(order)


@settings(deadline=None, max_examples=50)
@given(RECORDS)
def test_harmonising_a_harmonised_table_changes_nothing(records: list[list[str]]) -> None:
    table = run(ingested("essai", HEADER, records)).table.filter(pl.col("defaut").is_null()).collect()
    cells = [[cell or "" for cell in row] for row in table.select(HEADER).iter_rows()]
    again = run(ingested("essai", HEADER, cells, lines=table["ligne"].to_list()))
    assert again.table.collect().equals(table)
    assert ledger(again) == []


@pytest.mark.parametrize(
    ("table", "cells", "expected"),
    [
        (
            "resultats",
            {"vague": "1", "date_annonce": "03/02/2020", "Numéro SIRET": "732 829 320 00074"},
            {"siret_porteur": "73282932000074"},
        ),
        ("versements", {"N° EJ": "2100000000", "Montant payé": "1 000,50"}, {"numero_ej": "2100000000", "montant_paye": "1000.50"}),
    ],
)
def test_the_shipped_contracts(table: str, cells: dict[str, str], expected: dict[str, str]) -> None:
    result = harmonise(table, *ingested(table, list(cells), [list(cells.values())]))
    (row,) = result.table.collect().to_dicts()
    assert result.refus.is_empty()
    assert list(row)[4:] == list(load("deliveries", table).field_names)
    assert {name: row[name] for name in expected} == expected


def test_a_record_cut_by_its_own_separator_is_joined_where_one_way_is_left() -> None:
    """In a comma file without quotes, the amount has become two cells, and so has the name of another record."""
    header = ("nom", "siret", "montant", "jour", "vague", "objet")
    cut = ["Luzin", "", "58 400", "00", "2019-02-20", "1", "x"]
    split = ["Le Moulin", " Digital", "73282932000074", "1200", "2019-02-20", "1", "y"]
    result = run(ingested("essai", header, [cut, split, ["Polinno", "", "3", "", "", ""]], separator=","))
    assert result.table.select("ligne", "defaut", "nom", "montant", "objet").collect().rows() == [
        (2, None, "Luzin", "58400.00", "x"),
        (3, None, "Le Moulin, Digital", "1200", "y"),
        (4, None, "Polinno", "3", None),
    ]
    joined = [entry[1:] for entry in ledger(result) if str(entry[3]).startswith("largeur")]
    assert joined == [
        (2, "montant", "largeur-montant", '["58 400","00"]', "58 400,00"),
        (3, "nom", "largeur-unique", '["Le Moulin"," Digital"]', "Le Moulin, Digital"),
    ]


def test_a_record_that_could_be_joined_in_several_ways_is_left_and_their_number_told() -> None:
    result = run(ingested("essai", ("nom", "objet"), [["Luzin", "x", "y"]], separator=","))
    assert result.table.select("defaut", "recollages", "nom").collect().rows() == [("extra-cell", 2, None)]


def test_a_line_whose_bytes_no_encoding_explains_is_not_read() -> None:
    delivered = ingested("essai", HEADER, [["Luzin", *[""] * 5]])
    wrong = pl.DataFrame(
        [("livraison-1", 9, "donnees", ["d\ufffdcal\ufffd", *[""] * 5], "unknown-encoding")],
        schema=delivered.irreguliers.schema,
        orient="row",
    )
    result = run(delivered._replace(irreguliers=wrong))
    assert result.table.select("ligne", "defaut", "nom").collect().rows() == [(2, None, "Luzin"), (9, "unknown-encoding", None)]
