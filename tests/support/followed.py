"""A programme with its regions and trials in memory: policies follow every event, as the follower lets them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from events.schemas.gates import stream_of_region
from events.schemas.values import Payload
from events.streams import Stream
from registry.domain.catalogue import DECIDERS
from registry.domain.decider import Command, Context, Rejection
from registry.domain.permissions import CONSOLE
from registry.domain.programme import commands as of_programme
from registry.domain.trial import commands as of_trial
from registry.domain.trial.state import Trial
from registry.policies.catalogue import POLICIES
from registry.policies.policy import Cause, Happened, Reaction
from tests.support.regions import EU, PROGRAMME, SPONSOR, day, terms
from tests.support.trials import sealed_registration

NOW: Final = datetime(2026, 11, 22, 3, tzinfo=UTC)
TODAY: Final = "2026-11-22"
STREAM: Final = Stream.of("programme", PROGRAMME)


@dataclass
class World:
    """Streams by name. `refused`: policies' commands that no stream took, each with a rule. `waiting`: timers."""

    now: datetime = NOW
    states: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    events: list[tuple[str, Payload]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[Reaction] = field(default_factory=list)

    def give(self, stream: str, command: Command, by: str = SPONSOR) -> Payload | None:
        """What follows from a command, and then all that follows from that; raises Rejection."""
        decider = DECIDERS[Stream(stream).category]
        state = self.states.get(stream, decider.initial)
        event = decider.decide(state, command, Context(self.now, by, f"JTR2026{len(self.events):08}"))
        if event is None:
            return None
        event = type(event).from_stored(event.to_stored())
        self.states[stream] = decider.evolve(state, event)
        self.versions[stream] = self.versions.get(stream, 0) + 1
        self.events.append((stream, event))
        happened = Happened(Cause(stream, self.versions[stream]), event, self.now, self.now, by)
        for reaction in self._reactions(happened):
            if reaction.at is not None:
                self.waiting.append(reaction)
            else:
                self._follow(reaction)
        return event

    def _reactions(self, happened: Happened) -> Iterator[Reaction]:
        category = Stream(happened.stream).category
        for policy in POLICIES:
            if policy.category == category:
                yield from [*policy.react(happened, self.states[happened.stream])]

    def _follow(self, reaction: Reaction) -> None:
        try:
            self.give(reaction.stream, reaction.command, CONSOLE.organisation)
        except Rejection as refusal:
            self.refused += [(reaction.stream, fault.rule) for fault in refusal.faults]

    def wait(self, by: timedelta) -> None:
        """Moves the clock, and gives what was waiting until then."""
        self.now += by
        due = sorted((one for one in self.waiting if one.at <= self.now), key=lambda one: one.at)  # type: ignore[operator, return-value, arg-type]
        self.waiting = [one for one in self.waiting if one not in due]
        for reaction in due:
            self._follow(reaction)

    def on_programme(self, kind: type[Command], by: str = SPONSOR, /, **fields: Any) -> Payload | None:
        """A command on the programme."""
        return self.give(STREAM, kind.model_validate(fields), by)

    def on_region(self, code: str, kind: type[Command], by: str, /, **fields: Any) -> Payload | None:
        """A command on one of its regions."""
        return self.give(stream_of_region(PROGRAMME, code), kind.model_validate(fields), by)

    def on_site(self, trial: str, site: str, kind: type[Command], /, **fields: Any) -> Payload | None:
        """A command on a site of a trial."""
        return self.give(f"trial/{trial}", kind.model_validate({"site": site, **fields}), "registry-office")

    def trial(self, name: str) -> Trial:
        """The trial as decisions know it."""
        trial: Trial = self.states[f"trial/{name}"]
        return trial

    def gates(self, trial: str) -> dict[str, list[str]]:
        """Why each gate of a trial is shut, by the region's code; the programme's own is ``."""
        stands = [course.now for course in self.trial(trial).gates.values()]
        return {gate.region or "": [*map(str, gate.shut_by())] for gate in stands if gate is not None}

    def opens(self, trial: str, site: str, on: str = TODAY) -> set[str]:
        """The rules that stand against the site's report that it opened; without any, it is recorded."""
        try:
            self.on_site(trial, site, of_trial.OpenSite, on=on)
        except Rejection as refusal:
            return {fault.rule for fault in refusal.faults}
        return set()


def published(world: World, trial: str, **sites: str) -> None:
    """A published trial with sites, each in a country."""
    stream = f"trial/{trial}"
    registration = sealed_registration(countries=sorted(set(sites.values())))
    world.give(stream, of_trial.RegisterTrial(owner=SPONSOR, registration=registration))
    for name, country in sites.items():
        site = {"site": name, "name": {"en": name}, "organisation": name, "place": {"country": country}}
        world.give(stream, of_trial.AddSite.model_validate({"site": site}))
    world.give(stream, of_trial.PublishTrial(), "registry-office")


def programme(*trials: str, joined: tuple[str, ...] = EU) -> World:
    """A programme to which these trials are linked, after which countries of the European Union joined."""
    world = World()
    world.on_programme(of_programme.RegisterProgramme, details={"title": {"en": "A programme"}})
    for trial in trials:
        published(world, trial, ghent="BE", athens="GR", krakow="PL", kyoto="JP")
        world.on_programme(of_programme.LinkToProgramme, trial=trial, registration=f"of-{trial}")
    for code in joined:
        world.on_programme(of_programme.JoinRegion, terms=terms(code), on=day("2026-10-01"))
    if "BE" in joined:
        step = {"step": "part-1", "lead": "BE", "members": list(joined)}
        world.on_programme(of_programme.SetJointStep, joint_step=step)
    return world
