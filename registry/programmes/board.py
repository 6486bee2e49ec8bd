"""The board of a programme: its regions with their steps, the next actor in each, and the regions that block others."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from events.schemas.applications import ApplicationKind, Step
from events.schemas.behind import country_of
from events.schemas.gates import GateReason, RegionCode
from events.schemas.halts import HaltActor
from events.schemas.moment import Moment
from events.schemas.region_parts import Milestone
from events.schemas.registration import Count
from events.schemas.status import RecruitmentStatus, RegionState
from events.schemas.values import CountryCode, DateKind, Identifier, ItemId, Line, PartialDate, Value
from projections.trial import joining
from projections.trial.courses import Joining, WhyNot, on
from registry.domain.region.blocking import Block, forbidden
from registry.domain.region.standing import gate_of, state_of
from registry.domain.region.state import Passed, Region
from registry.programmes.parts import Wait
from registry.programmes.planning import Contradiction, NoticeShown, contradictions_of, notices_of
from registry.programmes.seeing import Viewer
from registry.programmes.steps import ApplicationShown, applications_of
from registry.programmes.turns import waits
from registry.programmes.whole import Whole

ON_BOARD: Final = (
    Milestone.JOINED,
    Milestone.SUBMITTED,
    Milestone.DECIDED,
    Milestone.PUBLISHED_REGISTER,
    Milestone.FIRST_SITE_READY,
    Milestone.STARTED,
    Milestone.FIRST_PARTICIPANT,
    Milestone.RECRUITMENT_ENDED,
    Milestone.LAST_PARTICIPANT_OUT,
    Milestone.ENDED,
)
"""The milestones of a region that are columns of the board, in the order in which they usually come."""
OF_APPLICATION: Final = frozenset({Milestone.SUBMITTED, Milestone.DECIDED})


class MilestoneShown(Value):
    """A milestone of a region: planned, reached, and what else was stated before."""

    milestone: Milestone
    planned: Moment | None = None
    actual: Moment | None = None
    earlier: tuple[Moment, ...] | None = None
    """Days on which it was stated to be reached before, as they were first stated: a correction hides nothing."""


class CanJoin(Value):
    """Whether somebody can join a trial in the region on the day of the answer."""

    trial: Identifier
    possible: bool
    recruitment: RecruitmentStatus
    why_not: WhyNot | None = None
    since: PartialDate | None = None
    by: HaltActor | None = None
    until: PartialDate | None = None


class SitesShown(Value):
    """Sites of the linked trials in the region's country."""

    planned: int
    """All that are listed."""
    open: int
    """Where somebody can join on the day of the answer."""
    not_stated: int
    """Of which nothing was ever stated. They count as neither open nor closed."""
    enrolled: int
    planned_participants: Count | None = None
    """As the newest protocol version plans for the region."""


class RegionOnBoard(Value):
    """A region that has joined."""

    region: RegionCode
    country: CountryCode
    regime: Line
    procedure: Line
    state: RegionState | None = None
    """Absent where the asker may not read it: nothing is public before the authority has decided."""
    shut_by: tuple[GateReason, ...] | None = None
    """Why nobody can join whatever its sites report; none where nothing stands in the way."""
    milestones: tuple[MilestoneShown, ...]
    applications: tuple[ApplicationShown, ...]
    waits: tuple[Wait, ...]
    sites: SitesShown
    joining: tuple[CanJoin, ...]


class NamedOnly(Value):
    """A country that somebody named. Nothing else is known, and nothing follows from it."""

    country: CountryCode
    asserted_by: Identifier
    source: Line | None = None


class BlockShown(Value):
    """What may not be handed in now, and what stands in its way."""

    next: ApplicationKind
    target: RegionCode
    """The region for which it would be handed in."""
    region: RegionCode | None = None
    """The region in the way; absent where something is missing in all of them."""
    application: ItemId | None = None
    steps: tuple[Step, ...] | None = None
    """What the application in the way waits for."""
    cites: Line


class Board(Value):
    """The board. Times are those of each region: there is no time of the programme."""

    programme: Identifier
    regions: tuple[RegionOnBoard, ...]
    named: tuple[NamedOnly, ...]
    """Countries that were named and have not joined."""
    blocks: tuple[BlockShown, ...]
    notices: tuple[NoticeShown, ...]
    contradictions: tuple[Contradiction, ...]
    """Demands on one document that differ between the authorities of its countries."""


def board_of(viewer: Viewer) -> Board:
    """The board as the asker may read it."""
    whole, awaited = viewer.whole, list(waits(viewer))
    sites = _sites(whole)
    regions = tuple(
        _row(viewer, code, [one for one in awaited if one.region == code], sites)
        for code in sorted(whole.state.regions)
    )
    return Board(
        programme=whole.id,
        regions=regions,
        named=named_only(whole),
        blocks=tuple(blocks_of(viewer, awaited)),
        notices=tuple(notices_of(viewer)),
        contradictions=tuple(contradictions_of(whole)),
    )


def named_only(whole: Whole) -> tuple[NamedOnly, ...]:
    """The countries that were named and have not joined, as each was named."""
    joined = {terms.country for terms in whole.state.regions.values()}
    named = (one for one in whole.state.declared if one.country not in joined)
    return tuple(NamedOnly(country=one.country, asserted_by=one.asserted_by, source=one.source) for one in named)


def blocks_of(viewer: Viewer, awaited: Sequence[Wait]) -> Iterator[BlockShown]:
    """Which regions block which, as far as the asker may know of the application that is in the way."""
    whole = viewer.whole
    for block in forbidden(whole.states, whole.day):
        if viewer.takes_part or (block.region is None and viewer.reads_region(whole.regions[block.target].state)):
            yield _block(block, awaited)


def _block(block: Block, awaited: Sequence[Wait]) -> BlockShown:
    place = (block.region, block.application)
    steps = tuple(one.step for one in awaited if (one.region, one.application) == place)
    return BlockShown(
        next=block.next,
        target=block.target,
        region=block.region,
        application=block.application,
        steps=steps or None,
        cites=block.cites,
    )


def _row(viewer: Viewer, code: RegionCode, awaited: list[Wait], sites: Mapping[str, "_Sites"]) -> RegionOnBoard:
    whole, terms = viewer.whole, viewer.whole.state.regions[code]
    region = whole.regions.get(code)
    readable = region is not None and viewer.reads_region(region.state)
    counted = sites.get(terms.country, _Sites())
    return RegionOnBoard(
        region=code,
        country=terms.country,
        regime=terms.regime,
        procedure=terms.procedure,
        state=standing(viewer, code),
        shut_by=tuple(gate_of(region.state).shut_by()) if region is not None and readable else None,
        milestones=tuple(_milestones(viewer, code)),
        applications=tuple(applications_of(viewer, code, awaited)) if region is not None else (),
        waits=tuple(awaited),
        sites=counted.shown(_planned(whole, code)),
        joining=tuple(_joining(whole, terms.country)),
    )


def standing(viewer: Viewer, code: RegionCode) -> RegionState | None:
    """The region's state; one that has joined and whose stream has not begun yet is planned."""
    region = viewer.whole.regions.get(code)
    if region is None:
        return RegionState.PLANNED if viewer.takes_part else None
    return state_of(region.state) if viewer.reads_region(region.state) else None


def _milestones(viewer: Viewer, code: RegionCode) -> Iterator[MilestoneShown]:
    """Those of the board. The day of joining is the programme's; of applications those that the asker may read."""
    region = viewer.whole.regions.get(code)
    values: Mapping[Milestone, tuple[Passed, ...]] = region.state.milestones if region else {}
    for milestone in ON_BOARD:
        if milestone is Milestone.JOINED:
            yield MilestoneShown(milestone=milestone, actual=_joined(viewer.whole, code))
        elif region is None or not viewer.reads_region(region.state):
            yield MilestoneShown(milestone=milestone)
        else:
            passed = values.get(milestone, ())
            if milestone in OF_APPLICATION:
                passed = _readable(viewer, region.state, passed)
            yield _milestone(milestone, passed)


def _joined(whole: Whole, code: RegionCode) -> Moment | None:
    for occurrence in whole.state.occurrences:
        if not occurrence.void and getattr(getattr(occurrence.event, "terms", None), "region", None) == code:
            on: Moment | None = getattr(occurrence.event, "on", None)
            return on
    return None


def _readable(viewer: Viewer, region: Region, passed: Iterable[Passed]) -> tuple[Passed, ...]:
    """Values of events on applications that the asker may read; of the first application alone."""
    first = next(iter(region.applications), None)
    events = {occurrence.version: occurrence.event for occurrence in region.occurrences}

    def reads(one: Passed) -> bool:
        application = getattr(events[one.version], "application", first)
        attempt = region.last(application)
        return application == first and (attempt is None or viewer.reads_attempt(attempt))

    return tuple(one for one in passed if reads(one))


def _milestone(milestone: Milestone, passed: Iterable[Passed]) -> MilestoneShown:
    """The last value of each kind counts; earlier statements stay readable."""
    values = list(passed)
    planned = [one.on for one in values if one.kind is DateKind.ANTICIPATED]
    actual = [one.on for one in values if one.kind is DateKind.ACTUAL]
    return MilestoneShown(
        milestone=milestone,
        planned=planned[-1] if planned else None,
        actual=actual[-1] if actual else None,
        earlier=tuple(actual[:-1]) or None,
    )


class _Sites:
    """Counts sites of one country."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def add(self, site: Mapping[str, Any], answer: Joining) -> None:
        """Counts a site with its answer. One that was never reported on counts as not stated."""
        stated = site["recruitment"] != RecruitmentStatus.UNKNOWN
        self.counted.update(planned=1, open=answer.possible, not_stated=not stated, enrolled=site.get("enrolled", 0))

    def shown(self, planned: int | None) -> SitesShown:
        """The counts, beside what the protocol plans."""
        counted = {name: self.counted[name] for name in ("planned", "open", "not_stated", "enrolled")}
        return SitesShown(**counted, planned_participants=planned)


def _sites(whole: Whole) -> dict[str, _Sites]:
    """The counts of all countries. A site that is another by an older name, or that left, is no site of its own."""
    counts: dict[str, _Sites] = {}
    for document in whole.trials.values():
        for site, answer in joining.at_sites(document, document["sites"].values(), whole.day):
            if answer.why_not not in (WhyNot.SAME_SITE, WhyNot.LEFT):
                counts.setdefault(country_of(site), _Sites()).add(site, answer)
    return counts


def _planned(whole: Whole, code: RegionCode) -> int | None:
    """Participants planned for the region by the newest version of each protocol, together."""
    newest = {version.protocol: version for version in whole.state.versions.values()}
    planned = [one.participants for version in newest.values() for one in version.planned if one.region == code]
    return sum(planned) if planned else None


def _joining(whole: Whole, country: CountryCode) -> Iterator[CanJoin]:
    """Whether somebody can join there, for each linked trial in the country."""
    for trial, document in sorted(whole.trials.items()):
        here = {country_of(site) for site in document["sites"].values()}
        if country in here or country in document["registration"].get("countries", ()):
            answer = on(joining.in_country(document, country), whole.day)
            yield CanJoin(trial=trial, **answer.to_json())
