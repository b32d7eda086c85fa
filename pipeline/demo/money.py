"""What the State promised, when it was due, and what it paid. Amounts are whole cents, so that sums are exact."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.demo.deliveries import Defect
from pipeline.demo.identities import Identities
from pipeline.demo.places import DIGITAL, MANUFACTURE, Award
from pipeline.demo.streams import spread, stream

EUR = 100
INSTALMENT, INSTALMENTS = 50_000 * EUR, 3
DIGITAL_BONUS = 100_000 * EUR
FLAT_2023 = 50_000 * EUR
MANUFACTURE_GRANT = 250_000 * EUR
LAST_DAY = dt.date(2026, 10, 31)
# Shares of the awards: without an agreement yet, by wave; of the agreements: without a schedule.
WITHOUT_AGREEMENT = {"fdt-10": 0.2}
USUALLY_WITHOUT_AGREEMENT, WITHOUT_SCHEDULE = 0.04, 0.08
CORRECTED_SHARE, UNFINISHED_SHARE = 0.06, 0.1
FIRST_YEAR = 2020


@dataclass(eq=False)
class Agreement:
    """`instalments` is what the schedule commits by year; `has_schedule` whether it was delivered.

    `attribution` and `wave` are what the line cites; `excess` is what its amount has beyond base and bonus, by mistake. `is_placed` is
    false where the award that it cites leads to no place.
    """

    number: str
    award: Award
    commitment: str
    funder: str
    funder_siret: str
    signed: dt.date
    base: int
    bonus: int
    instalments: dict[int, int]
    has_schedule: bool
    attribution: str
    wave: str
    excess: int = 0
    is_placed: bool = True
    defects: list[Defect] = field(default_factory=list)
    instalment_defects: list[Defect] = field(default_factory=list)

    @property
    def amount(self) -> int:
        return self.base + self.bonus + self.excess

    @property
    def end(self) -> dt.date:
        return dt.date(max(self.instalments), 12, 31)


@dataclass(eq=False)
class Payment:
    """A line of Chorus. `amount` is negative when it takes back a part of an earlier payment.

    `agreement` is null where the commitment number leads to none; `siret` and `payee` are who was paid.
    """

    commitment: str
    request: str
    agreement: Agreement | None
    day: dt.date
    amount: int
    siret: str
    payee: str
    defects: list[Defect] = field(default_factory=list)

    @property
    def year(self) -> int:
        return self.day.year

    @classmethod
    def of(cls, agreement: Agreement, day: dt.date, amount: int) -> "Payment":
        bearer = agreement.award.place.bearer
        return cls(agreement.commitment, "", agreement, day, amount, bearer.siret, bearer.name.upper())


@dataclass
class Money:
    """`extra_instalments` are lines of schedules (number, year, cents) whose agreement does not exist."""

    agreements: list[Agreement] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    extra_instalments: list[tuple[str, int, int]] = field(default_factory=list)

    def paid(self, agreement: Agreement) -> int:
        return sum(payment.amount for payment in self.payments if payment.agreement is agreement)


def build(seed: int, awards: Sequence[Award], secret: str) -> Money:
    """Agreements of the awards and their payments. The wave `secret` has agreements, and no payment yet."""
    draw, identities = stream(seed, "conventions"), Identities(seed, "préfectures", 10_000, 10_099)
    funders: dict[str, str] = {}
    commitments = iter(draw.sample(range(10_000_000), len(awards)))
    money = Money()
    for index, award in enumerate(awards, start=1):
        if draw.random() < WITHOUT_AGREEMENT.get(award.wave.slug, USUALLY_WITHOUT_AGREEMENT):
            continue
        region = award.place.town.region
        siret = funders.get(region) or funders.setdefault(region, identities.siret())
        signed = min(award.wave.decided + dt.timedelta(days=draw.randrange(20, 110)), LAST_DAY)
        base, bonus = _amounts(draw, award)
        money.agreements.append(
            Agreement(
                number=f"FICTIF-{signed.year}-{index:04d}",
                award=award,
                commitment=f"210{next(commitments):07d}",
                funder=f"Préfecture fictive de région {region}",
                funder_siret=siret,
                signed=signed,
                base=base,
                bonus=bonus,
                instalments=_instalments(signed.year, base, bonus),
                has_schedule=draw.random() >= WITHOUT_SCHEDULE,
                attribution=award.id,
                wave=award.wave.slug,
            )
        )
    money.payments = _payments(seed, [one for one in money.agreements if one.award.wave.slug != secret])
    return money


def _amounts(draw: random.Random, award: Award) -> tuple[int, int]:
    """Base and bonus of an agreement, within the rules of its wave (`programme.toml`)."""
    if award.category == MANUFACTURE:
        return MANUFACTURE_GRANT, 0
    if award.wave.slug == "fdt-09":
        return FLAT_2023, 0
    euros = draw.choice((75_000, 90_000, 100_000, 112_500, 120_000, 135_000, 150_000, 150_000))
    cents = draw.randrange(1, EUR) if draw.random() < 0.1 and euros < 150_000 else 0
    return euros * EUR + cents, DIGITAL_BONUS if award.category == DIGITAL else 0


def _instalments(year: int, base: int, bonus: int) -> dict[int, int]:
    """The base in equal yearly shares of at most 50,000 € where the scheme has that ceiling, the bonus with the first."""
    count = 1 if base <= INSTALMENT else INSTALMENTS
    shares = spread(base, [1] * count)
    return {year + index: share + (bonus if index == 0 else 0) for index, share in enumerate(shares)}


def _payments(seed: int, agreements: Sequence[Agreement]) -> list[Payment]:
    draw = stream(seed, "versements")
    made = [payment for agreement in agreements for payment in _payments_of(draw, agreement)]
    return sorted(made, key=lambda one: (one.day, one.commitment, one.amount))


def _payments_of(draw: random.Random, agreement: Agreement) -> Iterator[Payment]:
    """Of each instalment an advance and a balance, the balance often a year later; now and then a part is taken back."""
    for year, due in agreement.instalments.items():
        advance, balance = spread(due, (draw.choice((5, 6, 7)), 3))
        first = dt.date(year, draw.randint(agreement.signed.month if year == agreement.signed.year else 3, 12), draw.randint(1, 28))
        late = year + draw.choice((0, 1, 1))
        second = dt.date(late, draw.randint(1 if late > year else first.month, 12), 28)
        yield from _paid(draw, agreement, max(first, agreement.signed), advance)
        if draw.random() >= UNFINISHED_SHARE:
            yield from _paid(draw, agreement, max(second, agreement.signed), balance)


def _paid(draw: random.Random, agreement: Agreement, day: dt.date, amount: int) -> Iterator[Payment]:
    parts = spread(amount, [1] * draw.choice((1, 1, 1, 2)))
    yield from (Payment.of(agreement, day, part) for part in parts if day <= LAST_DAY)
    back = dt.date(day.year, 12, 29)
    if draw.random() < CORRECTED_SHARE and back <= LAST_DAY:
        yield Payment.of(agreement, back, -(amount // draw.choice((5, 8, 10))))
