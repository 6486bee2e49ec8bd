"""Policy `region-gates`: the gate of a region for its sites of each trial that it knows to be linked."""

from collections.abc import Iterator
from typing import Final

from events.schemas import region as events
from events.streams import Stream
from registry.domain.region.standing import gate_of
from registry.domain.region.state import Region
from registry.domain.trial.coordinating import RemoveGate, SetGate
from registry.policies.days import day_of
from registry.policies.policy import Happened, Policy, Reaction

OF_NO_GATE: Final = (
    events.ProgrammeNoted,
    events.MilestoneRecorded,
    events.DueSet,
    events.QuestionAsked,
    events.QuestionAnswered,
    events.PaperShared,
    events.ClockStopped,
    events.ClockResumed,
    events.EthicsOpinionGiven,
    events.VersionRecorded,
    events.UrgentMeasureTaken,
)
"""Events of a region after which its gate stands as before."""


def react(event: Happened, region: Region) -> Iterator[Reaction]:
    """The region's gate as it stands after the event, for each trial whose gate that may have changed."""
    day, trials = day_of(event), region.trials
    match event.payload:
        case payload if isinstance(payload, OF_NO_GATE):
            return
        case events.RegistrationUnlinked(trial=trial):
            version = event.cause.version
            gone = RemoveGate(programme=region.programme, region=region.terms.region, version=version, on=day)
            yield Reaction(Stream.of("trial", trial), gone)
            return
        case events.RegistrationLinked(trial=trial):
            # The facts of the region apply since it joined: a site that opened meanwhile was behind its gate.
            trials, day = (trial,), region.resolved.table
        case _:
            pass
    gate = SetGate(gate=gate_of(region), on=day)
    yield from (Reaction(Stream.of("trial", trial), gate) for trial in trials)


POLICY: Final = Policy("region-gates", "region", react)
