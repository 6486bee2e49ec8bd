"""Events of a region of a programme: a country under one regime. Streams are `region/{region id}`.

The id of a region is a UUID (version 5) of its programme's id and its code.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from events.schemas import applications as parts
from events.schemas import region_parts
from events.schemas.acts import Act, Correction, Sourced, Version
from events.schemas.applications import AttemptNumber, Conclusion, EndedBy, How, Reach, Silence, Step
from events.schemas.bounds import UpTo100
from events.schemas.gates import RegionCode
from events.schemas.halts import Halt
from events.schemas.moment import Moment
from events.schemas.region_parts import JointStep, TableName, Terms
from events.schemas.values import Identifier, ItemId, Line, PartialDate, Payload


class RegionBegun(Payload):
    """A country joined a programme under a regime."""

    programme: Identifier
    terms: Terms
    resolved: region_parts.Resolved
    sponsors: UpTo100[Identifier]
    second_sponsors: UpTo100[Identifier] = ()
    joint_steps: UpTo100[JointStep] = ()


class RegionTermsAmended(Payload):
    """Other authorities, ethics bodies or another coordinator act in the region."""

    was: Terms
    now: Terms
    resolved: region_parts.Resolved


class ProgrammeNoted(Payload):
    """What the programme says of its sponsors and its joint steps, as far as the region has to know."""

    version: Version
    """Of the programme's stream."""
    sponsors: UpTo100[Identifier]
    second_sponsors: UpTo100[Identifier] = ()
    joint_steps: UpTo100[JointStep] = ()


class RegistrationLinked(Payload):
    """A trial of this registry belongs to the programme: it is behind the region's gate."""

    trial: Identifier


class RegistrationUnlinked(Payload):
    """A trial no longer belongs to the programme."""

    trial: Identifier


class MilestoneRecorded(Act, region_parts.Reached):
    """A milestone is planned for a day, or was reached on one. An earlier value stays."""


class DueSet(Payload, parts.Due, Sourced):
    """The moment by which a step is due."""

    by: Identifier
    attempt: AttemptNumber | None = None


class OfAttempt(Act):
    """Base of what is done to one attempt of an application."""

    attempt: AttemptNumber


class ApplicationSubmitted(OfAttempt, parts.Submission):
    """An application, or another attempt of one, was handed in."""

    procedure: TableName
    table: PartialDate
    """The day whose tables hold for it to its end."""


class ApplicationValidated(OfAttempt, parts.Validation):
    """Whether it is complete and in scope."""


class QuestionAsked(OfAttempt, parts.Question):
    """An authority or an ethics body asked something."""


class QuestionAnswered(OfAttempt, parts.Answer):
    """The sponsor answered."""


class PaperShared(OfAttempt, parts.Paper):
    """An authority sent considerations or a report to those who assess with it."""


class ClockStopped(OfAttempt, parts.ClockStop):
    """The clock of the application stands still."""


class ClockResumed(OfAttempt, parts.OfApplication):
    """The clock of the application goes on."""


class AssessmentConcluded(OfAttempt, parts.Assessment):
    """The joint or the national assessment came to a conclusion."""

    lead: RegionCode | None = None
    """The region whose conclusion it is, where it binds this one as a member."""
    decides: Literal[True] | None = None
    """Under its procedure the conclusion is the decision."""


class JointConclusionLeft(OfAttempt, parts.OptOut):
    """The region opted out of a joint conclusion: it refuses."""


class EthicsOpinionGiven(Act, parts.Opinion):
    """An ethics body gave an opinion."""

    attempt: AttemptNumber | None = None


class ApplicationDecided(OfAttempt, parts.Decision):
    """The authority decided."""

    how: How


class ConditionMet(OfAttempt, parts.OfApplication):
    """A condition of a decision is met."""

    condition: ItemId


class PermissionRecorded(Act, region_parts.Permission):
    """The region is permitted by an earlier law, or because filing is enough."""

    attempt: AttemptNumber | None = None
    how: Literal[How.TRANSFERRED, How.FILED]
    permits: Literal[True] | None = None
    """The trial may go on by that; absent where what was filed only changes what is permitted."""


class ApplicationWithdrawn(OfAttempt, parts.OfApplication):
    """The sponsor took the application back before a decision."""

    reach: Reach


class ApplicationEnded(OfAttempt, parts.OfApplication):
    """The application ended here because it ended in another region, from which it was taken out of all."""

    ended: EndedBy
    region: RegionCode
    """The other one."""


class SilenceNoted(Payload):
    """A due moment passed, and nobody had acted: what that means by the application's own table."""

    step: Step
    due: Moment
    application: ItemId | None = None
    attempt: AttemptNumber | None = None
    question: ItemId | None = None
    halt: ItemId | None = None
    joint: Conclusion | None = None
    """The joint conclusion that the table was read for; absent where there was none."""
    national: Conclusion | None = None
    result: Silence
    reach: Reach | None = None
    cites: Line
    """The row of the table."""


class FilingPublished(Act, region_parts.Published):
    """What was filed is visible in the national register."""


class VersionRecorded(Act, region_parts.VersionUsed):
    """A version of the protocol was authorised in the region, or put to use."""


class RegionHalted(Payload, Sourced):
    """The trial was halted in the region, wholly or in part."""

    halt: Halt


class RegionHaltLifted(Act, region_parts.Lift):
    """One halt ended, by who had halted."""


class UrgentMeasureTaken(Act, region_parts.UrgentMeasure):
    """Participants were protected at once, without asking before."""


class CorrectiveMeasureOrdered(Act, region_parts.CorrectiveMeasure):
    """The authority revoked, suspended, or asked for a change. A suspension is a halt under the measure's item."""


class PermissionExpired(Act, region_parts.Expiry):
    """The permission was never used in time. A later correction of the start opens the question again."""


class RegionEnded(Act, region_parts.End):
    """The trial ended in the region."""


class RegionLeft(Act, region_parts.Leaving):
    """The region is no longer part of the programme."""


class RegionEventCorrected(Payload, Correction):
    """An earlier event said something wrong of its day, or did not happen. Nothing is deleted."""


RegionEvent: TypeAlias = (
    RegionBegun
    | RegionTermsAmended
    | ProgrammeNoted
    | RegistrationLinked
    | RegistrationUnlinked
    | MilestoneRecorded
    | DueSet
    | ApplicationSubmitted
    | ApplicationValidated
    | QuestionAsked
    | QuestionAnswered
    | PaperShared
    | ClockStopped
    | ClockResumed
    | AssessmentConcluded
    | JointConclusionLeft
    | EthicsOpinionGiven
    | ApplicationDecided
    | ConditionMet
    | PermissionRecorded
    | ApplicationWithdrawn
    | ApplicationEnded
    | SilenceNoted
    | FilingPublished
    | VersionRecorded
    | RegionHalted
    | RegionHaltLifted
    | UrgentMeasureTaken
    | CorrectiveMeasureOrdered
    | PermissionExpired
    | RegionEnded
    | RegionLeft
    | RegionEventCorrected
)

EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "region.begun.v1": RegionBegun,
        "region.terms-amended.v1": RegionTermsAmended,
        "region.programme-noted.v1": ProgrammeNoted,
        "region.registration-linked.v1": RegistrationLinked,
        "region.registration-unlinked.v1": RegistrationUnlinked,
        "region.milestone-recorded.v1": MilestoneRecorded,
        "region.due-set.v1": DueSet,
        "region.application-submitted.v1": ApplicationSubmitted,
        "region.application-validated.v1": ApplicationValidated,
        "region.question-asked.v1": QuestionAsked,
        "region.question-answered.v1": QuestionAnswered,
        "region.paper-shared.v1": PaperShared,
        "region.clock-stopped.v1": ClockStopped,
        "region.clock-resumed.v1": ClockResumed,
        "region.assessment-concluded.v1": AssessmentConcluded,
        "region.joint-conclusion-left.v1": JointConclusionLeft,
        "region.ethics-opinion-given.v1": EthicsOpinionGiven,
        "region.application-decided.v1": ApplicationDecided,
        "region.condition-met.v1": ConditionMet,
        "region.permission-recorded.v1": PermissionRecorded,
        "region.application-withdrawn.v1": ApplicationWithdrawn,
        "region.application-ended.v1": ApplicationEnded,
        "region.silence-noted.v1": SilenceNoted,
        "region.filing-published.v1": FilingPublished,
        "region.version-recorded.v1": VersionRecorded,
        "region.halted.v1": RegionHalted,
        "region.halt-lifted.v1": RegionHaltLifted,
        "region.urgent-measure-taken.v1": UrgentMeasureTaken,
        "region.corrective-measure-ordered.v1": CorrectiveMeasureOrdered,
        "region.permission-expired.v1": PermissionExpired,
        "region.ended.v1": RegionEnded,
        "region.left.v1": RegionLeft,
        "region.event-corrected.v1": RegionEventCorrected,
    }
)
"""By literal name. A class may be renamed, a name never."""
