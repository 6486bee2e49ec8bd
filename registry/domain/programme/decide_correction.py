"""Corrections of a programme's events: another day, or that one did not happen. The event itself stays in the log."""

from collections.abc import Iterable

from events.catalogue import name_of
from events.schemas import programme as events
from registry.domain.acting import happened, sourced
from registry.domain.correcting import Occurrence, another_day, says_one_thing
from registry.domain.decider import Context, Fault, Rejection, reject_if
from registry.domain.programme import commands as do
from registry.domain.programme.decide_halt import sponsors_of
from registry.domain.programme.state import Programme


def decide_correction(
    programme: Programme, command: do.CorrectProgrammeEvent, context: Context
) -> events.ProgrammeEventCorrected:
    """The correction; raises Rejection where the event is another's, or others stand on it."""
    occurrence = next((one for one in programme.occurrences if one.version == command.corrects), None)
    if occurrence is None:
        message = f"the programme has {programme.version} events, and this is none of those that can be corrected"
        raise Rejection(Fault("event-unknown", message, "/corrects"))
    # As in a region: the content of an event, and its day, are for its author.
    reject_if([*sourced(command, context), *_whose(programme, occurrence, command.organisation(context))])
    reject_if([*says_one_thing(command), *_can_be(programme, occurrence, command, context)])
    return events.ProgrammeEventCorrected(
        by=command.organisation(context),
        source=command.source,
        corrects=command.corrects,
        event=name_of(occurrence.event),
        on=command.on,
        void=True if command.void else None,
    )


def _whose(programme: Programme, occurrence: Occurrence[events.ProgrammeEvent], by: str) -> Iterable[Fault]:
    """Only the author of an event corrects it."""
    event = occurrence.event
    authors = sponsors_of(programme)
    if isinstance(event, events.ProgrammeHalted):
        authors = (event.halt.organisation,)
    elif isinstance(event, events.RegionDeclared):
        authors = (event.asserted_by,)
    if by not in authors:
        yield Fault(
            "not-its-act", f"event {occurrence.version} is of {', '.join(authors)}, who corrects it", "/corrects"
        )


def _can_be(
    programme: Programme,
    occurrence: Occurrence[events.ProgrammeEvent],
    command: do.CorrectProgrammeEvent,
    context: Context,
) -> Iterable[Fault]:
    event, later = (
        occurrence.event,
        [one for one in programme.occurrences if one.version > occurrence.version and not one.void],
    )
    if occurrence.void:
        yield Fault("already-void", f"event {occurrence.version} is void already", "/corrects")
    if command.void and isinstance(event, events.RegionJoined):
        message = "the region has a stream of its own by now; record there that it left"
        yield Fault("event-followed", message, "/corrects")
    if command.void and isinstance(event, events.ProgrammeRegistered):
        yield Fault("event-followed", "a registration is not made void; end the programme", "/corrects")
    if command.void and isinstance(event, events.ProgrammeHalted):
        lifted = [one for one in later if getattr(one.event, "halt", None) == event.halt.item]
        if lifted:
            yield Fault("event-followed", f"event {lifted[0].version} lifts it; make that void first", "/corrects")
    if command.on is not None:
        yield from another_day(event, command.on)
        yield from happened(command.on, context)
