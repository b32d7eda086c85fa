"""The forms that addresses, telephone and bank numbers and NIR take in a text, disguised ones included. A cell too many is better emptied.

A name such as « L@bo » or « StationW @ 153 » is no address; the digits of a page's number in a URL are no telephone.
"""

import re

import polars as pl

RULES = ("courriel", "iban", "nir", "telephone")  # a NIR holds what looks like a telephone number
IN_CODES = ("courriel",)  # a code is made of digits: only addresses are sought in it
DIGITS = 9  # a text with fewer holds no number
_DATE = r"\b(?:[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[/.\-][0-9]{1,2}[/.\-][0-9]{1,2})\b"
PAGE = r"(?i)(?:https?://|www\.|[a-z0-9\-]+\.(?:com|fr|org|net)/)\S+"  # the digits of its address are no telephone

# Where many have their mailbox: such a domain makes an address of what would else be a word and a place.
_PROVIDER = (
    r"(?:gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|orange|wanadoo|free|laposte|sfr|neuf|bbox|numericable|club-internet"
    r"|aliceadsl|icloud|proton|protonmail|gmx|aol|zoho|yandex|riseup|mailo|tutanota)"
)
_ENDING = r"(?:com|fr|org|net|coop|bzh|gouv|asso|example)"  # what a domain ends with, and few sentences begin with
_LOCAL = r"[\p{L}\p{N}_.%+\-]+"
_LABEL = r"[\p{L}\p{N}_\-]+"
_SIGN = r"(?:@|%40|&#0*64;|&commat;|\s?[\[({<]\s?(?:at|a|arobase|@)\s?[\])}>]\s?|\s(?:arobase|arobas)\s)"
_POINT = r"(?:\s?[\[({<]\s?(?:dot|point|\.)\s?[\])}>]\s?|\s(?:dot|point)\s)"
_DOT = rf"(?:\.|{_POINT})"
EMAIL = rf"(?i:{_LOCAL}{_SIGN}{_LABEL}(?:{_DOT}{_LABEL})*{_DOT}\p{{L}}{{2,}})"
# Signs and words for « @ », which the address of a page may hold: sought outside of pages.
_AS_SIGN = (
    r"(?:\\?@{1,2}|\s?[\[({<]\s?(?:at|a|à|arobase|arobas|@)\s?[\])}>]\s?|\s{0,2}[«‹\"“'‘]\s?(?:at|à|arobase|arobas|@)\s?[»›\"”'’]\s{0,2}"
    r"|\s{0,2}[*/|~_–—\-]+\s?(?:at|arobase|arobas|@)\s?[*/|~_–—\-]+\s{0,2}|\s(?:arobase|arobas)\s)"
)
_AS_POINT = rf"(?:\.|{_POINT}|\s?[*/|~_–—\-]\s?(?:dot|point)\s?[*/|~_–—\-]\s?)"
DISGUISED = (
    rf"(?i:{_LOCAL}{_AS_SIGN}{_LABEL}(?:{_AS_POINT}{_LABEL})*{_AS_POINT}\p{{L}}{{2,}})"
    # A sign set apart by spaces is often part of a name (« StationW @ Bliss »): only with a whole domain.
    rf"|(?i:{_LOCAL}\s{{0,2}}@\s{{0,2}}{_LABEL}(?:\.{_LABEL})*(?:\.\p{{L}}{{2,}}|{_POINT}\p{{L}}{{2,}}|,(?:com|fr)\b|\s{{0,2}}[.·•]\s{{0,2}}{_ENDING}\b))"
    rf"|(?i:[\p{{L}}\p{{N}}_.%+\-]{{3,}}\s{{0,2}}{_AS_SIGN}\s{{0,2}}{_PROVIDER}\b)"
    rf"|(?i:{_LOCAL}\s{{0,2}}@\s{{0,2}}\[[\d.]{{7,15}}\])"
    # Words: « atelier à Lyon.fr » is no address, « zoe à gmail.com » and « zoe.martin à asso.fr » are.
    rf"|(?i:{_LOCAL}\s(?:at|à|a|chez)\s{_PROVIDER}\s{{0,2}}(?:[.,]|{_POINT})\s{{0,2}}\p{{L}}{{2,}})"
    rf"|(?i:[\p{{L}}\p{{N}}]+[._][\p{{L}}\p{{N}}._]+\s(?:at|à|chez)\s{_LABEL}(?:\.{_LABEL})*(?:\.|{_POINT}){_ENDING}\b)"
    rf"|(?i:{_LOCAL}\sat\s{_LABEL}(?:\s(?:dot|point)\s{_LABEL})+)"
)

# A text that holds none of these holds no disguised address.
_DOUBTFUL = rf"(?i)@|arobas|\bat\b|_at_|\b{_PROVIDER}\b|[._][\p{{L}}\p{{N}}._]+\s(?:à|chez)\s|[\[({{<«‹\"“'‘]\s?(?:à|a)\s?[\])}}>»›\"”'’]"

# Numbers are sought once every sign is a hyphen, but those that part the items of a list, or follow an amount.
_SIGNS = r"[^\p{L}\p{N},;:%€°()+ ]"
_GAP = r"[ +\-]{0,2}"
_ALONE = r"(?:^|[^\p{L}\p{N}])"
_END = r"(?:$|[^\p{L}\p{N}])"

# ARCEP's numbering plan: 0 and nine digits, or a French country code and nine digits; or a neighbour's code and as many digits.
_APART = r"[ \-]{1,3}"
_PAIRS = r"[ +()\-]{1,3}"
_FOUR = r"(?:[03-9][0-9]{3}|1[0-8][0-9][0-9]|2[1-9][0-9][0-9])"  # four digits that are no year
_GROUPS = (
    rf"0[1-9][0-9]{{2}}{_APART}[0-9]{{3}}{_APART}[0-9]{{3}}|0[1-9]{_APART}{_FOUR}{_APART}{_FOUR}"
    rf"|0[1-9][0-9]{_APART}[0-9]{{3}}{_APART}{_FOUR}|0[1-9]{_APART}[0-9]{{2}}(?:{_APART}[0-9]{{3}}){{2}}"
    rf"|0[1-9](?:{_APART}[0-9]{{3}}){{2}}{_APART}[0-9]{{2}}|0[1-9]{_APART}[0-9]{{3}}{_APART}[0-9]{{2}}{_APART}[0-9]{{3}}"
    rf"|0 [1-9](?: [0-9]{{2}}){{4}}|0[1-9](?:{_PAIRS}[0-9]{{2}}){{4}}|0[1-9][0-9]{{2}}(?:{_APART}[0-9]{{2}}){{3}}|0[1-9][0-9]{{8}}"
)
PHONE = (
    rf"{_ALONE}(?:{_GROUPS})(?:bis|ter|{_END})"
    rf"|(?:\+|{_ALONE}00) ?(?:33|262|508|590|594|596|681|687|689)(?:[ ()\-]{{0,3}}[0-9]){{6,10}}{_END}"
    rf"|\+ ?(?:3[0-24-9]|4[013-9]|377)(?:[ ()\-]{{0,3}}[0-9]){{8,11}}{_END}"
    rf"|{_ALONE}33 ?[1-9](?:{_APART}[0-9]{{2}}){{4}}{_END}"
    rf"|(?:tel|t[ée]l[ée]phone|T[EÉ]L|Tel|T[ée]l|T[ée]l[ée]phone)[ :\-]{{0,3}}(?:0|33 ?)[1-9](?:{_APART}?[0-9]){{8}}{_END}"
)
# France and Monaco whatever their key; another country in one piece, or in its groups of four. A French account may come without them.
_ACCOUNT = rf"(?:{_GAP}[0-9]){{10}}(?:{_GAP}[A-Za-z0-9]){{11}}(?:{_GAP}[0-9]){{2}}{_END}"
_FOURS = rf"(?:[ \-]{{1,2}}[A-Za-z0-9]{{4}})(?:[ \-]{{1,2}}[0-9]{{4}}){{2,5}}(?:[ \-]{{1,2}}[A-Za-z0-9]{{1,4}})?{_END}"
IBAN = (
    rf"(?:{_ALONE}|IBAN|Iban|iban)(?:[FfRrMmCc]{{2}}{_GAP}[0-9]{{2}}{_ACCOUNT}"
    rf"|[A-Za-z]{{2}}[0-9]{{2}}(?:[A-Za-z0-9]{{4}}[0-9]{{7}}[A-Za-z0-9]{{0,16}}{_END}|{_FOURS}))"
    rf"|(?:RIB|Rib|rib)[ :\-]{{0,3}}{_ACCOUNT}"
)
# Sex, year, month (or the values INSEE gives when it is not known), département, commune, order, and often a key. In other groups than
# these, or after what may be the path of a page, only with the right key: a SIRET and a decimal have as many digits.
NIR = (
    rf"(?:(?:^|[ ,;:()°])-{{0,2}}|NIR|Nir|nir){_GAP}[12]{_GAP}[0-9]{{2}}{_GAP}(?:0[1-9]|1[0-2]|[2-9][0-9]){_GAP}(?:[0-9]{{2}}|2[AaBb])"
    rf"{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}(?:{_GAP}[0-9]{{2}})?{_END}"
)
_FIFTEEN = r"(?:^|[^\p{L}\p{N}]|NIR|Nir|nir)([12](?:[ +\-]?[0-9]){5}[ +\-]?[0-9AaBb](?:[ +\-]?[0-9]){8})(?:$|[^\p{L}\p{N}])"
_NUMBERS = {"iban": IBAN, "nir": NIR, "telephone": PHONE}


def broken(texts: pl.DataFrame) -> pl.Series:
    """The first rule, one of RULES, that each text breaks; null when it breaks none.

    `texts`: texte (`reading.readable`), code (whether it is one: only the rules IN_CODES hold for it).
    """
    rows = texts.select("texte", "code").with_row_index("rang")
    text = pl.col("texte")
    doubtful = rows.filter(text.str.contains(_DOUBTFUL))
    outside = pl.when(text.str.contains(PAGE)).then(text.str.replace_all(PAGE, " ; ")).otherwise(text)
    found = [rows.filter(text.str.contains(EMAIL)), doubtful.filter(outside.str.contains(DISGUISED))]
    found = [each.select("rang", regle=pl.lit("courriel")) for each in found]
    numbers = rows.filter(~pl.col("code"), text.str.count_matches(r"[0-9]") >= DIGITS)
    numbers = numbers.with_columns(_signed(outside))
    found += [numbers.filter(text.str.contains(pattern)).select("rang", regle=pl.lit(rule)) for rule, pattern in _NUMBERS.items()]
    keyed = numbers.select("rang", nombre=text.str.extract(_FIFTEEN)).drop_nulls()
    found.append(pl.DataFrame([(rank, "nir") for rank, number in keyed.iter_rows() if _has_its_key(number)], found[0].schema, orient="row"))
    first = pl.concat(found).unique("rang", keep="first", maintain_order=True)
    return rows.join(first, on="rang", how="left", maintain_order="left")["regle"]


def is_phone(text: pl.Expr) -> pl.Expr:
    """Whether a text (NFKC) holds a telephone number."""
    return _signed(text).str.contains(PHONE)


def _signed(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_DATE, " ; ").str.replace_all(r"\s+", " ").str.replace_all(_SIGNS, "-")


def _has_its_key(nir: str) -> bool:
    """Whether the last two of the 15 characters are the key of the others (97 less their rest by 97; 2A counts as 19, 2B as 18)."""
    number = re.sub(r"[ +-]", "", nir).upper().replace("2A", "19").replace("2B", "18")
    return number.isdigit() and int(number[13:]) == 97 - int(number[:13]) % 97
