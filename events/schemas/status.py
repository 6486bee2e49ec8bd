"""The two axes of status. They are separate types, so that neither can be assigned to the other."""

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
