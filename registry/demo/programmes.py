"""The invented programmes of the demo: one is halted, one has a country that was only named, one may not start yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from events.schemas.access import Role
from events.schemas.gates import stream_of_region
from events.streams import Stream
from registry.demo.outline import NAMES, Outline, outlines
from registry.demo.plan import Plan
from registry.demo.telling import TOKEN, Step
from registry.demo.world import World
from registry.domain.decider import Command
from registry.domain.permissions import CONSOLE, Actor
from registry.domain.programme import commands as of_programme
from registry.domain.region import commands as of_region

EU: Final = "eu-ctr"
TITLES: Final = (
    ("halted", "見本疾患に対する架空の国際共同試験（中断中の例）", "Invented programme in a sample disease, halted"),
    (
        "named",
        "例示疾患に対する架空の国際共同試験（参加未定の国がある例）",
        "Invented programme with a country only named",
    ),
    ("blocked", "架空疾患に対する架空の国際共同試験（開始条件がある例）", "Invented programme that may not start yet"),
)
"""The situation that each shows, and its title."""
CONDITION: Final = {
    "item": "minutes",
    "text": {"ja": "委員会の議事録を提出すること（架空）", "en": "Hand in the minutes of the board (invented)"},
    "blocks_start": True,
}


@dataclass(frozen=True, slots=True)
class _Telling:
    """Makes the steps of one programme, each on a day so many days before today."""

    name: str
    today: date
    sponsor: str

    @property
    def programme(self) -> str:
        """The programme's id."""
        return str(uuid5(NAMES, f"programme {self.name}"))

    def step(self, ago: int, minute: int, actor: Actor, kind: type[Command], fields: Mapping[str, Any]) -> Step:
        """A command of that day; if the command states a day, it is this one."""
        day = self.today - timedelta(days=ago)
        on = {"on": {"date": day.isoformat()}} if "on" in kind.model_fields else {}
        occurred = datetime.combine(day, time(2, minute), UTC)
        command = kind.model_validate({**on, **fields, "occurred_at": occurred})
        # As over HTTP, the key of the command that begins a programme is the programme's id.
        begins = kind is of_programme.RegisterProgramme
        key = UUID(self.programme) if begins else uuid5(NAMES, f"programme {self.name} step {ago} {minute}")
        return Step(0, actor, key, command)

    def by_sponsor(self, ago: int, minute: int, command: type[Command], **fields: Any) -> Step:
        """A command from the sponsor."""
        return self.step(ago, minute, Actor(TOKEN, Role.SPONSOR, self.sponsor), command, fields)

    def terms(self, code: str) -> dict[str, Any]:
        """The terms under which a state of the European Union takes part."""
        return {
            "region": code,
            "country": code,
            "regime": EU,
            "procedure": EU,
            "authorities": [f"demo-authority-{code.lower()}"],
        }


def programme_plans(world: World, today: date) -> Iterator[Plan]:
    """All of them, the same for a world and a day. Each has a trial that is public and has not begun to recruit."""
    waiting = [one for one in outlines(world, today) if one.life == "not_yet"]
    for (name, ja, en), outline in zip(TITLES, waiting, strict=False):
        telling = _Telling(name, today, outline.sponsor.id)
        yield Plan(Stream.of("programme", telling.programme), tuple(_programme(telling, outline, ja, en)))
        yield Plan(stream_of_region(telling.programme, "BE"), tuple(_region(telling, "BE")))
        if name != "named":
            yield Plan(stream_of_region(telling.programme, "FR"), tuple(_joined(telling, "FR")))


def _programme(telling: _Telling, outline: Outline, ja: str, en: str) -> Iterator[Step]:
    details = {"title": {"ja": ja, "en": en}, "acronym": f"DEMO-{telling.name.upper()}"}
    yield telling.by_sponsor(300, 0, of_programme.RegisterProgramme, details=details)
    protocol = {"protocol": "main", "number": f"DEMO-{outline.acronym}"}
    yield telling.by_sponsor(299, 0, of_programme.AddProtocol, protocol=protocol)
    version = {"protocol": "main", "version": "v1", "number": "01", "dated": "2026-01", "sha256": "0" * 64}
    planned = {"planned": [{"region": "BE", "participants": 30}]}
    yield telling.by_sponsor(298, 0, of_programme.AddProtocolVersion, version={**version, **planned})
    yield telling.by_sponsor(290, 0, of_programme.JoinRegion, terms=telling.terms("BE"))
    if telling.name == "named":
        yield telling.by_sponsor(288, 0, of_programme.DeclareRegion, country="PH")
    else:
        yield telling.by_sponsor(289, 0, of_programme.JoinRegion, terms=telling.terms("FR"))
    yield telling.by_sponsor(3, 0, of_programme.LinkToProgramme, registration="ours", trial=str(outline.trial))
    if telling.name == "halted":
        halt = {"item": "h1", "actor": "sponsor", "organisation": telling.sponsor, "kind": "temporary_halt"}
        decided = {"date": (telling.today - timedelta(days=2)).isoformat()}
        why = {"ja": "架空の安全性情報を評価するため", "en": "To assess invented news on safety"}
        whole_halt = {**halt, "scope": "enrolment", "decided": decided, "benefit_risk": False, "why": why}
        yield telling.by_sponsor(2, 0, of_programme.HaltProgramme, halt=whole_halt)


def _joined(telling: _Telling, code: str) -> Iterator[Step]:
    """The region begins and learns of the trial, as by the policies; an application is submitted."""
    begins = {"programme": telling.programme, "terms": telling.terms(code), "sponsors": [telling.sponsor]}
    joined = (telling.today - timedelta(days=290 if code == "BE" else 289)).isoformat()
    minute = 0 if code == "BE" else 1
    yield telling.step(285, minute, CONSOLE, of_region.BeginRegion, {**begins, "table": joined})
    submitted = {"application": "initial", "kind": "initial", "versions": [{"protocol": "main", "version": "v1"}]}
    yield telling.by_sponsor(280, minute, of_region.SubmitApplication, **submitted)


def _region(telling: _Telling, code: str) -> Iterator[Step]:
    """The authority validates, concludes and decides."""
    yield from _joined(telling, code)
    authority, initial = Actor(TOKEN, Role.AUTHORITY, f"demo-authority-{code.lower()}"), {"application": "initial"}
    valid = {**initial, "outcome": "valid"}
    yield telling.step(270, 0, authority, of_region.ValidateApplication, valid)
    for ago, part in ((240, "joint"), (235, "national")):
        concluded = {**initial, "part": part, "outcome": "acceptable"}
        yield telling.step(ago, 0, authority, of_region.ConcludeAssessment, concluded)
    decided: dict[str, Any] = {**initial, "outcome": "authorised"}
    if telling.name == "blocked":
        decided |= {"outcome": "authorised_with_conditions", "conditions": [CONDITION]}
    yield telling.step(230, 0, authority, of_region.DecideApplication, decided)
