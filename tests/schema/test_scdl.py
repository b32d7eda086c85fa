"""The programme's agreements are SCDL subventions 2.1.1, pinned by content: other files call themselves 2.1.1 with other fields."""

import hashlib
import json

from pipeline.schema import schemas_dir

SHA256 = "2c2c2ca25ef6a3295f3e54be321453f1f720f2497d89abaad62b9ab04a6549d7"
OURS = {"diffusion", "unit", "plafond"}
EXTENSION = ["idConvention", "attribution", "vague", "categorie", "numeroEJ", "formeJuridiqueBeneficiaire", "montantBase", "bonusNumerique"]
EXTENSION += ["dateFin"]


def test_conventions_are_scdl_field_for_field() -> None:
    pinned = (schemas_dir() / "scdl" / "subventions-2.1.1.json").read_bytes()
    assert hashlib.sha256(pinned).hexdigest() == SHA256
    scdl = json.loads(pinned)
    ours = json.loads((schemas_dir() / "deliveries" / "conventions" / "schema.json").read_text(encoding="utf-8"))
    assert len(scdl["fields"]) == 16
    assert [{key: value for key, value in field.items() if key not in OURS} for field in ours["fields"][:16]] == scdl["fields"]
    assert ours["custom_checks"][: len(scdl["custom_checks"])] == scdl["custom_checks"]


def test_a_siret_that_lost_digits_has_its_own_reason() -> None:
    """Besides what SCDL asks: one rounded SIRET in ten passes Luhn."""
    scdl = json.loads((schemas_dir() / "scdl" / "subventions-2.1.1.json").read_text(encoding="utf-8"))
    ours = json.loads((schemas_dir() / "deliveries" / "conventions" / "schema.json").read_text(encoding="utf-8"))
    added = ours["custom_checks"][len(scdl["custom_checks"]) :]
    assert sorted((check["params"]["column"], check["name"]) for check in added) == [
        (column, check) for column in ("idAttribuant", "idBeneficiaire") for check in ("siret-arrondi", "siret-notation-scientifique")
    ]


def test_the_extension_asks_nothing_of_a_scdl_file() -> None:
    ours = json.loads((schemas_dir() / "deliveries" / "conventions" / "schema.json").read_text(encoding="utf-8"))
    assert [field["name"] for field in ours["fields"][16:]] == EXTENSION
    assert not [field["name"] for field in ours["fields"][16:] if field.get("constraints", {}).get("required")]


def test_grants_of_others_have_scdl_names_and_ask_only_what_they_say() -> None:
    scdl = json.loads((schemas_dir() / "scdl" / "subventions-2.1.1.json").read_text(encoding="utf-8"))
    ours = json.loads((schemas_dir() / "deliveries" / "subventions" / "schema.json").read_text(encoding="utf-8"))
    assert [(field["name"], field["type"]) for field in ours["fields"][:16]] == [(field["name"], field["type"]) for field in scdl["fields"]]
    assert [field["name"] for field in ours["fields"][16:]] == ["exercice", "formeJuridiqueBeneficiaire"]
    assert [field["name"] for field in ours["fields"] if field.get("constraints", {}).get("required")] == ["montant"]
    pairs = {frozenset(check["params"].values()) for check in ours["custom_checks"] if check["name"] == "one-of-required"}
    assert pairs == {
        frozenset({"nomAttribuant", "idAttribuant"}),
        frozenset({"nomBeneficiaire", "idBeneficiaire"}),
        frozenset({"dateConvention", "exercice"}),
    }


def test_what_a_grant_may_lack_is_what_scdl_requires() -> None:
    scdl = json.loads((schemas_dir() / "scdl" / "subventions-2.1.1.json").read_text(encoding="utf-8"))
    required = [field["name"] for field in scdl["fields"] if field.get("constraints", {}).get("required")]
    asked = {name for check in scdl["custom_checks"] if check["name"] == "one-of-required" for name in check["params"].values()}
    public = json.loads((schemas_dir() / "public" / "subventions" / "schema.json").read_text(encoding="utf-8"))
    field = next(field for field in public["fields"] if field["name"] == "champs_scdl_manquants")
    told = field["constraints"]["pattern"].split(")")[0].removeprefix("^(").split("|")
    assert set(told) == (set(required) | asked) - {"montant", "rnaBeneficiaire"}
