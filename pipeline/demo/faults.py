"""What goes wrong with money: agreements and payments that a rule must notice, and that keep counting for what they say.

Each fault is made in the world, before any file: the truth follows from it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from pipeline.demo.deliveries import Defect
from pipeline.demo.history import RESERVED
from pipeline.demo.money import EUR, INSTALMENT, Agreement, Money, Payment
from pipeline.demo.places import DIGITAL
from pipeline.demo.streams import stream

UNKNOWN_AWARD, UNKNOWN_AWARD_WAVE = "lieu-9998_fdt-05", "fdt-05"
UNKNOWN_AGREEMENT = "FICTIF-2021-9999"
UNKNOWN_COMMITMENTS = ("2199999901", "2199999902", "2199999903")
PAID_LATE = dt.date(2025, 11, 17)

Pool = list[Agreement]


def plant(seed: int, money: Money) -> None:
    """Change agreements and payments, each by one fault, and note what must be said of it. Then number the payments."""
    pool = [one for one in money.agreements if one.has_schedule and one.award.place.bearer.status == "personne_morale"]
    stream(seed, "défauts de financement").shuffle(pool)
    for _ in range(2):
        _in_thousands(_take(pool, _usual), money)
    _too_much(_take(pool, _usual))
    _undue_bonus(_take(pool, _usual))
    _wrong_sum(_take(pool, lambda one: _usual(one) and one.base < 149_000 * EUR))
    _unknown_award(_take(pool, lambda one: one.wave == UNKNOWN_AWARD_WAVE))
    _other_wave(_take(pool, lambda one: one.wave == "fdt-06"))
    _shared_commitment(pool, money)
    _overpaid(_take(pool, lambda one: one.wave == "fdt-09"), money)
    _negative(_take(pool, lambda one: one.wave == "fdt-10" and one.signed.year == 2025), money)
    _wrong_schedule(_take(pool, lambda one: one.wave == "fdt-07" and one.base < 140_000 * EUR), money)
    _unknown_commitments(pool, money)
    _paid_twice(pool, money)
    money.payments.sort(key=lambda one: (one.day, one.commitment, one.amount))
    for index, payment in enumerate(money.payments, start=1):
        payment.request = payment.request or f"{100_000_000 + index:09d}"


def _take(pool: Pool, wanted: Callable[[Agreement], bool]) -> Agreement:
    """The first agreement that will do, which leaves the pool: one fault each."""
    found = next(one for one in pool if wanted(one))
    pool.remove(found)
    return found


def _usual(one: Agreement) -> bool:
    """An agreement of the first eight waves, which have confirmed bounds, and of a place that is not digital."""
    return one.award.wave.is_fabrique and one.wave < "fdt-09" and one.award.category != DIGITAL


def _note(one: Agreement, kind: str, rule: str, field: str) -> None:
    one.defects.append(Defect(kind, "model", rule, field))


def _in_thousands(one: Agreement, money: Money) -> None:
    one.base, one.has_schedule = one.base // 1_000, False
    money.payments = [payment for payment in money.payments if payment.agreement is not one]
    _note(one, "montant-en-milliers", "convention-montant-hors-regle", "montant")
    _note(one, "montant-en-milliers", "convention-montant-en-milliers", "montant")


def _too_much(one: Agreement) -> None:
    one.base = 3 * INSTALMENT + 7_500 * EUR
    one.instalments = dict.fromkeys(range(one.signed.year, one.signed.year + 3), one.base // 3)
    _note(one, "montant-hors-bornes", "convention-montant-hors-regle", "montant")
    one.instalment_defects.append(Defect("tranche-hors-bornes", "model", "echeancier-tranche-hors-regle", "montant_engage"))


def _undue_bonus(one: Agreement) -> None:
    one.bonus = 100_000 * EUR
    one.instalments[min(one.instalments)] += one.bonus
    _note(one, "bonus-indu", "convention-montant-hors-regle", "bonusNumerique")


def _wrong_sum(one: Agreement) -> None:
    one.excess = 500 * EUR
    one.instalments[min(one.instalments)] += one.excess
    _note(one, "composantes-fausses", "composantes-montant", "montant")


def _unknown_award(one: Agreement) -> None:
    one.attribution, one.is_placed = UNKNOWN_AWARD, False
    _note(one, "attribution-inconnue", "convention-attribution-inconnue", "attribution")


def _other_wave(one: Agreement) -> None:
    one.wave = "fdt-05"
    _note(one, "vague-contraire", "convention-vague-contraire", "vague")


def _shared_commitment(pool: Pool, money: Money) -> None:
    """Two agreements of one place, hence of one payee: nothing tells which of them a payment is for. One payment is left to each."""
    paid = {payment.agreement for payment in money.payments}
    able = [one for one in pool if one in paid]
    pairs = ((first, second) for second in able for first in able if first is not second and first.award.place is second.award.place)
    pair = next(pairs)
    for one in pair:
        pool.remove(one)
        one.commitment = pair[0].commitment
        _note(one, "engagement-partage", "convention-ej-double", "numeroEJ")
        kept = next(payment for payment in money.payments if payment.agreement is one)
        money.payments = [payment for payment in money.payments if payment.agreement is not one or payment is kept]
        kept.agreement, kept.commitment = None, one.commitment
        kept.defects.append(Defect("engagement-partage", "model", "versement-ej-partage", "numero_ej"))


def _overpaid(one: Agreement, money: Money) -> None:
    money.payments.append(Payment.of(one, PAID_LATE, one.amount - money.paid(one) + 2_500 * EUR))
    _note(one, "trop-verse", "cumul-verse-hors-convention", "montant")


def _negative(one: Agreement, money: Money) -> None:
    money.payments = [payment for payment in money.payments if payment.agreement is not one]
    money.payments.append(Payment.of(one, PAID_LATE, -1_000 * EUR))
    _note(one, "cumul-negatif", "cumul-verse-hors-convention", "montant")


def _wrong_schedule(one: Agreement, money: Money) -> None:
    """The schedule of one agreement does not add up to it, that of another has no agreement."""
    one.instalments[max(one.instalments)] += 1_234 * EUR
    _note(one, "echeancier-faux", "echeancier-somme-differente", "montant")
    money.extra_instalments.append((UNKNOWN_AGREEMENT, 2022, 40_000 * EUR))


def _unknown_commitments(pool: Pool, money: Money) -> None:
    told = (one for one in pool if one.wave != RESERVED)  # who has an award to come is told by no payment
    for commitment, one in zip(UNKNOWN_COMMITMENTS, told, strict=False):
        lost = Payment.of(one, dt.date(2024, 6, 18), 12_345_67)
        defect = Defect("engagement-inconnu", "model", "versement-ej-inconnu", "numero_ej")
        money.payments.append(replace(lost, agreement=None, commitment=commitment, defects=[defect]))


def _paid_twice(pool: Pool, money: Money) -> None:
    """A payment delivered twice counts twice: there is room for it in the agreement, so that no other rule speaks."""
    for number in ("100999901", "100999902"):
        chosen, one = next(
            (payment, one) for one in pool for payment in money.payments
            if payment.agreement is one and payment.year == 2022 and 0 < payment.amount <= one.amount - money.paid(one)
        )  # fmt: skip
        pool.remove(one)
        chosen.request = number
        chosen.defects.append(Defect("versement-double", "model", "versement-double", "numero_dp"))
        money.payments.append(replace(chosen, defects=list(chosen.defects)))
