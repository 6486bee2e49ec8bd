"""Policy `programme-gates`: the gate of a programme for the sites of each linked trial of this registry."""

from collections.abc import Iterator
from typing import Final

from events.schemas import programme as events
from events.streams import Stream
from registry.domain.programme.standing import gate_of
from registry.domain.programme.state import Programme
from registry.domain.trial.coordinating import RemoveGate, SetGate
from registry.policies.days import day_of
from registry.policies.policy import Happened, Policy, Reaction


def react(event: Happened, programme: Programme) -> Iterator[Reaction]:
    """The gate of the programme for each trial whose gate the event may have changed."""
    programme_id, day = Stream(event.stream).id, day_of(event)
    match event.payload:
        case events.RegistrationLinked() as linked:
            registrations = [linked.registration]
        case events.RegistrationUnlinked(trial=str(trial)):
            gone = RemoveGate(programme=programme_id, version=event.cause.version, on=day)
            yield Reaction(Stream.of("trial", trial), gone)
            return
        case (
            events.ProgrammeHalted()
            | events.ProgrammeHaltLifted()
            | events.ProgrammeEnded()
            | events.ProgrammeEventCorrected()
        ):
            registrations = [*programme.links]
        case _:
            return
    for registration in registrations:
        linked_to = programme.links.get(registration)
        if linked_to is not None and linked_to.trial is not None:
            gate = gate_of(programme, programme_id, registration)
            yield Reaction(Stream.of("trial", linked_to.trial), SetGate(gate=gate, on=day))


POLICY: Final = Policy("programme-gates", "programme", react)
