"""Every schema.json says what schema.data.gouv.fr asks, and what the project adds."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from frictionless import Schema

from pipeline.schema import schemas_dir

ROOT = ["$schema", "name", "title", "description", "countryCode", "homepage", "path", "version", "created", "lastModified"]
ROOT += ["contributors", "sources", "resources", "fields"]
DIFFUSIONS = {"publique", "agregee", "interdite"}
FILES = sorted(schemas_dir().glob("*/*/schema.json"))
DELIVERIES = {"resultats", "lieux", "vagues", "indicateurs_publies", "recensement", "conventions", "versements"}
DELIVERIES |= {"candidatures", "echeancier", "suivi", "subventions"}
PUBLIC = {"fabriques", "attributions", "vagues", "recensement", "conventions", "versements", "indicateurs_publies", "livraisons", "qualite"}
PUBLIC |= {"candidatures_agregees", "financements", "suivi", "subventions", "anomalies"}
REFERENCE = {"communes", "departements", "regions"}
# Names that another publisher fixed: SCDL's camelCase and the census's capitals.
FOREIGN_NAMES = {("deliveries", "conventions"), ("deliveries", "subventions"), ("deliveries", "recensement")}
FEEDS = {
    "fabriques": ["lieux"],
    "attributions": ["resultats"],
    "candidatures_agregees": ["candidatures"],
    "financements": ["echeancier", "versements"],
} | {name: [name] for name in ("vagues", "recensement", "conventions", "versements", "indicateurs_publies", "suivi", "subventions")}
MONEY = re.compile(r"montant|bonus|engage$|verse$|reste$|chiffre_affaires|ressources_propres|financements_publics")


def label(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.parent.name}"


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def deliveries(name: str) -> dict[str, Any]:
    return read(schemas_dir() / "deliveries" / name / "schema.json")


def public(name: str) -> dict[str, Any]:
    return read(schemas_dir() / "public" / name / "schema.json")


def test_every_table_has_its_schema() -> None:
    found = {(path.parent.parent.name, path.parent.name) for path in FILES}
    expected = {
        (kind, name)
        for kind, group in zip(("deliveries", "public", "reference"), (DELIVERIES, PUBLIC, REFERENCE), strict=True)
        for name in group
    }
    assert found == expected


@pytest.mark.parametrize("path", FILES, ids=label)
def test_root_metadata(path: Path) -> None:
    schema = read(path)
    assert [key for key in ROOT if not schema.get(key)] == []
    assert schema["name"] == path.parent.name
    assert re.fullmatch(r"[a-z][a-z_-]*", schema["name"])
    assert schema["countryCode"] == "FR"
    assert re.fullmatch(r"\d+\.\d+\.\d+", schema["version"]), "without the v of the tag"
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", schema[key]) for key in ("created", "lastModified"))
    assert schema["lastModified"] >= schema["created"]
    assert schema["path"] == f"{schema['homepage']}/raw/v{schema['version']}/schemas/{label(path)}/schema.json"
    assert [item for item in schema["contributors"] if not {"title", "email", "organisation", "role"} <= set(item)] == []
    assert [item for item in schema["sources"] if not {"title", "path"} <= set(item)] == []
    assert {item["path"].rsplit("/", 1)[1] for item in schema["resources"]} == {"exemple-valide.csv", "exemple-invalide.csv"}
    assert all((path.parent / item["path"].rsplit("/", 1)[1]).is_file() for item in schema["resources"])


@pytest.mark.parametrize("path", FILES, ids=label)
def test_each_field_is_documented(path: Path) -> None:
    faults = []
    for field in read(path)["fields"]:
        name = field["name"]
        faults += [f"{name} : {key} absent" for key in ("title", "description", "type", "example") if not field.get(key)]
        if field.get("diffusion") not in DIFFUSIONS:
            faults.append(f"{name} : diffusion")
        if field["description"].strip(" .") in (field["title"], name):
            faults.append(f"{name} : la description répète le titre")
        if not (name.isascii() and len(name) <= 50):
            faults.append(f"{name} : nom")
        if (path.parent.parent.name, path.parent.name) not in FOREIGN_NAMES and not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            faults.append(f"{name} : pas en snake_case")
        choices = field.get("libelles")
        if choices and "enum" in field.get("constraints", {}) and list(choices) != field["constraints"]["enum"]:
            faults.append(f"{name} : libelles et enum diffèrent")
    assert faults == []


@pytest.mark.parametrize("path", FILES, ids=label)
def test_frictionless_loads_it(path: Path) -> None:
    """An `example` of the wrong form, or a constraint that the type does not know, makes a schema unusable."""
    schema = Schema.from_descriptor(read(path))
    assert [field.name for field in schema.fields] == [field["name"] for field in read(path)["fields"]]


@pytest.mark.parametrize("name", sorted(PUBLIC | REFERENCE))
def test_keys_lead_somewhere(name: str) -> None:
    kind = "public" if name in PUBLIC else "reference"
    schema = read(schemas_dir() / kind / name / "schema.json")
    fields = {field["name"] for field in schema["fields"]}
    key = schema["primaryKey"]
    assert {key} if isinstance(key, str) else set(key) <= fields
    for foreign in schema.get("foreignKeys", []):
        target = read(schemas_dir() / kind / foreign["reference"]["resource"] / "schema.json")
        assert foreign["fields"] in fields
        assert foreign["reference"]["fields"] == target["primaryKey"]


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_presentation_names_fields(name: str) -> None:
    schema = public(name)
    fields = {field["name"] for field in schema["fields"]}
    shown = schema["presentation"]
    assert set(shown) == {"libelle", "facettes", "recherche", "tri"}
    assert {shown["libelle"], shown["tri"], *shown["facettes"], *shown["recherche"]} <= fields


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_table_publishes_its_columns_and_no_private_one(name: str) -> None:
    fields = public(name)["fields"]
    assert [field["name"] for field in fields if field["diffusion"] != "publique"] == []
    private = {
        snake(field["name"])
        for source in FEEDS.get(name, [])
        for field in deliveries(source)["fields"]
        if field["diffusion"] == "interdite"
    }
    assert {field["name"] for field in fields} & private == set()


def test_what_names_a_person_in_the_census_is_private() -> None:
    private = {field["name"] for field in deliveries("recensement")["fields"] if field["diffusion"] == "interdite"}
    assert private == {"CONTACT", "MAIL", "TWITTER", "FACEBOOK"}
    assert not {"contact", "mail", "courriel", "twitter", "facebook"} & {field["name"] for field in public("recensement")["fields"]}
    assert len(public("recensement")["fields"]) == 30 - 4 + 3, "every other column, then commune_cog, livraison and ligne"


def test_livraisons_starts_as_others_script_it() -> None:
    names = [field["name"] for field in public("livraisons")["fields"]]
    expected = (
        "livraison table fichier sha256 editeur licence enregistrements lignes_recues lignes_acceptees lignes_rejetees cellules_modifiees"
    )
    assert names[:11] == expected.split()
    assert [field["name"] for field in public("qualite")["fields"]] == ["livraison", "regle", "champ", "lignes", "etape"]


@pytest.mark.parametrize("name", sorted(DELIVERIES))
def test_each_delivery_says_how_the_next_one_follows_it(name: str) -> None:
    """`cle` tells a line for its correction, `periode` what a period is compared with: a wave, a year or a date."""
    schema = deliveries(name)
    types = {field["name"]: field["type"] for field in schema["fields"]}
    told = schema["succession"]
    assert set(told) <= {"cle", "periode", "periode_a_defaut"}
    assert len(set(told["cle"])) == len(told["cle"])
    assert set(told["cle"]) <= set(types)
    periods = [told[key] for key in ("periode", "periode_a_defaut") if key in told]
    assert [field for field in periods if field != "vague" and types[field] not in ("year", "date")] == []
    assert "vague" not in periods or types["vague"] == "string"
    if key := schema.get("primaryKey"):
        assert told["cle"] == ([key] if isinstance(key, str) else key), "what identifies a line in a file identifies its correction"


def test_only_grants_of_others_cannot_be_corrected_line_by_line() -> None:
    assert {name for name in DELIVERIES if not deliveries(name)["succession"]["cle"]} == {"subventions"}


def test_an_application_is_published_in_no_line() -> None:
    fields = {field["name"]: field["diffusion"] for field in deliveries("candidatures")["fields"]}
    assert "publique" not in fields.values()
    counted = {name for name, diffusion in fields.items() if diffusion == "agregee"}
    assert counted == {"vague", "forme_juridique", "types", "region", "territoire", "etat_lieu", "montant_demande"} | {
        "decision",
        "motifs_refus",
    }


def test_what_a_place_may_open_is_what_the_public_table_shows() -> None:
    fields = {field["name"]: field for field in deliveries("suivi")["fields"]}
    opened = list(fields["champs_publiables"]["libelles"])
    assert opened == [name for name, field in fields.items() if field["diffusion"] == "publique" and name not in ("lieu", "annee")]
    shown = [field["name"] for field in public("suivi")["fields"]]
    assert opened == [name for name in shown if name not in ("fabrique", "annee", "livraison", "ligne")]
    pattern = re.compile(fields["champs_publiables"]["constraints"]["pattern"])
    assert pattern.match("|".join(opened))
    assert not any(map(pattern.match, ("", "contact_nom", "visiteurs|", "visiteurs,statut")))


@pytest.mark.parametrize("name", sorted(set(FEEDS) - {"indicateurs_publies"}))
def test_money_has_its_currency(name: str) -> None:
    bare = [
        field["name"]
        for field in public(name)["fields"]
        if field["type"] == "number" and MONEY.match(field["name"]) and field.get("unit") != "EUR"
    ]
    assert bare == []


def test_kinds_of_place_are_one_list() -> None:
    lists = {
        json.dumps([field["libelles"], field["constraints"]])
        for schema in (deliveries("resultats"), deliveries("candidatures"), public("fabriques"), public("attributions"))
        for field in schema["fields"]
        if field["name"] == "types"
    }
    assert len(lists) == 1
    libelles, constraints = json.loads(lists.pop())
    pattern = re.compile(constraints["pattern"])
    assert all(pattern.match(kind) for kind in libelles)
    assert pattern.match("|".join(libelles))
    assert not any(map(pattern.match, ("coworking|", "|fablab", "coworking, fablab", "piscine", "coworking|piscine")))


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
