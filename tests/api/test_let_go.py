"""Memory of a refused request is freed at once: nothing of it waits for the collector of cycles, which seldom runs."""

import asyncio
import contextlib
import gc
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from events.schemas.access import Role
from registry.api.problems import Problem
from tests.api.conftest import Api
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

LARGE = 300_000


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Cycles stay where they are."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """None runs during these tests."""
    with uncollected():
        yield


async def remaining() -> list[Any]:
    """The refusals and requests still in memory, once the server had time to close the answered connections."""
    found: list[Any] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while found := [one for one in gc.get_objects() if isinstance(one, Problem | web.Request)]:
                found = [repr(one) for one in found]
                await asyncio.sleep(0.02)
    return found


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"x" * LARGE, 400),
        (b'{"a":' + b"[" * LARGE, 413),
        (b'{"registration":[' + b"0," * 40_000 + b"0]}", 422),
        (b'{"registration":{"x":"' + b"a" * LARGE + b'"}}', 422),
        (b'{"registration":"\xff"}', 400),
    ],
)
async def test_a_refused_body_is_let_go(api: Api, body: bytes, status: int) -> None:
    for role, expected in ((Role.SPONSOR, status), (None, 401)):
        # A connection that stays open keeps its last request until the next one.
        refused = await api.post("/v1/trials", body, role=role, Connection="close")

        assert (refused.status, await remaining()) == (expected, [])


async def test_a_refused_command_is_let_go(api: Api) -> None:
    named = {"registration": registration(public_title={"ja": "長" * 60_000})}
    refused = await api.post("/v1/trials", named, Connection="close")
    unknown = await api.post("/v1/trials/none/amend", {}, Connection="close")
    read = await api.get("/v1/trials/none", Connection="close")
    page = await api.get("/trials/none", Accept="text/html", Connection="close")

    assert [one.status for one in (refused, unknown, read, page)] == [422, 404, 404, 404]
    assert await remaining() == []
