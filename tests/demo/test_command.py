"""`fabriques demo` writes in a folder of its own and nowhere else."""

from pathlib import Path

from tests.conftest import Fabriques


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, fabriques: Fabriques) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "à garder.txt").write_text("à garder", encoding="utf-8")
    done = fabriques("demo", "notes", cwd=tmp_path)
    assert done.returncode == 2
    assert "contient autre chose qu'une démonstration" in done.stderr
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["à garder.txt"]


def test_a_file_is_no_folder(tmp_path: Path, fabriques: Fabriques) -> None:
    (tmp_path / "fichier").write_text("à garder", encoding="utf-8")
    done = fabriques("demo", "fichier", cwd=tmp_path)
    assert done.returncode == 2
    assert "n'est pas un dossier" in done.stderr
    assert (tmp_path / "fichier").read_text(encoding="utf-8") == "à garder"


def test_an_earlier_demo_is_made_again(tmp_path: Path, fabriques: Fabriques) -> None:
    assert fabriques("demo", "demo", "--rows", 10_000, cwd=tmp_path).returncode == 0
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "à garder.txt").write_text("à garder", encoding="utf-8")
    (tmp_path / "demo" / "lien").symlink_to(tmp_path / "ailleurs")
    done = fabriques("demo", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "demo" / "lien").exists()
    assert (tmp_path / "ailleurs" / "à garder.txt").exists()


def test_too_few_rows_make_no_programme(tmp_path: Path, fabriques: Fabriques) -> None:
    done = fabriques("demo", "demo", "--rows", 9_999, cwd=tmp_path)
    assert done.returncode == 2
    assert "10000 lignes" in done.stderr
    assert not (tmp_path / "demo").exists()
