"""Toy policies on aggregates that the registry has: each of their effects is an event, so that a doubled one is seen.

Every event of a trial reserves a number in two series of the trial's, and later a third. An amendment revokes a token
that may not be there, and a policy fails where a field comes to be UNLUCKY.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

from events.schemas.access import TokenIssued
from events.schemas.trial import TrialAmended, TrialRegistered
from events.streams import Stream
from registry.domain.access.decider import RevokeToken
from registry.domain.numbers.decider import ReserveNumbers
from registry.domain.trial.commands import PublishTrial
from registry.policies.policy import Happened, Policy, Reaction

AT_ONCE: Final = "PUBLISH"
"""The acronym of a trial that a policy publishes when it is registered."""
UNLUCKY: Final = 13
LATE: Final = timedelta(days=30)
"""How long after a trial was registered its third series has a number."""


def series(stream: str, which: str) -> Stream:
    """The series of a trial."""
    return Stream.of("numbers", f"{Stream(stream).id}-{which}")


def token(stream: str) -> Stream:
    """The token that an amendment of the trial revokes."""
    return Stream.of("access", Stream(stream).id)


def counts(event: Happened, state: Any) -> Iterator[Reaction]:
    """A number in each of two series for every event, as many as the trial has versions then."""
    for which in ("a", "b"):
        yield Reaction(series(event.stream, which), ReserveNumbers(count=state.version))


def waits(event: Happened, _: Any, late: timedelta = LATE) -> Iterator[Reaction]:
    """A number when the time has come."""
    if isinstance(event.payload, TrialRegistered):
        yield Reaction(series(event.stream, "late"), ReserveNumbers(count=1), at=event.recorded + late)


def revokes(event: Happened, _: Any) -> Iterator[Reaction]:
    """Refused where there is no such token, or it is revoked already."""
    if isinstance(event.payload, TrialAmended):
        yield Reaction(token(event.stream), RevokeToken())


def fails(event: Happened, _: Any) -> Iterator[Reaction]:
    """Raises where a field comes to be UNLUCKY, and has nothing to say of other events."""
    if isinstance(event.payload, TrialAmended) and any(one.new == UNLUCKY for one in event.payload.changes):
        raise ZeroDivisionError
    return iter(())


def publishes(event: Happened, _: Any) -> Iterator[Reaction]:
    """Publishes a trial of that acronym, or the trial after whose id an organisation is called that gets a token."""
    match event.payload:
        case TrialRegistered() if event.payload.registration.acronym == AT_ONCE:
            yield Reaction(event.stream, PublishTrial())
        case TokenIssued():
            if len(event.payload.organisation) == 36:
                yield Reaction(f"trial/{event.payload.organisation}", PublishTrial())


def toys(late: timedelta = LATE) -> tuple[Policy, ...]:
    """All of them."""
    return (
        Policy("counts", "trial", counts),
        Policy("waits", "trial", partial(waits, late=late)),
        Policy("revokes", "trial", revokes),
        Policy("fails", "trial", fails),
    )


TOYS: Final = toys()
