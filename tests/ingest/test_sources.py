import datetime as dt
from itertools import permutations
from pathlib import Path

import pytest

from pipeline import programme
from pipeline.ingest.sources import SourcesError, read_sources

TABLES = ("conventions", "lieux", "resultats", "subventions")


def written(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, entry: str, root: str = "") -> str:
    """The reason given for an entry, beside a good one that must stay."""
    good = '[[source]]\ntable = "resultats"\npath = "bon.csv"\n'
    sources = read_sources(written(folder, f"{root}\n[[source]]\n{entry}\n{good}"), TABLES)
    assert [entry.path for entry in sources.entries] == ["bon.csv"]
    (refused,) = sources.refused
    return refused.reason


def test_an_entry_with_everything(tmp_path: Path) -> None:
    text = """
        fictif = true
        [[source]]
        table = "conventions"
        path = "conventions.xlsx"
        publisher = "Une direction"
        licence = "Licence Ouverte 2.0"
        mode = "ajoute"
        date = 2024-10-28
        periode = " 2023 / 2024 "
        sha256 = "ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789"
        sheet = "Feuille 1"
        header_row = 3
        seuil_rejet = 0.1
        fictif = true
        [source.constantes]
        nomAttribuant = "Département"
        dateConvention = 2024-01-02
        montant = 12
    """
    sources = read_sources(written(tmp_path, text), TABLES)
    (source,) = sources.entries
    assert sources.fictif and source.fictif and not sources.refused
    assert (source.table, source.path, source.base) == ("conventions", "conventions.xlsx", tmp_path)
    assert (source.publisher, source.licence, source.mode) == ("Une direction", "Licence Ouverte 2.0", "ajoute")
    assert (source.date, source.sheet, source.header_row, source.seuil_rejet) == (dt.date(2024, 10, 28), "Feuille 1", 3, 0.1)
    assert source.periode == "2023/2024"
    assert source.sha256 == "abcdef0123456789" * 4
    assert source.constantes == {"nomAttribuant": "Département", "dateConvention": "2024-01-02", "montant": "12"}


def test_what_an_entry_may_leave_out(tmp_path: Path) -> None:
    text = '[[source]]\ntable = "resultats"\npath = "a.csv"\n[[source]]\ntable = "subventions"\npath = "https://exemple.fr/b.csv"\n'
    programme, other = read_sources(written(tmp_path, text), TABLES).entries
    assert (programme.mode, programme.fictif, programme.constantes) == ("remplace", False, {})
    assert (programme.publisher, programme.date, programme.periode) == (None, None, None)
    assert (programme.seuil_rejet, other.seuil_rejet) == (0.05, 1.0)
    assert (programme.is_url, other.is_url) == (False, True)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            'table = "resultat"\npath = "a.csv"',
            ["« resultat »", "vouliez-vous dire « resultats »", ", ".join(TABLES)],
        ),
        ('table = "resultats"\npath = "a.csv"\npublisheur = "x"', ["« publisheur »", "« publisher »"]),
        ('table = "resultats"', ["« path » manque"]),
        ('path = "a.csv"', ["« table » manque"]),
        ('table = 3\npath = "a.csv"', ["« table » doit être un texte"]),
        ('table = "resultats"\npath = "a\\u0000.csv"', ["caractère nul"]),
        ('table = "resultats"\npath = "a.csv"\nmode = "annule"', ["« annule »", "remplace, ajoute, corrige"]),
        ('table = "resultats"\npath = "a.csv"\nmode = "corrige"', ["« corrige »", "« date »", "donner le jour de la livraison"]),
        ('table = "subventions"\npath = "a.csv"\nmode = "corrige"\ndate = 2024-01-01', ["« subventions »", 'mode = "remplace"']),
        ('table = "lieux"\npath = "a.csv"\nperiode = "2023"', ["« lieux » n'a pas de période", "retirer « periode »"]),
        ('table = "conventions"\npath = "a.csv"\nperiode = "2023-2024"', ["« 2023-2024 »", '"2023"', '"2021/2023"']),
        ('table = "conventions"\npath = "a.csv"\nperiode = "2024/2023"', ["« 2024/2023 » à l'envers", '"2023/2024"']),
        ('table = "conventions"\npath = "a.csv"\nperiode = true', ["« periode » doit être un texte"]),
        ('table = "resultats"\npath = "a.csv"\nperiode = "2023"', ["« 2023 »", "vague inconnue", "fdt-01, fdt-02"]),
        ('table = "resultats"\npath = "a.csv"\ndate = "28/10/2024"', ["AAAA-MM-JJ"]),
        ('table = "resultats"\npath = "a.csv"\ndate = 2024-10-28T10:00:00', ["AAAA-MM-JJ"]),
        ('table = "resultats"\npath = "a.csv"\nheader_row = true', ["« header_row »"]),
        ('table = "resultats"\npath = "a.csv"\nheader_row = 0', ["« header_row »"]),
        ('table = "resultats"\npath = "a.csv"\nseuil_rejet = 5', ["« seuil_rejet »", "entre 0 et 1"]),
        ('table = "resultats"\npath = "a.csv"\nseuil_rejet = true', ["« seuil_rejet »"]),
        ('table = "resultats"\npath = "a.csv"\nseuil_rejet = nan', ["« seuil_rejet »"]),
        ('table = "resultats"\npath = "a.csv"\nsha256 = "abc"', ["64"]),
        (f'table = "resultats"\npath = "*.csv"\nsha256 = "{"a" * 64}"', ["« sha256 »"]),
        ('table = "resultats"\npath = "a.csv"\nconstantes = 3', ["[source.constantes]"]),
        ('table = "resultats"\npath = "a.csv"\nconstantes = { nom = [1] }', ["« nom »"]),
        ('table = "resultats"\npath = "a.csv"\nfictif = true', ["fictif", "réel"]),
        ('table = "resultats"\npath = "a.csv"\nfictif = "oui"', ["« fictif »"]),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_alone(tmp_path: Path, entry: str, words: list[str]) -> None:
    reason = refusal(tmp_path, entry)
    assert all(word in reason for word in words), reason


def test_fact_in_a_file_of_fiction(tmp_path: Path) -> None:
    assert "fictif" in refusal(tmp_path, 'table = "resultats"\npath = "a.csv"\nfictif = false', root="fictif = true")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["aucune livraison", "[[source]]"]),
        ("[source]\ntable = 'resultats'", ["[[source]]"]),
        ("source = [1]", ["[[source]]"]),
        ("[[source]\n", ["TOML", "ligne 1"]),
        ("fictif = 'oui'\n[[source]]", ["« fictif »"]),
        ("fictiff = true\n[[source]]", ["« fictiff »", "« fictif »"]),
    ],
)
def test_a_file_without_a_list_of_entries(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SourcesError) as caught:
        read_sources(written(tmp_path, text), TABLES)
    assert all(word in str(caught.value) for word in [*words, "sources.toml"]), caught.value
    assert "\n" not in str(caught.value)


def test_no_file_a_folder_another_encoding(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes("# été".encode("cp1252"))
    for path, word in ((tmp_path / "rien.toml", "introuvable"), (tmp_path, "dossier"), (latin, "UTF-8")):
        with pytest.raises(SourcesError, match=word):
            read_sources(path, TABLES)


def test_cut_at_a_date(tmp_path: Path) -> None:
    entries = "".join(
        f'[[source]]\ntable = "resultats"\npath = "{day}.csv"\nmode = "ajoute"\ndate = 2024-01-{day}\n' for day in ("01", "02", "03")
    )
    sources = read_sources(written(tmp_path, entries + '[[source]]\ntable = "resultats"\npath = "sans.csv"'), TABLES)
    assert [source.path for source in sources.known_at(dt.date(2024, 1, 2)).entries] == ["01.csv", "02.csv", "sans.csv"]
    assert sources.known_at(None) == sources


def test_a_date_before_every_delivery_is_an_error_and_no_empty_release(tmp_path: Path) -> None:
    entries = "".join(
        f'[[source]]\ntable = "{table}"\npath = "a.csv"\ndate = 2024-01-{day}\n'
        for table, day in (("resultats", "02"), ("conventions", "01"))
    )
    sources = read_sources(written(tmp_path, entries), TABLES)
    with pytest.raises(SourcesError, match="aucune livraison connue au 2019-01-01 ; la première est du 2024-01-01"):
        sources.known_at(dt.date(2019, 1, 1))
    assert len(sources.known_at(dt.date(2024, 1, 1)).entries) == 1


def test_a_refused_entry_is_told_even_when_the_date_leaves_no_other(tmp_path: Path) -> None:
    entries = '[[source]]\ntable = "resultats"\npath = "a.csv"\ndate = 2024-01-02\n[[source]]\ntable = "resultat"\npath = "b.csv"\n'
    cut = read_sources(written(tmp_path, entries), TABLES).known_at(dt.date(2019, 1, 1))
    assert (cut.entries, len(cut.refused)) == ((), 1)


@pytest.mark.parametrize(
    ("table", "given", "meant"),
    [
        ("conventions", '"2023"', "2023"),
        ("conventions", "2023", "2023"),
        ("conventions", '"2023/2023"', "2023"),
        ("conventions", '"2021/2023"', "2021/2023"),
        ("resultats", '"3"', "fdt-03"),
        ("resultats", "3", "fdt-03"),
        ("resultats", '"FDT-03"', "fdt-03"),
        ("resultats", '"MP-1"', "mp-01"),
    ],
)
def test_a_period_in_the_words_of_the_operator(tmp_path: Path, table: str, given: str, meant: str) -> None:
    (source,) = read_sources(written(tmp_path, f'[[source]]\ntable = "{table}"\npath = "a.csv"\nperiode = {given}'), TABLES).entries
    assert source.periode == meant


def entries_of(*declared: tuple[str, str]) -> str:
    """Entries of `conventions`: a name, and what it declares besides."""
    return "".join(f'[[source]]\ntable = "conventions"\npath = "{name}.csv"\n{more}\n' for name, more in declared)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(("one", "other"), [
    ("", ""),
    ('mode = "remplace"', ""),
    ("date = 2024-01-01", "date = 2024-01-01"),
    ("date = 2024-01-01", 'date = 2024-01-01\nperiode = "2023"'),
    ('date = 2024-01-01\nperiode = "2021/2023"', 'date = 2024-01-01\nperiode = "2023/2024"'),
])  # fmt: skip
def test_two_entries_cannot_both_replace_a_period_on_one_day(tmp_path: Path, one: str, other: str, order: tuple[int, ...]) -> None:
    """Whatever their order in the file: both are refused, each with the name of the other."""
    declared = [("un", one), ("deux", other), ("plus", 'mode = "ajoute"')]
    sources = read_sources(written(tmp_path, entries_of(*(declared[place] for place in order))), TABLES)
    assert [entry.path for entry in sources.entries] == ["plus.csv"]
    told = {refused.path: refused.reason for refused in sources.refused}
    assert told.keys() == {"un.csv", "deux.csv"}
    for name, rival in (("un.csv", "deux.csv"), ("deux.csv", "un.csv")):
        day = "le même jour (2024-01-01)" if "date" in one else "sans « date »"
        assert f"remplacent la table « conventions » pour la même période {day}, l'autre est « {rival} »" in told[name]
        assert 'donner à chacune sa date ou sa période, ou mode = "ajoute" à celle qui s\'ajoute' in told[name]


def test_entries_that_replace_one_another_in_time_or_by_period(tmp_path: Path) -> None:
    declared = entries_of(
        ("sans", ""),
        ("a", "date = 2024-01-01"),
        ("b", "date = 2024-01-02"),
        ("c", 'date = 2024-01-03\nperiode = "2023"'),
        ("d", 'date = 2024-01-03\nperiode = "2024"'),
        ("e", 'date = 2024-01-03\nmode = "corrige"'),
        ("f", 'date = 2024-01-03\nmode = "corrige"'),
    )
    sources = read_sources(written(tmp_path, declared), TABLES)
    assert ([Path(entry.path).stem for entry in sources.entries], sources.refused) == (["sans", "a", "b", "c", "d", "e", "f"], ())


def test_what_was_refused_later_does_not_hinder_an_earlier_date(tmp_path: Path) -> None:
    declared = entries_of(
        ("a", "date = 2024-01-01"),
        ("b", "date = 2024-01-02"),
        ("c", "date = 2024-01-02"),
        ("d", "date = 2024-01-02\nheader_row = 0"),
        ("e", 'date = "hier"'),
    )
    sources = read_sources(written(tmp_path, declared), TABLES)
    assert {refused.path for refused in sources.refused} == {"b.csv", "c.csv", "d.csv", "e.csv"}
    cut = sources.known_at(dt.date(2024, 1, 1))
    assert [entry.path for entry in cut.entries] == ["a.csv"]
    assert [refused.path for refused in cut.refused] == ["e.csv"], "no date can be read: it may have been known"


def test_an_entry_refused_for_itself_replaces_nothing(tmp_path: Path) -> None:
    entries = '[[source]]\ntable = "resultats"\npath = "a.csv"\nheader_row = 0\n[[source]]\ntable = "resultats"\npath = "b.csv"\n'
    assert [entry.path for entry in read_sources(written(tmp_path, entries), TABLES).entries] == ["b.csv"]


def test_a_date_too_far_after_the_review_of_the_programme(tmp_path: Path) -> None:
    last = programme.load().mise_a_jour + dt.timedelta(days=366)
    (source,) = read_sources(written(tmp_path, f'[[source]]\ntable = "resultats"\npath = "a.csv"\ndate = {last}'), TABLES).entries
    assert source.date == last
    for day in (last + dt.timedelta(days=1), dt.date(2204, 10, 1)):
        reason = refusal(tmp_path, f'table = "resultats"\npath = "a.csv"\ndate = {day}')
        assert f"date {day} invraisemblable" in reason and "corriger la date, ou mettre à jour programme.toml" in reason
