"""Fields of every act in a programme or a region: when, whose it is, its source, and its readers."""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from events.schemas.bounds import UpTo100
from events.schemas.moment import Moment
from events.schemas.values import Identifier, Line, Payload, Value

Version: TypeAlias = Annotated[int, Field(ge=1)]
"""Of a stream."""


class Oddity(StrEnum):
    """What is unusual about an act that was recorded all the same: real files have acts in any order."""

    BEFORE_SUBMISSION = "before_submission"
    """It is dated before the application was handed in."""
    BEFORE_VALIDATION = "before_validation"
    BEFORE_CONCLUSION = "before_conclusion"
    """Decided without a joint or national conclusion."""
    BEFORE_ETHICS_OPINION = "before_ethics_opinion"
    BEFORE_PERMISSION = "before_permission"
    BEFORE_JOINT_CONCLUSION = "before_joint_conclusion"
    """A member of a joint step acted before its lead concluded."""
    OTHER_PENDING = "other_pending"
    """Handed in while another application was pending in the region."""
    EARLIER_ATTEMPT = "earlier_attempt"
    """It is of an attempt that another has followed."""
    NO_JOINT_STEP = "no_joint_step"
    """A joint conclusion where no joint step is named."""
    NO_QUESTION_OPEN = "no_question_open"
    CLOCK_NOT_STOPPED = "clock_not_stopped"


class Audience(StrEnum):
    """Who may read an item before it is public. It is of the item, and set once."""

    OWN_REGION = "own_region"
    """The authorities and ethics bodies of the region."""
    PATTERN_MEMBERS = "pattern_members"
    """The authorities of all regions that take part in the joint step."""
    REGION_SPONSOR = "region_sponsor"
    """The sponsor's people for the region."""
    PROGRAMME_SPONSOR = "programme_sponsor"
    """The sponsor's people for the whole programme."""
    SECOND_SPONSOR = "second_sponsor"
    OFFICE = "office"


class Closed(Value):
    """Base of values that are not for everybody."""

    audience: Annotated[UpTo100[Audience], Field(min_length=1)]
    public_from: Moment | None = None
    """From when on everybody may read it; absent: never."""


class Sourced(Value):
    """Where the registry's office read what it records for somebody else."""

    source: Line | None = None


class Correction(Sourced):
    """The right values of an earlier event of the stream."""

    by: Identifier
    corrects: Version
    event: Line
    """Its type."""
    on: Moment | None = None
    """The right day."""
    void: Literal[True] | None = None
    """What the event says did not happen."""


class Act(Payload, Sourced):
    """Base of events that tell what somebody did in the world."""

    on: Moment
    by: Identifier
    """The organisation whose act it is. Who recorded it is an attribute of the record."""
    odd: tuple[Oddity, ...] | None = None
    """What was unusual about it, as far as was known when it was recorded."""
