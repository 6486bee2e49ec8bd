"""GET: the JSON Schema of an event's data, at the address that its `dataschema` names.

The schemas are files of the package, one for each revision ever: the schema of a later revision does not help a
reader of an event of an earlier one.
"""

from functools import cache
from importlib.resources import files
from typing import Any, Final

from aiohttp import web

from events.canonical import from_json
from events.catalogue import EVENTS
from events.origin import Origin
from registry.api.answers import answer
from registry.api.context import NODE
from registry.api.parameters import only
from registry.api.problems import SCHEMA_UNKNOWN, Problem

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED: Final = "published"
"""The folder of `events.schemas` with the schemas: `{type}/{revision}.json`."""


def routes() -> list[web.RouteDef]:
    """One address for each type and revision."""
    return [web.get("/schemas/{type}/{revision}", schema)]


async def schema(request: web.Request) -> web.StreamResponse:
    """The schema, for readers of events elsewhere; it contains no data of any trial."""
    only(request)
    kind, revision = request.match_info["type"], request.match_info["revision"]
    payload = EVENTS.get(kind)
    if payload is None or revision not in map(str, range(1, payload.REVISION + 1)):
        raise Problem(SCHEMA_UNKNOWN, "ask for a type and revision as an event's dataschema has them")
    return answer(schema_of(kind, int(revision), request.app[NODE].origin))


@cache
def schema_of(kind: str, revision: int, origin: Origin) -> dict[str, Any]:
    """The schema of a type's revision, under the address that the log's events name it by."""
    shipped = files("events.schemas").joinpath(PUBLISHED, kind, f"{revision}.json").read_bytes()
    return {**from_json(shipped), "$id": origin.dataschema(kind, revision)}
