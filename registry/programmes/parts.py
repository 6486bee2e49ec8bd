"""Parts that the answers on a programme have in common."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from events.schemas.applications import Step
from events.schemas.gates import RegionCode
from events.schemas.moment import Moment
from events.schemas.region_parts import JointStep
from events.schemas.values import Identifier, ItemId, Line, Value, first_day, last_day
from events.schemas.zones import JAPAN, zone
from registry.domain.acting import instant
from registry.domain.region.waiting import Awaited
from registry.programmes.whole import Whole


class Wait(Value):
    """A step that somebody has to take now."""

    region: RegionCode
    application: ItemId
    attempt: int
    step: Step
    who: Line
    """`sponsor`, `authority`, `lead` (of the joint step), `members`, `ethics`, or `nobody`: time has to pass."""
    organisations: tuple[Identifier, ...]
    """The organisations that act next; none where time has to pass."""
    since: Moment
    """The day of the last act on the application."""
    due: Moment | None = None
    """As the authority or the office stated it. It is never computed."""
    question: ItemId | None = None


def wait_of(whole: Whole, code: RegionCode, awaited: Awaited) -> Wait:
    """The step with the organisations that act."""
    return Wait(
        region=code,
        application=awaited.application,
        attempt=awaited.attempt,
        step=awaited.step,
        who=awaited.who,
        organisations=acting(whole, code, awaited.who),
        since=awaited.since,
        due=awaited.due,
        question=awaited.question,
    )


def acting(whole: Whole, code: RegionCode, who: str) -> tuple[Identifier, ...]:
    """The organisations that `who` stands for in a region."""
    state, terms = whole.regions[code].state, whole.regions[code].state.terms
    match who:
        case "sponsor":
            own = (*state.sponsors, *((terms.coordinator,) if terms.coordinator else ()))
            return tuple(dict.fromkeys(own))
        case "ethics":
            return terms.ethics_bodies
        case "lead" | "members":
            step = joint_step_of(state.joint_steps, code)
            codes = (step.lead,) if step and who == "lead" else (step.members if step else (code,))
            return _authorities(whole, codes)
        case "nobody":
            return ()
        case _:
            return terms.authorities


def joint_step_of(steps: Iterable[JointStep], code: RegionCode) -> JointStep | None:
    """The joint step that a region is a member of."""
    return next((step for step in steps if code in step.members), None)


def _authorities(whole: Whole, codes: Iterable[RegionCode]) -> tuple[Identifier, ...]:
    terms = (whole.state.regions[code] for code in codes if code in whole.state.regions)
    return tuple(dict.fromkeys(one for term in terms for one in term.authorities))


def ends(moment: Moment) -> datetime:
    """The instant at which a due moment is over: its time, or the end of its day in its zone, or in Japan."""
    if moment.at is not None:
        return instant(moment)
    clock = zone(moment.zone) if moment.zone else JAPAN
    return datetime.combine(last_day(moment.date) + timedelta(days=1), time(), clock)


def starts(moment: Moment) -> datetime:
    """The first instant that a moment can mean."""
    if moment.at is not None:
        return instant(moment)
    return datetime.combine(first_day(moment.date), time(), zone(moment.zone) if moment.zone else JAPAN)
