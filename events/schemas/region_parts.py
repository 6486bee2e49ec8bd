"""Parts of a region besides its applications: its terms, milestones, measures and ends."""

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from events.schemas.applications import ProtocolVersionRef
from events.schemas.bounds import UpTo100
from events.schemas.ethics import EthicsShape
from events.schemas.gates import Publication, RegionCode
from events.schemas.moment import Moment
from events.schemas.values import (
    CountryCode,
    DateKind,
    Identifier,
    IdNumber,
    ItemId,
    Line,
    PartialDate,
    SaidText,
    Value,
)

TableName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""Names a regime or a procedure in the dated tables."""


class Milestone(StrEnum):
    """The milestones of a region, each with one published definition (coordination reference, 2.2)."""

    JOINED = "joined"
    REGIME_SET = "regime_set"
    SUBMITTED = "submitted"
    LEAD_PROPOSED = "lead_proposed"
    LEAD_ANSWERED = "lead_answered"
    """The region said whether it was willing to lead."""
    LEAD_SET = "lead_set"
    VALIDATED = "validated"
    QUESTION = "question"
    ANSWERED = "answered"
    QUESTION_LAPSED = "question_lapsed"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_RESUMED = "clock_resumed"
    JOINT_CONCLUDED = "joint_concluded"
    OPTED_OUT = "opted_out"
    NATIONAL_CONCLUDED = "national_concluded"
    ETHICS_OPINION = "ethics_opinion"
    DECIDED = "decided"
    PUBLISHED_REGISTER = "published_register"
    IMPORT_PERMIT = "import_permit"
    INSURANCE = "insurance"
    FIRST_SITE_READY = "first_site_ready"
    STARTED = "started"
    FIRST_PARTICIPANT = "first_participant"
    MODIFICATION = "modification"
    VERSION_AUTHORISED = "version_authorised"
    VERSION_IN_USE = "version_in_use"
    RECRUITMENT_ENDED = "recruitment_ended"
    RECRUITMENT_RESTARTED = "recruitment_restarted"
    HALTED = "halted"
    LIFTED = "lifted"
    RESUMED = "resumed"
    URGENT_MEASURE = "urgent_measure"
    CORRECTIVE_MEASURE = "corrective_measure"
    LAST_PARTICIPANT_OUT = "last_participant_out"
    ENDED = "ended"
    RESULTS_DUE = "results_due"
    LEFT = "left"


class VersionUse(StrEnum):
    """What happened to a version of the protocol. The two days differ, and participants may stay on an older one."""

    AUTHORISED = "authorised"
    IN_USE = "in_use"


class RestartBasis(StrEnum):
    """What a lift rests on. Which one a halt asks for is in the table of restarts."""

    OWN_WORD = "own_word"
    """The actor of the halt says so; nothing else is required."""
    NOTICE = "notice"
    """The restart is told afterwards."""
    AUTHORISED_MODIFICATION = "authorised_modification"
    """A substantial modification or amendment that was authorised, or approved, in this region."""
    AUTHORITY_REVERSAL = "authority_reversal"
    AUTHORITY_WORD = "authority_word"
    """The authority says that the trial may go on. Time that passes says nothing."""
    ETHICS_WORD = "ethics_word"
    NEW_INSTRUCTION = "new_instruction"
    NEW_OPINION = "new_opinion"
    """Of the ethics body; the contract anew where it was cancelled."""
    OPINION_AND_PLAN = "opinion_and_plan"
    """An opinion of the ethics body, and the changed plan filed before."""


class CorrectiveKind(StrEnum):
    """What a corrective measure does. Regulation (EU) 536/2014, Article 77."""

    REVOKE = "revoke"
    SUSPEND = "suspend"
    REQUIRE_CHANGE = "require_change"


class EndKind(StrEnum):
    """How a trial ended."""

    NORMAL = "normal"
    EARLY = "early"
    LAPSE_OF_HALT = "lapse_of_halt"
    """It was halted for so long that the law counts it as ended."""


class LeaveReason(StrEnum):
    """Why a region is no longer part of the programme."""

    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"
    DROPPED = "dropped"
    """By the sponsor."""


class JointStep(Value):
    """A step that regions take together, with its lead and its members."""

    step: ItemId
    lead: RegionCode
    members: UpTo100[RegionCode]


class Terms(Value):
    """The law that a country takes part under, and who acts there."""

    region: RegionCode
    country: CountryCode
    regime: TableName
    procedure: TableName
    """The pattern of its applications, in the tables that hold on a day."""
    authorities: UpTo100[Identifier]
    ethics_bodies: UpTo100[Identifier] = ()
    ethics: EthicsShape | None = None
    """Where the regime leaves it open."""
    coordinator: Identifier | None = None


class Resolved(Value):
    """What the tables said of the terms on the day on which they were set."""

    table: PartialDate
    """The day whose tables hold."""
    ethics: EthicsShape
    publication: Publication


class Reached(Value):
    """A milestone, planned or reached."""

    milestone: Milestone
    kind: DateKind
    willing: bool | None = None
    """Of `lead_answered`: whether the region would lead."""


class Permission(Value):
    """How a region is permitted without a decision on an application."""

    law: Line
    """The act or regulation that it rests on."""
    application: ItemId | None = None
    versions: UpTo100[ProtocolVersionRef] = ()


class Published(Value):
    """A filing is in the national register."""

    register_name: Line
    number: IdNumber


class VersionUsed(ProtocolVersionRef):
    """A version of the protocol was authorised in the region, or put to use."""

    use: VersionUse


class Lift(Value):
    """The end of one halt, and what it rests on."""

    halt: ItemId
    basis: RestartBasis
    application: ItemId | None = None
    """The modification, where the basis is one."""


class UrgentMeasure(Value):
    """A measure that was taken at once to protect participants."""

    measure: SaidText
    told: Moment | None = None


class CorrectiveMeasure(Value):
    """A measure of an authority on its own territory."""

    measure: ItemId
    kind: CorrectiveKind
    immediate: bool
    """Whether it was taken before the sponsor was heard."""
    opinion_due: Moment | None = None
    """When the sponsor's opinion is due."""
    why: SaidText | None = None


class Expiry(Value):
    """A permission ended because it was not used in time."""

    cause: Annotated[Line, Field(examples=["no start of the trial was told within two years"])]


class End(Value):
    """The end of the trial in the region."""

    kind: EndKind
    why: SaidText | None = None


class Leaving(Value):
    """Why the region left."""

    why_left: LeaveReason
