"""Deliveries of the money: agreements, schedules and the payments that Chorus tells, one extraction a year."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from pipeline.demo.deliveries import RESERVED_WAVE, Defect, Delivery, Line, Value, never_delivered
from pipeline.demo.history import RESERVED
from pipeline.demo.identities import iban, nir
from pipeline.demo.money import EUR, FIRST_YEAR, LAST_DAY, Agreement, Payment
from pipeline.demo.streams import stream
from pipeline.demo.world import World

AGREEMENTS = (
    "nomAttribuant", "idAttribuant", "dateConvention", "referenceDecision", "nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire", "objet",
    "montant", "nature", "conditionsVersement", "datesPeriodeVersement", "idRAE", "notificationUE", "pourcentageSubvention",
    "dispositifAide", "idConvention", "attribution", "vague", "categorie", "numeroEJ", "formeJuridiqueBeneficiaire", "montantBase",
    "bonusNumerique", "dateFin",
)  # fmt: skip
SCHEDULE = {"N° de convention": "convention", "Exercice": "annee", "Montant engagé (€)": "montant_engage"}
PAYMENTS = {
    "Type d'opération#1": "code_type_operation", "Type d'opération#2": "type_operation", "Compte budgétaire#1": "code_compte_budgetaire",
    "Compte budgétaire#2": "compte_budgetaire", "Référentiel de programmation#1": "code_referentiel_programmation",
    "Référentiel de programmation#2": "referentiel_programmation", "Fournisseur payé (DP)#1": "code_fournisseur",
    "Fournisseur payé (DP)#2": "fournisseur_paye", "Code taxe 1": "siret", "N° EJ": "numero_ej", "N° poste EJ": "poste_ej",
    "N° DP": "numero_dp", "N° poste DP": "poste_dp", "Société": "societe",
    "Date de dernière opération sur la DP": "date_derniere_operation", "EUR": "montant_paye",
}  # fmt: skip
_CONSTANT = {
    "code_type_operation": "ZSUB", "type_operation": "Subventions", "code_compte_budgetaire": "64", "compte_budgetaire": "Interventions",
    "code_referentiel_programmation": "011201120101", "referentiel_programmation": "Tiers-lieux fictifs", "poste_ej": "1", "poste_dp": "1",
    "societe": "ADCE",
}  # fmt: skip
PROVISIONAL_YEAR, CORRECTED_YEAR = 2023, 2025
CORRECTED = 3


def build(world: World, payments: int | None = None) -> list[Delivery]:
    """The deliveries of the three tables. `payments`: how many lines of payments in all, each payment being cut into as many as needed."""
    return [*_agreements(world), *_schedules(world), *_payments(world, payments)]


def euros(cents: int) -> Decimal:
    return Decimal(cents) / EUR


def _agreements(world: World) -> list[Delivery]:
    draw = stream(world.seed, "fichiers de conventions")
    known = world.money.agreements
    lines = {one.number: _agreement(one) for one in known}
    public = [
        one
        for one in known
        if not one.defects and one.wave[:4] == "fdt-" and one.wave != RESERVED and one.award.place.bearer.status == "personne_morale"
    ]
    told = draw.sample(public, len(_leaks(world)) + CORRECTED)
    for one, (defect, text) in zip(told, _leaks(world), strict=False):
        lines[one.number].values["objet"] = f"Fonctionnement du lieu ; {text}"
        lines[one.number].defects.append(defect)
    corrections = []
    for one in told[-CORRECTED:]:
        line = lines[one.number]
        corrections.append(Line(dict(line.values)))
        line.values |= {"montant": euros(one.amount - 500), "montantBase": euros(one.base - 500)}
        line.replaced = True
    early = [lines[one.number] for one in known if one.signed.year < 2024]
    late = [lines[one.number] for one in known if one.signed.year >= 2024]
    columns = {name: name for name in AGREEMENTS}
    return [
        Delivery("conventions-2020-2023.csv", "conventions", "francais", dt.date(2024, 1, 31), columns, [*early, *_flawed(early[0])],
                 mode="remplace"),
        Delivery("conventions-2024-2026.csv", "conventions", "simple", dt.date(2026, 11, 2), columns, late),
        Delivery("conventions-corrections.csv", "conventions", "simple", dt.date(2026, 11, 5), columns, corrections, mode="corrige"),
    ]  # fmt: skip


def _agreement(one: Agreement) -> Line:
    bearer, years = one.award.place.bearer, one.instalments
    values: dict[str, Value] = {
        "nomAttribuant": one.funder,
        "idAttribuant": one.funder_siret,
        "dateConvention": one.signed,
        "referenceDecision": f"DEC-{one.number}",
        "nomBeneficiaire": bearer.name,
        "idBeneficiaire": bearer.siret,
        "rnaBeneficiaire": bearer.rna,
        "objet": "Fonctionnement d'une fabrique de territoire fictive",
        "montant": euros(one.amount),
        "nature": "aide en numéraire",
        "conditionsVersement": "échelonné" if len(years) > 1 else "unique",
        "datesPeriodeVersement": f"{one.signed.isoformat()}/{one.end.isoformat()}",
        "notificationUE": "non",
        "pourcentageSubvention": "1",
        "idConvention": one.number,
        "attribution": None if one.wave == RESERVED else one.attribution,
        "vague": one.wave,
        "categorie": one.award.category,
        "numeroEJ": one.commitment,
        "formeJuridiqueBeneficiaire": bearer.form,
        "montantBase": euros(one.base),
        "bonusNumerique": euros(one.bonus) if one.bonus else None,
        "dateFin": one.end,
    }
    return Line(values, [*one.defects, *([RESERVED_WAVE] if one.wave == RESERVED else [])])


def _leaks(world: World) -> list[tuple[Defect, str]]:
    """What may not be published, met in the free text of an agreement: seen by its form, or known from a private field."""
    draw = stream(world.seed, "contacts dans les textes")
    refused = [one.place.bearer.contact for one in world.applications if one.decision == "refusee" and not one.earlier]
    person, other = draw.sample(refused, 2)
    stranger = draw.sample(refused, 1)[0].email.replace("@", "@autre-")
    found = {
        "courriel": f"écrire à {stranger}",
        "telephone": f"appeler le 01 99 00 {draw.randrange(100):02d} {draw.randrange(100):02d}",
        "iban": f"virement sur le compte {iban(draw)}",
        "nir": f"assuré {nir(draw)}",
        "valeur_connue": f"suivi par {person.name}",
    }
    texts = [*found.items(), ("valeur_connue", f"écrire à {other.email}")]
    return [(Defect("contact-dans-un-texte", "protect", rule, "objet"), text) for rule, text in texts]


def _flawed(model: Line) -> list[Line]:
    return [
        model.flawed(Defect("montant-absent", "validate", "required", "montant"), idConvention="FICTIF-0000-0001", montant=None),
        model.flawed(Defect("siret-faux", "validate", "french-siret-value", "idBeneficiaire"), idConvention="FICTIF-0000-0002",
                     idBeneficiaire="00012345600012"),
        model.flawed(Defect("nature-inconnue", "validate", "enum", "nature"), idConvention="FICTIF-0000-0003", nature="prêt fictif"),
    ]  # fmt: skip


def _schedules(world: World) -> list[Delivery]:
    money = world.money
    lines = [
        Line({"convention": one.number, "annee": year, "montant_engage": euros(due)}, list(one.instalment_defects))
        for one in money.agreements if one.has_schedule
        for year, due in one.instalments.items()
    ]  # fmt: skip
    unknown = Defect("echeancier-sans-convention", "model", "echeancier-convention-inconnue", "convention")
    for number, year, due in money.extra_instalments:
        lines.append(Line({"convention": number, "annee": year, "montant_engage": euros(due)}, [unknown]))
    early = [line for line in lines if int(str(line.values["annee"])) < 2024]
    late = [line for line in lines if int(str(line.values["annee"])) >= 2024]
    flawed = [
        early[0].flawed(Defect("echeance-double", "validate", "primaryKey")),
        early[0].flawed(Defect("echeance-negative", "validate", "minimum", "montant_engage"), annee=2019, montant_engage=Decimal(-5)),
    ]
    return [
        Delivery("echeancier-2020-2023.csv", "echeancier", "francais", dt.date(2024, 2, 15), SCHEDULE, [*early, *flawed], mode="remplace"),
        Delivery("echeancier-2024-2028.csv", "echeancier", "simple", dt.date(2026, 11, 4), SCHEDULE, late),
    ]


def _payments(world: World, wanted: int | None) -> list[Delivery]:
    draw = stream(world.seed, "fichiers de versements")
    by_year: dict[int, list[Payment]] = {year: [] for year in range(FIRST_YEAR, LAST_DAY.year + 1)}
    for payment in world.money.payments:
        by_year[payment.year].append(payment)
    sound = [payment for payment in by_year[CORRECTED_YEAR] if not payment.defects and payment.amount > 0]
    *corrected, never = draw.sample(sound, CORRECTED + 1)
    corrections = [*map(_payment, corrected), _payment(never).flawed(never_delivered("numero_ej"))]
    by_year[CORRECTED_YEAR].remove(never)
    provisional = [one for one in by_year[PROVISIONAL_YEAR] if one.day < dt.date(PROVISIONAL_YEAR, 7, 1) and not one.defects]
    aside = {id(payment) for payment in corrected}
    ordinary = [one for year in by_year.values() for one in year if not one.defects and id(one) not in aside]
    bulk = _bulk(ordinary)
    fixed = len(world.money.payments) - len(ordinary) + len(corrected) + len(provisional) + len(_flawed_payments(corrections[0]))
    pieces = _cut(bulk, None if wanted is None else wanted - fixed)
    made = [
        _extraction("versements-2023-provisoire.csv", PROVISIONAL_YEAR, dt.date(2023, 7, 10), [], _as_text(_cut(_bulk(provisional), None)))
    ]
    made[0].bulk_replaced = len(provisional)
    for year, payments in by_year.items():
        lines = [_payment(payment) for payment in payments if payment.defects or id(payment) in aside]
        for line, payment in zip(lines, (one for one in payments if one.defects or id(one) in aside), strict=True):
            if id(payment) in aside:
                line.values["montant_paye"], line.replaced = euros(payment.amount * 2), True
        lines += _flawed_payments(corrections[0]) if year == 2024 else []
        day = min(dt.date(year + 1, 1, 29), dt.date(2026, 11, 6))
        made.append(_extraction(f"versements-{year}.csv", year, day, lines, _as_text(pieces.filter(pl.col("annee") == year))))
        if year == PROVISIONAL_YEAR:
            made[-1].mode, made[-1].period = "remplace", str(year)
    made.append(_extraction(f"versements-{CORRECTED_YEAR}-corrections.csv", CORRECTED_YEAR, dt.date(2026, 3, 9), corrections, None))
    made[-1].mode = "corrige"
    return made


def _extraction(file: str, year: int, day: dt.date, lines: list[Line], bulk: pl.DataFrame | None) -> Delivery:
    return Delivery(file, "versements", "chorus", day, PAYMENTS, lines, constants={"exercice": str(year)}, bulk=bulk)


def _payment(one: Payment) -> Line:
    values: dict[str, Value] = {
        **_CONSTANT,
        "code_fournisseur": f"1{one.siret[:9]}",
        "fournisseur_paye": one.payee,
        "siret": one.siret,
        "numero_ej": one.commitment,
        "numero_dp": one.request,
        "date_derniere_operation": one.day,
        "montant_paye": euros(one.amount),
    }
    return Line(values, list(one.defects))


def _flawed_payments(model: Line) -> list[Line]:
    return [
        model.flawed(Defect("montant-illisible", "validate", "type", "montant_paye"), numero_dp="100999911", montant_paye="douze mille"),
        model.flawed(Defect("engagement-absent", "validate", "required", "numero_ej"), numero_dp="100999912", numero_ej=None),
    ]


def _bulk(payments: Sequence[Payment]) -> pl.DataFrame:
    rows = [(one.commitment, one.request, one.year, f"{one.day:%d.%m.%Y}", one.amount, one.siret, one.payee) for one in payments]
    names = ("numero_ej", "numero_dp", "annee", "date_derniere_operation", "centimes", "siret", "fournisseur_paye")
    return pl.DataFrame(rows, schema=names, orient="row")


def _cut(payments: pl.DataFrame, wanted: int | None) -> pl.DataFrame:
    """The payments, each cut into pieces of the same sum so that there are `wanted` lines. ValueError when there are more already."""
    count = payments.height
    wanted = count if wanted is None else wanted
    if wanted < count:
        raise ValueError(f"au moins {count} lignes de versements")
    pieces = pl.lit(wanted // count) + (pl.int_range(pl.len()) < wanted % count).cast(pl.Int64)
    cut = payments.with_columns(pieces=pieces).with_columns(poste=pl.int_ranges(1, pl.col("pieces") + 1)).explode("poste")
    share = pl.col("centimes") // pl.col("pieces")
    first = pl.col("centimes") - share * (pl.col("pieces") - 1)
    return cut.with_columns(centimes=pl.when(pl.col("poste") == 1).then(first).otherwise(share))


def _as_text(pieces: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("centimes").abs()
    sign = pl.when(pl.col("centimes") < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    amount = pl.concat_str(sign, size // EUR, pl.lit(","), (size % EUR).cast(pl.String).str.zfill(2))
    supplier = pl.concat_str(pl.lit("1"), pl.col("siret").str.slice(0, 9))
    constant = [pl.lit(value).alias(name) for name, value in _CONSTANT.items() if name != "poste_dp"]
    told = pieces.with_columns(*constant, montant_paye=amount, code_fournisseur=supplier, poste_dp=pl.col("poste").cast(pl.String))
    return told.select(PAYMENTS.values())
