"""Programmes made by one command after another."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events.schemas.programme import ProgrammeEvent
from registry.domain.decider import Command, Context, Rejection
from registry.domain.programme import commands as do
from registry.domain.programme.decider import PROGRAMME
from registry.domain.programme.state import Programme, State
from tests.support.regions import NOW, SPONSOR, day, terms


@dataclass
class Course:
    """A programme and what is done in it."""

    now: datetime = NOW
    state: State = None
    events: list[ProgrammeEvent] = field(default_factory=list)

    @property
    def programme(self) -> Programme:
        """The state, of a programme that is registered."""
        assert self.state is not None
        return self.state

    def do(self, kind: type[Command], by: str = SPONSOR, /, **fields: Any) -> Any:
        """Gives a command of this kind; raises Rejection."""
        event = PROGRAMME.decide(self.state, kind.model_validate(fields), Context(self.now, by))
        if event is None:
            return None
        stored = type(event).from_stored(event.to_stored())
        assert stored == event
        self.state = PROGRAMME.evolve(self.state, event)
        self.events.append(event)  # type: ignore[arg-type]
        return event

    def refused(self, kind: type[Command], by: str = SPONSOR, /, **fields: Any) -> set[str]:
        """The rules that stand against it; it changes nothing."""
        before, count = self.state, len(self.events)
        try:
            self.do(kind, by, **fields)
        except Rejection as refusal:
            return {fault.rule for fault in refusal.faults}
        self.state = before
        del self.events[count:]
        return set()

    def join(self, code: str, regime: str = "eu-ctr", procedure: str = "", **fields: Any) -> Any:
        """A country takes part."""
        return self.do(do.JoinRegion, terms=terms(code, regime, procedure or regime, **fields), on=day("2024-01-10"))


def registered() -> Course:
    """A programme of one sponsor, without anything in it."""
    course = Course()
    course.do(do.RegisterProgramme, details={"title": {"en": "Posaconazole in children", "ja": "小児の試験"}})
    return course


def joined() -> Course:
    """A programme with a second sponsor, a protocol, and three states of the European Union under a joint step."""
    course = registered()
    course.do(do.AddSponsor, sponsor={"organisation": "nara-sponsor", "kind": "second_sponsor"})
    course.do(do.AddProtocol, protocol={"protocol": "main", "number": "MK-5592-127"})
    for code in ("BE", "GR", "PL"):
        course.join(code)
    course.do(do.SetJointStep, joint_step={"step": "part-1", "lead": "BE", "members": ["BE", "GR", "PL"]})
    return course
