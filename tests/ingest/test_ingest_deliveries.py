import datetime as dt
import hashlib
import json
import logging
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipeline.ingest import reading
from pipeline.ingest.deliveries import COUNTS, ENCODAGES, ENTETES, LIVRAISONS, Tables, ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.records import ENREGISTREMENTS, IRREGULIERS
from pipeline.settings import Settings

LABELS = {"aides": frozenset({"nom", "montant", "objet"}), "lieux": frozenset({"lieu", "commune"})}
PRIVATE = "Dupont"


def run(folder: Path, settings: Settings, entries: str, root: str = "") -> Tables:
    (folder / "sources.toml").write_text(f"{root}\n{entries}", encoding="utf-8")
    return ingest(read_sources(folder / "sources.toml", tuple(LABELS)), LABELS, settings)


def entry(path: str, table: str = "aides", more: str = "") -> str:
    mode = "" if "mode" in more else 'mode = "ajoute"'
    return f'[[source]]\ntable = "{table}"\npath = "{path}"\n{mode}\n{more}\n'


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_is_handed_on(tmp_path: Path, settings: Settings) -> None:
    text = 'Aides 2024\n\nNom;Objet ;Montant\nA;"un\nlot";1\nB;;2\n;;\nTotal;;3\n'
    sha256 = write(tmp_path, "aides.csv", text)
    more = 'publisher = "Ville"\nlicence = "LO"\nmode = "ajoute"\ndate = 2024-10-28\n[source.constantes]\nobjet = "Été"\nan = 2024'
    tables = run(tmp_path, settings, entry("aides.csv", more=more))

    assert tables.livraisons.schema == LIVRAISONS
    assert tables.enregistrements.schema == {**ENREGISTREMENTS, "c0": pl.String, "c1": pl.String, "c2": pl.String}
    assert (tables.irreguliers.schema, tables.entetes.schema, tables.encodages.schema) == (IRREGULIERS, ENTETES, ENCODAGES)
    id_ = f"aides-{sha256[:12]}"
    (row,) = tables.livraisons.to_dicts()
    assert row == {
        "livraison": id_,
        "table": "aides",
        "fichier": "aides.csv",
        "sha256": sha256,
        "editeur": "Ville",
        "licence": "LO",
        "date": dt.date(2024, 10, 28),
        "mode": "ajoute",
        "periode": None,
        "entree": id_,
        "fictif": False,
        "encodage": "utf-8",
        "separateur": ";",
        "feuille": None,
        "enregistrements": 7,
        "donnees": 2,
        "entetes": 1,
        "preambules": 1,
        "vides": 2,
        "totaux": 1,
        "notes": 0,
        "constantes": '{"an": "2024", "objet": "Été"}',
        "seuil_rejet": 0.05,
        "refus": None,
        "avis": None,
        "fusions": None,
    }
    assert tables.irreguliers.rows() == [(id_, 1, "preambule", ["Aides 2024"], None), (id_, 2, "vide", [""], None)]
    assert tables.enregistrements.rows() == [
        (id_, 3, "entete", "Nom", "Objet ", "Montant"),
        (id_, 4, "donnees", "A", "un\nlot", "1"),
        (id_, 6, "donnees", "B", "", "2"),
        (id_, 7, "vide", "", "", ""),
        (id_, 8, "total", "Total", "", "3"),
    ]
    assert tables.entetes.rows() == [(id_, 0, "Nom"), (id_, 1, "Objet"), (id_, 2, "Montant")]
    assert json.loads(row["constantes"]) == {"an": "2024", "objet": "Été"}


def test_a_workbook_says_its_sheet(tmp_path: Path, settings: Settings) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Aides"
    for cells in (["Nom", "Montant"], ["A", 1.0]):
        book.active.append(cells)
    book.save(tmp_path / "aides.xlsx")
    tables = run(tmp_path, settings, entry("aides.xlsx", more='sheet = "Aides"\nheader_row = 1'))
    assert tables.livraisons.select("encodage", "separateur", "feuille", "donnees", "refus").rows() == [(None, None, "Aides", 1, None)]
    assert tables.enregistrements.select("c0", "c1").rows() == [("Nom", "Montant"), ("A", "1")]


def workbook(folder: Path, **sheets: list[list[object]]) -> str:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(folder / "aides.xlsx")
    return hashlib.sha256((folder / "aides.xlsx").read_bytes()).hexdigest()


YEARS: dict[str, list[list[object]]] = {"2019": [["Nom", "Montant"], ["A", 1]], "2020": [["Nom", "Montant"], ["B", 2], ["C", 3]]}


def test_each_sheet_of_a_workbook_may_be_a_delivery(tmp_path: Path, settings: Settings) -> None:
    workbook(tmp_path, **YEARS)
    one, other = (entry("aides.xlsx", more=f'sheet = "{year}"') for year in YEARS)
    tables = run(tmp_path, settings, one + other)
    assert tables.livraisons.select("feuille", "donnees", "refus").rows() == [("2019", 1, None), ("2020", 2, None)]
    assert tables.livraisons["livraison"].n_unique() == tables.livraisons["entree"].n_unique() == 2
    assert tables.enregistrements.group_by("livraison").len()["len"].sort().to_list() == [2, 3]
    assert run(tmp_path, settings, other + one).livraisons.equals(tables.livraisons), "the order declared plays a part"
    alone = run(tmp_path, settings, other).livraisons["livraison"].to_list()
    assert alone == tables.livraisons.filter(pl.col("feuille") == "2020")["livraison"].to_list(), "another sheet changes the id"


@pytest.mark.parametrize("more", ['sheet = "2019"\ndate = 2024-01-01', "date = 2024-01-01", "date = 2020-01-01"])
def test_a_sheet_is_not_read_twice(tmp_path: Path, settings: Settings, more: str) -> None:
    workbook(tmp_path, **YEARS)
    tables = run(tmp_path, settings, entry("aides.xlsx", more='sheet = "2019"\ndate = 2023-01-01') + entry("aides.xlsx", more=more))
    read = tables.livraisons.filter(pl.col("refus").is_null())
    (refusal,) = tables.livraisons["refus"].drop_nulls()
    assert read["feuille"].to_list() == ["2019"]
    assert ("déjà livré" if "sheet" in more else "nommer aussi par « sheet »") in refusal


def test_a_sheet_left_aside_is_told(tmp_path: Path, settings: Settings) -> None:
    """A year whose columns are fewer, a name that may not be repeated; no empty sheet, and none where the entry names its own."""
    full: list[list[object]] = [["Nom", "Objet", "Montant"], ["A", "x", 1]]
    others: dict[str, list[list[object]]] = {"2018": [["Nom", "Montant"], [], ["D", 4]], "vide": [], f"{PRIVATE} 06 12 34 56 78": [["x"]]}
    workbook(tmp_path, Aides=full, **others)
    (told,) = run(tmp_path, settings, entry("aides.xlsx")).livraisons["avis"].to_list()
    assert len(told) == 2 and PRIVATE not in " ".join(told)
    assert told[0].startswith("La feuille « 2018 » n'a pas été lue (lignes remplies : 2) : « Aides » ressemble plus")
    assert "(lignes remplies : 1)" in told[1]
    assert run(tmp_path, settings, entry("aides.xlsx", more='sheet = "Aides"')).livraisons["avis"].to_list() == [None]


@pytest.mark.parametrize("lines", ["", "\n\n", "Total;3\n"])
def test_a_delivery_without_a_line_of_data_is_told(tmp_path: Path, settings: Settings, lines: str) -> None:
    """It is accepted, and may replace what was known."""
    write(tmp_path, "vide.csv", f"Nom;Montant;Objet\n{lines}")
    ((told,),) = run(tmp_path, settings, entry("vide.csv")).livraisons["avis"].to_list()
    assert told.startswith("Aucune ligne de données")


def bad_deliveries(folder: Path) -> dict[str, tuple[str, str]]:
    """Entry and expected word, by the name that the sentence must give."""
    for name, text in {
        "vide.csv": "",
        "binaire.csv": "\0\1",
        "ailleurs.csv": f"{PRIVATE};x\n{PRIVATE};y\n",
        "ouvert.csv": f'nom;montant\n"{PRIVATE};1\n',
        "large.csv": "nom;montant\n" + ";".join([PRIVATE] * 30) + "\n",
        "feuille.csv": "nom;montant\n",
        "ligne.csv": "nom;objet\n",
        "dessus.csv": f"{PRIVATE};1\nnom;montant\nB;2\n",
    }.items():
        write(folder, name, text)
    (folder / "dossier").mkdir()
    openpyxl.Workbook().save(folder / "classeur.xlsx")
    return {
        "absent.csv": (entry("absent.csv"), "introuvable"),
        "dossier": (entry("dossier"), "dossier"),
        "vide.csv": (entry("vide.csv"), "vide"),
        "binaire.csv": (entry("binaire.csv"), "binaire"),
        "inconnue.csv": (entry("inconnue.csv", table="aide"), "« aides »"),
        "classeur.xlsx": (entry("classeur.xlsx", more='sheet = "X"'), "feuilles du classeur : Sheet"),
        "feuille.csv": (entry("feuille.csv", more='sheet = "X"'), "« sheet »"),
        "ligne.csv": (entry("ligne.csv", more="header_row = 9"), "header_row = 9"),
        "ailleurs.csv": (entry("ailleurs.csv"), "colonnes attendues : montant, nom, objet"),
        "dessus.csv": (entry("dessus.csv"), "donner header_row (2) si la ligne 1 est bien un titre"),
        "ouvert.csv": (entry("ouvert.csv"), "ligne 2 : guillemet"),
        "large.csv": (entry("large.csv"), "ligne 2 : plus de 20 colonnes"),
        "loin.csv": (entry("http://127.0.0.1:9/loin.csv"), "127.0.0.1"),
        "fiction.csv": (entry("fiction.csv", more="fictif = true"), "fictif"),
        "*.txt": (entry("*.txt"), "aucun fichier"),
    }


def test_each_bad_delivery_is_one_french_sentence_and_the_others_are_read(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    bad = bad_deliveries(tmp_path)
    write(tmp_path, "bonne.csv", "nom;montant\nA;1\n")
    entries = [text for text, _ in bad.values()]
    tables = run(tmp_path, settings.model_copy(update={"max_columns": 20}), "".join([*entries, entry("bonne.csv")]))

    told = {row["fichier"]: row for row in tables.livraisons.iter_rows(named=True)}
    assert set(told) == {*bad, "bonne.csv"}
    assert (told.pop("bonne.csv")["donnees"], tables.enregistrements["livraison"].n_unique()) == (1, 1)
    for name, row in told.items():
        sentence = row["refus"]
        assert sentence.startswith(f"Livraison « {name} » (table « ") and sentence.endswith(".") and "\n" not in sentence
        assert bad[name][1] in sentence, sentence
        assert PRIVATE not in sentence
        assert [row[count] for count in ("enregistrements", *COUNTS)] == [0] * 7
    assert tables.livraisons["livraison"].is_unique().all()


def test_the_order_declared_changes_nothing(tmp_path: Path, settings: Settings) -> None:
    for name in ("c.csv", "a.csv", "b.csv"):
        write(tmp_path, name, f"nom;montant\n{name};1\n")
    write(tmp_path, "copie.csv", "nom;montant\na.csv;1\n")
    write(tmp_path, "lieux.csv", "lieu;commune\nx;y\n")
    entries = [entry("c.csv"), entry("*a.csv"), entry("lieux.csv", "lieux"), entry("b.csv"), entry("copie.csv"), entry("rien.csv")]
    forward, backward = run(tmp_path, settings, "".join(entries)), run(tmp_path, settings, "".join(reversed(entries)))
    assert forward.livraisons.equals(backward.livraisons)
    assert forward.enregistrements.equals(backward.enregistrements)
    assert forward.entetes.equals(backward.entetes)
    assert forward.livraisons["fichier"].to_list() == ["a.csv", "b.csv", "c.csv", "copie.csv", "rien.csv", "lieux.csv"]
    copy = forward.livraisons.row(3, named=True)
    assert "« a.csv »" in copy["refus"] and copy["enregistrements"] == 0


def test_the_same_bytes_may_serve_two_tables(tmp_path: Path, settings: Settings) -> None:
    sha256 = write(tmp_path, "a.csv", "nom;montant;lieu;commune\nA;1;x;y\n")
    (settings.livraisons / ".partiel-abc").touch()
    tables = run(tmp_path, settings, entry("a.csv") + entry("a.csv", "lieux"))
    assert tables.livraisons["refus"].null_count() == 2
    assert [path.name for path in settings.livraisons.iterdir()] == [sha256], "frozen once, and what an earlier run left is cleared"


class PanicException(BaseException):
    """What a Rust library raises, by its name."""


@pytest.mark.parametrize("kind", [RuntimeError, MemoryError, PanicException])
def test_an_unexpected_failure_takes_only_its_delivery(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: type[BaseException]
) -> None:
    def failing(path: Path) -> str:
        if PRIVATE.encode() in path.read_bytes():
            raise kind(PRIVATE)
        return "csv"

    monkeypatch.setattr(reading, "format_of", failing)
    write(tmp_path, "a.csv", f"nom;montant\n{PRIVATE};1\n")
    write(tmp_path, "b.csv", "nom;montant\nB;1\n")
    with caplog.at_level(logging.ERROR):
        tables = run(tmp_path, settings, entry("a.csv") + entry("b.csv"))
    failed, read = tables.livraisons.iter_rows(named=True)
    assert "lecture impossible" in failed["refus"] and kind.__name__ in failed["refus"]
    assert (read["refus"], read["donnees"]) == (None, 1)
    assert kind.__name__ in caplog.text and failed["livraison"] in caplog.text
    assert PRIVATE not in caplog.text + failed["refus"]


def test_an_interruption_is_not_a_refusal(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "format_of", interrupted)
    write(tmp_path, "a.csv", "nom;montant\n")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, settings, entry("a.csv"))


def test_fiction_is_said(tmp_path: Path, settings: Settings) -> None:
    write(tmp_path, "a.csv", "nom;montant\n")
    assert run(tmp_path, settings, entry("a.csv"), root="fictif = true").livraisons["fictif"].to_list() == [True]


def test_a_table_of_the_project_is_named_by_its_own_columns(tmp_path: Path, settings: Settings) -> None:
    write(tmp_path, "a.csv", "x;y\n1;2\n")
    (tmp_path / "sources.toml").write_text(entry("a.csv", "vagues"), encoding="utf-8")
    tables = ingest(read_sources(tmp_path / "sources.toml", ("vagues",)), {"vagues": frozenset({"vague", "dispositif"})}, settings)
    assert "colonnes attendues : vague, dispositif, date_limite_depot" in tables.livraisons["refus"][0]


def test_invariant_one_holds_of_every_delivery(tmp_path: Path, settings: Settings) -> None:
    write(tmp_path, "a.csv", "t\n\nnom;montant\nA;1\n;\nnom;montant\nTotal;\n")
    livraisons = run(tmp_path, settings, entry("*.csv")).livraisons
    assert livraisons.select(pl.col("enregistrements") == pl.sum_horizontal(*COUNTS)).to_series().to_list() == [True]
    assert livraisons.select(*COUNTS).rows() == [(1, 2, 1, 2, 1, 0)]


def test_the_operator_may_say_that_a_wide_line_is_a_title(tmp_path: Path, settings: Settings) -> None:
    write(tmp_path, "a.csv", "Aides;2024\nnom;montant\nA;1\n")
    livraisons = run(tmp_path, settings, entry("a.csv", more="header_row = 2")).livraisons
    assert livraisons.select("preambules", "donnees", "refus").rows() == [(1, 1, None)]


def test_the_files_of_a_pattern_are_one_entry(tmp_path: Path, settings: Settings) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path, name, f"nom;montant\n{name};1\n")
    livraisons = run(tmp_path, settings, entry("*.csv", more='mode = "remplace"')).livraisons
    assert livraisons.select("fichier", "refus").rows() == [("a.csv", None), ("b.csv", None)]


def test_the_files_of_a_pattern_are_one_entry_named_by_content(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "lot").mkdir()
    for name, line in (("b", "B;1"), ("a", "A;2"), ("c", "C;3")):
        write(tmp_path, f"lot/{name}.csv" if name != "c" else "c.csv", f"nom;montant\n{line}\n")
    declared = [entry("lot/*.csv", more='mode = "remplace"\ndate = 2024-01-01'), entry("c.csv")]

    def together() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one, name in run(tmp_path, settings, "".join(declared)).livraisons.select("livraison", "entree").iter_rows():
            found.setdefault(name, set()).add(one)
        return found

    entries = together()
    assert sorted(map(len, entries.values())) == [1, 2]
    assert all(name == min(files) for name, files in entries.items())
    declared.reverse()
    (tmp_path / "lot" / "a.csv").rename(tmp_path / "lot" / "z.csv")
    assert together() == entries, "neither the order nor the names"


def test_what_comes_twice_is_read_at_its_first_date(tmp_path: Path, settings: Settings) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path, name, "nom;montant\nA;1\n")
    declared = [entry("a.csv", more='mode = "remplace"\ndate = 2024-02-01'), entry("b.csv", more='mode = "remplace"\ndate = 2024-01-01')]
    for order in (declared, declared[::-1]):
        rows = run(tmp_path, settings, "".join(order)).livraisons.select("fichier", pl.col("refus").is_null().alias("lu")).rows()
        assert sorted(rows) == [("a.csv", False), ("b.csv", True)]


def test_a_record_that_a_misplaced_quote_made_is_kept_apart(tmp_path: Path, settings: Settings) -> None:
    write(tmp_path, "a.csv", 'nom;montant;objet\nA;1;x\nB;"2;x\nC;"3;x\nD;4;x\n')
    tables = run(tmp_path, settings, entry("a.csv"))
    assert tables.livraisons.select("donnees", "enregistrements", "refus").rows() == [(3, 4, None)]
    assert tables.enregistrements.filter(role="donnees")["ligne"].to_list() == [2, 5]
    assert tables.irreguliers.select("ligne", "role", "defaut").rows() == [(3, "donnees", "stray-quote")]
