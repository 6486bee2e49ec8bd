"""Corrections of a region's events: another day, or that one did not happen. The event itself stays in the log."""

from collections.abc import Iterable

from events.catalogue import name_of
from events.schemas import region as events
from registry.domain.acting import happened, sourced
from registry.domain.correcting import Occurrence, another_day, says_one_thing
from registry.domain.decider import Context, Fault, Rejection, reject_if
from registry.domain.region import commands as do
from registry.domain.region.state import Region


def decide_correction(region: Region, command: do.CorrectRegionEvent, context: Context) -> events.RegionEventCorrected:
    """The correction; raises Rejection where the event is another's, or others stand on it."""
    occurrence = next((one for one in region.occurrences if one.version == command.corrects), None)
    if occurrence is None:
        message = f"the region has {region.version} events, and a correction is none of those that can be corrected"
        raise Rejection(Fault("event-unknown", message, "/corrects"))
    # The content of the event and its day are for its author: it may be a question that others may not read.
    reject_if([*sourced(command, context), *_whose(region, occurrence, command.organisation(context))])
    reject_if([*says_one_thing(command), *_can_be(region, occurrence, command, context)])
    return events.RegionEventCorrected(
        by=command.organisation(context),
        source=command.source,
        corrects=command.corrects,
        event=name_of(occurrence.event),
        on=command.on,
        void=True if command.void else None,
    )


def _whose(region: Region, occurrence: Occurrence[events.RegionEvent], by: str) -> Iterable[Fault]:
    """Only the author of an event corrects it. An authority corrects silence: it was silent, or waited in vain."""
    event = occurrence.event
    if isinstance(event, events.SilenceNoted):
        authors: tuple[str, ...] = region.terms.authorities
    elif isinstance(event, events.RegionHalted):
        authors = (event.halt.organisation,)
    else:
        authors = (event.by,) if hasattr(event, "by") else ()
    if by not in authors:
        message = f"event {occurrence.version} is of {', '.join(authors) or 'the programme'}, who corrects it"
        yield Fault("not-its-act", message, "/corrects")


def _can_be(
    region: Region, occurrence: Occurrence[events.RegionEvent], command: do.CorrectRegionEvent, context: Context
) -> Iterable[Fault]:
    if occurrence.void:
        yield Fault("already-void", f"event {occurrence.version} is void already", "/corrects")
    if command.void and (later := _standing_on(region, occurrence)):
        message = f"event {later[0]} stands on it; make that void first"
        yield Fault("event-followed", message, "/corrects")
    if command.on is not None:
        yield from another_day(occurrence.event, command.on)
        yield from () if _is_planned(occurrence) else happened(command.on, context)


def _is_planned(occurrence: Occurrence[events.RegionEvent]) -> bool:
    return isinstance(occurrence.event, events.MilestoneRecorded) and occurrence.event.kind == "anticipated"


def _standing_on(region: Region, occurrence: Occurrence[events.RegionEvent]) -> list[int]:
    """Versions of later events that make no sense without this one."""
    event, later = (
        occurrence.event,
        [one for one in region.occurrences if one.version > occurrence.version and not one.void],
    )
    match event:
        case events.ApplicationSubmitted():
            about = [one for one in later if getattr(one.event, "application", None) == event.application]
        case events.QuestionAsked():
            about = [one for one in later if getattr(one.event, "question", None) == event.question]
        case events.RegionHalted():
            about = [one for one in later if getattr(one.event, "halt", None) == event.halt.item]
        case events.CorrectiveMeasureOrdered():
            about = [one for one in later if getattr(one.event, "halt", None) == event.measure]
        case _:
            about = []
    return [one.version for one in about]
