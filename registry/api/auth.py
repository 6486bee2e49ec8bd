"""Authentication: bearer tokens (RFC 6750), and which trials their bearers may see."""

import asyncio

from aiohttp import web

from projections.trial.document import Document, is_public
from registry.api.context import ACTOR, NODE
from registry.api.problems import NOT_PERMITTED, TOKEN_INVALID, TOKEN_MISSING, Problem
from registry.domain import permitting
from registry.domain.decider import Command
from registry.domain.permissions import Actor, NotPermitted
from registry.domain.trial.aggregate import AGGREGATE as TRIAL
from registry.engine.heads import NotReady
from registry.node import Node
from registry.people.tokens import TOKEN


async def authenticate(request: web.Request) -> Actor:
    """The bearer; without a token, the public. Raises Problem (401), NotReady if tokens can't be checked yet."""
    node = request.app[NODE]
    header = request.headers.get("Authorization")
    if header is None:
        return node.anonymous
    scheme, _, token = header.partition(" ")
    return await bearer(node, token.strip() if scheme.lower() == "bearer" else "")


async def bearer(node: Node, token: str) -> Actor:
    """The actor that bears the token. Raises Problem (401); NotReady, LogUnavailable if tokens can't be checked."""
    # Before the log is read to its end a revoked token would still be accepted.
    if not node.heads.ready:
        raise NotReady("the node is still reading the log")
    actor = node.access.actor(token)
    if actor is None and token.startswith(TOKEN):
        # Another process may have issued it a moment ago.
        async with asyncio.timeout(node.settings.read_deadline):
            await node.heads.catch_up_all()
        actor = node.access.actor(token)
    if actor is None:
        challenge = 'Bearer realm="registry", error="invalid_token"'
        raise Problem(TOKEN_INVALID, headers={"WWW-Authenticate": challenge})
    return actor


def still_bears(request: web.Request) -> bool:
    """Whether the token of a request still gives the rights that it gave at the start; checked during a long answer.

    A node that stopped reading the log would not learn that the token was revoked.
    """
    node = request.app[NODE]
    if request[ACTOR] == node.anonymous:
        return True
    token = request.headers["Authorization"].partition(" ")[2].strip()
    return node.heads.ready and node.access.actor(token) == request[ACTOR]


def not_permitted(request: web.Request) -> Problem:
    """The refusal of a forbidden action. RFC 6750, 3: a request without a token is only asked for one."""
    if request[ACTOR] == request.app[NODE].anonymous:
        return Problem(TOKEN_MISSING, headers={"WWW-Authenticate": 'Bearer realm="registry"'})
    return Problem(NOT_PERMITTED)


def permit_role(request: web.Request, model: type[Command]) -> None:
    """Raises Problem (401), NotPermitted if the asker's role gives no such command; called before a body is read."""
    try:
        permitting.check_role(request[ACTOR], model)
    except NotPermitted as fault:
        if request[ACTOR] == request.app[NODE].anonymous:
            raise not_permitted(request) from fault
        raise


async def permit_place(request: web.Request, model: type[Command], stream: str, part: str | None = None) -> None:
    """Raises NotPermitted if the asker may give no such command to the stream or its part; 404 is decided later."""
    node = request.app[NODE]
    await node.commanding.permit_place(request[ACTOR], stream, model, part, node.settings.read_deadline)


def may_see(request: web.Request, document: Document, owner: str | None) -> bool:
    """Whether the asker may read the trial as this document has it. `owner`: the organisation that owns it today."""
    return TRIAL.may_see(request[ACTOR], published=is_public(document), owner=owner)
