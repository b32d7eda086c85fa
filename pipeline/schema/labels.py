"""Column labels compared as a person would: what differs only by case, accents, spaces or punctuation is the same label."""

import html
import re
import unicodedata
from functools import cache

from pipeline.schema.doubled import doubled_letters

# The ordinal signs stand for the degree sign of « N° »; the ligatures have no canonical decomposition, and people type both forms.
_SIGNS = str.maketrans({"º": "°", "ª": ""})
_OTHERS = re.compile(r"[\W_]+")  # what is neither a letter nor a digit
# A header or a sheet taken for another holds data: what looks like an address, a number or a text is not repeated.
_MAYBE_DATA = re.compile(r"@|\d(?:[\s.\-]?\d){4}")
_LONGEST_LABEL = 60
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})


def normalise_label(text: str) -> str:
    """Lower case letters and digits only: « N° EJ » → `nej`, « Nom du bénéficiaire* » and `nom_du_beneficiaire` → `nomdubeneficiaire`.

    HTML entities and letters decoded twice (« bÃ©nÃ©ficiaire ») are read for what they mean: a label is only ever compared with known
    ones. Empty for a text without a letter or a digit. Idempotent.
    """
    if text.isascii() and "&" not in text:  # most cells that are compared: the same answer, ten times sooner
        return _OTHERS.sub("", text.lower())
    if not text.isascii():
        text = _doubled().sub(lambda found: doubled_letters()[found[0]], text)
    decomposed = unicodedata.normalize("NFKD", html.unescape(text).translate(_SIGNS)).casefold().translate(_LIGATURES)
    return _OTHERS.sub("", unicodedata.normalize("NFKD", decomposed))


def shown_label(text: str) -> str | None:
    """A label of a delivery as a report may repeat it, on one line; None for what may be data."""
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return None if len(shown) > _LONGEST_LABEL or _MAYBE_DATA.search(shown) else shown


@cache
def _doubled() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, doubled_letters())))
