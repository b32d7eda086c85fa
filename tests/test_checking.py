"""`fabriques validate`, from the shell."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import frictionless
import pytest

from tests.conftest import ROOT, Fabriques

SCHEMA = {"name": "prix", "fields": [{"name": "nom"}, {"name": "montant", "type": "number"}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (tmp_path / "bon.csv").write_text("nom,montant\na,1\n", encoding="utf-8")
    (tmp_path / "faux.csv").write_text("nom,montant\na,C4NARI\nb,1\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("files", "code"), [(["bon.csv"], 0), (["bon.csv", "faux.csv"], 1), (["bon.csv", "absent.csv"], 2), (["."], 2)])
def test_exit_codes(fabriques: Fabriques, folder: Path, files: list[str], code: int) -> None:
    done = fabriques("validate", *files, "--schema", "schema.json", cwd=folder)
    assert done.returncode == code
    assert ("introuvable" in done.stderr) is (code == 2)
    assert ("bon.csv" in done.stdout) is ("bon.csv" in files)  # what can be read is reported all the same


def test_the_report_alone_is_on_standard_output(fabriques: Fabriques, folder: Path) -> None:
    done = fabriques("validate", "bon.csv", "faux.csv", "--schema", "schema.json", "--format", "json", "--explain", cwd=folder)
    report = frictionless.Report.from_descriptor(json.loads(done.stdout))
    assert [task.valid for task in report.tasks] == [True, False]
    assert report.flatten(["type", "rowNumber", "fieldNumber"]) == [["type-error", 2, 2]]
    assert "montant, type : en colonnes" in done.stderr
    assert "C4NARI" not in done.stdout + done.stderr
    page = fabriques("validate", "faux.csv", "--schema", "schema.json", "--format", "html", "--valeurs", cwd=folder)
    assert "« C4NARI »" in page.stdout


def test_standard_input(folder: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "validate", "-", "--schema", "schema.json"]
    text = (folder / "faux.csv").read_bytes()
    done = subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, input=text, capture_output=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "1 ligne : 2" in done.stdout.decode()


def test_a_report_that_nobody_reads_to_its_end(folder: Path) -> None:
    (folder / "faux.csv").write_text("nom,montant\n" + "a,x\n" * 100_000, encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "validate", "faux.csv", "--schema", "schema.json", "--format", "json"]
    with subprocess.Popen(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
    assert not (folder / "var").exists()


def test_arguments_come_in_any_order_and_a_wrong_one_is_told(fabriques: Fabriques, folder: Path) -> None:
    done = fabriques("validate", "bon.csv", "--schema=schema.json", "faux.csv", "--max-errors", "1", cwd=folder)
    assert (done.returncode, "faux.csv" in done.stdout) == (1, True)
    schema = ["--schema", "schema.json"]
    for wrong, sentence in (
        (["bon.csv"], "il manque --schema"),
        (schema, "il manque FICHIER"),
        (["bon.csv", "--schema"], "« --schema » attend une valeur"),
        (["bon.csv", *schema, "--max-errors", "0"], "« --max-errors » attend un nombre entier, 1 ou plus"),
        (["bon.csv", *schema, "--format", "xml"], "« --format » attend 'text', 'json', 'html'"),
        (["bon.csv", *schema, "--zut"], "option inconnue : --zut"),
        (["bon.csv", *schema, "--valeurs=3"], "« --valeurs » n'attend pas de valeur"),
    ):
        done = fabriques("validate", *wrong, cwd=folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"fabriques validate : {sentence} ; voir « fabriques validate --help ».\n"


@pytest.fixture
def address() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/schema.json"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(json.dumps(SCHEMA).encode() if found else b"")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_schema_by_its_address(fabriques: Fabriques, folder: Path, address: str) -> None:
    assert fabriques("validate", "bon.csv", "--schema", f"{address}/schema.json", cwd=folder).returncode == 0
    missing = fabriques("validate", "bon.csv", "--schema", f"{address}/autre.json", cwd=folder)
    assert missing.returncode == 2
    assert "HTTP 404" in missing.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "ce n'est pas du JSON"), ("[]", "Table Schema"), ('{"fields": [{"name": "a", "type": "monnaie"}]}', "inutilisable")],
)
def test_a_schema_that_cannot_be_used(fabriques: Fabriques, folder: Path, text: str, told: str) -> None:
    (folder / "mauvais.json").write_text(text, encoding="utf-8")
    done = fabriques("validate", "bon.csv", "--schema", "mauvais.json", cwd=folder)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_a_small_file_does_not_wait_for_what_it_does_not_need(folder: Path) -> None:
    code = (
        "import sys; from pipeline.validate_command import command\n"
        "code = command(['bon.csv', '--schema', 'schema.json'])\n"
        "sys.exit(code != 0 or any(name in sys.modules for name in ('typer', 'pydantic', 'rich', 'frictionless')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, env={"PYTHONPATH": str(ROOT)}, check=False, timeout=60).returncode == 0


def test_frictionless_is_not_imported_when_nothing_is_suspect(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.checking import check_files\n"
        "outcome = check_files([Path('bon.csv'), Path('faux.csv')], 'schema.json')\n"
        "sys.exit(outcome.code != 1 or 'frictionless' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, env={"PYTHONPATH": str(ROOT)}, check=False, timeout=60).returncode == 0
