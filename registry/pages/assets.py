"""The page's own style and icon, with a digest of their content in the address, so that browsers keep them for good."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from aiohttp import web

from registry.api.problems import ROUTE_UNKNOWN, Problem

FOR_GOOD: Final = "public, max-age=31536000, immutable"
TYPES: Final = {"css": "text/css", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to be served."""

    content: bytes
    media_type: str
    digest: str


def _read(name: str) -> Asset:
    content = (files(__package__) / "assets" / name).read_bytes()
    return Asset(content, TYPES[name.rpartition(".")[2]], hashlib.sha256(content).hexdigest()[:16])


ASSETS: Final = {name: _read(name) for name in ("page.css", "icon.svg")}


def address(name: str) -> str:
    """The address of the asset."""
    return f"/assets/{ASSETS[name].digest}/{name}"


async def asset(request: web.Request) -> web.StreamResponse:
    """One asset. An address with another digest, as from an older version's page, gets the current one, not to keep."""
    found = ASSETS.get(request.match_info["name"])
    if found is None:
        raise Problem(ROUTE_UNKNOWN)
    headers = {"Cache-Control": FOR_GOOD} if request.match_info["digest"] == found.digest else {}
    return web.Response(body=found.content, content_type=found.media_type, charset="utf-8", headers=headers)
