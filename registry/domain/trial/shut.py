"""Reasons why a site, or a trial as a whole, takes no people: gates, halts, and acts of its own that are missing.

Each rule names the missing act and its actor. A report of a past day is judged by the facts of that day (ADR 0074).
"""

from collections.abc import Iterator, Sequence
from datetime import date

from events.schemas import trial as events
from events.schemas.behind import Act, Dated, acts_missing, country_of, first_halt, in_force, not_reopened
from events.schemas.gates import Gate, GateReason
from events.schemas.halts import StandingHalt
from events.schemas.site_milestones import SiteMilestone
from events.schemas.values import first_day, last_day
from registry.domain.decider import Fault
from registry.domain.trial.gates import Gates, covering
from registry.domain.trial.occurrences import Occurrence, last
from registry.domain.trial.order import before
from registry.domain.trial.rules import ENROLLING
from registry.domain.trial.state import SiteState, Trial


def site_shut(trial: Trial, site: SiteState, on: str, today: date) -> Iterator[Fault]:
    """Why the site took nobody on that day: faults by name, none for a site behind no gate and under no halt."""
    for halt in site.halts:
        if halt.halt.touches_recruitment and _stood_on(halt.halt, None if halt.lifted is None else halt.lifted.on, on):
            yield _halted(halt.halt)
    for gate in _gates_on(trial.gates, country_of(site.details), on, today):
        yield from _gate_shut(gate)
        for group in acts_missing(gate.ethics, _acts(site, on)):
            yield _act_missing(gate, group)


def trial_shut(trial: Trial, on: str, today: date) -> Iterator[Fault]:
    """Why the trial as a whole took nobody on that day: its programme, or every country that it has is shut."""
    for gate in _gates_on(trial.gates, "", on, today):
        yield from _gate_shut(gate)
    countries = sorted({*trial.registration.get("countries", ()), *map(country_of, _details(trial))})
    by_country = [[*_of_regions(trial.gates, country, on, today)] for country in countries]
    if by_country and all(by_country):
        yield from (fault for faults in by_country for fault in faults)


def site_waits_for_reopening(trial: Trial, site: SiteState) -> bool:
    """Whether a halt of the site, its region or its programme was lifted since the site last reported opening."""
    lifted = [one.lifted for one in site.halts if one.lifted is not None and one.halt.touches_recruitment]
    ends = [Dated(one.version, one.on) for one in lifted]
    ends += [end for course in covering(trial.gates, country_of(site.details)) for end in course.ends_of_halts()]
    return site.recruitment in ENROLLING and _waits(ends, last(site.occurrences, (events.SiteOpened,)))


def trial_waits_for_reopening(trial: Trial) -> bool:
    """Whether a halt of its programme, or of a region, was lifted since the trial was last reported to recruit."""
    ends = [end for course in trial.gates.values() for end in course.ends_of_halts()]
    moved = last(trial.occurrences, (events.TrialRecruitmentChanged,))
    return trial.recruitment in ENROLLING and _waits(ends, moved)


def _waits(ends: Sequence[Dated], opened: Occurrence | None) -> bool:
    return not_reopened(ends, None if opened is None else Dated(opened.version, opened.event.on))


def _details(trial: Trial) -> Iterator[dict[str, object]]:
    return (dict(site.details) for site in trial.sites.values())


def _gates_on(gates: Gates, country: str, on: str, today: date) -> Iterator[Gate]:
    for course in covering(gates, country):
        gate = course.now if last_day(on) >= today else _as_of(course.on(on), on)
        if gate is not None:
            yield gate


def _as_of(gate: Gate | None, on: str) -> Gate | None:
    """The gate without the halts that surely were not in force on the day yet."""
    if gate is None:
        return None
    halts = tuple(halt for halt in gate.halts if first_day(in_force(halt)) <= last_day(on))
    return gate.model_copy(update={"halts": halts})


def _of_regions(gates: Gates, country: str, on: str, today: date) -> Iterator[Fault]:
    for gate in _gates_on(gates, country, on, today):
        if gate.country is not None:
            yield from _gate_shut(gate)


def _gate_shut(gate: Gate) -> Iterator[Fault]:
    region = f"region {gate.region}"
    for reason in gate.shut_by():
        match reason:
            case GateReason.PROGRAMME_ENDED:
                yield Fault("programme-ended", f"the programme {gate.programme} has ended; nobody can join any more")
            case GateReason.REGION_NOT_PERMITTED:
                known = "is not permitted" if gate.state is None else f"is {gate.state}"
                yield Fault("region-not-permitted", f"{region} {known}; its authority has to permit it first")
            case GateReason.REGION_BLOCKED:
                message = f"{region} is permitted with a condition that forbids the start; the sponsor has to meet it"
                yield Fault("region-blocked", message)
            case GateReason.FILING_NOT_PUBLISHED:
                message = f"what was filed in {region} is not published yet; the register there has to show it first"
                yield Fault("filing-not-published", message)
            case GateReason.HALTED:
                halt = first_halt(gate.halts)
                if halt is not None:
                    yield _halted(halt)


def _stood_on(halt: StandingHalt, lifted: str | None, on: str) -> bool:
    """Whether the halt surely stood on the day."""
    return last_day(on) >= last_day(in_force(halt)) and (lifted is None or before(on, lifted))


def _halted(halt: StandingHalt) -> Fault:
    message = f"{halt.kind} by {halt.organisation} since {in_force(halt)} stands; {halt.organisation} has to lift it"
    return Fault("halted", message)


def _act_missing(gate: Gate, group: Sequence[SiteMilestone]) -> Fault:
    acts = " or ".join(group)
    message = f"region {gate.region} asks for {acts} of the site's own, for the version in use; record it first"
    return Fault("site-act-missing", message)


def _acts(site: SiteState, on: str) -> Iterator[Act]:
    """The acts of the site that had come by a day."""
    for event in site.milestones.values():
        if event.actual is not None and first_day(event.actual) <= last_day(on):
            yield Act(event.milestone, event.actual, event.protocol_version)
