"""Readers of a question, considerations or a report of a region: its audience, its author, and later everybody."""

from collections.abc import Collection
from datetime import datetime

from events.schemas.access import Role
from events.schemas.acts import Audience, Closed
from events.schemas.moment import Moment
from events.schemas.values import first_day
from events.schemas.zones import day_in
from registry.domain.acting import instant
from registry.domain.permissions import Actor
from registry.domain.region.state import Region


def may_read(
    actor: Actor, closed: Closed, by: str, region: Region, *, now: datetime, members: Collection[str] = ()
) -> bool:
    """Whether the actor may read an item that `by` wrote, at a moment.

    `members` are the authorities of all regions of the joint step: the region's own state does not know them.
    """
    return (
        is_public(closed, now)
        or (actor.organisation == by and actor.role is not Role.PUBLIC)
        or any(_is_of(actor, audience, region, members) for audience in closed.audience)
    )


def is_public(closed: Closed, now: datetime) -> bool:
    """Whether the moment has come from which everybody may read it."""
    return closed.public_from is not None and moment_has_come(closed.public_from, now)


def moment_has_come(moment: Moment, now: datetime) -> bool:
    """Whether a moment is over or is now. A day has come when it begins in its zone, or in Japan."""
    if moment.at is not None:
        return instant(moment) <= now
    return first_day(moment.date) <= day_in(moment.zone, now)


def _is_of(actor: Actor, audience: Audience, region: Region, members: Collection[str]) -> bool:
    role, organisation = actor.role, actor.organisation
    match audience:
        case Audience.OWN_REGION:
            own = {Role.AUTHORITY: region.terms.authorities, Role.ETHICS_BODY: region.terms.ethics_bodies}
            return organisation in own.get(role, ())
        case Audience.PATTERN_MEMBERS:
            return role is Role.AUTHORITY and organisation in (*members, *region.terms.authorities)
        case Audience.REGION_SPONSOR:
            own = {Role.SPONSOR: region.sponsors, Role.COORDINATOR: tuple(filter(None, (region.terms.coordinator,)))}
            return organisation in own.get(role, ())
        case Audience.PROGRAMME_SPONSOR:
            return role is Role.SPONSOR and organisation in region.sponsors
        case Audience.SECOND_SPONSOR:
            return role is Role.SECOND_SPONSOR and organisation in region.second_sponsors
        case Audience.OFFICE:
            return role is Role.REGISTRY
