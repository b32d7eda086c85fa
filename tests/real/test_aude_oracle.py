"""The import report of the Département of Aude, with the verdicts of another system, line by line."""

from collections import Counter
from pathlib import Path

from stdnum.fr import siret

from pipeline.harmonise import harmonise
from pipeline.validate import judge
from tests.harmonise.ingested import ingested
from tests.real.independent import read

# (their verdict, ours, what the line holds) → lines. Their verdict is empty on the lines that only tell an unreadable period.
EXPECTED = {
    ("oui", "rejetée", "13 chiffres"): 28,
    ("oui", "rejetée", "sans date"): 5,
    # The relaxed contract asks for a name or an identifier, and takes the nine digits of a SIREN for what they are.
    ("oui", "acceptée", "9 chiffres"): 4,
    ("oui", "acceptée", "sans identifiant"): 2,
    # Told a second time for its period; the same record is refused on its other line.
    ("", "rejetée", "13 chiffres"): 2,
    ("", "acceptée", "14 chiffres"): 73,
    # Keys are not checked by the relaxed contract: seven wrong SIRET, which they let through as well.
    ("", "acceptée", "clé fausse"): 1,
    ("non", "acceptée", "clé fausse"): 6,
    ("non", "acceptée", "14 chiffres"): 413,
    ("non", "rejetée", "sans montant"): 1,
}


def test_every_difference_with_the_other_system_is_explained(real_data: Path) -> None:
    header, records, lines = read(real_data / "subventions/aude_2024_cd11_rapport_erreurs_import.csv", {"separateur": ","})
    place = {label: header.index(label) for label in ("idBeneficiaire", "dateConvention", "montant", "lineRejected")}
    frames = ingested("subventions", header, records, lines=lines, constants={"nomAttribuant": "Département de l'Aude"}, separator=",")
    accepted = {*judge("subventions", harmonise("subventions", *frames).table).accepted.collect()["ligne"]}
    verdicts = Counter(
        (
            record[place["lineRejected"]],
            "acceptée" if line in accepted else "rejetée",
            _held(record[place["idBeneficiaire"]].removesuffix(".0"), record[place["dateConvention"]], record[place["montant"]]),
        )
        for line, record in zip(lines, records, strict=True)
    )
    assert verdicts == EXPECTED


def _held(identifier: str, date: str, amount: str) -> str:
    if not date or not amount:
        return "sans montant" if date else "sans date"
    if len(identifier) == 14:
        return "14 chiffres" if siret.is_valid(identifier) else "clé fausse"
    return f"{len(identifier)} chiffres" if identifier else "sans identifiant"
