"""The audit lets the protected tables pass, and blocks as soon as one protection is taken away."""

import ast
import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from pipeline.protect import anomalies, applications, followup, masking, policy, texts, visibility
from pipeline.protect import deliveries as deliveries_stage
from pipeline.protect.audit import decision
from pipeline.protect.audit.decision import Verdict, audit
from pipeline.protect.policy import CLASSES, Policy
from pipeline.protect.protect import Protected, protect
from pipeline.protect.texts import Known, known_contacts
from pipeline.schema.table import MONEY
from tests.controls import Blocks
from tests.protect import chain

Frames = dict[str, pl.LazyFrame]
AUDIT = Path(str(decision.__file__)).parent
# What the audit may use besides itself: the schemas, the programme's own rules, the audit of counts, which has a test of its own imports.
ITS_OWN = ("pipeline.protect.audit", "pipeline.schema", "pipeline.programme")
OF_COUNTS = {f"pipeline.protect.effectifs.{name}" for name in ("attack", "audit", "thresholds")}


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    tables = chain.with_embargo()
    tables["vagues"] = [tables["vagues"][0] | {"note": "Écarté : Candidat Éconduit"}, *tables["vagues"][1:]]
    return chain.sources(tmp_path_factory.mktemp("programme"), tables)


def judged(frames: Frames, built: Protected, as_of: date = chain.AS_OF) -> Verdict:
    return audit(built.tables, built.account, frames, chain.delivered(frames), as_of)


def built_with(frames: Frames, changed: Policy, as_of: date = chain.AS_OF) -> Protected:
    delivered = chain.delivered(frames)
    return protect(frames, changed, as_of, known_contacts(delivered), delivered)


def rules(name: str, **changes: object) -> Policy:
    """The shipped policy with one rule on fields changed."""
    shipped = policy.load()
    return shipped.model_copy(update={"regles": {**shipped.regles, name: shipped.regles[name].model_copy(update=changes)}})


def field(table: str, name: str, **changes: object) -> Policy:
    """The shipped policy with one public field fed otherwise."""
    shipped = policy.load()
    content = shipped.tables[table]
    fed = {**content.champs, name: content.champs[name].model_copy(update=changes)}
    return shipped.model_copy(update={"tables": {**shipped.tables, table: content.model_copy(update={"champs": fed})}})


def rows(table: str, without: str) -> Policy:
    """The shipped policy with one rule on rows forgotten."""
    shipped = policy.load()
    kept = tuple(rule for rule in shipped.tables[table].lignes if rule != without)
    return shipped.model_copy(update={"tables": {**shipped.tables, table: shipped.tables[table].model_copy(update={"lignes": kept})}})


def test_the_audit_shares_no_code_with_the_builder() -> None:
    for module in AUDIT.glob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
        imported |= {
            f"{node.module}.{alias.name}" if node.module == "pipeline" else str(node.module) for node in froms for alias in node.names
        }
        ours = {name for name in imported if name.startswith("pipeline") and not name.startswith(ITS_OWN)}
        assert ours <= OF_COUNTS, module.name


def test_what_is_protected_passes(frames: Frames) -> None:
    assert judged(frames, built_with(frames, policy.load())) == Verdict(True, ())


NEGATIVE_CONTROLS: dict[str, tuple[Policy, str]] = {
    "a private column let through": (
        field("recensement", "site_web", champ="CONTACT"),
        "recensement.site_web : reprend le champ privé « recensement.CONTACT »",
    ),
    "a natural person unmasked": (rules("identite", classes=CLASSES), "fabriques.porteur : rempli sur une ligne masquée"),
    "the name of a natural person's place": (
        rules("nom_du_lieu", classes=CLASSES),
        "attributions.nom_lieu : rempli pour",
    ),
    "the page of a natural person's place": (rules("page_source", classes=CLASSES), "attributions.source_url : rempli pour"),
    "an unproved bearer unmasked": (rules("identite", classes=("personne_morale", "non_etabli")), "attributions.porteur : rempli"),
    "the object of a masked agreement": (rules("objet", classes=CLASSES), "conventions.objet : rempli sur une ligne masquée"),
    "the commitment number of a masked agreement": (
        rules("engagement", classes=CLASSES),
        "versements.numero_ej : rempli sur une ligne masquée",
    ),
    "the line of a masked row": (rules("provenance", classes=CLASSES), "conventions : une ligne à masquer mène à sa ligne d'origine"),
    "the number of a masked agreement": (
        rules("identifiant", classes=CLASSES),
        "conventions.convention : l'identifiant d'une ligne masquée",
    ),
    "the line in the id of a masked award": (rules("identifiant_de_label", forme="^"), "attributions.attribution : l'identifiant"),
    "the embargo forgotten for awards": (rows("attributions", "embargo"), "attributions : 15 lignes publiques, 10 attendues hors embargo"),
    "the embargo forgotten for places": (rows("fabriques", "embargo"), "fabriques : des lieux sans label publié"),
    "the embargo forgotten for waves": (rows("vagues", "embargo"), "vagues.vague : une vague sous embargo"),
    "the embargo forgotten for agreements": (rows("conventions", "embargo"), "conventions : 7 lignes publiques, 3 attendues hors embargo"),
    "the embargo forgotten for payments": (rows("versements", "embargo"), "versements : 6 lignes publiques, 4 attendues"),
    "a line that nothing announced": (rows("attributions", "sans_source"), "attributions : 11 lignes publiques, 10 attendues"),
    "a place without label": (rows("fabriques", "sans_label"), "fabriques : 7 lignes publiques, 6 attendues"),
    "the embargo forgotten for schedules": (
        rows("financements", "embargo"),
        "financements : les lieux et les années ne sont pas ceux des échéanciers et des paiements publics",
    ),
    "the follow-up of a place that is not public": (rows("suivi", "embargo"), "suivi : 3 lignes publiques, 2 attendues"),
    "the follow-up of an unknown place": (rows("suivi", "lieu_inconnu"), "suivi : 3 lignes publiques, 2 attendues"),
    "a second follow-up of a year": (rows("suivi", "doublon"), "suivi : clé primaire vide ou répétée"),
    "the accounts of a natural person's place": (
        rules("comptes_du_lieu", classes=CLASSES),
        "suivi.chiffre_affaires : rempli pour un lieu masqué",
    ),
    "the beneficiary of another funder's grant": (
        rules("identite", classes=("personne_morale", "non_etabli")),
        "subventions.nom_beneficiaire : rempli sur une ligne masquée",
    ),
    "the object of another funder's grant": (rules("objet", classes=CLASSES), "subventions.objet : rempli sur une ligne masquée"),
    "a delivery of applications named": (
        rows("livraisons", "embargo"),
        "livraisons : une livraison de candidatures qui n'alimente aucune ligne publique",
    ),
    "a manufacture among the Fabriques": (rows("fabriques", "autre_dispositif"), "fabriques : une Manufacture de proximité"),
}


@pytest.mark.parametrize("control", NEGATIVE_CONTROLS)
def test_without_one_rule_of_the_policy_the_audit_blocks(frames: Frames, control: str, blocks: Blocks) -> None:
    changed, sentence = NEGATIVE_CONTROLS[control]
    verdict = judged(frames, built_with(frames, changed))
    assert not verdict.ok
    blocks(f"policy: {control}", sentence, verdict.motifs)


def test_the_embargo_ignored_blocks(frames: Frames, blocks: Blocks) -> None:
    """Built as of today, audited as of the day before wave 1 was announced."""
    verdict = judged(frames, built_with(frames, policy.load()), date(2020, 2, 2))
    blocks("policy: the embargo ignored", "attributions.vague : une vague sous embargo", verdict.motifs)


@pytest.mark.parametrize(
    ("step", "replacement", "sentence"),
    [
        ((texts, "scan"), lambda frame, *_: (frame, pl.DataFrame(schema=texts.HITS)), "recensement.site_web : une adresse électronique"),
        ((applications, "unsuccessful"), lambda *_: Known(), "vagues.note : l'identité d'un candidat non retenu, ou pas encore annoncé"),
        ((followup, "opened"), lambda found, *_: found, "suivi.partenaires : une valeur que le lieu n'a pas déclarée publiable"),
        (
            (anomalies, "counted"),
            lambda rules, found, lines, livraisons: COUNTED(rules, found, lines.with_columns(reservee=pl.lit(False)), livraisons),
            "anomalies.nombre : compte des lignes réservées",
        ),
        ((anomalies, "secret_tables"), list, "anomalies.nombre : compte des candidatures hors du secret"),
        ((visibility, "as_announced"), lambda found, *_: found, "fabriques.nom : ne vient ni du registre ni d'un label publié"),
        (
            (masking, "follow"),
            lambda frame, *_: frame,
            "versements.convention : mène à une ligne de « conventions » qui n'est pas publique",
        ),
        (
            (deliveries_stage, "judge"),
            lambda found, quality, *_: {
                "livraisons": found.with_columns(pl.lit(None, pl.String).alias(visibility.MOTIF), pl.lit(False).alias("_silencieuse")),
                "qualite": quality.with_columns(pl.lit(None, pl.String).alias(visibility.MOTIF)),
            },
            "livraisons : une livraison qui alimente « attributions » compte des lignes réservées",
        ),
    ],
)
def test_without_one_step_the_audit_blocks(
    frames: Frames,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[ModuleType, str],
    replacement: Callable[..., object],
    sentence: str,
    blocks: Blocks,
) -> None:
    monkeypatch.setattr(*step, replacement)
    blocks(f"step: {step[0].__name__}.{step[1]}", sentence, judged(frames, built_with(frames, policy.load())).motifs)


COUNTED = anomalies.counted


def changed(built: Protected, table: str, *expressions: pl.Expr) -> Protected:
    return dataclasses.replace(built, tables={**built.tables, table: built.tables[table].with_columns(*expressions)})


@pytest.mark.parametrize(
    ("table", "expression", "sentence"),
    [
        ("vagues", pl.lit("voir prive@courriel.example").alias("note"), "vagues.note : un contact connu par une livraison"),
        ("vagues", pl.lit("zoe@autre.example").alias("note"), "vagues.note : une adresse électronique"),
        ("vagues", pl.lit(" ZOÉ FICTIVE").alias("note"), "vagues.note : l'identité d'une personne physique"),
        ("vagues", pl.lit(7, pl.Int64).alias("attributions_connues"), "vagues.attributions_connues : n'est pas le nombre"),
        ("fabriques", pl.lit(2, pl.Int64).alias("attributions"), "fabriques.attributions : compte des labels"),
        ("fabriques", pl.col("fabrique").first(), "fabriques : clé primaire vide ou répétée"),
        ("attributions", pl.lit("lieu-0001").alias("fabrique"), "attributions : une Manufacture de proximité rattachée"),
        ("attributions", pl.lit(2, pl.Int64).alias("ligne"), "attributions : deux lignes publiques mènent à la même ligne"),
        ("conventions", pl.lit("00012345600017").alias("siret_beneficiaire"), "l'identité d'une personne physique"),
        ("financements", (pl.col("engage") + 1).cast(MONEY).alias("engage"), "financements.engage : n'est pas ce que font les lignes"),
        ("financements", pl.lit(0).cast(MONEY).alias("verse"), "financements.verse : n'est pas ce que font les lignes"),
        ("financements", (pl.col("reste") / 3).cast(MONEY).alias("reste"), "financements.reste : n'est pas ce que font les lignes"),
        ("financements", pl.lit("lieu").alias("rattachement"), "financements.rattachement : contredit le lieu"),
        ("suivi", pl.lit(2, pl.Int64).alias("ligne"), "suivi.ligne : rempli pour un lieu masqué"),
        ("suivi", pl.lit(7, pl.Int64).alias("visiteurs"), "suivi.visiteurs : une valeur que le lieu n'a pas déclarée publiable"),
        ("vagues", pl.lit("avec CANDIDAT-ECONDUIT").alias("note"), "vagues.note : l'identité d'un candidat non retenu"),
        ("vagues", pl.lit("SIRET 00011122200016").alias("note"), "vagues.note : l'identité d'un candidat non retenu"),
        ("vagues", pl.lit("Candidate sous embargo").alias("note"), "vagues.note : l'identité d'un candidat non retenu"),
        ("anomalies", pl.lit(99, pl.Int64).alias("nombre"), "anomalies.nombre : compte des lignes réservées"),
        ("vagues", pl.lit("joindre le 06 39 98 12 34").alias("note"), "vagues.note : un numéro de téléphone"),
        ("vagues", pl.lit("RIB FR76 3000 6000 0112 3456 7890 189, merci").alias("note"), "vagues.note : des coordonnées bancaires"),
        ("vagues", pl.lit("n° 2 55 08 14 168 025 38").alias("note"), "vagues.note : un numéro de sécurité sociale"),
        ("recensement", pl.lit("x").alias("mail"), "recensement : colonnes différentes de celles du schéma (mail)"),
        ("recensement", pl.col("latitude").cast(pl.String), "recensement : colonnes différentes de celles du schéma (ordre ou types)"),
    ],
)
def test_a_table_tampered_with_blocks(frames: Frames, table: str, expression: pl.Expr, sentence: str, blocks: Blocks) -> None:
    verdict = judged(frames, changed(built_with(frames, policy.load()), table, expression))
    blocks(f"table: {table}, {expression}", sentence, verdict.motifs)


def test_a_known_telephone_blocks(frames: Frames, blocks: Blocks) -> None:
    """One in a private field of the registry, whatever its writing in a public cell."""
    built = built_with(frames, policy.load())
    private = {"lieux": pl.LazyFrame({"livraison": ["x"], "ligne": [2], "note": ["+33 6 12 34 56 78"]})}
    tampered = changed(built, "vagues", pl.lit("06,12,34,56,78").alias("note"))
    assert audit(built.tables, built.account, frames, private, chain.AS_OF).ok
    told = audit(tampered.tables, built.account, frames, private, chain.AS_OF).motifs
    assert len(told) == 1
    blocks("table: a telephone of a private field, written otherwise", "vagues.note : un numéro de téléphone connu par une livraison", told)


def test_an_applicant_s_row_blocks(frames: Frames, blocks: Blocks) -> None:
    """Whoever was refused, as an award among the others: seen by the number of rows, and by the name."""
    built = built_with(frames, policy.load())
    refused = built.tables["attributions"].head(1).with_columns(attribution=pl.lit("x"), porteur=pl.lit("Candidat Éconduit"))
    rows = pl.concat([built.tables["attributions"], refused])
    told = judged(frames, dataclasses.replace(built, tables={**built.tables, "attributions": rows})).motifs
    blocks("table: an applicant's row among the awards", "attributions : 11 lignes publiques, 10 attendues hors embargo", told)
    blocks("table: an applicant's name on a row", "attributions.porteur : l'identité d'un candidat non retenu", told)


def test_a_row_lost_or_made_blocks_and_so_does_a_table(frames: Frames, blocks: Blocks) -> None:
    built = built_with(frames, policy.load())
    lost = dataclasses.replace(built, tables={**built.tables, "recensement": built.tables["recensement"].head(1)})
    whole = "recensement : lignes publiques et lignes masquées ne font pas le total de la source"
    blocks("table: a row lost", whole, judged(frames, lost).motifs)
    more = dataclasses.replace(built, tables={**built.tables, "candidats": built.tables["recensement"]})
    assert len(judged(frames, more).motifs) == 1
    blocks("table: one more table", "candidats : table qui n'est pas publique", judged(frames, more).motifs)
    less = dataclasses.replace(built, tables={name: frame for name, frame in built.tables.items() if name != "vagues"})
    assert judged(frames, less).motifs == ("vagues : table publique absente",)


def test_no_reason_shows_a_value(frames: Frames) -> None:
    """Everything that names or leads to somebody, in the sources: none of it in the reasons of the worst policy."""
    everything = policy.load()
    opened = {name: rule.model_copy(update={"classes": CLASSES, "sinon": "vide"}) for name, rule in everything.regles.items()}
    told = " ".join(judged(frames, protect(frames, everything.model_copy(update={"regles": opened}), chain.AS_OF, Known())).motifs)
    for text in ("Zoé", "Fictive", "Porteur", "00012345600017", "2100000002", "lieu-0002", "courriel.example"):
        assert text not in told
