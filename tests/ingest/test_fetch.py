import hashlib
import os
import stat
from pathlib import Path

import pytest

from pipeline.ingest.fetch import Frozen, Location, clear_partial, freeze, locate
from pipeline.ingest.refusal import DeliveryRefused
from pipeline.ingest.sources import Source, read_sources
from pipeline.settings import Settings


def source(folder: Path, path: str) -> Source:
    file = folder / "sources.toml"
    file.write_text(f"[[source]]\ntable = 't'\npath = '{path}'\n", encoding="utf-8")
    return read_sources(file, ("t",)).entries[0]


def names(folder: Path, path: str) -> list[str]:
    return [location.fichier for location in locate(source(folder, path))]


def frozen(path: Path, settings: Settings, pin: str | None = None) -> Frozen:
    return freeze(Location(path.name, path), pin, settings)


def refusal(path: Path, settings: Settings, pin: str | None = None) -> str:
    with pytest.raises(DeliveryRefused) as caught:
        frozen(path, settings, pin)
    assert not list(settings.livraisons.glob(".*")), "an unfinished copy was left"
    return str(caught.value)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_files_and_patterns(tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    for name in ("b.csv", "a.csv", ".cache.csv", "[2019].csv", "sous/c.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    (folder / "dossier.csv").mkdir()
    assert names(folder, "a.csv") == ["a.csv"]
    assert names(folder, "*.csv") == ["[2019].csv", "a.csv", "b.csv"]
    assert names(folder, ".c*") == [".cache.csv"]
    assert names(folder, "**/*.csv") == ["[2019].csv", "a.csv", "b.csv", "c.csv"]
    assert names(folder, f"{folder}/[ab].csv") == ["a.csv", "b.csv"]
    assert names(folder, "[2019].csv") == ["[2019].csv"]
    assert names(folder, "https://exemple.fr/x/donn%C3%A9es.csv?cle=1") == ["données.csv"]


@pytest.mark.parametrize(("pattern", "word"), [("*.xlsx", "aucun fichier"), ("absent/*.csv", "aucun fichier"), ("a**b", "motif")])
def test_a_pattern_that_gives_nothing(tmp_path: Path, pattern: str, word: str) -> None:
    with pytest.raises(DeliveryRefused, match=word):
        locate(source(tmp_path, pattern))


def test_frozen_once_under_its_hash_for_its_owner_only(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n" * 1_000_000)
    kept = frozen(path, settings)
    assert (kept.sha256, kept.path.name) == (sha256(path.read_bytes()),) * 2
    assert kept.path.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    before = kept.path.stat()
    assert frozen(path, settings) == kept
    assert (kept.path.stat().st_ino, kept.path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [entry.name for entry in settings.livraisons.iterdir()] == [kept.sha256]


def test_what_is_not_a_file_to_read(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "vide.csv").touch()
    (tmp_path / "vrai.csv").write_text("a")
    (tmp_path / "lien.csv").symlink_to(tmp_path / "vrai.csv")
    os.mkfifo(tmp_path / "tube")
    assert "introuvable" in refusal(tmp_path / "rien.csv", settings)
    assert "introuvable" in refusal(tmp_path / "vrai.csv" / "a.csv", settings)
    assert "dossier" in refusal(tmp_path, settings)
    assert "vide" in refusal(tmp_path / "vide.csv", settings)
    assert "lien" in refusal(tmp_path / "lien.csv", settings)
    assert "ordinaire" in refusal(tmp_path / "tube", settings)
    assert "ordinaire" in refusal(Path("/dev/null"), settings)
    assert "trop long" in refusal(tmp_path / ("a" * 300), settings)


def test_no_link_is_followed_below_the_folder_of_the_sources(tmp_path: Path, settings: Settings) -> None:
    elsewhere, folder = tmp_path / "ailleurs", tmp_path / "sources"
    (elsewhere / "prive").mkdir(parents=True)
    (elsewhere / "prive" / "a.csv").write_text("a")
    (folder / "vrai" / "sous").mkdir(parents=True)
    (folder / "vrai" / "sous" / "a.csv").write_text("b")
    (folder / "lien").symlink_to(elsewhere)
    (folder / "vrai" / "lien").symlink_to(elsewhere / "prive")
    (folder / "vrai" / "ici").symlink_to("sous")
    for path in ("lien/prive/a.csv", "vrai/lien/a.csv", "vrai/ici/a.csv", "lien/../vrai/sous/a.csv", "lien/prive/*.csv"):
        for location in locate(source(folder, path)):
            with pytest.raises(DeliveryRefused, match="lien symbolique"):
                freeze(location, None, settings)
    assert not list(settings.livraisons.iterdir())
    for path in ("vrai/sous/a.csv", "./vrai/sous/a.csv", "vrai/sous/../sous/a.csv", "vrai/s*/a.csv", f"{folder}/vrai/ici/a.csv"):
        assert freeze(locate(source(folder, path))[0], None, settings).sha256 == sha256(b"b")
    with pytest.raises(DeliveryRefused, match="dossier"):
        freeze(locate(source(folder, "."))[0], None, settings)
    through = tmp_path / "raccourci"
    through.symlink_to(folder)  # the operator's own folder may be reached by a link
    assert freeze(locate(source(through, "vrai/sous/a.csv"))[0], None, settings).sha256 == sha256(b"b")


def test_a_file_over_the_bound(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"0123456789")
    assert "10" not in refusal(path, settings.model_copy(update={"max_bytes": 9}))
    assert frozen(path, settings.model_copy(update={"max_bytes": 10})).sha256 == sha256(b"0123456789")


def test_a_pinned_file(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"premier")
    pin = sha256(b"premier")
    assert "introuvable" in refusal(tmp_path / "b.csv", settings, pin)
    kept = frozen(path, settings, pin)
    path.unlink()
    assert frozen(path, settings, pin) == kept, "gone, known by its pin"
    assert freeze(Location("a.csv", "http://127.0.0.1:9/a.csv"), pin, settings) == kept, "no need of the network"
    path.write_bytes(b"second")
    assert frozen(path, settings, pin) == kept, "changed since, known by its pin"
    assert "différent" in refusal(path, settings, sha256(b"tiers")), "pinned, but never frozen here"
    kept.path.write_bytes(b"autre")
    assert "altérée" in refusal(path, settings, pin)


def test_what_an_interrupted_run_left_is_cleared(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a")
    kept = frozen(path, settings)
    (settings.livraisons / ".partiel-abc").write_bytes(b"moit")
    clear_partial(settings)
    assert list(settings.livraisons.iterdir()) == [kept.path]
