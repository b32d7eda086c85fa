"""Column labels compared as a person would: what differs only by case, accents, spaces or punctuation is the same label."""

import unicodedata

# The ordinal signs stand for the degree sign of « N° »; the ligatures have no canonical decomposition, and people type both forms.
_SIGNS = str.maketrans({"º": "°", "ª": ""})
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})


def normalise_label(text: str) -> str:
    """Lower case letters and digits only: « N° EJ » → `nej`, « Nom du bénéficiaire* » and `nom_du_beneficiaire` → `nomdubeneficiaire`.

    Empty for a text without a letter or a digit. Idempotent.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS)).casefold().translate(_LIGATURES)
    return "".join(char for char in unicodedata.normalize("NFKD", decomposed) if char.isalnum())
