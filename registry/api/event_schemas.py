"""GET: the JSON Schema of an event's data, at the address that its `dataschema` names."""

from functools import cache
from typing import Any, Final

from aiohttp import web

from events.catalogue import EVENTS
from events.origin import Origin
from registry.api.answers import answer
from registry.api.context import NODE
from registry.api.parameters import only
from registry.api.problems import SCHEMA_UNKNOWN, Problem
from registry.api.schemas import Untitled

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def routes() -> list[web.RouteDef]:
    """One address for each type and revision."""
    return [web.get("/schemas/{type}/{revision}", schema)]


async def schema(request: web.Request) -> web.StreamResponse:
    """The schema, for whoever reads events elsewhere; it says nothing of any trial."""
    only(request)
    kind, revision = request.match_info["type"], request.match_info["revision"]
    payload = EVENTS.get(kind)
    if payload is None or revision != str(payload.REVISION):
        raise Problem(SCHEMA_UNKNOWN, "ask for a type and revision as an event's dataschema has them")
    return answer(schema_of(kind, request.app[NODE].origin))


@cache
def schema_of(kind: str, origin: Origin) -> dict[str, Any]:
    """The schema of the type's current revision; KeyError for an unknown type."""
    payload = EVENTS[kind]
    said = payload.model_json_schema(schema_generator=Untitled)
    return {"$schema": DIALECT, "$id": origin.dataschema(kind, payload.REVISION), "title": kind, **said}
