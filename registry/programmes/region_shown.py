"""A region as readers get it: applications, questions, conclusions and decisions, as far as the asker may read them."""

from collections.abc import Iterator, Sequence
from typing import Any

from events.schemas.acts import Audience
from events.schemas.applications import DecisionCondition, PaperKind, ProtocolVersionRef
from events.schemas.ethics import EthicsOutcome, EthicsShape
from events.schemas.gates import Gate, GateReason, RegionCode
from events.schemas.halts import Halt, StandingHalt
from events.schemas.moment import Moment
from events.schemas.region import PaperShared, QuestionAnswered, QuestionAsked
from events.schemas.region_parts import Milestone, Terms
from events.schemas.status import RegionState
from events.schemas.values import CountryCode, DateKind, Identifier, ItemId, Line, SaidText, Value
from registry.domain.region.standing import gate_of, state_of
from registry.domain.region.state import Attempt, Region
from registry.programmes.events import may_read_of_region
from registry.programmes.parts import Wait
from registry.programmes.questions import texts_of
from registry.programmes.seeing import Viewer
from registry.programmes.shown import halt_shown
from registry.programmes.steps import ApplicationShown, applications_of
from registry.programmes.turns import waits
from registry.programmes.whole import RegionRead


class TermsShown(Value):
    """The law that a country takes part under. The organisations that act there are absent until it is disclosed."""

    region: RegionCode
    country: CountryCode
    regime: Line
    procedure: Line
    authorities: tuple[Identifier, ...] | None = None
    ethics_bodies: tuple[Identifier, ...] | None = None
    ethics: EthicsShape | None = None
    coordinator: Identifier | None = None


class QuestionShown(Value):
    """A question, open or answered."""

    application: ItemId
    attempt: int
    question: ItemId
    formal: bool
    by: Identifier
    text: SaidText | None = None
    asked: Moment
    due: Moment | None = None
    answered: Moment | None = None
    answer: SaidText | None = None
    lapsed: bool
    audience: tuple[Audience, ...]
    public_from: Moment | None = None


class PaperShown(Value):
    """What an authority shared with those who assess with it."""

    application: ItemId
    attempt: int
    paper: ItemId
    kind: PaperKind
    by: Identifier
    on: Moment
    text: SaidText | None = None
    audience: tuple[Audience, ...]
    public_from: Moment | None = None


class OpinionShown(Value):
    """An opinion of an ethics body."""

    by: Identifier
    on: Moment
    outcome: EthicsOutcome
    application: ItemId | None = None
    whole_region: bool


class ConditionShown(DecisionCondition):
    """A condition of a decision."""

    application: ItemId
    met: bool


class MilestoneValue(Value):
    """A day that was stated of a milestone. Every one stays, in the order in which they were stated."""

    milestone: Milestone
    kind: DateKind
    on: Moment
    version: int
    """Of the event that states it."""


class VersionUses(ProtocolVersionRef):
    """On which days a version was authorised and put to use. Corrections of the days leave the last one."""

    authorised: Moment | None = None
    in_use: Moment | None = None


class RegionShown(Value):
    """A region. An absent value is not known, or not for the asker."""

    region: RegionCode
    programme: Identifier
    id: Identifier
    """Of its stream, to which its commands are posted."""
    terms: TermsShown
    ethics: EthicsShape
    state: RegionState | None = None
    shut_by: tuple[GateReason, ...] | None = None
    applications: tuple[ApplicationShown, ...]
    waits: tuple[Wait, ...]
    questions: tuple[QuestionShown, ...]
    papers: tuple[PaperShown, ...]
    opinions: tuple[OpinionShown, ...]
    conditions: tuple[ConditionShown, ...]
    milestones: tuple[MilestoneValue, ...]
    versions: tuple[VersionUses, ...]
    halts: tuple[Halt | StandingHalt, ...]
    """Those that stand."""


def region_shown(viewer: Viewer, code: RegionCode) -> RegionShown:
    """The region as the asker may read it."""
    read = viewer.whole.regions[code]
    region, readable = read.state, viewer.reads_region(read.state)
    gate: Gate | None = gate_of(region) if readable else None
    awaited = [one for one in waits(viewer) if one.region == code]
    return RegionShown(
        region=code,
        programme=region.programme,
        id=read.id,
        terms=_terms(region.terms, readable),
        ethics=region.resolved.ethics,
        state=state_of(region) if readable else None,
        shut_by=tuple(gate.shut_by()) if gate else None,
        applications=tuple(applications_of(viewer, code, awaited)),
        waits=tuple(awaited),
        questions=tuple(_questions(viewer, region)),
        papers=tuple(_papers(viewer, region)),
        opinions=tuple(_opinions(viewer, region)),
        conditions=tuple(_conditions(viewer, region)),
        milestones=tuple(_milestones(viewer, read)),
        versions=tuple(_versions(region)) if readable else (),
        halts=tuple(halt_shown(viewer, one) for one in region.halts.values()),
    )


def _terms(terms: Terms, readable: bool) -> TermsShown:
    """The terms; without the organisations where the asker may not read how the region stands."""
    hidden = frozenset() if readable else frozenset({"authorities", "ethics_bodies", "coordinator"})
    return TermsShown(**{name: getattr(terms, name) for name in TermsShown.model_fields if name not in hidden})


def _attempts(region: Region) -> Iterator[tuple[str, Attempt]]:
    return ((name, attempt) for name, attempts in region.applications.items() for attempt in attempts)


def _questions(viewer: Viewer, region: Region) -> Iterator[QuestionShown]:
    texts, answers = texts_of(region, QuestionAsked), texts_of(region, QuestionAnswered)
    for application, attempt in _attempts(region):
        for name, question in attempt.questions.items():
            if viewer.reads_closed(question, question.by, region):
                key = (application, attempt.number, name)
                yield QuestionShown(
                    application=application,
                    attempt=attempt.number,
                    question=name,
                    formal=question.formal,
                    by=question.by,
                    text=texts.get(key),
                    asked=question.asked_on,
                    due=question.due,
                    answered=question.answered,
                    answer=answers.get(key),
                    lapsed=question.lapsed,
                    audience=question.audience,
                    public_from=question.public_from,
                )


def _papers(viewer: Viewer, region: Region) -> Iterator[PaperShown]:
    shared = (one.event for one in region.occurrences if isinstance(one.event, PaperShared) and not one.void)
    for paper in shared:
        if viewer.reads_closed(paper, paper.by, region):
            fields = {name: getattr(paper, name) for name in PaperShown.model_fields}
            yield PaperShown(**fields)


def _opinions(viewer: Viewer, region: Region) -> Iterator[OpinionShown]:
    """Those of the region's own people before the decision, then everybody's."""
    for one in region.opinions:
        if viewer.reads_opinion(region, one.application):
            fields: dict[str, Any] = {name: getattr(one, name) for name in OpinionShown.model_fields}
            yield OpinionShown(**fields)


def _conditions(viewer: Viewer, region: Region) -> Iterator[ConditionShown]:
    for application, attempts in region.applications.items():
        attempt = attempts[-1]
        if viewer.reads_attempt(attempt):
            for one in attempt.conditions:
                yield ConditionShown(**dict(one), application=application, met=one.item in attempt.met)


def _milestones(viewer: Viewer, read: RegionRead) -> Iterator[MilestoneValue]:
    """Values whose events they may read, to those who take part; the board shows everybody those that are public."""
    if not viewer.takes_part:
        return
    events = {occurrence.version: occurrence.event for occurrence in read.state.occurrences}
    found: Sequence[tuple[Milestone, Any]] = [
        (milestone, one)
        for milestone, passed in read.state.milestones.items()
        for one in passed
        if may_read_of_region(viewer, read, events[one.version])
    ]
    for milestone, one in sorted(found, key=lambda pair: pair[1].version):
        yield MilestoneValue(milestone=milestone, kind=one.kind, on=one.on, version=one.version)


def _versions(region: Region) -> Iterator[VersionUses]:
    for (protocol, version), uses in region.versions.items():
        last = {use.value: moments[-1] for use, moments in uses.items() if moments}
        yield VersionUses(protocol=protocol, version=version, **last)
