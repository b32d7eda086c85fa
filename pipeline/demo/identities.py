"""Names and numbers that nobody bears, and that say so.

SIREN and SIRET begin with 000, which INSEE has not issued, and keep a valid check digit; RNA begins with W000, which is no département;
hosts are under `.example` (RFC 2606); telephones are those that Arcep keeps for works of fiction; a bank code 00000 and a département 00 do
not exist.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.demo.streams import stream

# Arcep, décision n° 2018-0881 du 24 juillet 2018 (plan national de numérotation), § 2.5.12 « Numéros pour œuvres audiovisuelles »:
# six blocks of 10,000 numbers that can neither call nor be called. https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000037262971
FICTION_PHONES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
# Syllables that make no first name nor surname in use.
_FIRST = ("Zu", "Vé", "Bro", "Ky", "Ol", "Pli", "Tra", "Xi", "Mou", "Gwi", "Dju", "Fri", "Ska", "Plo", "Né", "Ru")
_LAST = ("vax", "droum", "zim", "klo", "bruf", "tazy", "prin", "gouz", "mirk", "spol", "wex", "nuld", "quar", "fjé", "dolz", "hup")
_PLAIN = str.maketrans("éè", "ee")


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist. All three are private wherever they are written."""

    name: str
    email: str
    phone: str


class Identities:
    """Draws that are never the same twice under one seed."""

    def __init__(self, seed: int, subject: str, first_siren: int, last_siren: int) -> None:
        """Two subjects never share a SIREN when their ranges (of the 5 free digits, 1 to 99999) do not meet."""
        self._draw = stream(seed, f"identités {subject}")
        self._sirens = _shuffled(self._draw, range(first_siren, last_siren + 1))
        self._rnas = _shuffled(self._draw, range(first_siren * 10, last_siren * 10))
        self._phones = _shuffled(self._draw, range(60_000))
        self._names: set[str] = set()

    def siret(self) -> str:
        """A valid SIRET of a new unit: 000, 5 free digits, their check digit, then an establishment."""
        siren = with_luhn(f"000{next(self._sirens):05d}")
        return with_luhn(f"{siren}{self._draw.randint(1, 9):04d}")

    def rna(self) -> str:
        return f"W000{next(self._rnas):06d}"

    def person(self, host: str) -> Person:
        """A person of an organisation whose host is `host` (without `.example`)."""
        name = self._name()
        local = ".".join(name.lower().translate(_PLAIN).split())
        phone = next(self._phones)
        number = f"{FICTION_PHONES[phone // 10_000]} {phone % 10_000 // 100:02d} {phone % 100:02d}"
        return Person(name, f"{local}@{host}.example", number)

    def _name(self) -> str:
        while True:
            first = self._draw.choice(_FIRST) + self._draw.choice(_LAST)
            last = "-".join("".join(self._draw.choices(_LAST, k=3)).capitalize() for _ in range(2))
            name = f"{first} {last}-Fictif"
            if name not in self._names:
                self._names.add(name)
                return name


def with_luhn(digits: str) -> str:
    """The digits and the one that makes their Luhn sum a multiple of 10."""
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits)))
    return digits + str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def iban(draw: random.Random) -> str:
    """A French IBAN with valid keys, of a bank and a branch 00000 that do not exist."""
    account = f"{draw.randrange(10**11):011d}"
    rib = 97 - (3 * int(account)) % 97
    bban = f"{0:010d}{account}{rib:02d}"
    key = 98 - int(f"{bban}152700") % 97  # F = 15, R = 27
    return " ".join(_by_four(f"FR{key:02d}{bban}"))


def nir(draw: random.Random) -> str:
    """A number of the form of a NIR, month 99 and département 00, with its valid key."""
    digits = f"{draw.choice('12')}{draw.randrange(100):02d}9900{draw.randrange(1000):03d}{draw.randrange(1000):03d}"
    key = 97 - int(digits) % 97
    return f"{digits[0]} {digits[1:3]} {digits[3:5]} {digits[5:7]} {digits[7:10]} {digits[10:]} {key:02d}"


def _by_four(text: str) -> Iterator[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))


def _shuffled(draw: random.Random, numbers: range) -> Iterator[int]:
    return iter(draw.sample(numbers, len(numbers)))
