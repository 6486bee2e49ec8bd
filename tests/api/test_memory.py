"""A server's memory under hostile bodies and heads: slow, huge, chunked, without an end, with and without a token."""

import asyncio
import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import aiohttp
import psutil

from events.schemas.access import Role
from registry import wiring
from registry.api.bodies import MOST_VALUES
from registry.domain.trial.commands import RegisterTrial
from registry.office import tokens
from tests.support import worst
from tests.support.clients import Client
from tests.support.node import settings_for
from tests.support.servers import Server
from tests.support.trials import registration

CONNECTIONS = 200
SECONDS = 6.0
LOOKS_EACH = 0.1
SIZE = 790_000


def head(token: str, *more: str) -> bytes:
    authorised = (f"Authorization: Bearer {token}",) if token else ()
    lines = ("POST /v1/trials HTTP/1.1", "Host: registry", f"Idempotency-Key: {uuid4()}", *authorised)
    return "\r\n".join((*lines, "Content-Type: application/json", *more, "", "")).encode()


async def huge(writer: asyncio.StreamWriter, token: str, bodies: list[bytes], number: int) -> None:
    """Whole bodies, one after the other."""
    body = bodies[number % len(bodies)]
    writer.write(head(token, f"Content-Length: {len(body)}") + body)
    await writer.drain()
    await asyncio.sleep(0.05)


async def slow(writer: asyncio.StreamWriter, token: str, bodies: list[bytes], number: int) -> None:
    """Nearly all of a body, and then a byte now and then."""
    writer.write(head(token, f"Content-Length: {SIZE}") + bodies[number % len(bodies)][:700_000].ljust(700_000))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.5)


async def endless(writer: asyncio.StreamWriter, token: str, _: list[bytes], __: int) -> None:
    """Chunks without an end."""
    writer.write(head(token, "Transfer-Encoding: chunked"))
    while True:
        writer.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
        await writer.drain()


async def promised(writer: asyncio.StreamWriter, token: str, _: list[bytes], __: int) -> None:
    """A large body that never comes."""
    writer.write(head(token, f"Content-Length: {SIZE}"))
    await writer.drain()
    await asyncio.sleep(SECONDS)


HEADERS = b"".join(f"X-{number}: {'a' * 8_000}\r\n".encode() for number in range(120))


async def heads(writer: asyncio.StreamWriter, _: str, __: list[bytes], ___: int) -> None:
    """A head of a megabyte that does not end."""
    writer.write(b"POST /v1/trials HTTP/1.1\r\nHost: registry\r\n" + HEADERS)
    await writer.drain()
    await asyncio.sleep(SECONDS)


async def trailers(writer: asyncio.StreamWriter, token: str, _: list[bytes], __: int) -> None:
    """As many headers behind a body."""
    writer.write(head(token, "Transfer-Encoding: chunked") + b"1\r\n \r\n0\r\n" + HEADERS)
    await writer.drain()
    await asyncio.sleep(SECONDS)


LARGE = json.dumps(
    {
        "registration": registration(
            contacts=[], references=[{"url": "1", "kind": "2", "pmid": "3", "label": "4"}] * 4_500
        )
    }
).encode()


async def large(writer: asyncio.StreamWriter, token: str, _: list[bytes], __: int) -> None:
    """Registrations of as many values as are taken, recorded one after the other."""
    writer.write(head(token, f"Content-Length: {len(LARGE)}") + LARGE)
    await writer.drain()
    await asyncio.sleep(0.1)


WAYS = (huge, slow, endless, promised, heads, trailers, large)


async def attack(port: int, token: str, bodies: list[bytes], number: int) -> None:
    """One connection after the other, until cancelled; half of the senders have a token."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while True:
                    bearer = token if number // len(WAYS) % 2 else ""
                    await WAYS[number % len(WAYS)](writer, bearer, bodies, number // len(WAYS))
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.05)


def resident(server: Server) -> float:
    """Megabytes of the server and of what it started."""
    assert server.process is not None
    one = psutil.Process(server.process.pid)
    size = 0
    for process in (one, *one.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            size += process.memory_info().rss
    return size / 1e6


async def test_hostile_bodies_take_less_memory_than_the_idle_server_has(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url)
    async with wiring.running(settings) as node:
        _, token = await tokens.issue(node, Role.SPONSOR, "kyoto-sponsor")
    bodies = [body for _, body in worst.bodies(RegisterTrial, SIZE, MOST_VALUES)][::40]
    with tempfile.TemporaryDirectory(prefix="registry-memory-") as folder:
        async with Server(settings.model_copy(update={"data": Path(folder)}), tmp_path) as server:
            idle = most = resident(server)
            attackers = [asyncio.create_task(attack(server.port, token, bodies, one)) for one in range(CONNECTIONS)]
            ends = asyncio.get_running_loop().time() + SECONDS
            while asyncio.get_running_loop().time() < ends:
                most = max(most, resident(server))
                await asyncio.sleep(LOOKS_EACH)
            for one in attackers:
                one.cancel()
            await asyncio.gather(*attackers, return_exceptions=True)
            await server.ready()

    sys.stdout.write(f"idle {idle:.0f} MB, under {CONNECTIONS} hostile connections at most {most:.0f} MB\n")
    assert most < 2 * idle


FOLLOWERS, TRIALS = 60, 60
"""Readers of the feed, and trials that each weigh 180 kB, of which 2 kB are stored."""


async def dawdle(port: int, token: str) -> None:
    """Follows the feed from its beginning and takes a few bytes of it now and then, until cancelled."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4_096)
    try:
        writer.write(f"GET /v1/changes HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        while await reader.read(1_000):  # noqa: ASYNC110  nobody waits for a condition here
            await asyncio.sleep(0.2)
    finally:
        writer.transport.abort()


async def test_slow_readers_of_the_feed_hold_what_they_are_sent_and_no_page(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url)
    async with wiring.running(settings) as node:
        _, token = await tokens.issue(node, Role.REGISTRY, "registry-office")
    extra = {"REGISTRY_STREAMS_EACH": str(FOLLOWERS)}
    async with Server(settings, tmp_path, extra) as server, aiohttp.ClientSession() as session:
        client = Client(session, token, [server.url])
        for number in range(TRIALS):
            await client.register(description={"ja": f"{number} " + "長" * 60_000})
        await client.get("/v1/trials", wait_for=str(client.answers[-1].body["position"]))
        idle = most = resident(server)
        readers = [asyncio.create_task(dawdle(server.port, token)) for _ in range(FOLLOWERS)]
        ends = asyncio.get_running_loop().time() + SECONDS
        while asyncio.get_running_loop().time() < ends:
            most = max(most, resident(server))
            await asyncio.sleep(LOOKS_EACH)
        for one in readers:
            one.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    sys.stdout.write(f"idle {idle:.0f} MB, with {FOLLOWERS} slow readers of the feed at most {most:.0f} MB\n")
    assert most < 2 * idle
