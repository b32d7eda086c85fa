"""What a rule of the programme is. The attributes of a rule are its keys in `programme.toml`; None is a key that is not there.

Amounts are euros, dates are days in France, and an absent figure means that none was found, never zero.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, Strict

Mark = Literal["V", "E", "T", "K", "X"]
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Strict()]
Count = Annotated[int, Strict(), Field(ge=0)]
Rank = Annotated[int, Strict(), Field(ge=1)]
Flag = Annotated[bool, Strict()]
Euros = Annotated[Decimal, Field(gt=0, decimal_places=2)]
Slug = Annotated[str, Field(pattern=r"^[a-z]{2,4}-([0-9]{2}|[0-9]{4})$")]
SomeText = Annotated[tuple[Text, ...], Field(min_length=1)]
SomeSlugs = Annotated[tuple[Slug, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a rule was read; `url` is None when the page is known by its title only."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    titre: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


Sources = Annotated[tuple[Source, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """Another figure for the same thing (`objet`), as another source gives it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    objet: Text
    valeur: Text
    sources: Sources


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule says of itself. `marque`: V read in the source, E secondary source, T tried, K not verified, X not found."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    sources: Sources
    marque: Mark
    note: Text | None = None
    divergences: tuple[Divergence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Launch(Rule):
    """The programme itself; no application can be older than `premiere_candidature`."""

    titre: Text
    lancement: Day
    premiere_candidature: Day


@dataclass(frozen=True, kw_only=True)
class Scheme(Rule):
    """A *dispositif*: Fabriques and Manufactures are never counted together."""

    id: Text
    libelle: Text


@dataclass(frozen=True, kw_only=True)
class Category(Rule):
    """What a place is labelled as, and the scheme that it counts in; `numerique` opens the digital bonus."""

    id: Text
    libelle: Text
    dispositif: Text
    numerique: Flag


@dataclass(frozen=True, kw_only=True)
class Objectives(Rule):
    """What the programme aims at in some waves: the aims change from one call to the next."""

    id: Text
    vagues: SomeSlugs
    objectifs: SomeText


@dataclass(frozen=True, kw_only=True)
class Quota(Rule):
    """How many places the programme wants, by territory. Two versions may be in force at once: both are kept."""

    id: Text
    valide_du: Day
    valide_au: Day | None = None
    total: Count
    hors_grands_centres_urbains: Count
    qpv: Count
    numeriques: Count


@dataclass(frozen=True, kw_only=True)
class Ceiling(Rule):
    """The most laureates that a wave may have; official data above it deserves a warning, never a rejection."""

    id: Text
    vagues: SomeSlugs
    laureats_max: Count


@dataclass(frozen=True, kw_only=True)
class Target(Rule):
    """How many laureates a wave aims at, and where they may come from."""

    id: Text
    vagues: SomeSlugs
    laureats_vises: Count
    cumul_vise: Count | None = None
    arrondissements_eligibles: Count | None = None


@dataclass(frozen=True, kw_only=True)
class AmountRule(Rule):
    """Bounds of a grant agreement, in euros.

    `total_min` and `total_max` bound the base amount, `tranche_max` each of its at most `tranches_max` yearly shares.
    `bonus_numerique` is added for a digital Fabrique, outside those bounds. Where `confirmee` is false, a bound is a
    supposition and breaking it is no error.
    """

    id: Text
    total_min: Euros | None = None
    total_max: Euros | None = None
    tranche_max: Euros | None = None
    tranches_max: Rank | None = None
    bonus_numerique: Euros | None = None
    confirmee: Flag


@dataclass(frozen=True, kw_only=True)
class Envelope(Rule):
    """Money announced for a perimeter, in euros; the figure means nothing without the perimeter."""

    id: Text
    montant: Euros
    perimetre: Text


@dataclass(frozen=True, kw_only=True)
class Budget(Rule):
    """A budget programme of the State that pays, or is supposed to pay (`marque` X)."""

    programme: Annotated[str, Field(pattern=r"^[0-9]{3}$")]
    action: Text | None = None
    sous_action: Text | None = None
    valide_du: Day | None = None
    valide_au: Day | None = None


@dataclass(frozen=True, kw_only=True)
class Publication(Rule):
    """When a grant agreement must be published: above `seuil` euros (strictly), within `delai_mois` months of its signature."""

    seuil: Euros
    mois_cumul: Count
    delai_mois: Count
    conventions_signees_depuis: Day


@dataclass(frozen=True, kw_only=True)
class Wave(Rule):
    """A wave of selection. `slug` is its key for ever, `ordinal` and `libelle` are labels, `libelles` those of deliveries."""

    slug: Slug
    ordinal: Rank
    libelle: Text
    dispositif: Text
    libelles: SomeText
    clotures: Annotated[tuple[Day, ...], Field(max_length=2)]
    annonce: Day | None = None
    annoncee_au_plus_tard: Day | None = None
    source_annonce: Source | None = None
    regle_montant: Text

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything that the wave is called: its slug, its French label, the labels of deliveries."""
        return (self.slug, self.libelle, *self.libelles)

    @property
    def embargo_until(self) -> date | None:
        """The first day on which the wave's results may be published; None means that none is known: always under embargo."""
        return self.annonce or self.annoncee_au_plus_tard
