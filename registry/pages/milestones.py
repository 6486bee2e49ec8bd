"""One time line of all regions: where each milestone stands between the first day and the last. Coordinates alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from events.schemas.moment import Moment
from events.schemas.values import first_day
from registry.pages.words import Words
from registry.programmes.board import MilestoneShown, RegionOnBoard

LEFT, WIDTH, ROW, TOP = 130, 800, 34, 30
"""Pixels of the drawing: where days begin, how wide they are together, how high a region is, and where rows begin."""
YEARS_APART: Final = 70
"""The least pixels between two labelled years."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone that was reached, or is planned."""

    x: int
    planned: bool
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A region."""

    y: int
    name: str
    marks: tuple[Mark, ...]
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The drawing. A table beside it has the same days."""

    width: int
    height: int
    left: int
    years: tuple[tuple[int, str], ...]
    lines: tuple[Line, ...]


def drawn(words: Words, regions: Sequence[RegionOnBoard], name: str = "region_milestone") -> TimeLine | None:
    """The time line; None if no region has a day. `name`: the section of the catalogue with the milestones."""
    dated = [(one, list(_days(one))) for one in regions]
    days = [first_day(moment.date) for _, found in dated for _, moment, _ in found]
    if not days:
        return None
    first, last = min(days), max(days)

    def at(day: date) -> int:
        return LEFT + (day - first).days * WIDTH // max((last - first).days, 1)

    lines = tuple(
        _line(
            words,
            name,
            region,
            TOP + number * ROW,
            [(one, moment, planned, at(first_day(moment.date))) for one, moment, planned in found],
        )
        for number, (region, found) in enumerate(dated)
    )
    years = tuple(_years(first, last, at))
    return TimeLine(LEFT + WIDTH + 30, TOP + len(lines) * ROW + 20, LEFT, years, lines)


def _days(region: RegionOnBoard) -> Iterator[tuple[MilestoneShown, Moment, bool]]:
    """The day on which each milestone was reached, or else the planned one."""
    for one in region.milestones:
        if one.actual is not None:
            yield one, one.actual, False
        elif one.planned is not None:
            yield one, one.planned, True


def _line(
    words: Words, name: str, region: RegionOnBoard, y: int, found: Sequence[tuple[MilestoneShown, Moment, bool, int]]
) -> Line:
    marks = tuple(
        Mark(
            x,
            planned,
            words.say("programme.mark", what=words.say(f"{name}.{one.milestone}"), on=words.date(moment.date)),
        )
        for one, moment, planned, x in found
    )
    places = [mark.x for mark in marks] or [LEFT]
    return Line(y, region.region, marks, min(places), max(places))


def _years(first: date, last: date, at: Callable[[date], int]) -> Iterator[tuple[int, str]]:
    """The years that begin within the time line, no closer than can be read."""
    before = -YEARS_APART
    for year in range(first.year + 1, last.year + 1):
        x = at(date(year, 1, 1))
        if x - before >= YEARS_APART:
            before = x
            yield x, str(year)
