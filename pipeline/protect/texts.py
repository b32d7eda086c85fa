"""What must not hide in a public text: addresses, telephone and bank numbers, and the private values that deliveries hold.

A name such as « L@bo » or « StationW @ 153 » is no address; the digits of a page's number in a URL are no telephone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from pipeline import schema as schemas
from pipeline.protect import forms

UNPUBLISHED = "Non publié"
HITS = pl.Schema({"champ": pl.String(), "regle": pl.String(), "nombre": pl.UInt32()})

OURS = ("livraison", "sha256")  # fingerprints that ingest makes: no text, and digits that would be met by chance
LONG_CONTACT = 8  # characters: a shorter contact is too often a common word
IN_CODES = ("courriel",)  # a code is made of digits: only addresses are sought in it


@dataclass(frozen=True)
class Known:
    """Private values to be found nowhere. Never shown, not even by an error.

    `anywhere`: sought inside texts, in any case; `names`: sought inside texts as words, folded; `whole`: compared with whole cells, folded;
    `phones`: ten digits.
    """

    anywhere: frozenset[str] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    whole: frozenset[str] = field(default=frozenset(), repr=False)
    phones: frozenset[str] = field(default=frozenset(), repr=False)

    def __or__(self, other: "Known") -> "Known":
        whole, names = self.whole | other.whole, self.names | other.names
        return Known(anywhere=self.anywhere | other.anywhere, names=names, whole=whole, phones=self.phones | other.phones)


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


def scan(frame: pl.DataFrame, known: Known, codes: Collection[str], required: Collection[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Empty every cell that holds what may not be public; the cells emptied, counted by column and rule.

    A `required` cell says « Non publié » instead. In the columns of `codes`, only addresses and known values are sought; in our own
    fingerprints, nothing.
    """
    texts = [column for column, dtype in frame.schema.items() if dtype == pl.String and column not in OURS]
    lazy = frame.lazy()
    searches = [_found(lazy.select(valeur=name), IN_CODES if name in codes else forms.RULES, known) for name in texts]
    replaced, counts = [], []
    for name, found in zip(texts, pl.collect_all(searches), strict=True):
        if found.is_empty():
            continue
        counts.append(found.group_by("regle").agg(pl.col("nombre").sum()).select(pl.lit(name).alias("champ"), "regle", "nombre"))
        hit = pl.col(name).is_in(found["valeur"].implode())
        replaced.append(pl.when(hit).then(pl.lit(UNPUBLISHED if name in required else None)).otherwise(pl.col(name)).alias(name))
    hits = pl.concat([pl.DataFrame(schema=HITS), *(count.cast(HITS) for count in counts)])
    return frame.with_columns(replaced), hits.sort("champ", "regle")


def _found(cells: pl.LazyFrame, sought: Collection[str], known: Known) -> pl.LazyFrame:
    """Each distinct value of `valeur` that breaks a rule, with the first rule broken and the number of its cells."""
    values = cells.drop_nulls().group_by("valeur").agg(pl.len().alias("nombre"))
    text = pl.col("valeur").str.normalize("NFKC").str.replace_all(r"[\u{ad}\u{200b}-\u{200d}\u{2060}\u{feff}]", "")
    rules = [pl.when(_is_known(known)).then(pl.lit("valeur_connue"))]
    rules += [pl.when(forms.holds(pl.col("texte"), rule)).then(pl.lit(rule)) for rule in sought]
    judged = values.with_columns(text.alias("texte")).with_columns(pl.coalesce(rules).alias("regle"))
    return judged.filter(pl.col("regle").is_not_null()).select("valeur", "regle", "nombre")


def _is_known(known: Known) -> pl.Expr:
    text = pl.col("texte")
    inside = text.str.contains_any(sorted(known.anywhere), ascii_case_insensitive=True) if known.anywhere else pl.lit(False)
    words = folded(text)
    whole = words.is_in(sorted(known.whole)) if known.whole else pl.lit(False)
    patterns = [f" {name} " for name in sorted(known.names)]
    named = pl.concat_str(pl.lit(" "), words, pl.lit(" ")).str.contains_any(patterns) if patterns else pl.lit(False)
    phone = _ten_digits(text).is_in(sorted(known.phones)) if known.phones else pl.lit(False)
    return inside | whole | named | phone.fill_null(False)
