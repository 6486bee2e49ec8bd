"""Turns: every step that waits for an organisation, with an id that stays the same while it waits."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID, uuid5

from pydantic import Field

from events.schemas.access import Role
from events.schemas.applications import Step
from events.schemas.region import RegionEvent
from registry.domain.permissions import Actor
from registry.domain.region.state import Attempt, Region
from registry.domain.region.waiting import Awaited, awaited, last_act
from registry.programmes.events import may_read_of_region
from registry.programmes.parts import Wait, ends, wait_of
from registry.programmes.seeing import Viewer
from registry.programmes.whole import RegionRead, Whole

TURNS: Final = UUID("a0b2a3f0-6f5e-5a53-9a0c-2b4a4c2b9d31")
OF_ROLE: Final = {
    Role.SPONSOR: frozenset({"sponsor"}),
    Role.SECOND_SPONSOR: frozenset({"sponsor"}),
    Role.COORDINATOR: frozenset({"sponsor"}),
    Role.AUTHORITY: frozenset({"authority", "lead", "members"}),
    Role.ETHICS_BODY: frozenset({"ethics"}),
}
"""Which steps wait for an organisation of a role."""


class Turn(Wait):
    """A step that waits for an organisation."""

    id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    """The same in every answer, on every node, for as long as the step waits."""


def waits(viewer: Viewer) -> Iterator[Wait]:
    """Every step that is awaited in the programme and that the asker may know of, by regions and applications."""
    for code, region in viewer.whole.regions.items():
        for one in awaited(region.state):
            attempt = region.state.last(one.application)
            if attempt is not None and viewer.reads_attempt(attempt) and _reads(viewer, region.state, attempt, one):
                yield wait_of(viewer.whole, code, _dated(viewer, region, attempt, one))


def _reads(viewer: Viewer, region: Region, attempt: Attempt, one: Awaited) -> bool:
    """Whether the asker may know that the step waits. It may reveal whether the national assessment is concluded."""
    if one.question is not None:
        question = attempt.questions[one.question]
        return viewer.reads_closed(question, question.by, region)
    return Step.NATIONAL not in (one.step, *one.after) or viewer.reads_national(region, attempt)


def _dated(viewer: Viewer, read: RegionRead, attempt: Attempt, one: Awaited) -> Awaited:
    """The step since the last act that the asker may read."""
    if one.question is not None or viewer.reads_closed_of(read.state):
        return one

    def readable(event: RegionEvent) -> bool:
        return may_read_of_region(viewer, read, event)

    return replace(one, since=last_act(read.state, one.application, attempt, readable))


def turns_of(viewer: Viewer) -> list[Turn]:
    """The steps that the asker's organisation takes next in its role, the first due at the top."""
    found = [_turn(viewer.whole, one) for one in waits(viewer) if is_turn_of(viewer.actor, one)]
    return sorted(found, key=lambda one: (one.due is None, ends(one.due or one.since), one.id))


def is_turn_of(actor: Actor, wait: Wait) -> bool:
    """Whether the step waits for the actor. The registry's office and regulators wait for nobody here."""
    return wait.who in OF_ROLE.get(actor.role, ()) and actor.organisation in wait.organisations


def _turn(whole: Whole, wait: Wait) -> Turn:
    names = (whole.id, wait.region, wait.application, str(wait.attempt), wait.step, wait.question or "")
    return Turn(**dict(wait), id=str(uuid5(TURNS, "/".join(names))))
