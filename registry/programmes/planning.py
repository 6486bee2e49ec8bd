"""Notices to a programme's sponsor: contradictory demands on documents, and starts that were not reported.

Documents: the demands of authorities on one document differ between countries (W5). Starts: an authorisation that
nobody uses in time expires, also where the trial runs and only its start was never reported (W9).
"""

from collections.abc import Iterator
from enum import StrEnum

from events.schemas.applications import Silence, Step
from events.schemas.gates import RegionCode
from events.schemas.moment import Moment
from events.schemas.status import RegionState
from events.schemas.values import CountryCode, ItemId, Line, Value
from registry.domain.regimes.tables import TABLES, Tables
from registry.domain.region.rules import has_started, silence_in_region
from registry.domain.region.standing import state_of
from registry.domain.region.state import Region
from registry.programmes.seeing import Viewer
from registry.programmes.whole import Whole


class Demand(Value):
    """A demand on a document, and the countries that make it."""

    demand: Line
    countries: tuple[CountryCode, ...]


class Contradiction(Value):
    """A property of a document of which the countries of a programme ask different things."""

    document: ItemId
    """`any` is every document."""
    property: Line
    demands: tuple[Demand, ...]


def contradictions_of(whole: Whole, tables: Tables = TABLES) -> Iterator[Contradiction]:
    """The contradictions between countries that joined or were only named: documents are planned for both."""
    joined = [terms.country for terms in whole.state.regions.values()]
    named = [one.country for one in whole.state.declared]
    countries = sorted({*joined, *named})
    for (document, property_), demands in sorted(tables.contradictions(countries, whole.day).items()):
        differing = tuple(Demand(demand=demand, countries=those) for demand, those in sorted(demands.items()))
        yield Contradiction(document=document, property=property_, demands=differing)


class Notice(StrEnum):
    """A matter in a region that a sponsor has to settle."""

    START_NOT_REPORTED = "start_not_reported"
    """The region is permitted, no start was reported, and the permission expires without one."""
    EXPIRY_IN_QUESTION = "expiry_in_question"
    """The permission has expired because no start had been reported; one was reported since.

    The report undoes nothing: the authority or the sponsor corrects the expiry.
    """


class NoticeShown(Value):
    """A notice on a region."""

    region: RegionCode
    notice: Notice
    due: Moment | None = None
    """Until when the start has to be reported, where somebody stated it. It is never computed."""
    cites: Line | None = None


def notices_of(viewer: Viewer, tables: Tables = TABLES) -> Iterator[NoticeShown]:
    """The notices on the regions whose standing the asker may read."""
    for code, region in viewer.whole.states.items():
        if viewer.reads_region(region):
            yield from _notices(viewer, code, region, tables)


def _notices(viewer: Viewer, code: RegionCode, region: Region, tables: Tables) -> Iterator[NoticeShown]:
    if region.expiry_in_question:
        yield NoticeShown(region=code, notice=Notice.EXPIRY_IN_QUESTION)
    permitted = state_of(region) in (RegionState.PERMITTED, RegionState.PERMITTED_BLOCKED)
    if permitted and not has_started(region):
        row = silence_in_region(region, Step.START, tables)
        if row is not None and row.result is Silence.EXPIRED:
            due = region.dues.get((Step.START, None)) if viewer.takes_part else None
            yield NoticeShown(region=code, notice=Notice.START_NOT_REPORTED, due=due, cites=row.cites)
