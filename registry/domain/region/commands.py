"""Commands on a region. Their names on the wire are in `aggregate.py`."""

from typing import Annotated, Literal

from pydantic import Field

from events.schemas import applications as parts
from events.schemas import region_parts
from events.schemas.acts import Sourced, Version
from events.schemas.applications import AttemptNumber, Conclusion, EndedBy, How
from events.schemas.bounds import UpTo100
from events.schemas.gates import RegionCode
from events.schemas.halts import Halt
from events.schemas.moment import Moment
from events.schemas.region_parts import JointStep, TableName, Terms
from events.schemas.values import Identifier, ItemId, PartialDate, SaidLine
from registry.domain.acting import ActCommand, Recording
from registry.domain.decider import Command


class BeginRegion(Command):
    """Begin the stream of a country that joined a programme."""

    programme: Identifier
    terms: Terms
    table: PartialDate
    """The day whose tables hold."""
    sponsors: UpTo100[Identifier]
    second_sponsors: UpTo100[Identifier] = ()
    joint_steps: UpTo100[JointStep] = ()


class NoteProgramme(Command):
    """Note the sponsors and joint steps of the programme, as of a version of its stream."""

    version: Version
    sponsors: UpTo100[Identifier]
    second_sponsors: UpTo100[Identifier] = ()
    joint_steps: UpTo100[JointStep] = ()


class LinkRegistration(Command):
    """Note that a trial of this registry belongs to the programme."""

    trial: Identifier


class UnlinkRegistration(Command):
    """Note that a trial no longer belongs to the programme."""

    trial: Identifier


class NoteJointConclusion(Command):
    """Note the conclusion of the lead of a joint step, which binds this region as a member."""

    application: ItemId
    lead: RegionCode
    by: Identifier
    """The lead's authority."""
    outcome: Conclusion
    on: Moment


class NoteApplicationEnd(Command):
    """Note that an application ended in another region of its joint step, from where it was taken out of all."""

    application: ItemId
    ended: EndedBy
    region: RegionCode
    """The other one."""
    by: Identifier
    """The sponsor: it took the application back, or was silent."""
    on: Moment


class NoteSilence(Command):
    """Note that a due moment passed: the meaning of that is in the table of the application."""

    step: parts.Step
    due: Moment
    """As it was known when this was ordered. If another is due since, nothing is noted."""
    application: ItemId | None = None
    attempt: AttemptNumber | None = None
    question: ItemId | None = None
    halt: ItemId | None = None


class AmendTerms(Command):
    """Say that other authorities, ethics bodies or another coordinator act in the region.

    The office says so: a sponsor could take the power to halt from an authority by it.
    """

    reason: SaidLine
    authorities: UpTo100[Identifier] | None = None
    ethics_bodies: UpTo100[Identifier] | None = None
    coordinator: Identifier | None = None


class RecordRegionMilestone(ActCommand, region_parts.Reached):
    """Record that a milestone is planned for a day, or was reached on one."""


class SetDue(Recording, parts.Due):
    """State the moment by which a step is due. It is stated, never computed."""


class SubmitApplication(ActCommand, parts.Submission):
    """Record that an application was handed in; or another attempt, where the one before has ended."""

    procedure: TableName | None = None
    """Absent: the procedure of the region's terms."""


class OnAttempt(ActCommand):
    """Base of commands on one attempt of an application."""

    attempt: AttemptNumber | None = None
    """Absent: the last."""


class ValidateApplication(OnAttempt, parts.Validation):
    """Record whether an application is complete and in scope."""


class AskQuestion(OnAttempt, parts.Question):
    """Record a question of an authority or an ethics body, at any moment of its step."""


class AnswerQuestion(OnAttempt, parts.Answer):
    """Record the sponsor's answer to a question."""


class SharePaper(OnAttempt, parts.Paper):
    """Record considerations or a report that an authority sends to those who assess with it."""


class StopClock(OnAttempt, parts.ClockStop):
    """Record that the clock of an application stands still."""


class ResumeClock(OnAttempt, parts.OfApplication):
    """Record that the clock of an application goes on."""


class ConcludeAssessment(OnAttempt, parts.Assessment):
    """Record the conclusion of the joint assessment by its lead, or of the national one."""


class OptOutOfConclusion(OnAttempt, parts.OptOut):
    """Record that the region leaves a joint conclusion, on one of the grounds of its table."""


class GiveEthicsOpinion(ActCommand, parts.Opinion):
    """Record an opinion of an ethics body."""

    attempt: AttemptNumber | None = None


class DecideApplication(OnAttempt, parts.Decision):
    """Record the authority's decision on an application."""


class MeetCondition(OnAttempt, parts.OfApplication):
    """Record that a condition of a decision is met."""

    condition: ItemId


class RecordPermission(ActCommand, region_parts.Permission):
    """Record that the region is permitted by an earlier law, or because filing is enough."""

    attempt: AttemptNumber | None = None
    how: Literal[How.TRANSFERRED, How.FILED]


class WithdrawApplication(OnAttempt, parts.OfApplication):
    """Record that the sponsor took an application back before the decision."""


class PublishFiling(ActCommand, region_parts.Published):
    """Record that what was filed is visible in the national register."""


class RecordVersion(ActCommand, region_parts.VersionUsed):
    """Record that a version of the protocol was authorised in the region, or put to use."""


class HaltRegion(Command, Sourced):
    """Record a halt of the trial in the region, by its sponsor, its authority, the Minister or an ethics body."""

    halt: Halt

    @property
    def stands_for(self) -> str | None:
        """Only the office records a halt of another organisation."""
        return self.halt.organisation


class LiftRegionHalt(ActCommand, region_parts.Lift):
    """Record that a halt is lifted, by who had halted, and what the lift rests on."""


class TakeUrgentMeasure(ActCommand, region_parts.UrgentMeasure):
    """Record what was done at once to protect participants."""


class OrderCorrectiveMeasure(ActCommand, region_parts.CorrectiveMeasure):
    """Record that the authority revokes, suspends, or asks for a change, on its own territory."""


class ExpirePermission(ActCommand, region_parts.Expiry):
    """Record that the permission ended because it was never used in time."""


class EndRegion(ActCommand, region_parts.End):
    """Record that the trial ended in the region."""


class LeaveProgramme(ActCommand, region_parts.Leaving):
    """Record that the region is no longer part of the programme."""


class CorrectRegionEvent(Recording):
    """Correct the day of an event of the region, or say that what it tells did not happen."""

    reason: SaidLine
    corrects: Annotated[int, Field(ge=1)]
    """The version of the event that was wrong."""
    on: Moment | None = None
    void: bool = False
