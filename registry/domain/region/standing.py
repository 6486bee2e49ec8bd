"""Conclusions from a region's facts: its state, and the gate that its sites are behind. Pure functions."""

from typing import Final

from events.schemas.applications import ApplicationKind, DecisionOutcome, EndedBy
from events.schemas.gates import Gate, Publication
from events.schemas.halts import HaltKind
from events.schemas.region_parts import LeaveReason
from events.schemas.status import RegionState
from registry.domain.region.state import Attempt, Region

PERMITTING: Final = frozenset({ApplicationKind.INITIAL, ApplicationKind.ADDED})
"""Kinds of applications whose authorisation permits the trial in a region. A modification changes what is permitted."""

UNDECIDED: Final = frozenset({RegionState.PLANNED, RegionState.UNDER_REVIEW, RegionState.LAPSED, RegionState.WITHDRAWN})
"""States without a decision of the authority. A gate is public with its trial, so it names none of them (ADR 0079)."""

_OF_LEAVING: Final = {
    LeaveReason.WITHDRAWN: RegionState.WITHDRAWN,
    LeaveReason.REFUSED: RegionState.REFUSED,
    LeaveReason.EXPIRED: RegionState.EXPIRED,
}


def permitting(region: Region) -> list[Attempt]:
    """The last attempts of the applications that could permit the trial."""
    return [attempts[-1] for attempts in region.applications.values() if attempts[-1].kind in PERMITTING]


def is_permitted(region: Region) -> bool:
    """Whether somebody or something has permitted the trial here, whatever came afterwards."""
    return bool(region.permissions) or any(attempt.authorised for attempt in permitting(region))


def state_of(region: Region) -> RegionState:
    """The one value of the state axis. Recruitment is no part of it."""
    if region.ended is not None:
        return RegionState.ENDED
    if region.leave_reason is not None:
        dropped = RegionState.ENDED if is_permitted(region) else RegionState.WITHDRAWN
        return _OF_LEAVING.get(region.leave_reason, dropped)
    if region.revoked:
        return RegionState.REVOKED
    if region.expired:
        return RegionState.EXPIRED
    if any(halt.kind is HaltKind.SUSPENSION for halt in region.halts.values()):
        return RegionState.SUSPENDED
    if not is_permitted(region):
        return _of_applications(permitting(region))
    if any(attempt.authorised and attempt.blocks_start for attempt in permitting(region)):
        return RegionState.PERMITTED_BLOCKED
    return RegionState.PERMITTED


def _of_applications(attempts: list[Attempt]) -> RegionState:
    """While nothing is permitted: the outcome of the application that was handed in last."""
    if not attempts:
        return RegionState.PLANNED
    if any(attempt.pending for attempt in attempts):
        return RegionState.UNDER_REVIEW
    last = attempts[-1]
    if last.ended is EndedBy.LAPSED:
        return RegionState.LAPSED
    if last.ended is EndedBy.WITHDRAWN:
        return RegionState.WITHDRAWN
    return RegionState.REFUSED if last.outcome is DecisionOutcome.REFUSED else RegionState.PLANNED


def publication_of(region: Region) -> Publication:
    """Whether the filing is published, if the regime requires that."""
    publication = region.resolved.publication
    return Publication.PUBLISHED if publication is Publication.AWAITED and region.published else publication


def gate_of(region: Region) -> Gate:
    """The gate of the region for sites of its country."""
    state = state_of(region)
    return Gate(
        programme=region.programme,
        region=region.terms.region,
        country=region.terms.country,
        version=region.version,
        state=None if state in UNDECIDED else state,
        publication=publication_of(region),
        ethics=region.resolved.ethics,
        halts=tuple(halt.standing() for halt in region.halts.values()),
        ended=region.ended is not None or region.leave_reason is not None,
    )
