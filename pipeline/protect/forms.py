"""The forms that addresses, telephone and bank numbers and NIR take in a text, disguised ones included. A cell too many is better emptied.

A name such as « L@bo » or « StationW @ 153 » is no address; the digits of a page's number in a URL are no telephone.
"""

import polars as pl

RULES = ("courriel", "iban", "nir", "telephone")  # a NIR holds what looks like a telephone number

# A number that stands alone: not in a word, nor in the path or the parameters of a URL.
_ALONE = r"(?:^|[\s:;,.()«»\"'\[\]|>])"
_END = r"(?:$|[^\p{L}\p{N}])"

_SIGN = r"(?:@|%40|&#0*64;|&commat;|\s?[\[({<]\s?(?:at|a|arobase|@)\s?[\])}>]\s?|\s(?:arobase|arobas)\s)"
_DOT = r"(?:\.|\s?[\[({<]\s?(?:dot|point)\s?[\])}>]\s?|\s(?:dot|point)\s)"
_LABEL = r"[\p{L}\p{N}\-]+"
EMAIL = (
    rf"(?i:[\p{{L}}\p{{N}}_.%+\-]+{_SIGN}{_LABEL}(?:{_DOT}{_LABEL})*{_DOT}\p{{L}}{{2,}})"
    # A sign set apart by spaces is often part of a name (« StationW @ Bliss »): only in small letters, with a whole domain.
    rf"|[a-z0-9_.%+\-]+\s{{1,2}}@\s{{0,2}}[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{{2,}}"
    rf"|[a-z0-9_.%+\-]+\s{{0,2}}@\s{{1,2}}[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{{2,}}"
    rf"|(?i:[a-z0-9_.%+\-]+\sat\s[a-z0-9\-]+(?:\s(?:dot|point)\s[a-z0-9\-]+)+)"
)

# ARCEP's numbering plan: 0 and nine digits, or a French country code and nine digits.
_APART = r"[ .\-–—_·•/]{1,3}"
_FOUR = r"(?:[03-9]\d{3}|1[0-8]\d\d|2[1-9]\d\d)"  # four digits that are no year
_GROUPS = (
    rf"0[1-9]\d\d{_APART}\d{{3}}{_APART}\d{{3}}|0[1-9]{_APART}{_FOUR}{_APART}{_FOUR}|0[1-9]\d{_APART}\d{{3}}{_APART}{_FOUR}"
    rf"|0[1-9](?:{_APART}\d\d(?:{_APART}\d{{3}}){{2}}|(?:{_APART}\d{{3}}){{2}}{_APART}\d\d|{_APART}\d{{3}}{_APART}\d\d{_APART}\d{{3}})"
)
PHONE = (
    rf"(?:^|[^\p{{L}}\p{{N}}])0[1-9](?:{_APART}\d\d){{4}}{_END}"
    rf"|(?:^|[^\p{{L}}\p{{N}}])0[1-9]\d\d(?:{_APART}\d\d){{3}}{_END}"
    rf"|(?:^|[^\p{{L}}\p{{N}}/])(?:{_GROUPS}){_END}"
    rf"|{_ALONE}0[1-9]\d{{8}}{_END}"
    rf"|(?:\+|%2B|(?:^|[^\p{{L}}\p{{N}}])00)[ ]?(?:33|262|508|590|594|596|681|687|689)(?:[ .\-–—_·•/()]*\d){{6,10}}{_END}"
    rf"|(?i:\btel:|\bt[ée]l(?:[ée]phone)?\.? ?:? ?)0[1-9](?:[ .\-–—_·•/]*\d){{8}}{_END}"
)
# France and Monaco whatever their key; another country in one piece, or in its groups of four.
IBAN = (
    rf"(?i){_ALONE}(?:FR|MC)[ ]?\d{{2}}(?:[ .\-]?\d){{10}}(?:[ .\-]?[A-Z0-9]){{11}}(?:[ .\-]?\d){{2}}{_END}"
    rf"|{_ALONE}[A-Z]{{2}}\d{{2}}[A-Z0-9]{{4}}\d{{7}}[A-Z0-9]{{0,16}}{_END}"
    rf"|{_ALONE}[A-Z]{{2}}\d{{2}}(?:[ .\-][A-Z0-9]{{4}})(?:[ .\-]\d{{4}}){{2,5}}(?:[ .\-][A-Z0-9]{{1,4}})?{_END}"
)
# Sex, year, month (or the values INSEE gives when it is not known), département, commune, order, and often a key.
_GAP = r"[ .\-]?"
NIR = (
    rf"(?i){_ALONE}[12]{_GAP}\d\d{_GAP}(?:0[1-9]|1[0-2]|[2-4]\d|[5-9]\d){_GAP}(?:\d\d|2[AB]){_GAP}\d{{3}}{_GAP}\d{{3}}"
    rf"(?:{_GAP}\d\d)?{_END}"
)
_PATTERNS = {"courriel": EMAIL, "telephone": PHONE, "iban": IBAN, "nir": NIR}


def holds(text: pl.Expr, rule: str) -> pl.Expr:
    """True where a text (NFKC) holds what the rule, one of RULES, forbids."""
    return text.str.contains(_PATTERNS[rule])
