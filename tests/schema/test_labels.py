import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schema.labels import normalise_label


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (
            ("nomBeneficiaire", "Nom bénéficiaire", " NOM_BENEFICIAIRE* ", "nom-bénéficiaire :", "Nom\nbe\u0301ne\u0301ficiaire"),
            "nombeneficiaire",
        ),
        (("N° EJ", "n°EJ", "Nº EJ", "N\u00a0EJ"), "nej"),
        (("Œuvre", "oeuvre", "ŒUVRE"), "oeuvre"),
        (("Date de dernière opération sur la DP",), "datedederniereoperationsurladp"),
        (("EUR", "eur", "(EUR)"), "eur"),
        (("notifiée à l'Europe", "notifiÃ©e Ã\u00a0 l'Europe", "notifiée Ã  l'Europe", "notifi&eacute;e à l'Europe"), "notifieealeurope"),
        (("", " ", "***", "°"), ""),
    ],
)
def test_spellings_of_one_label(spellings: tuple[str, ...], expected: str) -> None:
    assert {normalise_label(spelling) for spelling in spellings} == {expected}


def test_labels_that_differ_stay_different() -> None:
    labels = ["Raison sociale", "Raison sociale 2", "Code taxe 1", "Code taxe 2"]
    assert len({normalise_label(label) for label in labels}) == len(labels)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_label(text)
    assert normalise_label(once) == once
    assert not any(char.isspace() for char in once)
