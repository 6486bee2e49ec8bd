"""Before a command: a client without permission costs nothing, and no connection takes more than its share of time."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from aiohttp import web

from events.schemas.access import Role
from registry.api import bodies, receiving
from registry.api.receiving import CONTINUE
from registry.pages import reporting
from registry.settings import Settings
from tests.api.conftest import Api
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.node import settings_for
from tests.support.waiting import PATIENCE

HOSTILE = b'{"registration":{"contacts":[' + b",".join([b"1"] * 390_000) + b"]}}"
REGISTERING = "/v1/trials"
COMMANDS = (
    REGISTERING,
    *(f"/v1/trials/{uuid4()}/{name}" for name in TRIAL_COMMANDS),
    *(f"/v1/trials/{uuid4()}/sites/kyoto/{name}" for name in SITE_COMMANDS),
)


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """The usual settings; a test may lower limits."""
    return settings_for(database_url).model_copy(update=getattr(request, "param", {}))


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of requests whose bodies were read although no handler should have."""
    read: list[str] = []

    async def received(request: web.Request, *arguments: Any) -> bytes:
        read.append(request.path)
        return await receiving.received(request, *arguments)

    monkeypatch.setattr(bodies, "received", received)
    return read


class Line:
    """A connection on which a test says byte by byte what it wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    async def head(self) -> bytes:
        """The next head that the server sends."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)

    async def until_closed(self) -> bytes:
        """All that comes until the server ends the connection."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE)
        except ConnectionResetError:
            return b""


@asynccontextmanager
async def line(api: Api) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port, family=socket.AF_INET)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def head_of(path: str, *more: str, method: str = "POST") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "Host: registry", f"Idempotency-Key: {uuid4()}", *more)
    return "\r\n".join((*lines, "", "")).encode()


async def test_without_a_token_no_command_reads_a_body(api: Api, unread: list[str]) -> None:
    for path in COMMANDS:
        answer = await api.post(path, HOSTILE, role=None)
        assert (answer.status, answer.kind) == (401, "token-missing"), path
    assert unread == []


async def test_a_role_that_may_not_has_no_body_read(api: Api, unread: list[str]) -> None:
    for path in COMMANDS:
        for role in (Role.PUBLIC, Role.PARTNER):
            answer = await api.post(path, HOSTILE, role=role)
            assert (answer.status, answer.kind) == (403, "not-permitted"), path
    for role, path in ((Role.SITE, REGISTERING), (Role.SPONSOR, f"/v1/trials/{uuid4()}/publish")):
        assert (await api.post(path, HOSTILE, role=role)).status == 403
    assert unread == []


async def test_on_anothers_trial_or_site_no_body_is_read(api: Api, unread: list[str]) -> None:
    trial = await api.published()
    await api.done(f"/v1/trials/{trial}/sites/osaka/add", {"site": {"name": {"en": "O"}, "organisation": "another"}})
    del unread[:]

    assert (await api.post(f"/v1/trials/{trial}/sites/osaka/open", HOSTILE, role=Role.SITE)).status == 403
    assert (await api.post(f"/v1/trials/{uuid4()}/amend", HOSTILE)).status == 403
    assert unread == []


async def test_a_client_that_asks_first_is_told_to_send_only_when_its_body_is_wanted(api: Api) -> None:
    token = f"Authorization: Bearer {api.tokens[Role.SPONSOR]}"
    fields = ("Content-Type: application/json", "Content-Length: 20", "Expect: 100-continue")
    async with line(api) as nobody:
        nobody.writer.write(head_of(REGISTERING, *fields))
        assert (await nobody.head()).split()[1] == b"401"
    async with line(api) as sponsor:
        sponsor.writer.write(head_of(REGISTERING, token, *fields))
        assert await sponsor.head() == CONTINUE
        sponsor.writer.write(b'{"registration": {}}')
        assert (await sponsor.head()).split()[1] == b"201"
    async with line(api) as strange:
        strange.writer.write(head_of(REGISTERING, token, *fields[:2], "Expect: 200-ok"))
        assert (await strange.head()).split()[1] == b"400"


async def _sent_without_end(line: Line) -> None:
    for _ in range(2_000):
        line.writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await asyncio.wait_for(line.writer.drain(), PATIENCE)


async def test_an_endless_body_that_nobody_wants_ends_the_connection(api: Api) -> None:
    async with line(api) as endless:
        endless.writer.write(head_of(REGISTERING, "Transfer-Encoding: chunked"))
        with pytest.raises(ConnectionError):
            await _sent_without_end(endless)


async def test_after_a_refusal_at_the_door_the_connection_serves_on_where_the_body_was_short(api: Api) -> None:
    async with line(api) as one:
        for _ in range(2):
            one.writer.write(head_of(REGISTERING, "Content-Length: 2"))
            head = await one.head()
            one.writer.write(b"{}")
            length = int(head.lower().split(b"content-length:")[1].split()[0])
            await one.reader.readexactly(length)
            assert head.split()[1] == b"401"


@pytest.mark.parametrize("settings", [{"read_deadline": 0.3}], indirect=True)
async def test_after_a_body_that_is_late_or_too_large_the_connection_is_closed(api: Api) -> None:
    known = (f"Authorization: Bearer {api.tokens[Role.SPONSOR]}", "Content-Type: application/json")
    for status, length in ((b"408", 100), (b"413", 10_000_000)):
        async with line(api) as sent:
            sent.writer.write(head_of(REGISTERING, *known, f"Content-Length: {length}") + b"{")
            answer = await sent.until_closed()
            assert answer.split()[1] == status
            assert b"connection: close" in answer.lower()


async def test_a_compressed_body_is_not_unpacked(api: Api) -> None:
    packed = gzip.compress(b" " * 10_000_000)
    answer = await api.post(REGISTERING, packed, Content_Encoding="gzip")

    assert (answer.status, answer.kind) == (415, "media-type")
    assert (await api.post(REGISTERING, packed, role=None, Content_Encoding="gzip")).status == 401


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Digest", "", "Bearer2"])
async def test_a_good_token_under_another_scheme_opens_nothing(api: Api, scheme: str) -> None:
    sent = f"{scheme} {api.tokens[Role.SPONSOR]}".strip()
    answer = await api.get("/v1/trials", Authorization=sent)

    assert (answer.status, answer.kind) == (401, "token-invalid")


@pytest.mark.parametrize("settings", [{"read_deadline": 0.3}], indirect=True)
@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: registry\r\n", b"GET /"], ids=["silent", "half", "line"]
)
async def test_a_head_that_does_not_come_whole_ends_the_connection(api: Api, sent: bytes) -> None:
    async with line(api) as slow:
        slow.writer.write(sent)
        assert await slow.until_closed() == b""
    async with line(api) as second:
        second.writer.write(head_of("/healthz", method="GET"))
        await second.head()
        second.writer.write(b"GET /")
        await second.until_closed()


@pytest.mark.parametrize("settings", [{"connections": 5}], indirect=True)
async def test_who_asks_nothing_makes_room_for_who_asks(api: Api) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", api.port, family=socket.AF_INET) for _ in range(30)]
    async with line(api) as honest:
        honest.writer.write(head_of("/healthz", method="GET"))
        assert (await honest.head()).split()[1] == b"200"
    for _, writer in silent:
        writer.close()


async def test_a_form_is_read_as_far_as_a_form_may_be_long(api: Api) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    answer = await api.post("/report", urlencode({"why": "x" * 100_000}).encode(), role=None, **form)

    assert (answer.status, answer.kind) == (413, "too-large")


async def test_a_report_on_the_form_is_not_looked_into_before_its_token_may_give_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = await api.published()
    await api.with_site(trial)
    await api.settled()
    looked: list[object] = []
    monkeypatch.setattr(reporting, "command_from", lambda *arguments: looked.append(arguments))
    fields = {"trial": trial, "site": "kyoto", "key": str(uuid4()), "what": "pause", "on": "never"}
    for token, status in (("registry_wrong", 401), (api.tokens[Role.PARTNER], 403), (api.tokens[Role.REGULATOR], 403)):
        sent = urlencode(fields | {"token": token}).encode()
        answer = await api.post("/report", sent, role=None, Content_Type="application/x-www-form-urlencoded")
        assert answer.status == status
    assert looked == []
