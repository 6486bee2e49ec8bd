"""Which regions block which: applications that may not be handed in while another region's is pending.

Pure functions over the states of all regions of a programme. They refuse nothing: a region decides from its own stream
alone, and accepts a record of an application that was handed in nevertheless. They show a sponsor the obstacles.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from events.schemas.applications import ApplicationKind, Step
from events.schemas.gates import RegionCode
from registry.domain.regimes.rows import BlockRow, Procedure
from registry.domain.regimes.tables import TABLES, Tables, holding
from registry.domain.region.state import Attempt, Region
from registry.domain.region.waiting import awaited


@dataclass(frozen=True, slots=True)
class Block:
    """An obstacle to an application for a region."""

    next: ApplicationKind
    target: RegionCode
    """The region for which it would be handed in."""
    region: RegionCode | None
    """The region in the way; None where something is missing in all of them."""
    application: str | None
    steps: tuple[Step, ...]
    """What the application in the way waits for."""
    cites: str


def blocks_of(
    regions: Mapping[RegionCode, Region],
    next_: ApplicationKind,
    target: RegionCode,
    day: date,
    tables: Tables = TABLES,
) -> list[Block]:
    """The obstacles to an application of a kind in a region, by the table of its procedure on the day."""
    procedure = tables.procedures.get(regions[target].terms.procedure)
    if procedure is None or next_ not in procedure.kinds:
        return []
    same = {code: one for code, one in regions.items() if one.terms.procedure == procedure.procedure}
    pending = [
        Block(next_, target, code, application, _steps(region, application, tables), row.cites)
        for row in holding(procedure.blocks, day)
        if next_ in row.next
        for code, region in same.items()
        for application, attempt in region.pending.items()
        if _is_in_the_way(row, code, target, attempt)
    ]
    return [*pending, *_missing(procedure, same, next_, target, day)]


def _is_in_the_way(row: BlockRow, code: RegionCode, target: RegionCode, attempt: Attempt) -> bool:
    return attempt.kind in row.pending and (row.where == "any" or code == target)


def _steps(region: Region, application: str, tables: Tables) -> tuple[Step, ...]:
    return tuple(one.step for one in awaited(region, tables) if one.application == application)


def _missing(
    procedure: Procedure, regions: Mapping[RegionCode, Region], next_: ApplicationKind, target: RegionCode, day: date
) -> Iterator[Block]:
    for row in holding(procedure.needs, day):
        if next_ in row.next:
            last = [attempts[-1] for one in regions.values() for attempts in one.applications.values()]
            if not any(one.kind in row.of and one.authorised for one in last):
                yield Block(next_, target, None, None, (), row.cites)


def forbidden(regions: Mapping[RegionCode, Region], day: date, tables: Tables = TABLES) -> list[Block]:
    """Every next step that is forbidden in some region, with what is in its way."""
    return [
        block
        for target, region in regions.items()
        for next_ in _could_follow(region, tables)
        for block in blocks_of(regions, next_, target, day, tables)
    ]


def _could_follow(region: Region, tables: Tables) -> Iterator[ApplicationKind]:
    """A region that has applied for nothing can be added; one that has can have what is permitted changed."""
    procedure = tables.procedures.get(region.terms.procedure)
    for kind in procedure.kinds if procedure else ():
        if kind is ApplicationKind.ADDED and not region.applications:
            yield kind
        if kind not in (ApplicationKind.INITIAL, ApplicationKind.ADDED) and region.applications:
            yield kind
