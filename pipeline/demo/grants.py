"""Deliveries of the grants of other funders, as they really are: one follows the standard, one says little, one is a workbook."""

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from pipeline.demo.deliveries import Defect, Delivery, Line, Value
from pipeline.demo.financing import AGREEMENTS, euros
from pipeline.demo.identities import Identities
from pipeline.demo.places import NATURAL_FORM
from pipeline.demo.streams import stream
from pipeline.demo.world import World

STANDARD = AGREEMENTS[:16]
WORDS = {
    "Nom de l'attribuant": "nomAttribuant", "Année budgétaire": "exercice", "Nom du bénéficiaire": "nomBeneficiaire",
    "Identification du bénéficiaire": "idBeneficiaire", "Objet de la convention": "objet", "montant": "montant",
    "Forme juridique": "formeJuridiqueBeneficiaire",
}  # fmt: skip
SHORT = {"Année": "exercice", "Nom du bénéficiaire": "nomBeneficiaire", "montant": "montant"}
FIRST_BENEFICIARY = 5_001  # apart from the places and the applicants, whose names must not come back here
IN_WORDS, IN_WORKBOOK, STANDARD_LINES, NATURAL = 120, 80, 160, 4
YEARS = range(2019, 2026)


def build(world: World, lines: int | None = None) -> list[Delivery]:
    """The deliveries of the table. `lines`: how many in all, those beyond the usual ones being of the standard file."""
    draw, identities = stream(world.seed, "subventions"), Identities(world.seed, "subventions", 20_000, 59_999)
    region, departement = identities.siret(), identities.siret()
    words = [_in_words(draw, identities, index) for index in range(IN_WORDS)]
    words += [
        words[0].flawed(Defect("financeur-absent", "validate", "one-of-required"), nomAttribuant=None),
        words[1].flawed(Defect("montant-illisible", "validate", "type", "montant"), montant="à préciser"),
        words[2].flawed(Defect("identifiant-tronque", "validate", "pattern", "idBeneficiaire"), idBeneficiaire="00012"),
        _in_thousands(world, words[NATURAL]),
    ]
    sheet = [_short(draw, index) for index in range(IN_WORKBOOK)]
    total = sum((amount for line in sheet if isinstance(amount := line.values["montant"], Decimal)), Decimal(0))
    wanted = STANDARD_LINES if lines is None else lines - len(words) - len(sheet)
    if wanted < 1:
        raise ValueError(f"au moins {len(words) + len(sheet) + 1} lignes de subventions")
    standard = _standard(draw, identities, region, wanted)
    columns = {name: name for name in (*STANDARD, "exercice", "formeJuridiqueBeneficiaire")}
    return [
        Delivery("subventions-region-fictive.csv", "subventions", "simple", dt.date(2026, 2, 2), columns, [], mode="remplace",
                 publisher="Région fictive", bulk=standard),
        Delivery("subventions-departement-fictif.csv", "subventions", "francais", dt.date(2026, 2, 3), WORDS, words,
                 publisher=f"Département fictif ({departement})"),
        Delivery("subventions-commune-fictive.xlsx", "subventions", "classeur", dt.date(2026, 2, 4), SHORT, sheet,
                 publisher="Commune fictive", title="Subventions versées aux associations fictives",
                 constants={"nomAttribuant": "Commune fictive"}, total=("Total", None, total)),
    ]  # fmt: skip


def _in_words(draw: random.Random, identities: Identities, index: int) -> Line:
    number, is_natural = FIRST_BENEFICIARY + index, index < NATURAL
    person = identities.person(f"association-fictive-{number}")
    values: dict[str, Value] = {
        "nomAttribuant": "Département fictif",
        "exercice": draw.choice(YEARS),
        "nomBeneficiaire": person.name if is_natural else f"Association fictive {number}",
        "idBeneficiaire": identities.siret()[:9],
        "objet": f"Lieu fictif : action n° {index + 1}",
        "montant": Decimal(draw.randrange(500_00, 40_000_00)) / 100,
        "formeJuridiqueBeneficiaire": NATURAL_FORM if is_natural else "association",
    }
    return Line(values)


def _in_thousands(world: World, model: Line) -> Line:
    """The thousandth of what the State grants the same beneficiary in the same year."""
    one = next(one for one in world.money.agreements if one.wave < "fdt-09" and not one.defects and one.amount % 1_000 == 0
               and one.award.place.bearer.status == "personne_morale")  # fmt: skip
    bearer = one.award.place.bearer
    defect = Defect("montant-en-milliers", "model", "convention-montant-en-milliers", "montant")
    values: dict[str, Value] = {"exercice": one.signed.year, "nomBeneficiaire": bearer.name, "idBeneficiaire": bearer.siret[:9]}
    return model.flawed(defect, **values, montant=euros(one.amount // 1_000), formeJuridiqueBeneficiaire=bearer.form)


def _short(draw: random.Random, index: int) -> Line:
    amount = Decimal(draw.randrange(100, 5_000))
    return Line({"exercice": draw.choice(YEARS), "nomBeneficiaire": f"Lieu fictif {6_001 + index}", "montant": amount})


def _standard(draw: random.Random, identities: Identities, funder: str, lines: int) -> pl.DataFrame:
    """Lines of the standard, in columns: their number is free. A few hundred beneficiaries share them."""
    beneficiaries = pl.DataFrame(
        list(_beneficiaries(identities)), schema=("nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire"), orient="row"
    )
    # Numbers without an order that a reader would see, from the seed and the line: the same on any machine and for any number of lines.
    start = draw.randrange(1 << 31)
    noise = (pl.int_range(pl.len(), dtype=pl.UInt64) * 2_654_435_761 + start) % 4_294_967_296
    frame = pl.select(ligne=pl.int_range(lines, dtype=pl.UInt64)).with_columns(bruit=noise)
    day = pl.lit(dt.date(2019, 1, 1)) + pl.duration(days=pl.col("bruit") % 2_500)
    cents = 50_000 + (pl.col("bruit") * 31) % 4_000_000
    return (
        frame.with_columns(rang=pl.col("bruit") % beneficiaries.height, jour=day, centimes=cents)
        .join(beneficiaries.with_row_index("rang").cast({"rang": pl.UInt64}), on="rang", maintain_order="left")
        .select(
            "nomBeneficiaire",
            "idBeneficiaire",
            "rnaBeneficiaire",
            nomAttribuant=pl.lit("Région fictive"),
            idAttribuant=pl.lit(funder),
            dateConvention=pl.col("jour").dt.to_string("iso"),
            referenceDecision=pl.format("REG-FICTIVE-{}", pl.col("ligne") + 1),
            objet=pl.format("Lieu fictif : projet n° {}", pl.col("ligne") + 1),
            montant=pl.format("{}.{}", pl.col("centimes") // 100, (pl.col("centimes") % 100).cast(pl.String).str.zfill(2)),
            nature=pl.lit("aide en numéraire"),
            conditionsVersement=pl.lit("unique"),
            datesPeriodeVersement=pl.col("jour").dt.to_string("iso"),
            notificationUE=pl.lit("non"),
            pourcentageSubvention=pl.lit("1"),
            formeJuridiqueBeneficiaire=pl.lit("association"),
        )
    )


def _beneficiaries(identities: Identities) -> Iterator[tuple[str, str, str]]:
    yield from ((f"Association fictive {7_001 + index}", identities.siret(), identities.rna()) for index in range(400))
