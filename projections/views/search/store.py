"""Asking the search view."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from events.schemas.eligibility import Sex
from events.schemas.status import RecruitmentStatus
from events.schemas.values import first_day, last_day
from events.schemas.zones import day_in
from projections.base.connecting import Connection
from projections.base.entries import entries_at
from projections.base.moments import Moment
from projections.base.scripts import script
from projections.trial.identifiers import normalise
from projections.views.search.project import PAST, SEARCH, shown_on
from projections.views.search.query import COUNTED, FACETS, PAGE_BYTES, Counts, Found, SearchPage, SearchQuery
from projections.views.search.terms import all_of, terms

MOMENT: Final = 'select recorded from history where partition = %s and "offset" <= %s order by "offset" desc limit 1'
FACET_COLUMNS: Final = ("recruitment", "authorisation", "study_type", "phase", "aim", "country")
"""What counts.sql groups by, in its order."""


class _Statement:
    """A query over candidates, of what holds now or of what held at a moment."""

    def __init__(self, candidates: str, query: str) -> None:
        self.now = b"with\n" + _text(candidates) + _text(query)
        self.then = b"with\n" + entries_at(SEARCH, PAST) + _text(candidates) + _text(query)


def _text(name: str) -> bytes:
    return script(__package__, name, "numbered.sql", "filters.sql", "phrases.sql", "recruitment.sql", "order.sql")


FIND_ALL: Final = _Statement("newest.sql", "find.sql")
FIND_IN_TITLES: Final = _Statement("titles.sql", "find.sql")
FIND_ANYWHERE: Final = _Statement("anywhere.sql", "find.sql")
COUNT_ALL: Final = _Statement("everything.sql", "counts.sql")
COUNT_ANYWHERE: Final = _Statement("anywhere.sql", "counts.sql")


async def find(connection: Connection, query: SearchQuery, moment: Moment | None, now: datetime) -> SearchPage:
    """The page of trials that the query asks for, as they were at the moment; fewer where these are PAGE_BYTES.

    Those with all terms in their titles come first. Often they are as many as are counted, and nothing else is read.
    """
    parameters = _parameters(query) | await _as_of(connection, moment, now)
    if not query.q.strip():
        return await _page(connection, FIND_ALL, parameters)
    page = await _page(connection, FIND_IN_TITLES, {**parameters, "phrased": False})
    full = page.total >= COUNTED and len(page.found) == query.limit
    return page if full else await _page(connection, FIND_ANYWHERE, parameters)


async def _page(connection: Connection, statement: _Statement, parameters: Mapping[str, Any]) -> SearchPage:
    rows = await _rows(connection, statement, parameters)
    if not rows and parameters["skip"]:
        first = await _page(connection, statement, {**parameters, "skip": 0, "limit": 1})
        return SearchPage([], first.total)
    total = min(rows[0][-1], COUNTED) if rows else 0
    found = [Found(shown_on(summary, parameters["day"]), *rest) for summary, *rest, _ in rows]
    return SearchPage(found, total)


async def count(connection: Connection, query: SearchQuery, moment: Moment | None, now: datetime) -> Counts:
    """How many of the trials that the query asks for have each value of each facet.

    A facet that the query narrows by is counted as if it did not, so that its other values can be chosen, too.
    """
    chosen = {facet: frozenset(map(str, getattr(query, facet))) for facet in FACETS}
    parameters = _parameters(query.model_copy(update=dict.fromkeys(FACETS, ()))) | await _as_of(connection, moment, now)
    statement = COUNT_ANYWHERE if query.q.strip() else COUNT_ALL
    counts: Counts = {facet: {} for facet in FACETS}
    for *kinds, number in await _rows(connection, statement, parameters):
        values = {facet: _values(kind) for facet, kind in zip(FACET_COLUMNS, kinds, strict=True)}
        missed = [facet for facet in FACETS if chosen[facet] and chosen[facet].isdisjoint(values[facet])]
        for facet in FACETS if not missed else missed if len(missed) == 1 else ():
            for value in values[facet]:
                counts[facet][value] = counts[facet].get(value, 0) + number
    return counts


async def _rows(connection: Connection, statement: _Statement, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return await (
        await connection.execute(statement.then if parameters["as_of"] else statement.now, parameters)
    ).fetchall()


def _values(kind: str | list[str] | None) -> list[str]:
    return kind if isinstance(kind, list) else [] if kind is None else [kind]


def _parameters(query: SearchQuery) -> dict[str, Any]:
    return {
        **_words_asked(query.q),
        "everything": query.everything,
        "owner": query.owner,
        "authorisation": _plain(query.authorisation),
        "recruitment": _plain(query.recruitment),
        "phase": _plain(query.phase),
        "study_type": _plain(query.study_type),
        "aim": _plain(query.aim),
        "country": _plain(query.country),
        "days": _days(query),
        "ages": None if query.age is None else f"[{query.age},{query.age + 1})",
        "sex": _sexes(query.sex),
        "home": query.home,
        "own": query.own,
        "recruiting_sites": query.recruiting_sites,
        "those_that_recruit": not query.recruitment or RecruitmentStatus.RECRUITING in query.recruitment,
        "others": not query.recruiting_sites and {*query.recruitment} != {RecruitmentStatus.RECRUITING},
        "sponsor": _all_starts(query.sponsor),
        "condition": _all_starts(query.condition),
        "limit": query.limit,
        "skip": query.offset,
        "most": max(COUNTED, query.offset + query.limit),
        "bytes": PAGE_BYTES,
    }


def _words_asked(text: str) -> dict[str, Any]:
    words = terms(text, typing=True)
    return {
        "loose": [term.loose for term in words],
        "starts": [term.start for term in words],
        "phrases": [term.exact for term in words if term.is_phrase],
        "terms": len(words),
        "phrased": any(term.is_phrase for term in words),
        "all": all_of([term.loose for term in words]),
        "titles": all_of([term.start for term in words]),
        "number": normalise(text),
    }


def _all_starts(text: str) -> str | None:
    """All terms of a filter by words; None where the filter has no value."""
    return all_of([term.start for term in terms(text)]) if text else None


def _plain(values: Iterable[str]) -> list[str] | None:
    return list(map(str, values)) or None


def _days(query: SearchQuery) -> str | None:
    earliest, latest = query.first_enrolment_from, query.first_enrolment_to
    if earliest is None and latest is None:
        return None
    low = first_day(earliest).isoformat() if earliest else ""
    high = last_day(latest).isoformat() if latest else ""
    return "empty" if low and high and low > high else f"[{low},{high}]"


def _sexes(sex: Sex | None) -> list[str] | None:
    if sex is None:
        return None
    return [sex.value] if sex is Sex.ALL else [sex.value, Sex.ALL.value, "unknown"]


async def recorded(connection: Connection, moment: Moment) -> datetime | None:
    """When what held at a moment had been recorded; None where nothing had."""
    if moment.position is None:
        return moment.recorded
    row = await (await connection.execute(MOMENT, moment.position)).fetchone()
    return row[0] if row else None


async def _as_of(connection: Connection, moment: Moment | None, now: datetime) -> dict[str, Any]:
    """A position's partition is asked by offset, the others by what was recorded when it was. The day is Japan's."""
    known = await recorded(connection, moment) if moment else None
    partition, offset = (moment and moment.position) or (None, None)
    day = day_in(None, known or now)
    return {"as_of": moment is not None, "moment": known, "partition": partition, "offset": offset, "day": day}
