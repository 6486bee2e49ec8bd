"""GET: the vocabulary of the search: groups of terms with the same meaning, each with its source."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from projections.search.vocabulary import looking
from projections.search.vocabulary.table import Term, vocabulary
from registry.api.answers import answer
from registry.api.paging import PAGE_BYTES, following, page
from registry.api.parameters import only, unreadable, whole_number

LISTED: Final = 100
LONGEST_PAGE: Final = 1_000
LONGEST_QUERY: Final = 200


def routes() -> list[web.RouteDef]:
    """The routes of the vocabulary: public, and fixed for a version of the program."""
    return [web.get("/v1/vocabulary", read)]


async def read(request: web.Request) -> web.StreamResponse:
    """A page of groups, in the order of the table."""
    only(request, "after", "limit", "q", "topic")
    limit = whole_number(request, "limit", LISTED, 1, LONGEST_PAGE)
    found = after(request, requested_groups(request))
    listed, last = page(((group[0].group, _group(group)) for group in found), PAGE_BYTES, limit)
    content = {"version": vocabulary().version, "groups": listed}
    return answer(content if last is None else {**content, "next": following(request, after=last)})


def requested_groups(request: web.Request) -> Iterator[Sequence[Term]]:
    """The groups that `q` and `topic` ask for; raises Problem (400)."""
    text, topic = request.query.get("q", ""), request.query.get("topic") or None
    if len(text) > LONGEST_QUERY:
        raise unreadable("q", f"write {LONGEST_QUERY} characters at most")
    if topic is not None and topic not in looking.TOPICS:
        raise unreadable("topic", f"write one of {', '.join(looking.TOPICS)}")
    return looking.groups(text, topic)


def after(request: web.Request, found: Iterator[Sequence[Term]]) -> Iterator[Sequence[Term]]:
    """The groups after that of `after`; raises Problem (400) if there is no such group."""
    name = request.query.get("after")
    if name is None:
        return found
    if name not in vocabulary().groups:
        raise unreadable("after", "take it from the `next` of a page")
    order = {group: place for place, group in enumerate(vocabulary().groups)}
    return (group for group in found if order[group[0].group] > order[name])


def _group(rows: Sequence[Term]) -> dict[str, Any]:
    return {"group": rows[0].group, "topic": rows[0].topic, "terms": [_term(row) for row in rows]}


def _term(row: Term) -> dict[str, Any]:
    filled = {name: value for name, value in asdict(row).items() if value and name != "group"}
    return {**filled, **({"ambiguous": True} if row.ambiguous else {})}
