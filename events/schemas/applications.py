"""An application to an authority, from its submission to its end, and the words of each step.

Codes are those of the merged vocabulary of regions (coordination reference, 2.2). Which steps a procedure has, and what
silence means in each, is in the dated tables of `registry.domain.region`.
"""

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

from events.schemas.acts import Closed
from events.schemas.bounds import UpTo100
from events.schemas.ethics import EthicsOutcome
from events.schemas.moment import Moment
from events.schemas.values import IdNumber, ItemId, PartialDate, SaidText, ShortText, Value


class ApplicationKind(StrEnum):
    """What is applied for."""

    INITIAL = "initial"
    ADDED = "added"
    """A region joins later. Regulation (EU) 536/2014, Article 14."""
    MODIFICATION_PART_1 = "modification_part_1"
    MODIFICATION_PART_2 = "modification_part_2"
    MODIFICATION_BOTH = "modification_both"
    NOTIFICATION = "notification"
    """A change without assessment, or a notification where nothing is decided."""


class Step(StrEnum):
    """A step of an application whose actor can be silent."""

    VALIDATION = "validation"
    VALIDATION_QUESTION = "validation_question"
    JOINT = "joint"
    """Part I, or another joint assessment."""
    JOINT_QUESTION = "joint_question"
    NATIONAL = "national"
    """Part II, or another national assessment."""
    NATIONAL_QUESTION = "national_question"
    DECISION = "decision"
    WAITING_PERIOD = "waiting_period"
    """Days that must pass before the start (United States IND; Japan, first notification of a substance)."""
    START = "start"
    """The first inclusion, before an authorisation expires."""
    RESTART = "restart"
    """The restart after a halt, before the trial counts as ended."""
    HOLD_RESPONSE = "hold_response"
    """The authority's answer to a complete response to a hold."""


class ValidationOutcome(StrEnum):
    """What may come of validation."""

    VALID = "valid"
    NOT_VALID = "not_valid"
    OUT_OF_SCOPE = "out_of_scope"


class Part(StrEnum):
    """Which assessment is concluded."""

    JOINT = "joint"
    NATIONAL = "national"


class Conclusion(StrEnum):
    """What may come of an assessment."""

    ACCEPTABLE = "acceptable"
    ACCEPTABLE_WITH_CONDITIONS = "acceptable_with_conditions"
    NOT_ACCEPTABLE = "not_acceptable"


class DecisionOutcome(StrEnum):
    """What an authority decides."""

    AUTHORISED = "authorised"
    AUTHORISED_WITH_CONDITIONS = "authorised_with_conditions"
    REFUSED = "refused"


class How(StrEnum):
    """How a region came to be permitted."""

    GRANTED = "granted"
    TACIT = "tacit"
    """The authority was silent, and the law says that this is consent."""
    WAITING_PERIOD = "waiting_period"
    """Time passed. It is no decision."""
    TRANSFERRED = "transferred"
    """Permitted by an earlier law, and carried over."""
    FILED = "filed"
    """Filing is enough under this regime."""


class Silence(StrEnum):
    """What somebody's silence means."""

    VALID = "valid"
    AUTHORISED = "authorised"
    NOT_AUTHORISED = "not_authorised"
    LAPSED = "lapsed"
    NOTHING = "nothing"
    """Everything stays as it is."""
    PERMITTED = "permitted"
    """Time has passed that had to pass. It is no decision."""
    EXPIRED = "expired"
    ENDED = "ended"


class Reach(StrEnum):
    """How far a withdrawal or a lapse goes."""

    ALL = "all"
    """Every region of the joint step."""
    REGION = "region"


class EndedBy(StrEnum):
    """How an application ended without a decision."""

    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class ClockReason(StrEnum):
    """Why the clock of an application stands still."""

    QUESTION = "question"
    HOLIDAYS = "holidays"
    EXPERTS = "experts"


class PaperKind(StrEnum):
    """What authorities share while they assess."""

    CONSIDERATION = "consideration"
    DRAFT_REPORT = "draft_report"
    REPORT = "report"


class ProtocolVersionRef(Value):
    """A version of a protocol, by the items that the programme gave both."""

    protocol: ItemId
    version: ItemId


class DecisionCondition(Value):
    """A condition of a decision."""

    item: ItemId
    text: ShortText
    due: PartialDate | None = None
    blocks_start: bool
    """Whether the trial may not start in the region before it is met."""


class OfApplication(Value):
    """Base of what is done to an application."""

    application: ItemId


class Submission(OfApplication):
    """An application, or another attempt of one that has ended."""

    kind: ApplicationKind
    number: IdNumber | None = None
    """The authority's number of it, with the number of the attempt where it has one."""
    versions: UpTo100[ProtocolVersionRef] = ()
    """What is to be permitted."""
    staged: bool = False
    """Whether its national part holds placeholders alone (European Union, since 2026-04-27)."""
    takes_further: ItemId | None = None
    """The application that this one takes further, as a modification that brings the staged national part."""


class Validation(OfApplication):
    """The outcome of validation."""

    outcome: ValidationOutcome


class Question(OfApplication, Closed):
    """A question of an authority or an ethics body."""

    question: ItemId
    step: Step
    """The step in which it is asked: validation, the joint or the national assessment."""
    formal: bool
    """Whether the clock and the law know of it."""
    text: SaidText | None = None
    due: Moment | None = None
    """The moment that who asked gave. It is never computed."""


class Answer(OfApplication):
    """The sponsor's answer to a question."""

    question: ItemId
    text: SaidText | None = None


class Paper(OfApplication, Closed):
    """A paper that an authority shares with others while it assesses."""

    paper: ItemId
    kind: PaperKind
    text: SaidText | None = None


class ClockStop(OfApplication):
    """The clock of an application stands still."""

    why_stopped: ClockReason


class Assessment(OfApplication):
    """The conclusion of an assessment."""

    part: Part
    outcome: Conclusion


class OptOut(OfApplication):
    """A region leaves a joint conclusion, and so refuses."""

    ground: ItemId
    """One of the grounds of the procedure's table."""


class Opinion(Value):
    """An act of an ethics body: none, one or several in a region."""

    outcome: EthicsOutcome
    application: ItemId | None = None
    whole_region: bool = True
    """Whether it holds for the whole region."""


class Decision(OfApplication):
    """An authority's decision on an application: one per region."""

    outcome: DecisionOutcome
    conditions: UpTo100[DecisionCondition] = ()
    """With the outcome authorised_with_conditions, and with no other."""


class Due(Value):
    """The moment by which a step is due, as an authority or the office states it."""

    step: Step
    application: ItemId | None = None
    """Absent: of the region as a whole (its start, a restart)."""
    halt: ItemId | None = None
    due: Moment


AttemptNumber: TypeAlias = Annotated[int, Field(ge=1)]
"""Counts the attempts of one application: what was said of one counts for nothing in the next."""
