"""The cause of an event, as far as the asker may know it: the policy, and the event that it reacted to."""

from typing import Any

from aiohttp import web

from events.record import CAUSE, Record
from events.streams import Stream
from registry.api.auth import may_see
from registry.api.context import ACTOR, NODE
from registry.domain.catalogue import AGGREGATES
from registry.domain.permissions import policy_of
from registry.domain.trial.aggregate import AGGREGATE as TRIAL
from registry.policies.policy import Cause


async def follows_from(request: web.Request, record: Record) -> dict[str, Any]:
    """The policy's name, and the stream and version of the cause if the asker may read that stream.

    Nothing for an event whose command a person gave.
    """
    policy = policy_of(record.actor)
    if policy is None or CAUSE not in record.extensions:
        return {}
    cause = Cause.read(record.extensions[CAUSE])
    place = {"stream": cause.stream, "version": cause.version} if await _may_read(request, cause.stream) else {}
    return {"follows_from": {"policy": policy, **place}}


async def _may_read(request: web.Request, stream: str) -> bool:
    actor, category = request[ACTOR], Stream(stream).category
    aggregate = next((one for one in AGGREGATES if one.category == category), None)
    if aggregate is None:
        return False
    if aggregate.may_see(actor):
        return True
    document = await request.app[NODE].views.document_of(stream)
    if document is None:
        return False
    owner = document.get("owner")
    return may_see(request, document, owner) if aggregate is TRIAL else aggregate.may_see(actor, owner=owner)
