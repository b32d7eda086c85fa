"""What must not hide in a public text: addresses, telephone and bank numbers, and the private values that deliveries hold.

A name such as « L@bo » or « StationW @ 153 » is no address; the digits of a page's number in a URL are no telephone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import unquote

import polars as pl

from pipeline import schema as schemas
from pipeline.protect import forms

UNPUBLISHED = "Non publié"
HITS = pl.Schema({"champ": pl.String(), "regle": pl.String(), "nombre": pl.UInt32()})

OURS = ("livraison", "sha256")  # fingerprints that ingest makes: no text, and digits that would be met by chance
LONG_CONTACT = 8  # characters: a shorter contact is too often a common word
BROKEN = ("valeur", "code", "regle")
LONG_NUMBER = 9  # digits of a SIREN
LONG_NAME = 10  # letters: a shorter name in one piece is met inside other words
_LINK = r"://|www\."
IN_CODES = ("courriel",)  # a code is made of digits: only addresses are sought in it


@dataclass(frozen=True)
class Known:
    """Private values to be found nowhere. Never shown, not even by an error.

    `anywhere`: sought inside texts, in any case; `names`: sought inside texts as words, folded; `whole`: compared with whole cells, folded;
    `phones`: ten digits; `titles`: sought as names are, once what public names say (`told`, folded) is taken away from the text;
    `units`: SIREN, sought with or without what follows it in a SIRET.
    """

    anywhere: frozenset[str] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    whole: frozenset[str] = field(default=frozenset(), repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)
    titles: frozenset[str] = field(default=frozenset(), repr=False)
    told: frozenset[str] = field(default=frozenset(), repr=False)
    units: frozenset[str] = field(default=frozenset(), repr=False)

    def __or__(self, other: "Known") -> "Known":
        return Known(**{item.name: getattr(self, item.name) | getattr(other, item.name) for item in fields(self)})


def folded(text: pl.Expr) -> pl.Expr:
    """The words of a text in small letters, without accents nor signs, one space between them."""
    plain = text.str.normalize("NFKD").str.to_lowercase().str.replace_all(r"\p{M}", "")
    plain = plain.str.replace_all("œ", "oe", literal=True).str.replace_all("æ", "ae", literal=True)
    return plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


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
    phones = values.filter(pl.col("valeur").str.contains(forms.PHONE)).unique().collect()["valeur"]
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
    coded = values.filter(pl.col("valeur").str.contains("%", literal=True))["valeur"].unique()
    read = pl.col("valeur").replace({text: unquote(text) for text in coded})
    text = read.str.normalize("NFKC").str.replace_all(r"[\u{ad}\u{200b}-\u{200d}\u{2060}\u{feff}]", "")
    rules = [pl.when(_is_known(known)).then(pl.lit("valeur_connue"))]
    rules += [
        pl.when((~pl.col("code") | pl.lit(rule in IN_CODES)) & forms.holds(pl.col("texte"), rule)).then(pl.lit(rule))
        for rule in forms.RULES
    ]
    judged = values.with_columns(texte=text).with_columns(regle=pl.coalesce(rules))  # not lazy: a filter pushed down judges twice
    found = judged.filter(pl.col("regle").is_not_null()).select(BROKEN)
    links = values.filter(pl.col("valeur").str.contains(_LINK)).with_columns(texte=read)
    return pl.concat([found, _named_in_links(links, known)]).unique(["valeur", "code"], keep="first", maintain_order=True).sort(BROKEN)


def _named_in_links(links: pl.DataFrame, known: Known) -> pl.DataFrame:
    """The addresses of pages that hold a name in one piece (« jeannefictive.example »)."""
    joined = sorted({order.replace(" ", "") for name in known.names for order in _orders(name)})
    joined = [name for name in joined if len(name) >= LONG_NAME]
    if links.is_empty() or not joined:
        return pl.DataFrame(schema={"valeur": pl.String, "code": pl.Boolean, "regle": pl.String})
    letters = folded(pl.col("texte")).str.replace_all(" ", "", literal=True)
    return links.filter(letters.str.contains_any(joined)).select("valeur", "code", regle=pl.lit("valeur_connue"))


def _orders(name: str) -> set[str]:
    """A full name as it may be written: first name first, or last name first."""
    words = name.split()
    return {name, " ".join(words[::-1]), " ".join([*words[-1:], *words[:-1]]), " ".join([*words[1:], words[0]])}


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
    text = pl.col("texte")
    inside = text.str.contains_any(sorted(known.anywhere), ascii_case_insensitive=True) if known.anywhere else pl.lit(False)
    numbers = sorted(value for value in known.anywhere if value.isdigit() and len(value) >= LONG_NUMBER)
    inside |= text.str.replace_all(r"[\s.\-]", "").str.contains_any(numbers) if numbers else pl.lit(False)  # « 000 086 736 00055 »
    words = folded(text)
    whole = words.is_in(sorted(known.whole)) if known.whole else pl.lit(False)
    patterns = sorted({f" {order} " for name in known.names for order in _orders(name)})
    named = pl.concat_str(pl.lit(" "), words, pl.lit(" ")).str.contains_any(patterns) if patterns else pl.lit(False)
    phone = _ten_digits(text).is_in(sorted(known.phones)) if known.phones else pl.lit(False)
    return inside | whole | named | phone.fill_null(False) | _titled(words, known) | _of_units(text, known.units)


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


def _of_units(text: pl.Expr, units: frozenset[str]) -> pl.Expr:
    """A SIREN inside a text, its digits grouped or not; in a code, the whole of it: another number may hold the same digits."""
    if not units:
        return pl.lit(False)
    digits = text.str.replace_all(r"[\s.\-–—_·•/]", "")
    whole = digits.str.contains(r"^[0-9]{9}([0-9]{5})?$") & digits.str.slice(0, 9).is_in(sorted(units))
    return pl.when(pl.col("code")).then(whole).otherwise(digits.str.contains_any(sorted(units)))
