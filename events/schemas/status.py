"""The two axes of a trial's status, and the one of a region's. They are separate types: none can stand for another."""

from enum import StrEnum


class AuthorisationStatus(StrEnum):
    """Whether a trial or a site may proceed, as the registry and the authorities see it."""

    DRAFT = "draft"
    UNDER_REVIEW = "under_review"
    OPINION_FAVOURABLE = "opinion_favourable"
    OPINION_UNFAVOURABLE = "opinion_unfavourable"
    FILED = "filed"
    PUBLISHED = "published"
    SUSPENDED_BY_AUTHORITY = "suspended_by_authority"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DISCONTINUED = "discontinued"
    ENDED = "ended"


class RecruitmentStatus(StrEnum):
    """Whether participants are being recruited. TRDS item 18 is derived from both axes."""

    NOT_YET = "not_yet"
    RECRUITING = "recruiting"
    BY_INVITATION = "by_invitation"
    PAUSED = "paused"
    CLOSED = "closed"
    COMPLETED = "completed"
    UNKNOWN = "unknown"


class RegionState(StrEnum):
    """Whether a trial programme may go on in a region. What a region recruits is derived from its sites."""

    DECLARED = "declared"
    """Somebody names the country; nothing else is known. It has no stream of its own."""
    PLANNED = "planned"
    """It joined the programme, and nothing was handed in."""
    UNDER_REVIEW = "under_review"
    LAPSED = "lapsed"
    """Ended by the sponsor's silence."""
    WITHDRAWN = "withdrawn"
    """Taken back before a decision."""
    REFUSED = "refused"
    PERMITTED = "permitted"
    PERMITTED_BLOCKED = "permitted_blocked"
    """Permitted, with a condition that forbids the start."""
    SUSPENDED = "suspended"
    """By the authority; it may be reversed."""
    REVOKED = "revoked"
    EXPIRED = "expired"
    """Permitted, and never used in time."""
    ENDED = "ended"
