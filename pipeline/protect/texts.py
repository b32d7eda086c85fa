"""What must not hide in a public text: addresses, telephone and bank numbers, and the private values that deliveries hold.

A name such as « L@bo » or « StationW @ 153 » is no address; the digits of a page's number in a URL are no telephone.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields

import polars as pl

from pipeline import schema as schemas
from pipeline.protect import forms, persons
from pipeline.protect.reading import UNSEEN, decoded, folded, readable

UNPUBLISHED = "Non publié"
HITS = pl.Schema({"champ": pl.String(), "regle": pl.String(), "nombre": pl.UInt32()})

OURS = ("livraison", "sha256")  # fingerprints that ingest makes: no text, and digits that would be met by chance
LONG_CONTACT = 8  # characters: a shorter contact is too often a common word
BROKEN = ("valeur", "code", "regle")
LONG_NUMBER = 9  # digits of a SIREN
_LINK = r"://|www\."
_SPOKEN = r" (?:at|a|chez|arobase|arobas|point|dot) "  # what is said for the signs of an address


@dataclass(frozen=True)
class Known:
    """Private values to be found nowhere. Never shown, not even by an error.

    `anywhere`: sought inside texts, in any case; `names`: sought inside texts as words, folded, the last or the first of them first;
    `people`: folded names of persons, sought as words in any order; `whole`: compared with whole cells, folded; `phones`: ten digits;
    `titles`: sought as names are, once what public names say (`told`, folded) is taken away from the text; `units`: SIREN, sought with or
    without what follows it in a SIRET.
    """

    anywhere: frozenset[str] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    whole: frozenset[str] = field(default=frozenset(), repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)
    titles: frozenset[str] = field(default=frozenset(), repr=False)
    told: frozenset[str] = field(default=frozenset(), repr=False)
    units: frozenset[str] = field(default=frozenset(), repr=False)
    people: frozenset[str] = field(default=frozenset(), repr=False)

    def __or__(self, other: "Known") -> "Known":
        return Known(**{item.name: getattr(self, item.name) | getattr(other, item.name) for item in fields(self)})


def known_contacts(deliveries: Mapping[str, pl.LazyFrame]) -> Known:
    """What lies in `interdite` fields of the delivered tables (name → rows, as text): e-mail addresses, telephone numbers, contacts.

    A contact is of at least LONG_CONTACT characters; the schema says whether it is a person's name, which is sought as words, or an
    account, which is compared with whole cells.
    """
    columns = []
    for name, frame in deliveries.items():
        present = set(frame.collect_schema().names())
        private = [item.name for item in schemas.load("deliveries", name).fields if item.diffusion == "interdite" and item.name in present]
        columns += [frame.select(pl.col(column).cast(pl.String).alias("valeur")) for column in private]
    if not columns:
        return Known()
    values = pl.concat(columns).drop_nulls().unique().select(pl.col("valeur").str.normalize("NFKC").str.strip_chars())
    emails = values.select(pl.col("valeur").str.extract_all(forms.EMAIL)).explode("valeur").drop_nulls().unique().collect()["valeur"]
    phones = values.filter(forms.is_phone(pl.col("valeur"))).unique().collect()["valeur"]
    digits = phones.to_frame().select(_ten_digits(pl.col("valeur"))).to_series().drop_nulls()
    names, accounts = _contacts(deliveries, "personne"), _contacts(deliveries, "compte")
    return Known(anywhere=frozenset(emails) | frozenset(phones), names=names, whole=names | accounts, phones=frozenset(digits))


def _contacts(deliveries: Mapping[str, pl.LazyFrame], kind: str) -> frozenset[str]:
    """The contacts of one kind, folded."""
    found: set[str] = set()
    for name, frame in deliveries.items():
        present = set(frame.collect_schema().names())
        fields = [item.name for item in schemas.load("deliveries", name).fields if item.descriptor.get("contact") == kind]
        for column in (item for item in fields if item in present):
            values = frame.select(folded(pl.col(column).cast(pl.String)).alias("valeur")).unique().collect()["valeur"].drop_nulls()
            found |= {value for value in values if len(value) >= LONG_CONTACT}
    return frozenset(found)


def _ten_digits(text: pl.Expr) -> pl.Expr:
    """The digits of a text when they make one French telephone number, else null."""
    digits = text.str.replace_all(r"\D", "").str.replace(r"^(?:00)?330?([1-9]\d{8})$", "0$1")
    return pl.when(digits.str.contains(r"^0[1-9]\d{8}$")).then(digits)


def broken(tables: Iterable[tuple[pl.DataFrame, Collection[str]]], known: Known) -> pl.DataFrame:
    """Each distinct text of the tables that may not be public, and the first rule that it breaks: valeur, code, regle (BROKEN).

    A table comes with its columns of codes: only addresses and known values are sought in them (`code` true); nothing is in our own
    fingerprints. All tables at once: making the search of thousands of known values costs more than the search.
    """
    cells = [pl.LazyFrame(schema={"valeur": pl.String, "code": pl.Boolean})]
    for frame, codes in tables:
        cells += [frame.lazy().select(valeur=name, code=pl.lit(name in codes)).drop_nulls().unique() for name in _texts(frame)]
    values = pl.concat(cells).unique().collect().rechunk()  # a search of many values is made anew for each chunk
    values = _read(values)
    named = persons.said(values["mots"], known.people) | persons.said(values["mots"], known.names - known.people, ordered=True)
    is_known = values.select(_is_known(known)).to_series() | _numbered(values, known) | named
    judged = values.with_columns(regle=pl.coalesce(pl.when(is_known).then(pl.lit("valeur_connue")), forms.broken(values)))
    found = judged.filter(pl.col("regle").is_not_null()).select(BROKEN)
    links = values.filter(pl.col("valeur").str.contains(_LINK))
    return pl.concat([found, _named_in_links(links, known)]).unique(["valeur", "code"], keep="first", maintain_order=True).sort(BROKEN)


def _read(values: pl.DataFrame) -> pl.DataFrame:
    """valeur, code, texte, mots: each value as it reads; twice when it has marks that are not seen: without, and with a space for each."""
    plain = pl.col("valeur").replace(decoded(values["valeur"]))
    read = values.with_columns(texte=plain)
    parted = read.filter(pl.col("texte").str.contains(UNSEEN)).with_columns(pl.col("texte").str.replace_all(UNSEEN, " "))
    return pl.concat([read, parted]).with_columns(texte=readable(pl.col("texte"))).with_columns(mots=folded(pl.col("texte"))).rechunk()


def _named_in_links(links: pl.DataFrame, known: Known) -> pl.DataFrame:
    """The addresses of pages that hold a name in one piece (« jeannefictive.example »)."""
    names = [name.split() for name in known.names | known.people if name]
    letters = pl.col("mots").str.replace_all(" ", "", literal=True)
    longest = sorted({max(name, key=len) for name in names})
    links = links.filter(letters.str.contains_any(longest)) if longest else links.clear()
    joined = sorted({"".join(order) for name in names for order in persons.orders(name)}) if links.height else []
    joined = [name for name in joined if len(name) >= persons.LONG_NAME]
    if links.is_empty() or not joined:
        return pl.DataFrame(schema={"valeur": pl.String, "code": pl.Boolean, "regle": pl.String})
    return links.filter(letters.str.contains_any(joined)).select("valeur", "code", regle=pl.lit("valeur_connue"))


def scan(frame: pl.DataFrame, found: pl.DataFrame, codes: Collection[str], required: Collection[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Empty every cell whose text is among those that `broken` found; the cells emptied, counted by column and rule.

    A `required` cell says « Non publié » instead.
    """
    replaced, counts = [], []
    by_kind = {code: found.filter(pl.col("code") == code).select("valeur", "regle") for code in (True, False)}
    for name in _texts(frame):
        values = by_kind[name in codes]
        hits = frame.select(valeur=name).join(values, on="valeur").group_by("regle").agg(nombre=pl.len()) if values.height else values
        if hits.is_empty():
            continue
        counts.append(hits.select(pl.lit(name).alias("champ"), "regle", "nombre").cast(HITS))
        hit = pl.col(name).is_in(values["valeur"].implode())
        replaced.append(pl.when(hit).then(pl.lit(UNPUBLISHED if name in required else None)).otherwise(pl.col(name)).alias(name))
    return frame.with_columns(replaced), pl.concat([pl.DataFrame(schema=HITS), *counts]).sort("champ", "regle")


def _texts(frame: pl.DataFrame) -> list[str]:
    return [column for column, dtype in frame.schema.items() if dtype == pl.String and column not in OURS]


def _is_known(known: Known) -> pl.Expr:
    words = pl.col("mots")
    inside = pl.col("texte").str.contains_any(sorted(known.anywhere), ascii_case_insensitive=True) if known.anywhere else pl.lit(False)
    if rnas := sorted(value for value in known.anywhere if re.fullmatch(r"W\d{9}", value)):  # « W 101 000 001 » too
        inside |= pl.col("texte").str.replace_all(r"[^0-9A-Za-z]+", "").str.contains_any(rnas, ascii_case_insensitive=True)
    whole = words.is_in(sorted(known.whole)) if known.whole else pl.lit(False)
    spaced = pl.concat_str(pl.lit(" "), words, pl.lit(" "))
    return inside | whole | _spoken(spaced, known) | _titled(words, known)


def _spoken(spaced: pl.Expr, known: Known) -> pl.Expr:
    """An address by its words, whatever stands for its signs: « zoe chez lieu point example »."""
    addresses = pl.Series("nom", sorted(value for value in known.anywhere if "@" in value), pl.String).to_frame()
    said = [f" {words} " for words in addresses.select(folded(pl.col("nom"))).to_series() if " " in words]
    return spaced.str.replace_all(_SPOKEN, " ").str.replace_all(_SPOKEN, " ").str.contains_any(said) if said else pl.lit(False)


def _numbered(values: pl.DataFrame, known: Known) -> pl.Series:
    """Whether each text holds a known number, whatever lies between its digits: two signs or spaces at most, no letter.

    In a code, a telephone number or a SIREN is the whole of it: another number may hold the same digits.
    """
    signs = {re.sub(r"\D", "", value) for value in known.anywhere if not re.search(r"[^\W\d]", value)}
    numbers = sorted(value for value in signs if len(value) >= LONG_NUMBER)
    doubtful = values.select("texte", "code").with_row_index("rang").filter(pl.col("texte").str.count_matches(r"\d") >= LONG_NUMBER)
    digits = pl.col("texte").str.replace_all(r"[^\p{L}\p{N}]{3,}", "x").str.replace_all(r"[^\p{L}\p{N}]", "")
    held = digits.str.contains_any(numbers) if numbers else pl.lit(False)
    if known.phones:
        held |= _ten_digits(pl.col("texte")).is_in(sorted(known.phones)).fill_null(False)
        called = digits.str.replace_all(r"(?:00)?330?([1-9]\d{8})", "0$1").str.contains_any(sorted(known.phones))
        held |= ~pl.col("code") & called
    if known.units:
        unit = digits.str.contains(r"^[0-9]{9}([0-9]{5})?$") & digits.str.slice(0, 9).is_in(sorted(known.units))
        held |= pl.when("code").then(unit).otherwise(digits.str.contains_any(sorted(known.units)))
    found = doubtful.filter(held)["rang"]
    return pl.int_range(values.height, eager=True).is_in(found.implode())


def _titled(words: pl.Expr, known: Known) -> pl.Expr:
    if not known.titles:
        return pl.lit(False)
    patterns, told = ([_spaced(name) for name in sorted(names)] for names in (known.titles, known.told))
    told.sort(key=len, reverse=True)  # the first pattern that matches wins
    text = pl.concat_str(pl.lit(" "), words.str.replace_all(" ", "  ", literal=True), pl.lit(" "))
    left = text.str.replace_many(dict.fromkeys(told, "  "), leftmost=True) if told else text
    return left.str.contains_any(patterns)


def _spaced(name: str) -> str:
    """Each word with spaces of its own: two names in a row share none."""
    return f" {name.replace(' ', '  ')} "
