"""Any valid SCDL table, written in any dialect, encoding and set of habits, comes back as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipeline.harmonise import harmonise
from pipeline.ingest.deliveries import ingest
from pipeline.ingest.sources import read_sources
from pipeline.schema.vocabulary import labels
from pipeline.settings import Settings
from tests.harmonise.essai import NBSP

Row = Mapping[str, object]
NAMES = (
    *("nomAttribuant", "idAttribuant", "dateConvention", "referenceDecision", "nomBeneficiaire", "idBeneficiaire", "rnaBeneficiaire"),
    *("objet", "montant", "nature", "conditionsVersement", "datesPeriodeVersement", "idRAE", "notificationUE", "pourcentageSubvention"),
)
# Letters that Windows-1252 and CP850 both have, and that make no valid UTF-8 one after the other.
text = st.lists(st.sampled_from(["a", "B", "é", "è", "ç", " ", "1", ",", ";", "|", "\t", '"', "\n", "'", "-"]), max_size=8).map(
    lambda letters: "x" + "".join(letters) + "é"
)
days = st.dates(date(1990, 1, 1), date(2035, 12, 31))
rows = st.fixed_dictionaries(
    {
        "nomAttribuant": text,
        "idAttribuant": st.sampled_from(["73282932000074", "35600000049837", "05520135400010"]),
        "dateConvention": days,
        "referenceDecision": st.none() | text,
        "nomBeneficiaire": text,
        "idBeneficiaire": st.none() | st.sampled_from(["73282932000074", "35600000000048"]),
        "rnaBeneficiaire": st.sampled_from(["W751234567", "W000000012"]),
        "objet": text,
        "montant": st.decimals(min_value=-(10**9), max_value=10**9, places=2),
        "nature": st.sampled_from(["aide en numéraire", "aide en nature", "aide en numéraire;aide en nature"]),
        "conditionsVersement": st.sampled_from(["unique", "échelonné"]) | text,
        "datesPeriodeVersement": days | st.tuples(days, days),
        "idRAE": st.none(),
        "notificationUE": st.booleans(),
        "pourcentageSubvention": st.integers(1, 100).map(lambda share: Decimal(share) / 100),
    }
)


@dataclass(frozen=True)
class Way:
    """A dialect and the habits of whoever writes: `thousands` None is the standard's own way of writing an amount."""

    separator: str
    spaced: bool
    encoding: str
    end: str
    quoted: bool
    titles: int
    more_cells: int
    blank_first: bool
    day: str
    between: str
    thousands: str | None
    currency: str
    yes_no: tuple[str, str]
    percent: bool
    siret: str
    capitals: bool


ways = st.builds(
    Way,
    separator=st.sampled_from([",", ";", "\t", "|"]),
    spaced=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoted=st.booleans(),
    titles=st.integers(0, 2),
    more_cells=st.integers(0, 2),
    blank_first=st.booleans(),
    day=st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%-d/%-m/%Y"]),
    between=st.sampled_from(["/", "_", " au "]),
    thousands=st.sampled_from([None, "", " ", NBSP]),
    currency=st.sampled_from(["", " €", " EUR"]),
    yes_no=st.sampled_from([("oui", "non"), ("OUI", "NON"), ("O", "N"), ("yes", "no"), ("VRAI", "FAUX")]),
    percent=st.booleans(),
    siret=st.sampled_from(["{}", "{}.0", "'{}", " {} "]),
    capitals=st.booleans(),
)


def written(value: object, field: str, way: Way) -> str:
    match value:
        case bool():
            return way.yes_no[not value]
        case date():
            return f"{value:{way.day}}"
        case (date() as first, date() as last):
            return f"{first:{way.day}}{way.between}{last:{way.day}}"
        case Decimal() if field == "pourcentageSubvention":
            return f"{value * 100:f} %" if way.percent else f"{value:f}"
        case Decimal():
            return _amount(value, way)
        case _:
            shown = "" if value is None else way.siret.format(value) if field in ("idAttribuant", "idBeneficiaire") else str(value)
            return shown.upper() if way.capitals and field in ("nature", "rnaBeneficiaire") else shown


def _amount(amount: Decimal, way: Way) -> str:
    if way.thousands is None:
        return f"{amount:f}"
    currency = "" if way.encoding == "cp850" and "€" in way.currency else way.currency  # CP850 has no euro
    return f"{amount:,f}".replace(",", way.thousands).replace(".", ",") + currency


def as_text(table: list[Row], way: Way) -> bytes:
    cells = [[*(["Année en été"] if rank == 0 else []), *[""] * (len(NAMES) - 1)] for rank in range(way.titles)]
    cells += [
        [name.upper() if way.capitals else name for name in NAMES],
        *([written(row[name], name, way) for name in NAMES] for row in table),
    ]
    between = way.separator + " " * (way.spaced and way.quoted)
    lines = [between.join(_cell(cell, way) for cell in [*[""] * way.blank_first, *row, *[""] * way.more_cells]) for row in cells]
    return "".join(line + way.end for line in lines).encode(way.encoding)


def _cell(cell: str, way: Way) -> str:
    if (way.quoted and cell) or any(char in cell for char in (way.separator, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def canonical(row: Row) -> tuple[str | Decimal | None, ...]:
    return tuple(_canonical(row[name]) for name in NAMES)


def _canonical(value: object) -> str | Decimal | None:
    match value:
        case bool():
            return "oui" if value else "non"
        case (first, last):
            return f"{first}/{last}"
        case None | Decimal():
            return value
        case _:
            return str(value)


@given(st.lists(rows, min_size=1, max_size=5), ways)
@hypothesis_settings(max_examples=150, deadline=None)
def test_any_valid_table_comes_back_as_it_was(table: list[Row], way: Way) -> None:
    with TemporaryDirectory() as name:
        folder, settings = Path(name), Settings(home=Path(name, "home"))
        settings.private_dirs()
        (folder / "a.csv").write_bytes(as_text(table, way))
        (folder / "sources.toml").write_text("[[source]]\ntable = 'subventions'\npath = 'a.csv'\n", encoding="utf-8")
        read = ingest(read_sources(folder / "sources.toml", ("subventions",)), {"subventions": labels("subventions")}, settings)
    assert read.livraisons["refus"].to_list() == [None]
    done = harmonise("subventions", read.livraisons, read.enregistrements, read.irreguliers, read.entetes)
    lines = done.table.select("defaut", *NAMES).collect()
    assert done.refus.is_empty() and lines["defaut"].null_count() == lines.height
    numbers = {"montant", "pourcentageSubvention"}
    found = [tuple(Decimal(row[name]) if name in numbers else row[name] for name in NAMES) for row in lines.iter_rows(named=True)]
    assert found == [canonical(row) for row in table]
