"""The outlines of the trials: for each, its treatment, participants, sponsor, sites, and how it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final
from uuid import UUID, uuid5

from events.schemas.registration import Phase
from events.schemas.trial import Site
from events.streams import Stream
from registry.demo import hospitals
from registry.demo.draw import Draw, spread
from registry.demo.world import Disease, Kind, LifeName, Sponsor, Who, Words, World

TRIALS: Final = 300
NAMES: Final = UUID("6f6d3c0e-2f0b-5b5e-9d1c-5a3f1f0c7d10")
"""Namespace (RFC 9562, version 5) of the ids of demo trials and of the keys of their commands."""
LARGE: Final = 40
"""One of so many trials is at many hospitals, and one is multinational."""
SMALL: Final = 40
"""Trials with so few participants are at one hospital."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A trial in outline. `begun` is the day it was registered, `last` the day before today."""

    number: int
    kind: Kind
    life: LifeName
    disease: Disease
    who: Who
    phase: Phase
    sponsor: Sponsor
    treatment: Words | None
    comparator: Words | None
    sites: tuple[Site, ...]
    begun: date
    last: date

    @property
    def trial(self) -> UUID:
        """The trial's id."""
        return uuid5(NAMES, f"trial {self.number}")

    @property
    def stream(self) -> str:
        """The trial's stream."""
        return Stream.of("trial", self.trial)

    @property
    def draw(self) -> Draw:
        """The trial's own source of choices."""
        return Draw(f"trial {self.number}")

    @property
    def planned_size(self) -> int:
        """The planned number of participants: a round number if it is large."""
        low, high = self.kind.size
        drawn = self.draw.number("size", low, high)
        return drawn if drawn < 60 else drawn // 10 * 10

    @property
    def enrolled(self) -> int:
        """The final number of participants."""
        return max(1, self.planned_size * self.draw.number("enrolled", 60, 104) // 100)

    @property
    def acronym(self) -> str:
        """Its short name, different for every trial."""
        return f"{self.sponsor.code}-{self.number:03}"

    def day(self, percent: float) -> date:
        """The day on which so much of the trial's time until today had passed."""
        return self.begun + timedelta(days=int((self.last - self.begun).days * percent / 100))


def outlines(world: World, today: date) -> Iterator[Outline]:
    """All trials, the same for a world and a day; `today` is the calendar date in Japan."""
    lives = spread({name: life.share for name, life in world.wording.lives.items()}, TRIALS)
    mixed = Draw("lives").some("order", lives, TRIALS)
    kinds = spread({name: kind.share for name, kind in world.kinds.items()}, TRIALS)
    subjects = {name: _subjects(world, name) for name in world.kinds}
    for number, kind, life in zip(count(1), kinds, mixed, strict=False):
        subject = subjects[kind][sum(kind == before for before in kinds[: number - 1]) % len(subjects[kind])]
        yield _outline(world, world.kinds[kind], life, subject, number=number, today=today)


Subject = tuple[Disease, Words | None, Words | None]
"""A disease, a treatment, and its comparison."""


def _subjects(world: World, name: str) -> Sequence[Subject]:
    kind = world.kinds[name]
    if kind.treated_with in ("code", "none"):
        found: list[Subject] = [(disease, None, kind.comparator or None) for disease in world.diseases]
    else:
        found = [
            (disease, Words(way.ja, way.en), _words(way.comparator_ja, way.comparator_en) or kind.comparator or None)
            for way in world.treatments
            if way.type == kind.treated_with
            for disease in world.diseases
            if disease.key in way.conditions.split()
        ]
    return Draw(name).some("subjects", found, len(found))


def _words(ja: str, en: str) -> Words | None:
    return Words(ja, en) if ja else None


def _outline(world: World, kind: Kind, life: LifeName, subject: Subject, *, number: int, today: date) -> Outline:
    draw = Draw(f"trial {number}")
    disease, treatment, comparator = subject
    able = [
        sponsor
        for sponsor in world.organisations.sponsors
        if sponsor.kind in kind.sponsors
        and (not sponsor.only or sponsor.only & {disease.key, disease.ages, disease.rare})
    ]
    sponsor = draw.pick("sponsor", able)
    if kind.treated_with == "code":
        code = f"{sponsor.code}-{draw.number('code', 1001, 9899)}"
        treatment = Words(code, code)
    low, high = world.wording.lives[life].ago
    return Outline(
        number=number,
        kind=kind,
        life=life,
        disease=disease,
        who=world.wording.who[disease.ages],
        phase=draw.pick("phase", kind.phases),
        sponsor=sponsor,
        treatment=treatment,
        comparator=comparator,
        sites=_sites(world, number, kind),
        begun=today - timedelta(days=draw.number("begun", low, high)),
        last=today - timedelta(days=1),
    )


def _sites(world: World, number: int, kind: Kind) -> tuple[Site, ...]:
    """Few sites for most, sites of every prefecture over all; the demo's own hospital takes part in every fifth."""
    draw, prefectures = Draw(f"trial {number}"), hospitals.in_japan(world)
    usual = 1 if kind.size[1] <= SMALL else 3
    many = draw.number("many sites", 8, 14) if number % LARGE == 0 else draw.number("sites", 1, usual)
    chosen = [
        draw.pick(f"site {each}", prefectures[(number * 7 + each * 5) % len(prefectures)]) for each in range(many)
    ]
    if number % 5 == 0:
        own = world.organisations.demo_site
        chosen = [next(site for of in prefectures for site in of if site.organisation == own), *chosen]
    if number % LARGE == LARGE // 2 or (number % 16 == 1 and kind.treated_with == "code"):
        chosen += draw.some("abroad", hospitals.abroad(world), draw.number("sites abroad", 1, 3))
    return tuple({site.site: site for site in chosen}.values())
