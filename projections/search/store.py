"""Asking the search view."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final

from events.schemas.registration import Sex
from events.schemas.values import first_day, last_day
from projections.connecting import Connection
from projections.identifiers import normalise
from projections.moments import Moment
from projections.search.query import COUNTED, FACETS, Counts, Found, SearchPage, SearchQuery
from projections.search.terms import terms

MATCHING: Final = files(__package__).joinpath("matching.sql").read_bytes()
FIND: Final = MATCHING + files(__package__).joinpath("find.sql").read_bytes()
COUNT: Final = MATCHING + files(__package__).joinpath("counts.sql").read_bytes()
NOTHING: Final = ""
"""A query that matches nothing."""
CONDITIONS: Final = "B"


async def find(connection: Connection, query: SearchQuery, moment: Moment | None) -> SearchPage:
    """The page of trials that the query asks for, as they were at the moment."""
    asked = _asked(query) | _as_of(moment)
    rows = await (await connection.execute(FIND, asked)).fetchall()
    if not rows and query.offset:
        first = await (await connection.execute(FIND, asked | {"skip": 0, "limit": 1})).fetchone()
        return SearchPage([], first[2] if first else 0)
    return SearchPage([Found(summary, rank) for summary, rank, _ in rows], rows[0][2] if rows else 0)


async def count(connection: Connection, query: SearchQuery, moment: Moment | None) -> Counts:
    """How many of the trials that the query asks for have each value of each facet.

    A facet that the query narrows by is counted as if it did not, so that its other values can be chosen, too.
    """
    counts = await _count(connection, query, moment)
    for facet in FACETS:
        if getattr(query, facet):
            counts[facet] = (await _count(connection, query.model_copy(update={facet: ()}), moment))[facet]
    return counts


async def _count(connection: Connection, query: SearchQuery, moment: Moment | None) -> Counts:
    counts: Counts = {facet: {} for facet in FACETS}
    for facet, value, number in await (await connection.execute(COUNT, _asked(query) | _as_of(moment))).fetchall():
        counts[facet][value] = number
    return counts


def _asked(query: SearchQuery) -> dict[str, Any]:
    words = terms(query.q, typing=True)
    return {
        "terms": words,
        # At least one, so that marks alone, which are no words, find nothing.
        "least": max(len(words), 1),
        "number": normalise(query.q),
        "worded": bool(query.q.strip()),
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
        "sponsor": (" & ".join(f"({term})" for term in terms(query.sponsor)) or NOTHING) if query.sponsor else None,
        "condition": (terms(query.condition, CONDITIONS) or [NOTHING]) if query.condition else None,
        "limit": query.limit,
        "skip": query.offset,
        "counted": COUNTED,
    }


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


def _as_of(moment: Moment | None) -> dict[str, Any]:
    position = moment.position if moment else None
    return {
        "as_of": moment is not None,
        "recorded": moment.recorded if moment else None,
        "partition": position.partition if position else None,
        "offset": position.offset if position else None,
    }
