"""Regions and programmes as tests tell them: acts one after another, each by the organisation whose act it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from events.schemas.region import RegionEvent
from registry.domain.decider import Command, Context, Rejection
from registry.domain.regimes.tables import TABLES, Tables
from registry.domain.region import commands as do
from registry.domain.region.decider import region_decider
from registry.domain.region.standing import gate_of, state_of
from registry.domain.region.state import Region, State

NOW: Final = datetime(2026, 11, 29, 3, tzinfo=UTC)
PROGRAMME: Final = "6f1c0e0a-6d6f-5d0e-9b8e-2f1c7c1d4a11"
SPONSOR, OFFICE = "kyoto-sponsor", "registry-office"
AUTHORITY, ETHICS = "authority", "ethics"
EU: Final = ("BE", "GR", "PL")
SHARED: Final[Mapping[str, Any]] = {"lead": "BE", "members": EU}


def day(date: str, at: str | None = None) -> dict[str, str]:
    """A moment: a day, or a time on one."""
    return {"date": date} if at is None else {"date": date, "at": f"{date}T{at}Z"}


def terms(code: str = "BE", regime: str = "eu-ctr", procedure: str = "eu-ctr", **fields: Any) -> dict[str, Any]:
    """The terms of a region, with an authority and an ethics body of its own."""
    here = code.lower()
    return {
        "region": code,
        "country": code[:2],
        "regime": regime,
        "procedure": procedure,
        "authorities": [f"{AUTHORITY}-{here}"],
        "ethics_bodies": [f"{ETHICS}-{here}"],
        "coordinator": f"office-{here}",
        **fields,
    }


@dataclass
class Life:
    """A region and what is done in it. Applications are `initial` where nothing else is said."""

    code: str = "BE"
    tables: Tables = TABLES
    now: datetime = NOW
    state: State = None
    events: list[RegionEvent] = field(default_factory=list)

    @property
    def authority(self) -> str:
        """The region's."""
        return f"{AUTHORITY}-{self.code.lower()}"

    @property
    def ethics(self) -> str:
        """The region's ethics body."""
        return f"{ETHICS}-{self.code.lower()}"

    @property
    def region(self) -> Region:
        """The state, of a region that has begun."""
        assert self.state is not None
        return self.state

    @property
    def stands(self) -> str:
        """The one value of its state axis."""
        return str(state_of(self.region))

    @property
    def shut_by(self) -> list[str]:
        """Why nobody can join."""
        return [str(reason) for reason in gate_of(self.region).shut_by()]

    def give(self, command: Command, by: str = SPONSOR) -> RegionEvent | None:
        """What follows from a command; raises Rejection."""
        event = region_decider(self.tables).decide(self.state, command, Context(self.now, by))
        if event is None:
            return None
        # As a log holds it: an event that cannot be stored and read again is found here.
        stored = type(event).from_stored(event.to_stored())
        assert stored == event
        self.state = region_decider(self.tables).evolve(self.state, event)
        self.events.append(event)
        return event

    def do(self, kind: type[Command], by: str = SPONSOR, /, **fields: Any) -> Any:
        """Gives a command of this kind."""
        return self.give(kind.model_validate(fields), by)

    def refused(self, kind: type[Command], by: str = SPONSOR, /, **fields: Any) -> set[str]:
        """The rules that stand against it; it changes nothing."""
        before, count = self.state, len(self.events)
        try:
            self.give(kind.model_validate(fields), by)
        except Rejection as refusal:
            return {fault.rule for fault in refusal.faults}
        self.state = before
        del self.events[count:]
        return set()

    def submit(self, application: str = "initial", on: str = "2024-03-05", **fields: Any) -> Any:
        """Hands in an application."""
        kind = fields.pop("kind", application if application in ("initial", "added") else "modification_part_1")
        return self.do(do.SubmitApplication, application=application, kind=kind, on=day(on), **fields)

    def validate(self, application: str = "initial", on: str = "2024-03-18") -> Any:
        """It is complete and in scope."""
        return self.do(do.ValidateApplication, self.authority, application=application, outcome="valid", on=day(on))

    def conclude(self, part: str, outcome: str, application: str = "initial", on: str = "2024-04-03") -> Any:
        """A conclusion: of the joint assessment by the lead, or noted by the registry in a member."""
        conclusion = {"application": application, "outcome": outcome, "on": day(on)}
        if part == "joint" and self.code != SHARED["lead"] and self.region.joint_steps:
            return self.do(do.NoteJointConclusion, lead=SHARED["lead"], by=f"{AUTHORITY}-be", **conclusion)
        return self.do(do.ConcludeAssessment, self.authority, part=part, **conclusion)

    def decide(
        self, outcome: str = "authorised", application: str = "initial", on: str = "2024-04-15", **fields: Any
    ) -> Any:
        """The decision of the region's authority."""
        return self.do(
            do.DecideApplication, self.authority, application=application, outcome=outcome, on=day(on), **fields
        )

    def halt(self, item: str = "h1", by: str | None = None, on: str = "2025-01-10", **fields: Any) -> Any:
        """A halt, the sponsor's unless the fields name another actor."""
        organisation = by or SPONSOR
        halted = {
            "item": item,
            "organisation": organisation,
            "decided": day(on),
            "actor": "sponsor",
            "kind": "temporary_halt",
            "scope": "enrolment",
            **fields,
        }
        return self.do(do.HaltRegion, organisation, halt=halted)

    def lift(self, basis: str, item: str = "h1", by: str = SPONSOR, on: str = "2025-02-10", **fields: Any) -> Any:
        """The lift of a halt."""
        return self.do(do.LiftRegionHalt, by, halt=item, basis=basis, on=day(on), **fields)


def begun(
    code: str = "BE", regime: str = "eu-ctr", procedure: str = "eu-ctr", table: str = "2024-01-01", **fields: Any
) -> Life:
    """A region that has joined; in the European Union with a joint step that Belgium leads."""
    life = Life(code, tables=fields.pop("tables", TABLES))
    shared = fields.pop("joint_steps", [{"step": "part-1", **SHARED}] if procedure == "eu-ctr" else [])
    life.do(
        do.BeginRegion,
        OFFICE,
        programme=PROGRAMME,
        terms=terms(code, regime, procedure, **fields),
        table=table,
        sponsors=[SPONSOR],
        second_sponsors=["nara-sponsor"],
        joint_steps=shared,
    )
    return life


def authorised(code: str = "BE", **fields: Any) -> Life:
    """A region of the European Union in which the trial was authorised in 2024."""
    life = begun(code, **fields)
    life.submit()
    life.validate()
    life.conclude("joint", "acceptable")
    life.conclude("national", "acceptable", on="2024-04-12")
    life.decide()
    return life
