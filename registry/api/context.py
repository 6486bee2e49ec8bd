"""The shared context of a request's handlers: node, metrics, actor, and the id under which a request is logged."""

from typing import Final
from uuid import UUID

from aiohttp import web

from registry.api.metrics import Metrics
from registry.domain.permissions import Actor
from registry.node import Node

NODE: Final = web.AppKey("node", Node)
METRICS: Final = web.AppKey("metrics", Metrics)
ACTOR: Final = web.RequestKey("actor", Actor)
REQUEST_ID: Final = web.RequestKey("request_id", UUID)

UNMATCHED: Final = "(unmatched)"
STREAMS: Final = frozenset(["/v1/changes"])
"""Routes whose answers may go on for as long as the client reads: they bound their own reads and writes."""

SEARCHES: Final = frozenset(["/v1/trials", "/", "/en/"])
"""Routes that ask the search index."""


def template(request: web.Request) -> str:
    """The route as registered, e.g. `/v1/trials/{trial}`; never the requested path, which may contain anything."""
    resource = request.match_info.route.resource
    return UNMATCHED if resource is None else resource.canonical
