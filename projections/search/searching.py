"""Searches: a query, asked of the index as it stands, as of a moment, or as a cursor found it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

from events.schemas.zones import day_in
from projections.base.connecting import Connection
from projections.base.moments import Moment
from projections.search import cursor
from projections.search.cursor import Cursor
from projections.search.finding import Hits, IndexState, Search
from projections.search.holding import Latest, Pinned, Recorded, When
from projections.search.index import Connected, SearchBehind, SearchIndex, SearchUnready
from projections.search.query import PAGE_BYTES, Counts, Found, SearchPage, SearchQuery
from projections.search.shape import milliseconds
from projections.search.shown import shown_on
from projections.search.suggesting import suggestions
from projections.search.summaries import Summary, summaries
from projections.search.terms import also
from projections.search.vocabulary import query_words

PATIENCE: Final = 10.0
"""Seconds that a search waits for an index that is behind its positions."""
AGAIN_AFTER: Final = 0.2
"""Seconds between two looks at an index that is being made."""
MOST_SUGGESTED: Final = 5
"""Spellings that are tried."""
RecordedBy = Callable[[Connection, Moment], Awaitable[datetime | None]]
"""When what held at a moment had been recorded; None where nothing had."""
Positions = Callable[[Connection], Awaitable[Mapping[int, int]]]


class CursorUnfit(ValueError):
    """The cursor is none, or is of another query."""


@dataclass(frozen=True, slots=True)
class Request:
    """A query with its scope: which entries, on which day, after how many."""

    query: SearchQuery
    moment: Moment | None
    when: When
    day: date
    skip: int
    positions: Mapping[int, int]
    """The next offsets below which the index must hold all records."""

    def turned(self, skip: int, positions_now: Mapping[int, int]) -> str:
        """The cursor of the page after so many trials, which finds the same entries as this page."""
        positions = {} if self.moment else self.when.positions if isinstance(self.when, Pinned) else positions_now
        return str(Cursor(skip, self.day, cursor.digest(self.query, self.moment), positions))


class Searches:
    """Asks an index, and reads what lists show of the trials that it finds."""

    def __init__(
        self,
        index: SearchIndex,
        connected: Connected,
        clock: Callable[[], datetime],
        recorded: RecordedBy,
        positions: Positions,
    ) -> None:
        self.index = index
        self._connected, self._clock = connected, clock
        self._recorded, self._positions = recorded, positions

    async def page(self, query: SearchQuery, moment: Moment | None, patience: float = PATIENCE) -> SearchPage:
        """The page that the query asks for; fewer trials where these are PAGE_BYTES.

        Raises CursorUnfit, SearchUnready, and SearchBehind if the index does not reach its positions in so many
        seconds.
        """
        request = await self._request(query, moment)
        state = await self.index.state_at(request.positions, patience)
        read, hits = await self.index.on_thread(lambda: _find(state, request))
        if not hits.found:
            suggestion = await self.index.on_thread(lambda: _suggestion(state, request)) if not hits.total else ""
            preceding = _preceding(request, state)
            return SearchPage([], hits.total, request.skip, preceding=preceding, also=read.also, suggestion=suggestion)
        async with self._connected() as connection:
            known = await summaries(connection, [(hit.trial, hit.version) for hit in hits.found])
        return _page(request, state, hits, known, read.also)

    async def counts(self, query: SearchQuery, moment: Moment | None, patience: float = PATIENCE) -> Counts:
        """How many of the trials that the query asks for have each value of each facet; raises as `page` does."""
        request = await self._request(query, moment)
        state = await self.index.state_at(request.positions, patience)
        return await self.index.on_thread(lambda: _count(state, request))

    async def until_indexed(self, positions: Mapping[int, int], patience: float) -> None:
        """Returns when searches find all below these next offsets, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while True:
                    with suppress(SearchUnready, SearchBehind):
                        await self.index.state_at(positions, patience)
                        return
                    await asyncio.sleep(AGAIN_AFTER)

    async def _request(self, query: SearchQuery, moment: Moment | None) -> Request:
        place = _read(query, moment) if query.cursor else None
        skip = place.skip if place else 0
        if moment is None:
            day = place.day if place else day_in(None, self._clock())
            when: When = Pinned(place.positions) if place else Latest()
            return Request(query, None, when, day, skip, place.positions if place else {})
        async with self._connected() as connection:
            recorded, positions = await self._recorded(connection, moment), await self._positions(connection)
        position = (moment.position.partition, moment.position.offset) if moment.position else None
        when = Recorded(milliseconds(recorded) if recorded else None, position)
        return Request(query, moment, when, day_in(None, recorded or self._clock()), skip, positions)


def _read(query: SearchQuery, moment: Moment | None) -> Cursor:
    try:
        place = cursor.read(query.cursor)
    except ValueError as fault:
        raise CursorUnfit("follow `next` as it is given") from fault
    if place.query != cursor.digest(query, moment):
        raise CursorUnfit("it is of another search; begin again without it")
    return place


class _Reading(NamedTuple):
    """A search as it was read, and the terms that were searched besides its words."""

    search: Search
    also: tuple[str, ...]


def _find(state: IndexState, request: Request) -> tuple[_Reading, Hits]:
    read = _Reading(Search(state, request.query, request.day, request.when), also(request.query.q))
    hits = read.search.find(request.skip)
    if not hits.total and (question := _as_question(state, request)) is not None:
        return question, question.search.find(request.skip)
    return read, hits


def _count(state: IndexState, request: Request) -> Counts:
    search = Search(state, request.query, request.day, request.when)
    if request.query.q and not search.total and (question := _as_question(state, request)) is not None:
        return question.search.count()
    return search.count()


def _as_question(state: IndexState, request: Request) -> _Reading | None:
    """A search for the words of a question in a sentence; None where the query is none."""
    words = query_words(request.query.q).words
    if words == (request.query.q,):
        return None
    query = request.query.model_copy(update={"q": " ".join(words)})
    others = tuple(dict.fromkeys([*words, *also(query.q)]))
    return _Reading(Search(state, query, request.day, request.when), others)


def _suggestion(state: IndexState, request: Request) -> str:
    """The query with a word spelled otherwise, where that finds something; empty where none does."""
    visible = Search(state, request.query, request.day, request.when).trials_with
    for text in islice(suggestions(visible, request.query.q), MOST_SUGGESTED):
        if Search(state, request.query.model_copy(update={"q": text}), request.day, request.when).total:
            return text
    return ""


def _preceding(request: Request, state: IndexState) -> str | None:
    return request.turned(max(request.skip - request.query.limit, 0), state.mark.positions) if request.skip else None


def _page(
    request: Request, state: IndexState, hits: Hits, known: Mapping[tuple[str, int], Summary], others: tuple[str, ...]
) -> SearchPage:
    found: list[Found] = []
    taken, size = 0, 0
    for hit in hits.found:
        # An entry that the views don't hold is of views that were made anew since; the index follows.
        if (summary := known.get((hit.trial, hit.version))) is not None:
            if found and size > PAGE_BYTES:
                break
            found.append(Found(shown_on(summary[0], request.day), hit.rank, hit.claims))
            size += summary[1]
        taken += 1
    following = request.skip + taken
    return SearchPage(
        found,
        hits.total,
        request.skip,
        following=request.turned(following, state.mark.positions) if following < hits.total else None,
        preceding=_preceding(request, state),
        also=others,
    )
