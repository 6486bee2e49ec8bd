"""GET /v1: the list of everything that can be read here, for a caller that knows only the address."""

from functools import cache

from aiohttp import web

from registry.api import openapi
from registry.api.answers import answer
from registry.api.context import NODE
from registry.api.parameters import only


def routes() -> list[web.RouteDef]:
    """The index."""
    return [web.get("/v1", index)]


async def index(request: web.Request) -> web.StreamResponse:
    """The name, and every read by the name of its operation."""
    only(request)
    name = request.app[NODE].settings.name
    return answer({"name": name, "links": {"docs": "/docs", "openapi": "/openapi.json"}, "reads": _reads()})


@cache
def _reads() -> dict[str, str]:
    return {
        methods["get"]["operationId"]: path
        for path, methods in openapi.paths().items()
        if "get" in methods and path.startswith("/v1/")
    }
