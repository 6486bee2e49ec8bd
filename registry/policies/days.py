"""The day from which a gate stands as an event left it."""

from events.schemas.acts import Act
from events.schemas.behind import in_force
from events.schemas.programme import ProgrammeHalted
from events.schemas.region import RegionHalted, SilenceNoted
from events.schemas.zones import day_in
from registry.policies.policy import Happened


def day_of(event: Happened) -> str:
    """The day that the event states, as precisely as it does; else the day in Japan on which it was recorded.

    A halt holds from when it is in force; what silence means, from the moment that was due.
    """
    payload = event.payload
    if isinstance(payload, Act):
        return payload.on.date
    if isinstance(payload, SilenceNoted):
        return payload.due.date
    if isinstance(payload, ProgrammeHalted | RegionHalted):
        return in_force(payload.halt)
    return day_in(None, event.recorded).isoformat()
