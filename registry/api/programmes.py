"""GET: programmes, their regions, the board, open questions, versions in force, and whose turn it is."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from events.schemas.gates import RegionCode
from events.schemas.values import Value
from projections.base.view import Document
from projections.views.programme import store
from registry.api.answers import answer
from registry.api.context import ACTOR, NODE
from registry.api.paging import PAGE_BYTES, following, page
from registry.api.parameters import only, unreadable, uuid_in, whole_number
from registry.api.programme_reading import opened, region_of, stream_of, viewer_of, whole_in
from registry.programmes.board import board_of
from registry.programmes.questions import open_questions
from registry.programmes.region_shown import region_shown
from registry.programmes.seeing import Viewer
from registry.programmes.shown import listed, programme_shown
from registry.programmes.turns import turns_of
from registry.programmes.versions import versions_of_regions, versions_of_sites

PAGE: Final = 20
LONGEST_PAGE: Final = 100
MOST: Final = 1_000
"""Items of one page, whatever they weigh."""
MOST_ITEMS: Final = 10**6
"""Items of all pages of a list."""
LONGEST_QUERY: Final = 200
_REGION: Final = TypeAdapter(RegionCode)


def routes() -> list[web.RouteDef]:
    """The reads of programmes."""
    one = "/v1/programmes/{programme}"
    return [
        web.get("/v1/programmes", programmes),
        web.get(one, programme),
        web.get(f"{one}/board", board),
        web.get(f"{one}/questions", questions),
        web.get(f"{one}/versions", versions),
        web.get(f"{one}/turns", turns),
        web.get(f"{one}/regions/{{code}}", region),
    ]


async def programmes(request: web.Request) -> web.StreamResponse:
    """A page of the programmes that the asker may read, in the order of their ids."""
    only(request, "after", "limit", "q", "region", "wait_for")
    limit = whole_number(request, "limit", PAGE, 1, LONGEST_PAGE)
    found, last = await readable(request, query_of(request), limit)
    following_page = {} if last is None else {"next": following(request, after=last)}
    return answer({"programmes": [listed(one).to_stored() for one in found], **following_page})


def query_of(request: web.Request) -> dict[str, Any]:
    """The query of a list of programmes; raises Problem (400)."""
    after, q, region = (request.query.get(name) for name in ("after", "q", "region"))
    if after is not None and uuid_in(after) is None:
        raise unreadable("after", "give the id of the last programme of the page before")
    if q is not None and len(q) > LONGEST_QUERY:
        raise unreadable("q", f"it may have {LONGEST_QUERY} characters")
    try:
        _REGION.validate_python(region or "JP")
    except ValidationError as fault:
        raise unreadable("region", "write the code of a country (JP), or of one of its regimes (JP-crb)") from fault
    return {"after": after, "q": q or "", "region": region}


async def readable(request: web.Request, query: dict[str, Any], limit: int) -> tuple[list[Viewer], str | None]:
    """So many programmes that the asker may read, and the id of the last if more may follow."""
    found: list[Viewer] = []
    after = query["after"]
    while True:
        async with request.app[NODE].views.connection() as connection:
            rows = await store.listed(connection, limit + 1, **{**query, "after": after})
        for document in rows:
            if len(found) == limit:
                return found, found[-1].whole.id
            viewer = Viewer(request[ACTOR], await whole_in(request, document))
            if viewer.may_read_programme:
                found.append(viewer)
            after = document["programme"]
        if len(rows) <= limit:
            return found, None


async def programme(request: web.Request) -> web.StreamResponse:
    """The programme."""
    only(request, "as_of", "wait_for")
    viewer = await viewer_of(request)
    document = viewer.whole.document
    content = {**programme_shown(viewer).to_stored(), **place_of(document)}
    shown = await request.app[NODE].open_all(content, stream_of(viewer.whole.id))
    return answer(shown, headers={"Registry-Position": document["position"]})


def place_of(document: Document) -> Document:
    """The document's position in the log."""
    return {name: document[name] for name in ("version", "position", "first_recorded", "last_recorded")}


async def region(request: web.Request) -> web.StreamResponse:
    """One region."""
    only(request, "as_of", "wait_for")
    viewer = await viewer_of(request)
    one = region_of(request, viewer)
    content = {**region_shown(viewer, request.match_info["code"]).to_stored(), **place_of(one.document)}
    [shown] = await opened(request, viewer, [content])
    return answer(shown, headers={"Registry-Position": one.document["position"]})


async def board(request: web.Request) -> web.StreamResponse:
    """The board, so many regions at a time."""
    only(request, "after", "as_of", "wait_for")
    after, viewer = request.query.get("after", ""), await viewer_of(request)
    # A board of a hundred regions takes a part of a second, during which commands must still be acknowledged.
    shown = await asyncio.to_thread(board_of, viewer)
    regions, last = page(
        ((one.region, one.to_stored()) for one in shown.regions if one.region > after), PAGE_BYTES, MOST
    )
    content = {**shown.to_stored(), "day": viewer.whole.day.isoformat(), "regions": regions}
    return answer({**content, **({} if last is None else {"next": following(request, after=last)})})


async def questions(request: web.Request) -> web.StreamResponse:
    """The open questions of all regions, the one that is due first at the top."""
    only(request, "after", "as_of", "wait_for")
    viewer = await viewer_of(request)
    items, more = _page(request, await asyncio.to_thread(open_questions, viewer))
    return answer({"programme": viewer.whole.id, "questions": await opened(request, viewer, items), **more})


async def turns(request: web.Request) -> web.StreamResponse:
    """The tasks that wait for the asker's organisation in its role."""
    only(request, "after", "as_of", "wait_for")
    viewer = await viewer_of(request)
    items, more = _page(request, await asyncio.to_thread(turns_of, viewer))
    return answer({"programme": viewer.whole.id, "turns": items, **more})


async def versions(request: web.Request) -> web.StreamResponse:
    """The versions of the protocols that were in force on a day, by region and by site."""
    only(request, "after", "as_of", "on", "wait_for")
    viewer = await viewer_of(request)
    on = day_asked(request, viewer.whole.day)
    sites, more = _page(request, versions_of_sites(viewer, on))
    regions = [one.to_stored() for one in versions_of_regions(viewer, on)]
    content = {"programme": viewer.whole.id, "on": on.isoformat(), "regions": regions, "sites": sites}
    return answer({**content, **more})


def day_asked(request: web.Request, today: date) -> date:
    """The day that `on` asks for; today where it is absent. Raises Problem (400)."""
    text = request.query.get("on")
    if text is None:
        return today
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as fault:
        raise unreadable("on", "write a date, as 2026-11-22") from fault


def _page(request: web.Request, items: Iterable[Value]) -> tuple[list[Document], dict[str, str]]:
    """A page of a list, and the address of the next. `after` counts the items of earlier pages."""
    after = whole_number(request, "after", 0, 0, MOST_ITEMS)
    numbered = ((str(number), one.to_stored()) for number, one in enumerate(items, 1) if number > after)
    shown, last = page(numbered, PAGE_BYTES, MOST)
    return shown, {} if last is None else {"next": following(request, after=last)}
