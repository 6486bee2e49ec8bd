"""Every address of the application, listed from the application itself, and all that an asker reads there."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import product
from typing import Final

from aiohttp import web

from registry.node import Node
from registry.server import create_app
from tests.support.taint_items import REGIONS, Asker, found_in
from tests.support.taint_planting import Planted

PLACE: Final = re.compile(r"\{(\w+)(?::[^}]*)?\}")
PAGE_TURNS: Final = 20
"""Pages of a list after which a test gives up: no list here is so long."""
AS_OF: Final = ("", "?as_of={position}")
VARIANTS: Final = {
    "/v1/changes": ("?follow=false",),
    "/v1/programmes/{programme}/questions": AS_OF,
    "/v1/programmes/{programme}/regions/{code}": AS_OF,
    "/programmes/{programme}": AS_OF,
    "/v1/programmes/{programme}/versions": ("", "?on=2025-06-01"),
}
"""Queries of an address; every other is read without one. The feed would go on for ever."""
STREAM: Final = "text/event-stream"


def routes(node: Node, method: str) -> list[str]:
    """The addresses that the application takes this method at, as it declares them."""
    declared = (route for route in create_app(node).router.routes() if route.method == method)
    return sorted({_canonical(route) for route in declared})


def _canonical(route: web.AbstractRoute) -> str:
    assert route.resource is not None, "a route has an address"
    return route.resource.canonical


def values(planted: Planted) -> Mapping[str, tuple[str, ...]]:
    """The values of each part of an address. An address with another part fails the tests until it is here, too."""
    by_action = {path.rpartition("/")[2]: key for _, path, _, key in planted.commands if path.startswith("/v1/regions")}
    return {
        "programme": (planted.programme,),
        "code": REGIONS,
        "trial": (planted.published, planted.draft),
        "key": tuple(by_action.values()),
        "region": tuple(planted.region(code).rpartition("/")[2] for code in REGIONS),
        "consequence": tuple(
            path.split("/")[3] for _, path, _, _ in planted.commands if path.startswith("/v1/consequences")
        ),
        "site": ("kyoto",),
        "import": (planted.draft,),
        "document": ("a" * 64,),
        "type": ("region.question-asked.v1",),
        "revision": ("1",),
        "code_of_problem": ("programme-unknown",),
        "digest": ("0" * 8,),
        "name": ("page.css",),
    }


def addresses(planted: Planted, method: str) -> Iterator[str]:
    """Every address with everything that can stand in it."""
    known = values(planted)
    for route in routes(planted.api.node, method):
        # The code of a problem is called as that of a region is.
        parts = ["code_of_problem" if "/problems/" in route else name for name in PLACE.findall(route)]
        for chosen in product(*(known[name] for name in parts)):
            standing = iter(chosen)
            filled = PLACE.sub(lambda _, standing=standing: next(standing), route)  # type: ignore[misc]
            yield from (filled + query.format(position=planted.position) for query in VARIANTS.get(route, ("",)))


async def everything_read(planted: Planted, asker: Asker) -> dict[str, set[str]]:
    """By item the addresses at which the asker meets it: all pages of all lists, and the feed in both forms."""
    met: dict[str, set[str]] = {}
    for address in addresses(planted, "GET"):
        forms = ({}, {"Accept": STREAM}) if address.startswith("/v1/changes") else ({},)
        for form in forms:
            async for place, raw in _pages(planted, asker, address, form):
                for item in found_in(raw):
                    met.setdefault(item, set()).add(place)
    return met


async def _pages(
    planted: Planted, asker: Asker, address: str, headers: Mapping[str, str]
) -> AsyncIterator[tuple[str, bytes]]:
    place = address
    for _ in range(PAGE_TURNS):
        answer = await planted.get(place, asker, **headers)
        assert answer.status < 500, (place, asker, answer.raw)
        yield place, answer.raw
        following = _following(answer.raw, answer.headers)
        if following is None:
            return
        place = following
    raise AssertionError(f"{address} has more than {PAGE_TURNS} pages")


def _following(raw: bytes, headers: Mapping[str, str]) -> str | None:
    """Where a list goes on; the feed says so even at its end, where nothing more comes."""
    if link := re.search(r'<([^>]*)>; rel="next"', headers.get("Link", "")):
        return link[1] if raw.strip() else None
    if headers.get("Content-Type", "").startswith("application/json") and (
        found := re.search(rb'"next":"([^"]*)"', raw)
    ):
        return found[1].decode()
    return None
