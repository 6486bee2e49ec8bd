"""What a trial's events said of days: later ones may not precede them, and each can be corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from events.schemas import trial as events

Dated: TypeAlias = (
    events.TrialAuthorisationChanged
    | events.TrialRecruitmentChanged
    | events.FirstParticipantRecorded
    | events.EndOfTrial
    | events.SiteAuthorisationChanged
    | events.SiteOpened
    | events.SitePaused
    | events.SiteClosed
    | events.SiteLeft
    | events.SiteVerified
    | events.EnrolmentReported
)
"""Events that say on which day what they tell happened."""

Kinds: TypeAlias = tuple[type[Dated], ...]

ENDS: Final[Kinds] = (events.TrialCompleted, events.TrialDiscontinued, events.TrialWithdrawn)
RECRUITMENT: Final[Kinds] = (
    events.SiteOpened,
    events.SitePaused,
    events.SiteClosed,
    events.SiteLeft,
    events.TrialRecruitmentChanged,
    *ENDS,
)
AUTHORISATION: Final[Kinds] = (
    events.SiteAuthorisationChanged,
    events.SiteLeft,
    events.TrialAuthorisationChanged,
    *ENDS,
)
VERIFICATION: Final[Kinds] = (events.SiteVerified,)
COUNT: Final[Kinds] = (events.EnrolmentReported,)
"""What follows one another: a day of one kind does not lie before the last day of the same kind."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event with its version, as corrected since; what is void counts no more."""

    version: int
    event: Dated
    void: bool = False


def last(told: Sequence[Told], kinds: Kinds) -> Told | None:
    """The last of these kinds that counts."""
    return next((one for one in reversed(told) if not one.void and isinstance(one.event, kinds)), None)
