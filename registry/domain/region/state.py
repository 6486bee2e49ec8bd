"""The facts that decisions about a region need: its events in order, and conclusions from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from events.schemas.acts import Audience
from events.schemas.applications import (
    ApplicationKind,
    Conclusion,
    DecisionCondition,
    DecisionOutcome,
    EndedBy,
    How,
    PaperKind,
    ProtocolVersionRef,
    Step,
    ValidationOutcome,
)
from events.schemas.halts import Halt
from events.schemas.moment import Moment
from events.schemas.region import EthicsOpinionGiven, RegionEvent
from events.schemas.region_parts import EndKind, JointStep, LeaveReason, Milestone, Resolved, Terms, VersionUse
from events.schemas.values import DateKind
from registry.domain.correcting import Occurrence


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and whether it is still open."""

    step: Step
    by: str
    formal: bool
    audience: tuple[Audience, ...]
    public_from: Moment | None
    due: Moment | None
    asked_on: Moment
    answered: Moment | None = None
    lapsed: bool = False

    @property
    def open(self) -> bool:
        """Whether an answer is waited for."""
        return self.answered is None and not self.lapsed


@dataclass(frozen=True, slots=True)
class Shared:
    """A paper that an authority shared."""

    kind: PaperKind
    by: str
    audience: tuple[Audience, ...]
    public_from: Moment | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of an application. Events on an earlier attempt do not count here."""

    number: int
    kind: ApplicationKind
    submitted: Moment
    procedure: str
    table: str
    """The day whose tables hold."""
    versions: tuple[ProtocolVersionRef, ...] = ()
    staged: bool = False
    takes_further: str | None = None
    validated: ValidationOutcome | None = None
    tacitly_valid: bool = False
    questions: Mapping[str, Question] = field(default_factory=dict)
    papers: Mapping[str, Shared] = field(default_factory=dict)
    clock_stopped: bool = False
    joint: Conclusion | None = None
    national: Conclusion | None = None
    opted_out: bool = False
    outcome: DecisionOutcome | None = None
    how: How | None = None
    """How it came to its end: by a decision, by silence, or because nothing had to be decided."""
    conditions: tuple[DecisionCondition, ...] = ()
    met: frozenset[str] = frozenset()
    """Items of conditions."""
    ended: EndedBy | None = None
    """How it ended without a decision."""
    dues: Mapping[Step, Moment] = field(default_factory=dict)
    silent: frozenset[Step] = frozenset()
    """Steps of which it is noted that nobody had acted in time."""

    @property
    def pending(self) -> bool:
        """Whether the authority still has it."""
        return self.how is None and self.ended is None and self.validated in (None, ValidationOutcome.VALID)

    @property
    def authorised(self) -> bool:
        """Whether the subject of the application is permitted, with or without conditions."""
        return self.outcome in (DecisionOutcome.AUTHORISED, DecisionOutcome.AUTHORISED_WITH_CONDITIONS)

    @property
    def blocks_start(self) -> bool:
        """Whether a condition that is not met forbids the start."""
        return any(one.blocks_start and one.item not in self.met for one in self.conditions)


@dataclass(frozen=True, slots=True)
class Passed:
    """A milestone, planned for a day or reached on it, by which event."""

    version: int
    kind: DateKind
    on: Moment


@dataclass(frozen=True, slots=True)
class Region:
    """A region that exists."""

    version: int
    programme: str
    terms: Terms
    resolved: Resolved
    sponsors: tuple[str, ...]
    second_sponsors: tuple[str, ...] = ()
    joint_steps: tuple[JointStep, ...] = ()
    programme_version: int = 0
    """Of the programme's stream, as far as its sponsors and joint steps are known here."""
    trials: tuple[str, ...] = ()
    """Trials of this registry that are linked to the programme."""
    applications: Mapping[str, tuple[Attempt, ...]] = field(default_factory=dict)
    permissions: tuple[How, ...] = ()
    """Those that rest on no decision."""
    opinions: tuple[EthicsOpinionGiven, ...] = ()
    published: bool = False
    versions: Mapping[tuple[str, str], Mapping[VersionUse, tuple[Moment, ...]]] = field(default_factory=dict)
    """By protocol and version, each recorded day of a use, in the order of recording."""
    halts: Mapping[str, Halt] = field(default_factory=dict)
    """Those that stand."""
    halted_before: frozenset[str] = frozenset()
    """Items of halts that were lifted, or are void: none is given again."""
    milestones: Mapping[Milestone, tuple[Passed, ...]] = field(default_factory=dict)
    """Every recorded value, in the order of recording: a later value does not show what was known first."""
    dues: Mapping[tuple[Step, str | None], Moment] = field(default_factory=dict)
    """Of the region as a whole; by step, and by halt where it is of one."""
    silent: frozenset[tuple[Step, str | None]] = frozenset()
    measures: frozenset[str] = frozenset()
    revoked: bool = False
    expired: bool = False
    ended: EndKind | None = None
    leave_reason: LeaveReason | None = None
    occurrences: tuple[Occurrence[RegionEvent], ...] = ()

    def last(self, application: str | None) -> Attempt | None:
        """The attempt of an application that counts."""
        attempts = self.applications.get(application or "", ())
        return attempts[-1] if attempts else None

    @property
    def expiry_in_question(self) -> bool:
        """Whether a start was recorded of a region that had expired for want of one. The start alone undoes nothing."""
        started = self.milestones.get(Milestone.STARTED, ())
        return self.expired and any(one.kind is DateKind.ACTUAL for one in started)

    @property
    def pending(self) -> Mapping[str, Attempt]:
        """The applications that the authority still has."""
        last = {name: attempts[-1] for name, attempts in self.applications.items()}
        return {name: attempt for name, attempt in last.items() if attempt.pending}


State: TypeAlias = Region | None
"""None: the region has not begun."""
