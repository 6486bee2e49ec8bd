"""GET: the feed of changes, from any place in the log onwards, as lines of JSON or as server-sent events."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import hdrs, web

from registry.api.context import ACTOR, NODE
from registry.api.crowds import CROWDS
from registry.api.paging import following
from registry.api.parameters import only, unreadable, whole_number
from registry.api.streaming import form_of, streamed
from registry.feed import cursor
from registry.feed.feed import Feed

MOST: Final = 10_000
LAST: Final = "Last-Event-ID"
FEED: Final = web.AppKey("feed", Feed)


def routes() -> list[web.RouteDef]:
    """The feed."""
    return [web.get("/v1/changes", changes, allow_head=False)]


async def changes(request: web.Request) -> web.StreamResponse:
    """The changes after a place that the asker may see, and then later ones as they come.

    With `follow=false` one page, and the address of the next in the header Link.
    """
    only(request, "after", "follow", "limit", "wait_for")
    # A client's copy would keep changes of another log for good.
    request.app[NODE].refuse_unfit()
    follows, at = _follows(request), await _place(request)
    limit = whole_number(request, "limit", MOST, 1, MOST) if "limit" in request.query else None
    feed, form, turn = request.app[FEED], form_of(request), request.app[CROWDS].turn(request)
    if follows:
        return await streamed(request, form, feed.follow(request[ACTOR], at, turn), limit)
    async with asyncio.timeout(request.app[NODE].settings.read_deadline):
        piece = await feed.page(request[ACTOR], at, turn)
    entries = piece.entries[:limit]
    place = piece.cursor if len(entries) == len(piece.entries) else entries[-1].cursor
    return web.Response(
        body=b"".join(map(form.entry, entries)),
        content_type=form.content_type,
        headers={hdrs.LINK: f'<{following(request, after=place)}>; rel="next"'},
    )


def _follows(request: web.Request) -> bool:
    match request.query.get("follow", "true"):
        case "true":
            return True
        case "false":
            return False
        case _:
            raise unreadable("follow", "write true or false")


async def _place(request: web.Request) -> dict[int, int]:
    """The asker's next offsets by partition; a browser that reconnects gives them in a header."""
    heads, log = request.app[NODE].heads, request.app[NODE].origin.log
    name = LAST if LAST in request.headers else "after"
    token = request.headers.get(LAST, request.query.get("after"))
    if token is None:
        return dict.fromkeys(range(heads.topic.partitions), 0)
    try:
        at = cursor.decode(log, heads.topic.partitions, token)
    except cursor.OtherLog as fault:
        raise unreadable(name, "it is a place in the log of another registry; leave it out to begin anew") from fault
    except cursor.NoCursor as fault:
        how = "give the cursor of an entry as it is, or leave it out to begin at the beginning"
        raise unreadable(name, how) from fault
    if _beyond(at, heads.next_offsets()) and _beyond(at, await heads.ends()):
        how = "it is beyond the end of this registry's log, which may be an older copy; leave it out to begin anew"
        raise unreadable(name, how)
    return at


def _beyond(at: Mapping[int, int], ends: Mapping[int, int]) -> bool:
    return any(offset > ends.get(partition, 0) for partition, offset in at.items())
