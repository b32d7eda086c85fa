"""The whole of the rules, and how one finds a rule among them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from pipeline.programme.rules import (
    AmountRule,
    Budget,
    Category,
    Ceiling,
    Day,
    Envelope,
    Launch,
    Objectives,
    Publication,
    Quota,
    Rule,
    Scheme,
    Target,
    Wave,
)


@dataclass(frozen=True, kw_only=True)
class Programme:
    """The whole file. `mise_a_jour` is the day of its last review."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    mise_a_jour: Day
    launch: Annotated[Launch, Field(alias="programme")]
    publication: Publication
    schemes: Annotated[tuple[Scheme, ...], Field(alias="dispositif", min_length=1)]
    categories: Annotated[tuple[Category, ...], Field(alias="categorie", min_length=1)]
    waves: Annotated[tuple[Wave, ...], Field(alias="vague", min_length=1)]
    amounts: Annotated[tuple[AmountRule, ...], Field(alias="montant", min_length=1)]
    quotas: Annotated[tuple[Quota, ...], Field(alias="quota")] = ()
    ceilings: Annotated[tuple[Ceiling, ...], Field(alias="plafond")] = ()
    targets: Annotated[tuple[Target, ...], Field(alias="cible")] = ()
    objectives: Annotated[tuple[Objectives, ...], Field(alias="objectifs")] = ()
    envelopes: Annotated[tuple[Envelope, ...], Field(alias="enveloppe")] = ()
    budgets: Annotated[tuple[Budget, ...], Field(alias="budget")] = ()

    def labels(self) -> dict[str, str]:
        """Every known label of every wave → the slug of the wave."""
        return {label: wave.slug for wave in self.waves for label in wave.labels}

    def wave(self, slug: str) -> Wave:
        """The wave of that slug. KeyError when there is none."""
        for wave in self.waves:
            if wave.slug == slug:
                return wave
        raise KeyError(slug)

    def wave_of_label(self, label: str, dispositif: str | None = None) -> Wave | None:
        """The wave that a delivery calls `label`, spaces around it apart; None when unknown, or of another scheme than asked."""
        slug = self.labels().get(label.strip())
        wave = None if slug is None else self.wave(slug)
        return None if wave is None or dispositif not in (None, wave.dispositif) else wave

    def amount_rule(self, wave: Wave) -> AmountRule:
        """The bounds that hold for the agreements of a wave."""
        return next(rule for rule in self.amounts if rule.id == wave.regle_montant)

    def scheme_of_category(self) -> dict[str, str]:
        """Category id → scheme id."""
        return {category.id: category.dispositif for category in self.categories}

    def rules(self) -> tuple[Rule, ...]:
        """Every rule of the file, whatever its kind, in the order of this class."""
        several: tuple[tuple[Rule, ...], ...] = (
            self.schemes,
            self.categories,
            self.waves,
            self.amounts,
            self.quotas,
            self.ceilings,
            self.targets,
            self.objectives,
            self.envelopes,
            self.budgets,
        )
        return (self.launch, self.publication, *(rule for rules in several for rule in rules))
