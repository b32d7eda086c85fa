"""The programme's agreements are SCDL subventions 2.1.1, pinned by content: other files call themselves 2.1.1 with other fields."""

import hashlib
import json

from pipeline.schema import schemas_dir

SHA256 = "2c2c2ca25ef6a3295f3e54be321453f1f720f2497d89abaad62b9ab04a6549d7"
OURS = {"diffusion", "unit"}
EXTENSION = ["idConvention", "attribution", "vague", "categorie", "numeroEJ", "formeJuridiqueBeneficiaire", "montantBase", "bonusNumerique"]
EXTENSION += ["dateFin"]


def test_conventions_are_scdl_field_for_field() -> None:
    pinned = (schemas_dir() / "scdl" / "subventions-2.1.1.json").read_bytes()
    assert hashlib.sha256(pinned).hexdigest() == SHA256
    scdl = json.loads(pinned)
    ours = json.loads((schemas_dir() / "deliveries" / "conventions" / "schema.json").read_text(encoding="utf-8"))
    assert len(scdl["fields"]) == 16
    assert [{key: value for key, value in field.items() if key not in OURS} for field in ours["fields"][:16]] == scdl["fields"]
    assert ours["custom_checks"] == scdl["custom_checks"]


def test_the_extension_asks_nothing_of_a_scdl_file() -> None:
    ours = json.loads((schemas_dir() / "deliveries" / "conventions" / "schema.json").read_text(encoding="utf-8"))
    assert [field["name"] for field in ours["fields"][16:]] == EXTENSION
    assert not [field["name"] for field in ours["fields"][16:] if field.get("constraints", {}).get("required")]
