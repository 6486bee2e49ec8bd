"""The invented world of the trials: its hospitals, sponsors, diseases and treatments, and the texts about them."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import Field

from events.schemas.access import Role
from events.schemas.eligibility import Sex
from events.schemas.japan import LegalRegime, ResearchAim
from events.schemas.registration import Phase
from events.schemas.values import Identifier, Value

LifeName: TypeAlias = Literal[
    "draft", "not_yet", "recruiting", "paused", "suspended", "closed", "completed", "results", "discontinued",
    "withdrawn",
]  # fmt: skip


class Words(NamedTuple):
    """A text in both languages; it may contain {places} to be filled in."""

    ja: str
    en: str


class Prefecture(Value):
    """One of the 47; the city is that of the prefectural government, the coordinates are its."""

    ja: str
    en: str
    city: str
    latitude: float
    longitude: float


class Abroad(NamedTuple):
    """A hospital outside Japan."""

    en: str
    city: str
    country: str
    latitude: float
    longitude: float


class Sponsor(Value):
    """A sponsor of trials; `code` begins the names of what it develops.

    `only` has the keys, ages or rarity of the diseases it works on; empty where it works on all.
    """

    id: Identifier
    ja: str
    en: str
    kind: Literal["academic", "group", "company", "device company", "cell company"]
    code: str
    only: frozenset[str] = frozenset()


class Organisations(Value):
    """organisations.toml."""

    hospital_words: tuple[Words, ...]
    hospital_kinds: tuple[Words, ...]
    abroad: tuple[Abroad, ...]
    sponsors: tuple[Sponsor, ...]
    funders: tuple[Words, ...]
    families: tuple[Words, ...]
    givens: tuple[Words, ...]
    demo: Mapping[Role, Identifier]
    """The organisations of the demo's tokens."""

    @property
    def demo_site(self) -> str:
        """The hospital that the demo's coordinator works at."""
        return self.demo[Role.SITE]


class Disease(Value):
    """A row of conditions.csv. `state` is the form of the disease that trials take in, `ages` a name in `Who`."""

    key: str
    ja: str
    en: str
    mesh: str
    ages: str
    rare: str
    state_ja: str
    state_en: str
    outcome_ja: str
    outcome_en: str
    time_ja: str
    time_en: str


class Treatment(Value):
    """A row of treatments.csv; it names the diseases it is for."""

    type: Literal["care", "technique", "device", "cells"]
    conditions: str
    ja: str
    en: str
    comparator_ja: str
    comparator_en: str


class Kind(Value):
    """A kind of trial, of kinds.toml."""

    share: int
    sponsors: tuple[str, ...]
    legal_regime: LegalRegime
    research_aim: ResearchAim
    phases: tuple[Phase, ...]
    treated_with: Literal["code", "care", "technique", "device", "cells", "none"]
    intervention: str
    comparator: Words | tuple[()]
    design: Mapping[str, str | bool]
    size: tuple[int, int]
    public: Words
    scientific: Words
    plain: Words


class Life(Value):
    """A course that trials take: how many of a hundred do, and how many days ago they were registered."""

    share: int
    ago: tuple[int, int]


class Who(Value):
    """Participants: their names, ages in years from and below (0: no limit), and their mean age."""

    called: Words
    from_: Annotated[int, Field(alias="from")]
    below: int
    sex: Sex
    age: int


class Reasons(Value):
    """Reasons of events: in both languages, or as the one line of an event's reason."""

    pause: tuple[Words, ...]
    leave: tuple[Words, ...]
    discontinue: tuple[Words, ...]
    withdraw: tuple[Words, ...]
    longer: tuple[str, ...]
    larger: tuple[str, ...]
    further: tuple[str, ...]
    corrected: tuple[str, ...]
    late_site: tuple[str, ...]
    suspend: tuple[str, ...]
    lift: tuple[str, ...]


class ResultTexts(Value):
    """Texts of summaries of results."""

    summary: Words
    summary_alone: Words
    baseline: Words
    participant_flow: Words
    adverse_events: Words
    findings: tuple[Words, ...]


class Texts(Value):
    """Texts of registrations that are common to all kinds of trials."""

    secondary: tuple[Words, ...]
    inclusion: Words
    exclusion: tuple[Words, ...]
    committee: Words
    sharing: tuple[Words, Words, Words]
    """Texts for a plan to share data, for none, and for an undecided one."""


class Wording(Value):
    """wording.toml."""

    lives: Mapping[LifeName, Life]
    reasons: Reasons
    results: ResultTexts
    texts: Texts
    who: Mapping[str, Who]
    phases: Mapping[Phase, Words]


class World(Value):
    """The whole invented world."""

    prefectures: tuple[Prefecture, ...]
    organisations: Organisations
    diseases: tuple[Disease, ...]
    treatments: tuple[Treatment, ...]
    kinds: Mapping[str, Kind]
    wording: Wording
