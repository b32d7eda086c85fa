import csv
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from pipeline.validate import Verdicts, judge_by, summarise, write_reports
from pipeline.validate.account import Known
from tests.validate.contract import lines, schema
from tests.validate.delivered import CANARY, as_delivered, deliveries, delivery, ledger, refusals, run

IGNORED: dict[str, list[str]] = {"essai-2": ["« Comune » : vouliez-vous dire « Commune » ?", "colonne 7"]}

ENCODINGS = pl.DataFrame(
    [("essai-2", "utf-8", 4, 1), ("essai-2", "windows-1252", 1, 3)], schema=["livraison", "encodage", "lignes", "premiere"], orient="row"
)
KNOWN = Known(IGNORED, ENCODINGS, {"espaces": "Les espaces de trop sont retirés."})
NOTHING = Known({}, ENCODINGS.clear(), {})


def write(folder: Path) -> list[Path]:
    received, judged, summary = run()
    return write_reports(folder, received, summary, judged.motifs.lazy(), KNOWN)


def test_the_files_of_a_run(tmp_path: Path) -> None:
    written = write(tmp_path / "rapports" / "execution")
    assert [path.name for path in written] == [
        "livraisons.csv",
        "qualite.csv",
        *(f"essai-{number}.{form}" for number in (1, 2, 3, 4) for form in ("html", "txt")),
    ]
    assert sorted(path.name for path in written[0].parent.iterdir()) == sorted(path.name for path in written)
    with written[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[1]["livraison"] == "essai-2"
    assert (rows[1]["lignes_recues"], rows[1]["lignes_acceptees"], rows[1]["lignes_rejetees"]) == ("3", "2", "1")
    with written[1].open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["livraison", "regle", "champ", "lignes", "etape"]


def test_a_report_tells_what_to_correct_and_what_it_would_save(tmp_path: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in write(tmp_path)}
    assert texts["essai-1.txt"] == (
        "Livraison essai-1 : acceptée\n"
        "Fichier « essai-1.csv », table « essai » (Éditeur, etalab-2.0, 28 octobre 2024)\n"
        "Mode « remplace ».\n"
        "\n"
        "22 enregistrements lus : données 20, en-têtes 1, préambule 0, lignes vides 1, totaux 0, notes 0.\n"
        "20 lignes reçues, dont :\n"
        "  - valides telles que livrées : 17 (85,0\u00a0%)\n"
        "  - acceptées : 19 (95,0\u00a0%)\n"
        "  - rejetées : 1 (5,0\u00a0%)\n"
        "\n"
        "Ce qui a été changé : 2 cellules modifiées.\n"
        "  - nom, règle constante-declaree : 20\n"
        "  - jour, règle date : 2\n"
        "  - jour, règle espaces : 1\n"
        "    Les espaces de trop sont retirés.\n"
        "\n"
        "Ce qui est à corriger, le plus fréquent d'abord :\n"
        "\n"
        "1. « Montant » (montant) : attendu, nombre sans espace ni symbole, avec « . » devant les décimales ; corriger la cellule.\n"
        "   Règle type ; 1 ligne : 9.\n"
        "   Corriger ce champ (« montant ») suffirait pour 1 ligne, 5,0\u00a0% des lignes reçues.\n"
    )
    assert "suffit pour aucune ligne : chacune a aussi un autre motif" in texts["essai-2.txt"]
    assert "Colonne « nom » absente." in texts["essai-3.txt"]
    assert "Livraison illisible." in texts["essai-4.txt"]


def test_one_correction_can_lift_two_rules_on_the_same_field(tmp_path: Path) -> None:
    """Two rules broken by one cell: correcting it saves the line. Two fields broken: neither correction is enough."""
    checks = [{"name": name, "params": {"column": "siret"}} for name in ("siret-strict", "siret-arrondi")]
    rounded = "21860194600000"
    judged = judge_by(schema(custom_checks=checks), lines({"siret": rounded}, {"siret": rounded, "montant": "x"}, {}, {}))
    received = deliveries(delivery("essai-1", 4))
    summary = summarise(received, refusals(), ledger(), Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered()))
    text = write_reports(tmp_path, received, summary, judged.motifs.lazy(), NOTHING)[-1].read_text(encoding="utf-8")
    assert text.count("Corriger ce champ (« siret ») suffirait pour 1 ligne, 25,0\u00a0% des lignes reçues.") == 2
    assert text.count("Corriger ce champ (« montant ») ne suffit pour aucune ligne") == 1


def test_no_report_holds_a_value(tmp_path: Path) -> None:
    for path in write(tmp_path):
        assert CANARY not in path.read_text(encoding="utf-8"), path.name


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = write(tmp_path / "un"), write(tmp_path / "deux")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_report_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = {path.name: path.read_bytes() for path in write(tmp_path)}
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in first} == first


def test_fiction_says_so_and_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    received, judged, summary = run()
    row = summary.livraisons.head(1).with_columns(livraison=pl.lit("../essai-1"), fictif=pl.lit(True))
    fictional = summary._replace(livraisons=row)
    written = write_reports(tmp_path / "dedans", deliveries(*received.collect().rows(named=True)), fictional, judged.motifs.lazy(), NOTHING)
    assert written[-1].parent == tmp_path / "dedans"
    assert "Données fictives" in written[-1].read_text(encoding="utf-8")


def test_ignored_columns_are_told_in_the_report_of_their_delivery(tmp_path: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in write(tmp_path)}
    told = "\n\nColonnes ignorées, qu'aucun champ n'attend :\n  - « Comune » : vouliez-vous dire « Commune » ?\n  - colonne 7\n\n"
    assert told in texts["essai-2.txt"]
    assert [name for name, text in texts.items() if "Colonnes ignorées" in text] == ["essai-2.html", "essai-2.txt"]


def test_what_no_line_tells_comes_first_in_the_report_of_its_delivery(tmp_path: Path) -> None:
    received, judged, summary = run()
    told = pl.when(pl.col("livraison") == "essai-2").then(pl.lit(["La feuille « 2018 & 2019 » n'a pas été lue."], pl.List(pl.String)))
    read = received.with_columns(feuille=pl.lit("Aides"), avis=told)
    texts = {path.name: path.read_text(encoding="utf-8") for path in write_reports(tmp_path, read, summary, judged.motifs.lazy(), KNOWN)}
    sentence = "À savoir :\n  - La feuille « 2018 & 2019 » n'a pas été lue.\n"
    assert sentence in texts["essai-2.txt"].split("enregistrements lus")[0] and "Feuille « Aides »." in texts["essai-2.txt"]
    assert "<li>La feuille « 2018 & 2019 » n'a pas été lue.</li>" in unescape(texts["essai-2.html"])
    assert "2018 & 2019" not in texts["essai-2.html"], "the name of a sheet is no markup"
    assert not any("À savoir" in text for name, text in texts.items() if "essai-2" not in name)


def test_a_publisher_or_a_licence_that_is_not_declared_is_told(tmp_path: Path) -> None:
    judged = judge_by(schema(), lines({}))
    received = deliveries(delivery("essai-1", 1, editeur=None, licence=None))
    summary = summarise(received, refusals(), ledger(), Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered()))
    text = write_reports(tmp_path, received, summary, judged.motifs.lazy(), NOTHING)[-1].read_text(encoding="utf-8")
    assert "table « essai » (éditeur non déclaré, licence non déclarée, 28 octobre 2024)\n" in text
    refused = {path.name: path.read_text(encoding="utf-8") for path in write(tmp_path / "refus")}["essai-4.txt"]
    assert "non déclaré" not in refused, "nothing was read of that entry"


def test_the_page_says_what_the_text_says(tmp_path: Path) -> None:
    """Every sentence and figure of a reason, with no markup of anybody else."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in write(tmp_path)}
    shown = unescape(texts["essai-2.html"])
    for told in ("valides telles que livrées", "« Comune » : vouliez-vous dire « Commune » ?", "chacune a aussi un autre motif"):
        assert told in shown and told in texts["essai-2.txt"]
    assert "Encodage : utf-8 (4 lignes, la première : 1), windows-1252 (1 ligne, la première : 3)." in shown
    assert "Encodage : utf-8 (4 lignes, la première : 1), windows-1252 (1 ligne, la première : 3)." in texts["essai-2.txt"]
    assert "Les espaces de trop sont retirés." in texts["essai-1.html"]


def test_a_file_name_is_no_markup(tmp_path: Path) -> None:
    judged = judge_by(schema(), lines({}))
    received = deliveries(delivery("essai-1", 1, fichier="<script>alert(1)</script>.csv"))
    summary = summarise(received, refusals(), ledger(), Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered()))
    written = write_reports(tmp_path, received, summary, judged.motifs.lazy(), NOTHING)
    assert "<script>" not in written[-2].read_text(encoding="utf-8")


def test_the_number_of_possible_joinings_is_told(tmp_path: Path) -> None:
    judged = judge_by(schema(), lines({"defaut": "extra-cell", "recollages": 3}))
    received = deliveries(delivery("essai-1", 1))
    summary = summarise(received, refusals(), ledger(), Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered()))
    for path in write_reports(tmp_path, received, summary, judged.motifs.lazy(), NOTHING)[-2:]:
        assert "3 façons de recoller ses cellules respectent le schéma, aucune n'est choisie" in path.read_text(encoding="utf-8")


def test_two_things_that_one_rule_asks_of_a_line_are_two_corrections(tmp_path: Path) -> None:
    pairs = (("siret", "rang"), ("jour", "annee"))
    checks = [{"name": "one-of-required", "params": {"column1": first, "column2": second}} for first, second in pairs]
    judged = judge_by(schema(custom_checks=checks), lines({}, {"siret": "1"}))
    received = deliveries(delivery("essai-1", 2))
    summary = summarise(received, refusals(), ledger(), Verdicts({"essai": judged.accepted}, judged.motifs.lazy(), as_delivered()))
    text = write_reports(tmp_path, received, summary, judged.motifs.lazy(), NOTHING)[-1].read_text(encoding="utf-8")
    assert text.count("Corriger ce point suffirait pour 1 ligne, 50,0\u00a0% des lignes reçues.") == 1
    assert text.count("Corriger ce point ne suffit pour aucune ligne") == 1
