"""The dictionary is read back as a reader's Markdown tool would, and compared with the schema.json files."""

import json
import re

from pipeline.schema import load, names, schemas_dir
from pipeline.schema.dictionary import dictionary

TABLES = names("public")
TEXT = dictionary([load("public", name) for name in TABLES])


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def sections() -> dict[str, str]:
    parts = re.split(r"^## .*\(`(\w+)`\)$", TEXT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_table_and_column_is_told() -> None:
    told = sections()
    assert list(told) == list(TABLES)
    for name in TABLES:
        fields = json.loads((schemas_dir() / "public" / name / "schema.json").read_text(encoding="utf-8"))["fields"]
        rows = [cells(line) for line in told[name].splitlines() if line.startswith("| `")]
        assert [row[0] for row in rows] == [f"`{field['name']}`" for field in fields]
        for row, field in zip(rows, fields, strict=True):
            assert len(row) == 6, "a bar in a text must not make a cell"
            meaning = row[1].replace("\\|", "|")
            assert field["title"] in meaning
            assert field["description"] in meaning
            assert row[4] == ("oui" if field.get("constraints", {}).get("required") else "")
            assert all(f"`{value}` ({label})" in told[name] for value, label in field.get("libelles", {}).items())


def test_units_and_types_are_in_french() -> None:
    conventions = sections()["conventions"]
    montant = next(cells(line) for line in conventions.splitlines() if line.startswith("| `montant`"))
    assert montant[2:4] == ["montant, à deux décimales", "euros"]
    assert not re.search(r"\| (EUR|string|number|boolean|integer) \|", TEXT)


def test_links_lead_to_a_heading() -> None:
    targets = set(re.findall(r'<a id="(\w+)">', TEXT))
    assert set(re.findall(r"\]\(#(\w+)\)", TEXT)) == targets == set(TABLES)
    assert "`vague` renvoie à `vague` de la table « vagues »." in sections()["attributions"]
