"""GET: trials found by words, by any number, and by their properties, now or as of a moment."""

from typing import Any, Final, get_origin

import pydantic
from aiohttp import web

from projections.search.query import SearchPage, SearchQuery
from projections.search.searching import CursorUnfit
from registry.api.answers import answer
from registry.api.context import ACTOR, NODE
from registry.api.parameters import as_of, only, unreadable
from registry.api.problems import BAD_PARAMETER, Problem
from registry.domain import permissions
from registry.domain.decider import Fault
from registry.domain.trial.aggregate import AGGREGATE as TRIAL

OURS_TO_SET: Final = frozenset({"everything", "owner"})
"""Fields of a search that follow from the asker's role and organisation."""
ASKED: Final = tuple(name for name in SearchQuery.model_fields if name not in OURS_TO_SET)
"""The query parameters: fields of the search by their own names."""
REPEATABLE: Final = frozenset(name for name in ASKED if get_origin(SearchQuery.model_fields[name].annotation) is tuple)


def routes() -> list[web.RouteDef]:
    """The search."""
    return [web.get("/v1/trials", search)]


async def search(request: web.Request) -> web.StreamResponse:
    """A page of trials, in the order that SearchAnswer documents; drafts only for readers who may see them."""
    only(request, "as_of", "wait_for", *ASKED, repeatable=REPEATABLE)
    query = query_of(request)
    page = await found(request, query)
    summaries = await request.app[NODE].open_found([found.summary for found in page.found])
    trials = [
        {**summary, "rank": found.rank, **({"claims": True} if found.claims else {})}
        for summary, found in zip(summaries, page.found, strict=True)
    ]
    content: dict[str, Any] = {"total": page.total, "trials": trials}
    if page.also:
        content["also"] = list(page.also)
    if page.suggestion:
        content["suggestion"] = page.suggestion
    if page.following is not None:
        content["next"] = str(request.rel_url.update_query(cursor=page.following))
    return answer(content)


async def found(request: web.Request, query: SearchQuery) -> SearchPage:
    """The page that the query asks for; raises Problem (400) if its cursor is of another query."""
    try:
        return await request.app[NODE].views.search(query, as_of(request))
    except CursorUnfit as fault:
        raise unreadable("cursor", str(fault)) from fault


def query_of(request: web.Request) -> SearchQuery:
    """The requested search, limited to trials that the asker may see; raises Problem (400) with every fault."""
    parameters: dict[str, Any] = {
        name: request.query.getall(name) if name in REPEATABLE else request.query[name]
        for name in ASKED
        if name in request.query
    }
    try:
        query = SearchQuery.model_validate(parameters)
    except pydantic.ValidationError as fault:
        wrong = fault.errors(include_url=False, include_context=False, include_input=False)
        faults = tuple(Fault(one["type"], one["msg"], str(one["loc"][0])) for one in wrong)
        raise Problem(BAD_PARAMETER, faults=faults) from None
    actor = request[ACTOR]
    everything = TRIAL.may_see(actor, published=False, owner=None)
    return query.model_copy(update={"everything": everything, "owner": permissions.owns_for(actor)})
