"""A fictional SCDL « subventions » file of any length, valid or with every line wrong: `python -m bench.scdl PATH LINES clean|wrong`.

Nothing in it is real: names are « Association fictive 12 », the SIRET only keep their check digits. One object in eight has a comma,
hence quotes, as in the files that funders publish.
"""

import json
import sys
from pathlib import Path

import polars as pl

from pipeline import schema

CHUNK = 100_000
LABELS = (
    *("nomAttribuant", "idAttribuant", "dateConvention", "referenceDecision", "nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire"),
    *("objet", "montant", "nature", "conditionsVersement", "datesPeriodeVersement", "idRAE", "notificationUE"),
    *("pourcentageSubvention", "dispositifAide"),
)


def write(path: Path, lines: int, state: str) -> None:
    """`state`: clean, or wrong (a date and an amount that no reading accepts on each line)."""
    with path.open("wb") as file:
        file.write((",".join(LABELS) + "\n").encode())
        for begin in range(0, lines, CHUNK):
            _part(begin, min(lines, begin + CHUNK), state).write_csv(file, include_header=False)


def write_schema(path: Path) -> None:
    """SCDL « subventions » 2.1.1 and its three checks: the first fields of our own « conventions »."""
    own = schema.load("deliveries", "conventions").descriptor
    fields = [field for field in own["fields"] if field["name"] in LABELS]
    names = ("french-siret-value", "one-of-required")
    checks = [check for check in own["custom_checks"] if check["name"] in names]
    path.write_text(json.dumps({"name": "subventions", "fields": fields, "custom_checks": checks}), encoding="utf-8")


def _part(begin: int, end: int, state: str) -> pl.DataFrame:
    n = pl.int_range(begin, end, eager=True)
    number, text = pl.col("n"), pl.col("n").cast(pl.String)
    day = pl.date(2015 + number % 9, 1 + number % 12, 1 + number % 28)
    amount = (number * 7919 % 10_000_000).cast(pl.String).str.zfill(3)
    money = amount.str.slice(0, amount.str.len_chars() - 2) + "." + amount.str.tail(2)
    wrong = state == "wrong"
    purpose = pl.when(number % 8 == 0).then(pl.lit("Soutien au lieu, à ses ateliers et à son accueil, année ")).otherwise(
        pl.lit("Soutien au fonctionnement et aux ateliers du lieu en ")
    )  # fmt: skip
    columns = {
        "nomAttribuant": pl.lit("Région fictive de l'Exemple"),
        "idAttribuant": pl.lit(_siret(200_000_008, 1)),
        "dateConvention": day.dt.strftime("%d/%m/%Y") if wrong else day.dt.strftime("%Y-%m-%d"),
        "referenceDecision": pl.lit("DEL-") + text,
        "nomBeneficiaire": pl.lit("Association fictive n° ") + text,
        "idBeneficiaire": pl.lit(pl.Series([_siret(300_000_000, rank) for rank in range(5_000)])).gather(number % 5_000),
        "rnaBeneficiaire": pl.lit("W") + (number % 10**9).cast(pl.String).str.zfill(9),
        "objet": purpose + (2015 + number % 9).cast(pl.String) + pl.lit(" dossier ") + text,
        "montant": money.str.replace(".", ",", literal=True) + " €" if wrong else money,
        "nature": pl.lit("aide en numéraire"),
        "conditionsVersement": pl.lit("échelonné"),
        "datesPeriodeVersement": day.dt.strftime("%Y-%m-%d") + pl.lit("/") + day.dt.offset_by("1y").dt.strftime("%Y-%m-%d"),
        "idRAE": pl.lit(None, pl.String),
        "notificationUE": pl.lit("non"),
        "pourcentageSubvention": pl.lit("0.5"),
        "dispositifAide": pl.lit("Fabriques de l'Exemple"),
    }
    return pl.DataFrame({"n": n}).select(**columns)


def _siret(siren: int, rank: int) -> str:
    """A number that passes Luhn's sum on its 9 first digits and on all 14; its first digits are made up."""
    first = _completed(siren // 10 + rank)
    return _completed(int(first) * 10_000 + 1)


def _completed(digits: int) -> str:
    total = 0
    for place, digit in enumerate(reversed(str(digits))):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
