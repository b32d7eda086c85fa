"""`protection.toml` as objects: for each public field, the source field that feeds it and the classes of rows that may show it.

A policy that contradicts itself or the schemas is refused before any row is read.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipeline import schema as schemas
from pipeline.protect.effectifs.thresholds import Thresholds
from pipeline.schema import TableSchema, schemas_dir

CLASSES = ("personne_morale", "personne_physique", "non_etabli", "sans_porteur")
ROW_RULES = frozenset({"embargo", "sans_source", "sans_label", "autre_dispositif", "lieu_inconnu", "doublon", "non_declare"})
ROW_RULES |= {"sans_ligne_publique", "compte_secret"}
TEXT_RULES = frozenset({"courriel", "telephone", "iban", "nir", "valeur_connue", "identite_repetee"})
WRONG = MappingProxyType({"missing": "clé obligatoire absente", "extra_forbidden": "clé inconnue"})
Text = Annotated[str, Field(min_length=1)]


class PolicyError(ValueError):
    """A policy that cannot be applied; the message names the file and every fault."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Entry):
    """Where a rule was read."""

    titre: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class _Rule(_Entry):
    marque: Literal["V", "E", "T", "K", "X"]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]


class RowClass(_Rule):
    """What makes a row belong to a class."""

    definition: Text


class Reason(_Rule):
    """Why rows are hidden, or a text is emptied."""

    motif: Text


class FieldRule(Reason):
    """`classes` may show the field; the others only a value of the form `forme`, or a number of order (`sinon`), or nothing.

    `cherchee`: the value that a natural person has in it is sought in every public text, that of any masked row in the row's other texts.
    `dans_l_identite`: on a masked row, a value that is a part of the row's identity is hidden too.
    """

    classes: Annotated[tuple[Text, ...], Field(min_length=1)]
    cherchee: bool = False
    dans_l_identite: bool = False
    forme: Text | None = None
    sinon: Literal["vide", "rang"] = "vide"


class Fed(_Entry):
    """How a public field is fed. `champ` None: the source field has its name."""

    champ: Text | None = None
    regle: Text = "publique"
    origine: tuple[Annotated[str, Field(pattern=r"^\w+\.\w+$")], ...] = ()
    calcul: Text | None = None
    vide: str | None = None


class TablePolicy(_Entry):
    """A public table; see `protection.toml` for what each key means."""

    sources: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]+/[a-z_]+$")], ...], Field(min_length=1)]
    lues: tuple[Annotated[str, Field(pattern=r"^[a-z]+/[a-z_]+$")], ...] = ()
    compte: bool = False
    statut: Text | None = None
    identite: tuple[Text, ...] = ()
    livraisons: tuple[Text, ...] = ()
    lignes: tuple[Text, ...] = ()
    codes: tuple[Text, ...] = ()
    champs: Mapping[str, Annotated[Fed, BeforeValidator(lambda value: {"champ": value} if isinstance(value, str) else value)]]

    def champ(self, public: str) -> str:
        """The source field that feeds a public one."""
        return self.champs[public].champ or public


class Threshold(Reason):
    """A threshold on counts: it may be raised, never lowered below `plancher`."""

    valeur: Annotated[int, Field(strict=True, ge=1)]
    plancher: Annotated[int, Field(strict=True, ge=1)]


class CountThresholds(_Entry):
    """How counts of applications are protected; see `effectifs.thresholds` for the units."""

    seuil: Threshold
    amplitude_bas: Threshold
    amplitude_haut: Threshold
    part_montree: Threshold

    def values(self) -> Thresholds:
        """The thresholds as numbers."""
        return Thresholds(self.seuil.valeur, self.amplitude_bas.valeur, self.amplitude_haut.valeur, self.part_montree.valeur)


class Policy(_Entry):
    """The policy as read; `sha256` is that of the file's bytes."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    version: Text
    classes: Mapping[str, RowClass]
    regles: Mapping[str, FieldRule]
    lignes: Mapping[str, Reason]
    textes: Mapping[str, Reason]
    effectifs: CountThresholds
    tables: Mapping[str, TablePolicy]


@cache
def load() -> Policy:
    """The policy as it ships. PolicyError when it is wrong."""
    return read(schemas_dir() / "protection.toml")


def read(path: Path) -> Policy:
    """Read a policy and check it against the schemas. PolicyError, with every fault found."""
    try:
        content = path.read_bytes()
        document = tomllib.loads(content.decode("utf-8"))
        policy = Policy.model_validate({**document, "sha256": hashlib.sha256(content).hexdigest()})
    except OSError as error:
        raise PolicyError(f"{path.name} : fichier illisible ({error.strerror}) ; le replacer dans le dossier des schémas.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path.name} : TOML illisible ({error}) ; corriger le fichier.") from None
    except ValidationError as error:
        faults = sorted({f"{'.'.join(map(str, item['loc']))} : {WRONG.get(item['type'], 'valeur mal formée')}" for item in error.errors()})
        raise PolicyError(f"{path.name} : {' ; '.join(faults)}.") from None
    check(policy, path.name)
    return policy


def check(policy: Policy, name: str = "protection.toml") -> None:
    """PolicyError unless every public field, and nothing else, is fed by a field that may be public, under a rule that exists."""
    found = list(_faults(policy))
    if found:
        raise PolicyError(f"{name} : {' ; '.join(found)}.")


def _faults(policy: Policy) -> Iterator[str]:
    yield from _gap("classe", set(policy.classes), set(CLASSES))
    yield from _gap("règle de lignes", set(policy.lignes), ROW_RULES)
    yield from _gap("règle de textes", set(policy.textes), TEXT_RULES)
    yield from _gap("table publique", set(policy.tables), set(schemas.names("public")))
    for name, threshold in policy.effectifs:
        if threshold.valeur < threshold.plancher:
            yield f"effectifs.{name} : {threshold.valeur}, sous le plancher {threshold.plancher} ; un seuil se relève, il ne s'abaisse pas"
    if policy.effectifs.part_montree.valeur > 100:
        yield "effectifs.part_montree : plus de 100 %"
    for rule, content in policy.regles.items():
        yield from (f"règle « {rule} » : classe « {item} » inconnue" for item in content.classes if item not in policy.classes)
        if not any(fed.regle == rule for table in policy.tables.values() for fed in table.champs.values()):
            yield f"règle « {rule} » sans champ"
    for name, table in policy.tables.items():
        if name in schemas.names("public"):
            yield from _table_faults(policy, table, schemas.load("public", name))


def _gap(what: str, written: set[str], known: frozenset[str] | set[str]) -> Iterator[str]:
    yield from (f"{what} « {item} » inconnue" for item in sorted(written - known))
    yield from (f"{what} « {item} » absente" for item in sorted(known - written))


def _table_faults(policy: Policy, table: TablePolicy, public: TableSchema) -> Iterator[str]:
    yield from (f"{public.name}.{field} : champ public sans règle" for field in public.field_names if field not in table.champs)
    yield from (
        f"{public.name}.{field} : règle pour un champ que la table n'a pas" for field in table.champs if field not in public.field_names
    )
    yield from (f"{public.name} : règle de lignes « {rule} » inconnue" for rule in table.lignes if rule not in policy.lignes)
    yield from (f"{public.name} : code « {field} » absent de la table" for field in table.codes if field not in public.field_names)
    unknown = [name for name in table.livraisons if name not in schemas.names("deliveries")]
    yield from (f"{public.name} : table livrée « {name} » inconnue" for name in unknown)
    for field, fed in table.champs.items():
        if fed.regle not in policy.regles:
            yield f"{public.name}.{field} : règle « {fed.regle} » inconnue"
        elif table.statut is None and set(policy.regles[fed.regle].classes) != set(CLASSES):
            yield f"{public.name}.{field} : la table n'a pas de statut, la règle « {fed.regle} » ne peut pas s'appliquer"
        elif _may_be_empty(policy.regles[fed.regle]) and _is_required(public, field):
            yield f"{public.name}.{field} : la règle « {fed.regle} » peut vider un champ que le schéma rend obligatoire"
        elif policy.regles[fed.regle].sinon == "rang" and public.primary_key != (field,):
            yield f"{public.name}.{field} : un numéro d'ordre ne remplace qu'une clé primaire"
        if not unknown:
            yield from (f"{public.name}.{field} : {fault}" for fault in _origin_faults(table, table.champ(field), fed))


def _may_be_empty(rule: FieldRule) -> bool:
    return rule.sinon == "vide" and set(rule.classes) != set(CLASSES)


def _is_required(public: TableSchema, field: str) -> bool:
    return field in public.field_names and public.field(field).required


def _origin_faults(table: TablePolicy, champ: str, fed: Fed) -> Iterator[str]:
    """A field comes from deliveries, each field of which is public, or says how it is computed. A table of counts may count by more."""
    open_fields = ("publique", "agregee") if table.compte else ("publique",)
    diffusion = {f"{name}.{field.name}": field.diffusion for name in table.livraisons for field in schemas.load("deliveries", name).fields}
    namesakes = [f"{name}.{champ}" for name in table.livraisons if f"{name}.{champ}" in diffusion]
    if not fed.origine and not fed.calcul and not namesakes:
        yield f"rien ne dit d'où vient « {champ} » : écrire son origine ou son calcul"
    for origin in sorted({*fed.origine, *namesakes}):
        if origin not in diffusion:
            yield f"origine « {origin} » inconnue des tables livrées"
        elif diffusion[origin] not in open_fields:
            yield f"alimenté par « {origin} », dont la diffusion est « {diffusion[origin]} »"
