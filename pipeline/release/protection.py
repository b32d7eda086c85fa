"""What was hidden, told with each release: `protection.json` for a machine, `protection.html` for a reader. No value, ever."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.presentation import counted, number
from pipeline.presentation.pages import Citation, Frame, Html, data_table, element, link, page
from pipeline.release import datapackage, fingerprints
from pipeline.release.manifest import Manifest, Masking, Rule

FILE = "protection.json"
PAGE_FILE = "protection.html"
MARKS = {
    "V": "lue dans la source",
    "E": "source secondaire",
    "T": "essayée",
    "K": "choix du projet",
    "X": "source introuvable ou contredite",
}
DETAILS = {
    "vague_region_classe": "vague, région et classe de territoire",
    "vague_region_et_vague_classe": "vague et région, vague et classe de territoire",
    "vague_classe_et_region": "vague et classe de territoire, région",
    "vague": "vague",
}
# The three tests of anonymity of the G29 (opinion 05/2014), each with what answers it here.
QUESTIONS = (
    (
        "Peut-on isoler une personne ?",
        "Aucune candidature non retenue ne paraît en ligne, même sous un code. Une ligne dont le porteur n'est pas une personne morale "
        "établie par une preuve perd son identité, ses références et sa ligne d'origine ; elle porte un numéro d'ordre.",
    ),
    (
        "Peut-on relier des lignes à une personne ?",
        "Aucun identifiant masqué n'est remplacé par une empreinte, que l'on pourrait énumérer. Une identité masquée est cherchée dans "
        "tous les autres textes de la publication et y est masquée aussi.",
    ),
    (
        "Peut-on déduire ce qui est masqué ?",
        "Les effectifs sous le seuil sont masqués, et d'autres avec eux pour qu'aucune soustraction ne les rende. Un audit indépendant le "
        "prouve pour chaque case masquée avant la publication, sinon elle n'a pas lieu.",
    ),
)


def files(manifest: Manifest) -> dict[str, str]:
    """Name → content of both files."""
    notice = {"avertissement": datapackage.FICTION_NOTICE} if manifest.fictif else {}
    return {FILE: fingerprints.to_json(notice | manifest.protection.model_dump(mode="json", exclude_none=True)), PAGE_FILE: _page(manifest)}


def _page(manifest: Manifest) -> str:
    notice = datapackage.FICTION_NOTICE if manifest.fictif else None
    title = datapackage.titled(datapackage.TITLE, manifest.fictif)
    publishers = sorted({delivery.editeur for delivery in manifest.livraisons if delivery.editeur})
    frame = Frame(Citation(", ".join(publishers) or "producteurs des livraisons", title, manifest.day), notice=notice)
    told = manifest.protection
    return page(
        frame,
        "Ce qui est masqué, et pourquoi",
        element(
            "p", "Rien n'est retiré d'une copie : chaque table publique est reconstruite à partir de la liste de ce qui peut être montré."
        ),
        element("p", "Rien d'une vague qui n'est pas annoncée n'est publié, pas même un nombre : elle ne paraît donc pas ici."),
        element("h2", "Lignes et cellules masquées"),
        _maskings(told.masquages, told.regles),
        element("h2", "Nombre de candidatures"),
        *_counts(told.effectifs),
        element("h2", "Les trois questions de l'anonymat"),
        *(part for question, answer in QUESTIONS for part in (element("h3", question), element("p", answer))),
        element("h2", "Les règles et leurs sources"),
        _rules(told.regles),
    )


def _maskings(maskings: tuple[Masking, ...], rules: Mapping[str, Rule]) -> Html:
    if not maskings:
        return element("p", "Rien n'a été masqué.")
    header = ("Table", "Champ", "Combien", "Pourquoi")
    rows = (
        (
            entry.table,
            entry.champ or "ligne entière",
            counted(entry.nombre, "cellule" if entry.champ else "ligne"),
            rules[entry.regle].motif,
        )
        for entry in maskings
    )
    return data_table("Ce qui a été masqué dans chaque table", header, rows, numeric=(2,))


def _counts(counts: Mapping[str, Any] | None) -> Iterator[Html]:
    if counts is None:
        yield element("p", "Aucun effectif de candidatures dans cette publication.")
        return
    yield element(
        "p",
        f"Les lauréats étant publics, c'est le nombre des candidatures non retenues qui est protégé : masqué de 1 à "
        f"{counts['seuil'] - 1}. D'autres effectifs le sont aussi, sans que rien les distingue : qui connaît toute la publication ne peut "
        f"situer un petit effectif x mieux qu'entre x − {counts['amplitude_bas']} (ou zéro) et x + {counts['amplitude_haut']}.",
    )
    if counts.get("detail") is None:
        yield element("p", "Aucun détail ne protège assez ces effectifs : aucun n'est publié.")
    else:
        yield _measures(counts)
    for left in counts["details_ecartes"]:
        yield element("p", f"Détail « {DETAILS[left['detail']]} » {left['raison']}.")


def _measures(counts: Mapping[str, Any]) -> Html:
    widths = counts["largeurs"]
    measures = (
        ("Détail publié", DETAILS[counts["detail"]]),
        ("Effectifs publiés ou masqués", number(counts["cellules"])),
        ("Effectifs masqués", number(counts["cellules_masquees"])),
        ("Plus petit intervalle qu'un lecteur peut calculer", number(widths["minimum"])),
        ("Intervalle médian", number(widths["mediane"], 1)),
    )
    return data_table("Effectifs de candidatures", ("Mesure", "Valeur"), measures, numeric=(1,))


def _rules(rules: Mapping[str, Rule]) -> Html:
    if not rules:
        return element("p", "Aucune règle n'a eu à s'appliquer.")
    items = []
    for rule in rules.values():
        sources = [link(source.titre, source.url) if source.url else element("span", source.titre) for source in rule.sources]
        cited = [part for source in sources for part in (Html(" ; "), source)][1:]
        items.append(element("li", f"{rule.motif} ({MARKS[rule.marque]}). ", *cited))
    return element("ul", *items)
