"""Harmonise on real files, read here with `csv` alone. Each figure was found in the file by other means than the stage."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pipeline.harmonise import Harmonised, harmonise
from tests.harmonise.ingested import ingested


def read(path: Path, separator: str = ",", encoding: str = "utf-8-sig") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file, delimiter=separator))


def run(
    table: str, records: list[list[str]], header: list[str], first: int = 2, constants: Mapping[str, object] | None = None
) -> Harmonised:
    """Harmonise records that start at line `first`, one a line: none of these files has a cell on several lines."""
    lines = range(first, first + len(records))
    return harmonise(table, *ingested(table, header, records, lines=lines, constants=constants))


def changes(result: Harmonised) -> Counter[tuple[str, str]]:
    return Counter((column, rule) for _, _, column, rule, _, _ in result.registre.collect().iter_rows())


def test_laureates_only_their_wave_labels_change(real_data: Path) -> None:
    header, *records = read(real_data / "laureats_fabriques.csv")
    result = run("resultats", records, header)
    table = result.table.collect()
    assert result.refus.is_empty()
    assert table.height == 58
    assert table["defaut"].null_count() == 58
    assert changes(result) == {("vague", "vague-libelle"): 34}
    slugs = {"1": "fdt-01", "3": "fdt-03", "5": "fdt-05", "6": "fdt-06", "8": "fdt-08", "9": "fdt-09", "MP-1": "mp-01", "MP-3": "mp-03"}
    assert table["vague"].to_list() == [slugs[row[0]] if row[0] else None for row in records]
    assert table["vague"].value_counts().sort("vague", nulls_last=True).rows() == [
        ("fdt-01", 22),
        ("fdt-03", 1),
        ("fdt-05", 1),
        ("fdt-06", 1),
        ("fdt-08", 1),
        ("fdt-09", 1),
        ("mp-01", 1),
        ("mp-03", 6),
        (None, 24),
    ]
    for place, name in enumerate(header[1:], start=1):
        assert table[name].to_list() == [row[place] or None for row in records], name


def test_waves_and_published_figures_only_wave_labels_change(real_data: Path) -> None:
    header, *records = read(real_data / "vagues.csv")
    waves = run("vagues", records, header)
    assert changes(waves) == {("vague", "vague-libelle"): 14}
    slugs = [*(f"fdt-{rank:02}" for rank in range(1, 11)), "mp-01", "mp-02", "mp-03", "mp-2024"]
    assert waves.table.collect()["vague"].to_list() == slugs
    header, *records = read(real_data / "indicateurs_publies.csv")
    figures = run("indicateurs_publies", records, header)
    assert figures.table.collect().height == 99
    assert changes(figures) == {}


def test_the_census(real_data: Path) -> None:
    """10 cells end with a space (9 of them a no-break one), 13 populations come from a model that wrote a decimal comma, 6 addresses and
    names were decoded twice, 2 populations are Excel's « #N/A ».
    """
    header, *records = read(real_data / "CGET_TiersLieux_2019.csv")
    result = run("recensement", records, header)
    table = result.table.collect()
    assert (table.height, table["defaut"].null_count()) == (1512, 1512)
    assert changes(result) == {
        ("NOM_TL", "espaces"): 5,
        ("ADRESSE", "espaces"): 4,
        ("WEB", "espaces"): 1,
        ("POPCOM", "montant-francais"): 13,
        ("FACEBOOK", "texte-double"): 4,
        ("WEB", "texte-double"): 1,
        ("NOM_TL", "texte-double"): 1,
        ("POP_ZE", "non-precise"): 2,
    }
    told = {(line, column): after for _, line, column, _, _, after in result.registre.collect().iter_rows()}
    assert [label for label, field in result.colonnes.select("libelle", "champ").rows() if label != field] == []
    for place, name in enumerate(header):
        delivered = [row[place] for row in records]
        expected = [cell.replace(",", ".") for cell in delivered] if name == "POPCOM" else [cell.strip() for cell in delivered]
        lines = table["ligne"].to_list()
        harmonised = [told.get((line, name), cell or None) for line, cell in zip(lines, expected, strict=True)]
        assert table[name].to_list() == harmonised, name
    assert sum("@" in name for name in table["NOM_TL"].drop_nulls()) == 12


def test_a_valid_scdl_file_is_left_as_it_is(real_data: Path) -> None:
    """Even the 10 free texts that end with a space: the standard allows it."""
    header, *records = read(real_data / "subventions/scdl_exemple_valide.csv")
    result = run("conventions", records, header)
    assert result.refus.is_empty()
    assert result.registre.collect().is_empty()
    assert [list(row) for row in result.table.select(header).collect().iter_rows()] == [[cell or None for cell in row] for row in records]
    assert sum(cell != cell.strip() for row in records for cell in row) == 10


def test_the_chorus_template(real_data: Path) -> None:
    rows = read(real_data / "subventions/chorus_infbud53_gabarit_paiements.csv", ";")
    result = run("versements", rows[7:], rows[6], first=8, constants={"exercice": 2021})
    (row,) = result.table.collect().to_dicts()
    assert result.refus.is_empty()
    assert {name: value for name, value in row.items() if value is not None} == {
        "livraison": "livraison-1",
        "ligne": 8,
        "code_type_operation": "ZSUB",
        "type_operation": "Subventions",
        "code_compte_budgetaire": "31",
        "compte_budgetaire": "Dépenses de fonction",
        "code_referentiel_programmation": "010000000000",
        "referentiel_programmation": "Cpte engagmt citoyen",
        "code_fournisseur": "1000000000",
        "fournisseur_paye": "CAISSE DES DEPOTS ET CONSIGNATIONS",
        "siret": "10000000000000",
        "code_compte_general": "6188000000",
        "compte_general": "AUTRES PREST SERVICE",
        "numero_ej": "2100000000",
        "numero_dp": "100000000",
        "exercice": "2021",
        "montant_paye": "1.00",
        "date_derniere_operation": "1970-01-01",
    }
    assert [entry[1:] for entry in result.registre.collect().iter_rows()] == [
        (0, "exercice", "constante-declaree", None, "2021"),
        (8, "montant_paye", "montant-francais", "1,00", "1.00"),
        (8, "date_derniere_operation", "date-points", "01.01.1970", "1970-01-01"),
    ]


def test_the_invalid_scdl_example(real_data: Path) -> None:
    """What has one reading; the percentages above 1 are for validate to judge, and so are the rounded SIRET where one is required."""
    header, *records = read(real_data / "subventions/scdl_exemple_invalide_erreurs_colonnes.csv")
    result = run("conventions", records, header)
    assert [entry[1:] for entry in result.registre.collect().iter_rows()] == [
        (5, "dateConvention", "date-jjmmaaaa", "05/12/2016", "2016-12-05"),
        (6, "idBeneficiaire", "identifiant-virgule-zero", "32402138500000.0", "32402138500000"),
        (6, "montant", "montant-francais", "100000,10", "100000.10"),
        (6, "notificationUE", "oui-non", "no", "non"),
        (8, "datesPeriodeVersement", "periode-separateur", "2017-06-27_2018-06-27", "2017-06-27/2018-06-27"),
        (8, "notificationUE", "oui-non", "yes", "oui"),
        (9, "pourcentageSubvention", "montant-francais", "0,5", "0.5"),
        (16, "nature", "libelle", "aide en numéraire,aide en nature", "aide en numéraire;aide en nature"),
    ]


def test_lot_amounts_and_header(real_data: Path) -> None:
    rows = read(real_data / "subventions/lot_2017_cd46.csv", ";", "cp1252")
    records = [row for row in rows[1:] if any(row)]
    result = run("conventions", records, rows[0])
    assert result.refus.is_empty()
    assert changes(result) == {("montant", "montant-francais"): 13, ("datesPeriodeVersement", "periode-separateur"): 5}
    assert result.table.collect()["montant"].to_list()[:3] == ["40000.00", "260000.00", "36700.00"]


def test_no_record_of_vendee_loads_shifted(real_data: Path) -> None:
    """An unquoted decimal comma in a comma-separated file: 68 records of 68 are wider than their header."""
    files = sorted((real_data / "subventions").glob("vendee_*.csv"))
    total = 0
    for path in files:
        rows = read(path, encoding="cp1252" if "2017" in path.name else "utf-8-sig")
        records = [row for row in rows[1:] if any(row)]
        table = run("conventions", records, rows[0]).table.collect()
        assert table["defaut"].to_list() == ["extra-cell"] * len(records)
        assert table.drop("livraison", "ligne", "defaut").null_count().row(0) == (len(records),) * (table.width - 3)
        total += len(records)
    assert (len(files), total) == (4, 68)


def test_the_long_french_headers_of_loire_atlantique(real_data: Path) -> None:
    header, *records = read(real_data / "subventions/loire_atlantique_2008_2018_cd44.csv", ";")
    result = run("conventions", records, header)
    assert result.refus.is_empty()
    assert result.colonnes.filter(result.colonnes["regle"] == "ignoree")["libelle"].to_list() == [
        "Montant du prêt",
        "Montant de la garantie",
        "Détail des avantages en nature",
        "Estimation des avantages en nature",
    ]
    assert result.table.collect().height == 18_148
    assert changes(result) == {}


def test_files_that_say_too_little_are_refused_with_what_they_lack(real_data: Path) -> None:
    header, *records = read(real_data / "subventions/poitiers_2017_ville_associations.csv", ";")
    (refus,) = run("conventions", records, header).refus["refus"]
    assert [f"« {field} » (libellés" in refus for field in ("nature", "conditionsVersement", "datesPeriodeVersement", "montant")] == [
        True,
        True,
        True,
        False,
    ]
