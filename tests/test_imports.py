"""Who may import whom (the house rule of the README): read from the source, so that an import inside a function counts too."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "pipeline"
STAGES = {"ingest", "harmonise", "validate", "model", "evaluate", "protect", "release", "serve", "publish"}
LEAVES = {"schema", "tableschema", "identifiants", "programme", "presentation", "demo", "data"}
# What brings the stages together, and what all of them may read.
GATHERERS = {"__main__", "checking", "cli", "commands", "definitions", "incident", "run", "summary", "validate_command"}
COMMON = {"settings", "storage", "duck"}
TABLESCHEMA_MAY_IMPORT = {"polars", "frictionless", "stdnum", "frformat"} | set(sys.stdlib_module_names)


def imports(path: Path) -> Iterator[str]:
    """Every dotted module that a file imports, relative imports made absolute."""
    package = ("pipeline", *path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "pipeline" and len(parts) > 1 else None


def test_every_room_is_a_stage_a_leaf_or_a_gatherer() -> None:
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").is_file()}
    modules = {path.stem for path in ROOT.glob("*.py")} - {"__init__"}
    assert rooms <= STAGES | LEAVES
    assert modules <= GATHERERS | COMMON


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    imported = {name for name in map(room, imports(path)) if name} - {own, "__version__"}
    if own in STAGES:
        assert not imported & (STAGES | GATHERERS), "a stage meets another only through tables"
    elif own in LEAVES:
        assert not imported & (STAGES | GATHERERS | COMMON), "a leaf knows no stage"


@pytest.mark.parametrize("path", sorted((ROOT / "tableschema").rglob("*.py")), ids=lambda path: path.name)
def test_tableschema_stands_alone(path: Path) -> None:
    outside = {name.split(".")[0] for name in imports(path) if not name.startswith("pipeline.tableschema")}
    assert outside <= TABLESCHEMA_MAY_IMPORT


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_assets_and_gatherers_know_dagster(path: Path) -> None:
    known = path.name == "assets.py" or path.parent == ROOT
    assert known or not any(name.split(".")[0] == "dagster" for name in imports(path))


def test_every_room_has_a_charter() -> None:
    for init in ROOT.glob("*/__init__.py"):
        assert ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))), f"{init.parent.name} has no charter"


def test_definitions_only_gather() -> None:
    assert len((ROOT / "definitions.py").read_text(encoding="utf-8").splitlines()) < 60
