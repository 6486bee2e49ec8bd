"""Corrections of a region's events: another day, or that it did not happen. What was said stays in the log."""

from collections.abc import Iterable

from events.catalogue import name_of
from events.schemas import region as events
from registry.domain.acting import happened, sourced
from registry.domain.correcting import Told, another_day, says_one_thing
from registry.domain.decider import Context, Fault, Rejection, reject_if
from registry.domain.region import commands as do
from registry.domain.region.state import Region


def decide_correction(region: Region, command: do.CorrectRegionEvent, context: Context) -> events.RegionEventCorrected:
    """The correction; raises Rejection where the event is another's, or others stand on it."""
    told = next((one for one in region.told if one.version == command.corrects), None)
    if told is None:
        message = f"the region has {region.version} events, and a correction is none of those that can be corrected"
        raise Rejection(Fault("event-unknown", message, "/corrects"))
    # What stands on the event, and its day, is for its author: it may be a question that others may not read.
    reject_if([*sourced(command, context), *_whose(region, told, command.organisation(context))])
    reject_if([*says_one_thing(command), *_can_be(region, told, command, context)])
    return events.RegionEventCorrected(
        by=command.organisation(context),
        source=command.source,
        corrects=command.corrects,
        event=name_of(told.event),
        on=command.on,
        void=True if command.void else None,
    )


def _whose(region: Region, told: Told[events.RegionEvent], by: str) -> Iterable[Fault]:
    """Who said a thing corrects it. Silence is the authority's to correct, as it is its silence or was told to it."""
    event = told.event
    if isinstance(event, events.SilenceNoted):
        authors: tuple[str, ...] = region.terms.authorities
    elif isinstance(event, events.RegionHalted):
        authors = (event.halt.organisation,)
    else:
        authors = (event.by,) if hasattr(event, "by") else ()
    if by not in authors:
        message = f"event {told.version} is of {', '.join(authors) or 'the programme'}, who corrects it"
        yield Fault("not-its-act", message, "/corrects")


def _can_be(
    region: Region, told: Told[events.RegionEvent], command: do.CorrectRegionEvent, context: Context
) -> Iterable[Fault]:
    if told.void:
        yield Fault("already-void", f"event {told.version} is void already", "/corrects")
    if command.void and (later := _standing_on(region, told)):
        message = f"event {later[0]} stands on it; make that void first"
        yield Fault("event-followed", message, "/corrects")
    if command.on is not None:
        yield from another_day(told.event, command.on)
        yield from () if _is_planned(told) else happened(command.on, context)


def _is_planned(told: Told[events.RegionEvent]) -> bool:
    return isinstance(told.event, events.MilestoneRecorded) and told.event.kind == "anticipated"


def _standing_on(region: Region, told: Told[events.RegionEvent]) -> list[int]:
    """Versions of later events that make no sense without this one."""
    event, later = told.event, [one for one in region.told if one.version > told.version and not one.void]
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
