"""Whatever a client sends, the answer names its fault as a problem, names no software, and links to no other server."""

import asyncio
import json
import re
import socket
from dataclasses import dataclass
from http import HTTPStatus

import pytest

from events.schemas.access import Role
from tests.api.conftest import Api
from tests.support.raw_answers import answer_on
from tests.support.waiting import PATIENCE

GET = "GET /v1/trials HTTP/1.1\r\nHost: r\r\n"
POST = "POST /v1/trials HTTP/1.1\r\nHost: r\r\nContent-Type: application/json\r\n"
KEY = "Idempotency-Key: 4c3f4f5e-6a3a-4a56-9b6d-0f4b8a1d2e3f\r\n"
FAULTS = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "an unknown method": b"BREW /v1/trials HTTP/1.1\r\nHost: r\r\n\r\n",
    "a method in small letters": b"get /v1/trials HTTP/1.1\r\nHost: r\r\n\r\n",
    "an unknown version": b"GET /v1/trials HTTP/9.9\r\nHost: r\r\n\r\n",
    "a header without a colon": f"{GET}nonsense\r\n\r\n".encode(),
    "a header with a blank in its name": f"{GET}A b: c\r\n\r\n".encode(),
    "a header with U+0000": f"{GET}A: \0\r\n\r\n".encode(),
    "a header longer than any": f"{GET}A: {'a' * 100_000}\r\n\r\n".encode(),
    "a target longer than any": f"GET /{'a' * 100_000} HTTP/1.1\r\nHost: r\r\n\r\n".encode(),
    "a length that is none": f"{POST}Content-Length: many\r\n\r\n".encode(),
    "a negative length": f"{POST}Content-Length: -1\r\n\r\n".encode(),
    "two lengths": f"{POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{{}}".encode(),
    "a length and chunks": f"{POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
    "an expectation of something else": f"{GET}Expect: tea\r\n\r\n".encode(),
    "a token of other bytes": GET.encode() + b"Authorization: Bearer \xff\xfe\r\n\r\n",
    "a precondition of other bytes": POST.encode() + b'If-Match: "\xff"\r\nContent-Length: 0\r\n\r\n',
    "a media type of other bytes": POST.encode() + KEY.encode() + b"X: \xff\r\nContent-Length: 0\r\n\r\n",
    "two tokens": f"{GET}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n".encode(),
    "two keys": f"{POST}{KEY}{KEY.replace('4c3f', '5c3f')}Content-Length: 0\r\n\r\n".encode(),
    "two positions": f"{GET}Registry-Wait-For: 0:0\r\nRegistry-Wait-For: 1:0\r\n\r\n".encode(),
    "a path of other bytes": b"GET /v1/trials/\xff\xfe HTTP/1.1\r\nHost: r\r\n\r\n",
    "a query of other bytes": b"GET /v1/trials?q=\xff HTTP/1.1\r\nHost: r\r\n\r\n",
    "a control character in a path": b"GET /v1/trials/%1b HTTP/1.1\r\nHost: r\r\n\r\n",
    "a control character in a query": b"GET /v1/trials?q=%1b[2J HTTP/1.1\r\nHost: r\r\n\r\n",
    "U+0000 in a query": b"GET /v1/trials?q=%00 HTTP/1.1\r\nHost: r\r\n\r\n",
    "a position of other digits": b"GET /v1/trials?wait_for=%D9%A3:%D9%A4 HTTP/1.1\r\nHost: r\r\n\r\n",
    "a date with a line break": b"GET /v1/trials?first_enrolment_from=2026-01-01%0A HTTP/1.1\r\nHost: r\r\n\r\n",
    "a moment with a line break": b"GET /v1/trials?as_of=2026-01-01%0A HTTP/1.1\r\nHost: r\r\n\r\n",
    "a number of other digits": b"GET /v1/trials/x/history?after=%D9%A3 HTTP/1.1\r\nHost: r\r\n\r\n",
    "an authority as its target": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: r\r\n\r\n",
    "another server as its target": b"GET http://evil.example/nowhere HTTP/1.1\r\nHost: r\r\n\r\n",
    "an asterisk as its target": b"GET * HTTP/1.1\r\nHost: r\r\n\r\n",
    "options": b"OPTIONS /v1/trials HTTP/1.1\r\nHost: r\r\n\r\n",
    "a trace": b"TRACE /v1/trials HTTP/1.1\r\nHost: r\r\n\r\n",
    "an upgrade": f"{GET}Connection: upgrade\r\nUpgrade: h2c\r\nAuthorization: x\r\n\r\n".encode(),
}
SOFTWARE = ("aiohttp", "python", "uvloop", "traceback", "pydantic", "psycopg")
STRANGE = (
    "//evil.example/?q=", "/\\evil.example/?q=", "///evil.example/x?q=", "/%2Fevil.example/?q=",
    "/%5Cevil.example/?q=", "/en//evil.example/?q=", "/en/%2F/evil.example/?q=", "/en/\\evil.example?q=",
    "/.//evil.example/?q=", "http://evil.example/?q=", "/trials/..//evil.example?q=", "/?q=&next=//evil.example",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raw:
    """A response as it came."""

    status: int
    head: str
    body: bytes

    def field(self, name: str) -> str:
        """The value of a header; empty where there is none."""
        lines = [line.partition(":") for line in self.head.split("\r\n")]
        return next((value.strip() for field, _, value in lines if field.lower() == name), "")


async def sent(api: Api, request: bytes) -> Raw:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    try:
        writer.write(request)
        async with asyncio.timeout(PATIENCE):
            head, _, body = (await answer_on(reader)).partition(b"\r\n\r\n")
        return Raw(int(head.split()[1]), head.decode("latin-1"), body)
    finally:
        writer.close()


def wrong_with(answer: Raw) -> str:
    """The fault of an answer to a faulty request; empty where there is none."""
    if not 400 <= answer.status < 500 or answer.field("content-type") != "application/problem+json":
        return f"{answer.status} {answer.field('content-type')}"
    if answer.field("server") != "registry" or any(
        word in f"{answer.head}{answer.body!r}".lower() for word in SOFTWARE
    ):
        return f"names software: {answer}"
    problem = json.loads(answer.body)
    return "" if problem["status"] == answer.status and problem["type"].startswith("/problems/") else str(problem)


async def test_a_fault_of_the_client_is_told_as_a_problem_that_names_no_software(api: Api) -> None:
    wrong = {name: wrong_with(await sent(api, request)) for name, request in FAULTS.items()}

    assert {name: what for name, what in wrong.items() if what} == {}


async def test_what_of_a_head_is_too_long_is_told(api: Api) -> None:
    for path, header, status in (
        ("a" * 7_900, "", 404),
        ("a" * 8_100, "", 414),
        ("", "a" * 8_100, 200),
        ("", "a" * 8_300, 431),
        ("a" * 8_100, "a" * 8_300, 414),
    ):
        answer = await sent(api, f"GET /v1/trials{path} HTTP/1.1\r\nHost: r\r\nA: {header}\r\n\r\n".encode())
        assert answer.status == status, (len(path), len(header))
        assert status < 414 or not wrong_with(answer)


def sent_whole(port: int, request: bytes) -> list[bytes]:
    """The lines of the answer's head, for a client that reads only after it has sent all; raises OSError."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        line.sendall(request)
        return line.makefile("rb").read().partition(b"\r\n\r\n")[0].split(b"\r\n")


async def test_who_sends_a_refused_head_to_its_end_is_told_why(api: Api) -> None:
    long = b"a" * 900_000
    for head, status in (
        (f"{GET}A: ".encode() + long, b"431"),
        (GET.encode() + b"".join(b"A%d: %s\r\n" % (number, long[:1_000]) for number in range(900)), b"431"),
        (b"GET /" + long, b"414"),
        (f"{GET}nonsense\r\n\r\n".encode() + long, b"400"),
        (f"{GET}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n".encode() + long, b"200"),
    ):
        answer = await asyncio.to_thread(sent_whole, api.port, head)
        assert answer[0].split()[1] == status


async def test_who_sends_a_refused_head_without_end_is_left(api: Api) -> None:
    for piece, rest in ((b"a" * 65_536, 0.0), (b"a", 0.05)):
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(b"\x16\x03\x01\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            assert (await reader.read()).split()[1] == b"400"
            with pytest.raises(ConnectionError):
                await without_end(writer, piece, rest)
        writer.close()


async def without_end(writer: asyncio.StreamWriter, piece: bytes, rest: float) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(rest)


@pytest.mark.parametrize("pieces", ["together", "apart"])
@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.3"])
async def test_what_follows_an_upgrade_is_answered_or_the_connection_ends(api: Api, protocol: str, pieces: str) -> None:
    read = f"{GET}\r\n", f"{GET}Connection: upgrade\r\nUpgrade: {protocol}\r\n\r\n", f"{GET}\r\n"
    post = f"{POST}Connection: upgrade\r\nUpgrade: {protocol}\r\nContent-Length: 2\r\n\r\n{{}}"
    for requests, statuses in ((read, [b"200", b"200"]), ((post, read[0]), [b"401"])):
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        for piece in ["".join(requests)] if pieces == "together" else requests:
            writer.write(piece.encode())
            await asyncio.sleep(0.05)
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == statuses
        writer.close()


async def test_chunks_that_are_framed_wrongly_are_a_fault_of_the_client(api: Api) -> None:
    head = f"{POST}{KEY}Authorization: Bearer {api.tokens[Role.SPONSOR]}\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"zz\r\n{}\r\n0\r\n\r\n", b"2\r\n{}XX\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n{}"):
        assert not wrong_with(await sent(api, head.encode() + body)), body


async def test_no_redirect_and_no_link_leads_to_another_server(api: Api) -> None:
    for target in STRANGE:
        for accept in ("text/html", "*/*"):
            request = f"GET {target} HTTP/1.1\r\nHost: evil.example\r\nAccept: {accept}\r\n\r\n"
            answer = await sent(api, request.encode())
            assert answer.status < 500
            for address in filter(None, [answer.field("location"), *_links(answer.body.decode())]):
                assert address[0] in "/#", (target, address)
                assert address[1:2] not in ("/", "\\"), (target, address)


async def test_an_empty_field_of_a_form_is_left_out_of_the_address(api: Api) -> None:
    answer = await sent(
        api, b"GET /en/?q=zinc&age=&phase=2&phase=&as_of= HTTP/1.1\r\nHost: r\r\nAccept: text/html\r\n\r\n"
    )

    assert (answer.status, answer.field("location")) == (HTTPStatus.FOUND, "/en/?q=zinc&phase=2")


async def test_a_page_of_no_address_is_a_page_for_people(api: Api) -> None:
    answer = await sent(api, b"GET /nowhere?q= HTTP/1.1\r\nHost: r\r\nAccept: text/html\r\n\r\n")

    assert answer.status == HTTPStatus.NOT_FOUND
    assert answer.field("content-type").startswith("text/html")


async def test_the_head_of_what_is_there_is_as_its_get(api: Api) -> None:
    for path in ("/", "/en/", "/v1/trials", "/healthz", "/openapi.json", "/v1/trials/nothing"):
        got = await sent(api, f"GET {path} HTTP/1.1\r\nHost: r\r\n\r\n".encode())
        headed = await api.ask("HEAD", path)
        assert headed.status == got.status
        assert headed.raw == b""
        assert headed.headers["Content-Type"] == got.field("content-type")


async def test_metrics_tell_no_method_that_a_client_made_up(api: Api) -> None:
    for method in ("PURGE", "MKCOL", "BREW"):
        await sent(api, f"{method} /v1/trials HTTP/1.1\r\nHost: r\r\n\r\n".encode())
    text = (await api.get("/metrics")).raw.decode()

    assert not any(method in text for method in ("PURGE", "MKCOL", "BREW"))


def _links(page: str) -> list[str]:
    return [part.split('"')[0] for mark in ('href="', 'action="') for part in page.split(mark)[1:]]
