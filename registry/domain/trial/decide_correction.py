"""Which event follows where an earlier one was wrong, or did not happen."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Final

from events import changes
from events.catalogue import name_of
from events.schemas import trial as events
from events.schemas.values import first_day, last_day
from registry.domain.decider import Context, Fault, Rejection, reject_if
from registry.domain.trial import commands as do
from registry.domain.trial import correcting, days, order, rules
from registry.domain.trial.occurrences import (
    AUTHORISATION,
    ENDS,
    RECRUITMENT,
    Occurrence,
    axes,
    find,
    last,
    put_right,
)
from registry.domain.trial.state import SiteState, Trial

FIELDS: Final[tuple[str, ...]] = ("on", "why", "enrolled")
"""The fields of an event that can be corrected. Its changes to the registration are corrected there."""


def decide_correction(trial: Trial, command: do.Correction, context: Context) -> events.EventCorrected:
    """The event that follows; raises Rejection with every fault."""
    name = command.site if isinstance(command, do.CorrectSiteEvent) else None
    site = None if name is None else _site(trial, name)
    occurrences = trial.occurrences if site is None else site.occurrences
    wrong = _wrong(trial, occurrences, command)
    if command.void:
        fixed = _void(trial, occurrences, wrong, command)
    else:
        fixed = _changed(wrong, command)
        _reject_wrong_day(trial, occurrences, wrong, fixed, context.today_in(site.zone if site else None))
    effects = correcting.effects(trial, wrong, fixed, name)
    # The values that the end of a trial had replaced stand again even if they contradict a correction made meanwhile:
    # otherwise a wrong end could not be undone. They can be amended then.
    if not (command.void and isinstance(wrong.event, ENDS)):
        reject_if(list(_inconsistent(trial, effects)))
    return events.EventCorrected(
        corrects=wrong.version,
        event=name_of(wrong.event),
        site=name,
        changes=_changes(wrong, fixed),
        void=True if command.void else None,
        effects=effects,
    )


def _site(trial: Trial, name: str) -> SiteState:
    if name not in trial.sites:
        raise Rejection(Fault("site-unknown", f"the trial has no site {name}", "/site"))
    return trial.sites[name]


def _wrong(trial: Trial, occurrences: Sequence[Occurrence], command: do.Correction) -> Occurrence:
    """The event to correct, as it stands; raises Rejection where that can't be."""
    version = command.corrects
    if version > trial.version:
        raise Rejection(Fault("event-unknown", f"the trial has {trial.version} events", "/corrects"))
    found = find(occurrences, version, of_site=isinstance(command, do.CorrectSiteEvent))
    if found is None:
        message = f"event {version} says no day here; correct the registration, or name the site that it is about"
        raise Rejection(Fault("not-correctable", message, "/corrects"))
    if found.void:
        raise Rejection(Fault("already-void", f"event {version} is void; report again what happened", "/corrects"))
    return found


def _void(trial: Trial, occurrences: Sequence[Occurrence], wrong: Occurrence, command: do.Correction) -> Occurrence:
    """The event as one that did not happen. An event that others have followed can't be made void."""
    fields = [field for field in FIELDS if field in command.model_fields_set]
    reject_if(
        [
            *(Fault("void-and-changed", "what did not happen has nothing to correct", f"/{field}") for field in fields),
            *_taken_back(trial, wrong),
            *_followed(trial, occurrences, wrong),
        ]
    )
    return replace(wrong, void=True)


def _taken_back(trial: Trial, wrong: Occurrence) -> Iterator[Fault]:
    if isinstance(wrong.event, (*RECRUITMENT, *AUTHORISATION)) and not isinstance(wrong.event, ENDS):
        yield from rules.not_over(trial)


def _followed(trial: Trial, occurrences: Sequence[Occurrence], wrong: Occurrence) -> Iterator[Fault]:
    last_ones = [one.version for kinds in axes(wrong.event) if (one := last(occurrences, kinds)) is not None]
    if (newest := max(last_ones, default=wrong.version)) != wrong.version:
        yield Fault("followed", f"event {newest} followed; make that one void first", "/corrects")
    elif not correcting.still_stands(trial, wrong.event):
        yield Fault("followed", "what it said has been changed since", "/corrects")


def _changed(wrong: Occurrence, command: do.Correction) -> Occurrence:
    """The event with the right values; raises Rejection where that is nothing, or nothing that the event says."""
    fields = [field for field in FIELDS if field in command.model_fields_set]
    if not fields:
        raise Rejection(Fault("no-change", "give what is right: on, why or enrolled; or say that it is void"))
    reject_if(list(chain.from_iterable(_unfit(wrong, command, field) for field in fields)))
    right = {field: getattr(command, field) for field in fields}
    fixed = replace(wrong, event=wrong.event.model_copy(update=right))
    if fixed.event == wrong.event:
        raise Rejection(Fault("no-change", "the event says this already"))
    return fixed


def _unfit(wrong: Occurrence, command: do.Correction, field: str) -> Iterator[Fault]:
    declared = type(wrong.event).model_fields.get(field)
    if declared is None:
        yield Fault("field-unknown", f"{name_of(wrong.event)} does not say {field}", f"/{field}")
    elif getattr(command, field) is None and (declared.is_required() or field != "why"):
        yield Fault("field-needed", f"{field} can't be left unknown", f"/{field}")


def _reject_wrong_day(
    trial: Trial, occurrences: Sequence[Occurrence], wrong: Occurrence, fixed: Occurrence, today: date
) -> None:
    on = fixed.event.on
    counted = rules.newly(
        order.counted_after_opening(occurrences), order.counted_after_opening(put_right(occurrences, fixed))
    )
    if on == wrong.event.on:
        reject_if(list(counted))
        return
    disorder = _out_of_order(on, _before(trial, occurrences, wrong), order.following(occurrences, wrong))
    reject_if([*days.not_in_future(on, today, "/on"), *disorder, *counted])


def _before(trial: Trial, occurrences: Sequence[Occurrence], wrong: Occurrence) -> list[Occurrence]:
    """The occurrences that the event followed; recruitment begins after the trial was allowed to."""
    found = order.preceding(occurrences, wrong)
    now = getattr(wrong.event, "now", None)
    if isinstance(wrong.event, events.SiteOpened) or now in rules.ENROLLING:
        allowed = last([one for one in trial.occurrences if one.version < wrong.version], AUTHORISATION)
        found += [] if allowed is None else [allowed]
    return found


def _out_of_order(on: str, before: Sequence[Occurrence], after: Sequence[Occurrence]) -> Iterator[Fault]:
    for one in before:
        if last_day(on) < first_day(known := one.event.on):
            yield Fault("out-of-order", f"{on} is before event {one.version}, of {known}", "/on", (on, known))
    for one in after:
        if last_day(known := one.event.on) < first_day(on):
            yield Fault("out-of-order", f"{on} is after event {one.version}, of {known}", "/on", (known, on))


def _inconsistent(trial: Trial, effects: Sequence[events.SeenChange]) -> Iterator[Fault]:
    before = {"registration": trial.registration}
    of_registration = [one for one in effects if one.field.startswith("/registration/")]
    if of_registration:
        after = changes.apply(before, ((one.field, one.new) for one in of_registration))
        yield from rules.newly(rules.consistent(trial.registration), rules.consistent(after["registration"]))


def _changes(wrong: Occurrence, fixed: Occurrence) -> tuple[events.ReportChange, ...]:
    differing = changes.diff(wrong.event.to_stored(), fixed.event.to_stored())
    return tuple(events.ReportChange(field=field, old=old, new=new) for field, old, new in differing)
