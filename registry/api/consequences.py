"""GET: commands that followed from events and were refused, for the office to retry or to close."""

from typing import Any, Final

from aiohttp import web

from events.streams import Stream
from projections.base.view import Document
from projections.views.consequences import store
from registry.api.answers import answer
from registry.api.auth import not_permitted
from registry.api.context import ACTOR, NODE
from registry.api.paging import PAGE_BYTES, following, page
from registry.api.parameters import only, unreadable, uuid_in, whole_number
from registry.domain.consequence.aggregate import AGGREGATE as CONSEQUENCE

PAGE: Final = 50
LONGEST_PAGE: Final = 200


def routes() -> list[web.RouteDef]:
    """The office's list. The commands on one are posted, as those of every aggregate."""
    return [web.get("/v1/consequences", consequences)]


async def consequences(request: web.Request) -> web.StreamResponse:
    """A page of refused commands: open ones first, and of these the oldest first."""
    if not CONSEQUENCE.may_see(request[ACTOR]):
        raise not_permitted(request)
    only(request, "after", "limit", "wait_for")
    limit = whole_number(request, "limit", PAGE, 1, LONGEST_PAGE)
    async with request.app[NODE].views.connection() as connection:
        # One more than the page has: if it exists, there is a next page.
        found = await store.listed(connection, limit + 1, _after(request))
    listed, last = page(((one["consequence"], one) for one in found), PAGE_BYTES, limit)
    opened = [await _opened(request, one) for one in listed]
    return answer({"consequences": opened, **({} if last is None else {"next": following(request, after=last)})})


def _after(request: web.Request) -> str | None:
    text = request.query.get("after")
    if text is not None and uuid_in(text) is None:
        raise unreadable("after", "give the id of the last consequence of the page before")
    return text


async def _opened(request: web.Request, document: Document) -> Any:
    """The document, with the reason for closing it in clear."""
    return await request.app[NODE].open_all(document, Stream.of(CONSEQUENCE.category, document["consequence"]))
