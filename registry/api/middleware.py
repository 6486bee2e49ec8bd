"""Around every request: its id, its line in the log, its metrics, its actor, and problems in place of exceptions."""

import asyncio
import re
import time
import traceback
from typing import Any, Final
from uuid import uuid4

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from events.errors import kind_of
from events.record import Position
from projections.base.moments import Moment
from registry.api.auth import authenticate
from registry.api.context import ACTOR, METRICS, NODE, REQUEST_ID, SEARCHES, STREAMS, template
from registry.api.parameters import as_of, position_to_wait_for, positions_of_cursor, unreadable
from registry.api.problems import BAD_PARAMETER, BAD_REQUEST, INTERNAL, VIEWS_BEHIND, Problem, problem_of

log = structlog.get_logger()

UNSAID: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""U+0000, which PostgreSQL takes in no text, and control characters that nobody types."""

ONCE: Final = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID", "Registry-Wait-For")
"""Headers that may come once: of two, a proxy may have looked at the other. If-Match lists its tags in one."""

METHODS: Final = hdrs.METH_ALL
"""Methods that metrics distinguish: a sender could make up any number of others."""


@web.middleware
async def recorded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One log line and one count for each request. Paths, queries and bodies stay out: they may be personal."""
    request[REQUEST_ID] = uuid4()
    began = time.perf_counter()
    response = await handler(request)
    response.headers["Registry-Request"] = str(request[REQUEST_ID])
    route, status = template(request), response.status
    method = request.method if request.method in METHODS else "other"
    request.app[METRICS].requests(method, route, status).inc()
    log.info(
        "request",
        request=str(request[REQUEST_ID]),
        method=method,
        route=route,
        status=status,
        ms=round((time.perf_counter() - began) * 1000, 1),
        **_asker(request),
    )
    return response


def _asker(request: web.Request) -> dict[str, str]:
    actor = request.get(ACTOR)
    return {} if actor is None else {"role": actor.role.value, "organisation": actor.organisation}


@web.middleware
async def refused(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A problem in place of every exception but a redirection."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except Exception as fault:
        problem = request[PROBLEM] = problem_of(fault)
        if problem.kind is INTERNAL:
            log.error("request_failed", request=str(request[REQUEST_ID]), **_trace(fault))
        elif problem.kind.status == web.HTTPServiceUnavailable.status_code and problem is not fault:
            # Many faults are one problem to the client; without this the operator could not tell them apart either.
            log.warning("request_put_off", request=str(request[REQUEST_ID]), kinds=_kinds(fault))
        # Its traceback refers to frames that hold the request and the body. In that cycle each refused body would stay
        # until the collector looks for cycles, which it does seldom (registry.process.cycles).
        fault.__traceback__ = fault.__context__ = fault.__cause__ = None
        return problem.response(request[REQUEST_ID])


def _trace(fault: BaseException) -> dict[str, Any]:
    """The place of the failure, and the kinds of exceptions; no messages, which quote values that may be personal."""
    frames = traceback.extract_tb(fault.__traceback__)
    return {"kinds": _kinds(fault), "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


def _kinds(fault: BaseException) -> list[str]:
    """The kind of the exception, and of each that led to it."""
    kinds = []
    cause: BaseException | None = fault
    while cause is not None:
        kinds.append(kind_of(cause))
        cause = cause.__cause__ or cause.__context__
    return kinds


@web.middleware
async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Identifies the actor before anything else is examined."""
    request[ACTOR] = await authenticate(request)
    return await handler(request)


@web.middleware
async def storable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses invalid requests: bytes that are not UTF-8, control characters in an address, a repeated header.

    Blanks of a query may be tabs and line breaks, as people paste them.
    """
    texts = (request.path, request.query_string, *request.headers.values())
    if not all(text.isascii() or _is_unicode(text) for text in texts):
        raise Problem(BAD_REQUEST, "the address or a header has bytes that are no UTF-8")
    if UNSAID.search(request.path) or any(UNSAID.search(text) for pair in request.query.items() for text in pair):
        raise Problem(BAD_PARAMETER, "the address has a control character")
    if twice := [name for name in ONCE if len(request.headers.getall(name, ())) > 1]:
        raise unreadable(twice[0], "give it once")
    return await handler(request)


def _is_unicode(text: str) -> bool:
    """Whether UTF-8 can encode it: invalid bytes arrive as halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@web.middleware
async def in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A read first waits for the position it must include, then has its own time; a command's deadline is elsewhere."""
    if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
        return await handler(request)
    node = request.app[NODE]
    position, moment = position_to_wait_for(request), as_of(request)
    if position is not None and not await node.views.wait_for(position, node.settings.read_deadline):
        raise Problem(VIEWS_BEHIND)
    if moment is not None:
        # The state at a past moment is complete only once the views hold everything that is in the log now.
        await node.until_settled(node.settings.read_deadline)
    if template(request) in SEARCHES:
        await _until_indexed(request, position, moment)
    if template(request) in STREAMS:
        return await handler(request)
    async with asyncio.timeout(node.settings.read_deadline):
        return await handler(request)


async def _until_indexed(request: web.Request, position: Position | None, moment: Moment | None) -> None:
    """Returns when the index, which follows the views, holds what the search needs; raises SearchBehind, SearchUnready.

    A search that waits for it has no turn: a few cursors of positions that are never reached would hold all turns.
    """
    node = request.app[NODE]
    reached = positions_of_cursor(request) if moment is None else await node.views.positions()
    if position is not None:
        reached[position.partition] = max(reached.get(position.partition, 0), position.offset + 1)
    await node.views.searches.index.state_at(reached, node.settings.read_deadline)


PROBLEM: Final = web.RequestKey("problem", Problem)
"""The refusal, for a middleware that shows it in another form."""
