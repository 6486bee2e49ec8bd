"""The first line of a request with its address as people type it."""

import asyncio
import json
from itertools import pairwise
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.schemas.access import Role
from registry.api.request_lines import RequestLine
from tests.api.conftest import Api
from tests.support.raw_answers import answer_on
from tests.support.waiting import PATIENCE


def in_pieces(data: bytes, cuts: list[int]) -> bytes:
    line, ends = RequestLine(), sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return b"".join(line.escaped(data[begin:end]) for begin, end in pairwise(ends))


@given(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])),
    st.binary(),
    st.lists(st.integers(0, 200)),
)
def test_only_the_line_is_escaped_and_pieces_make_no_difference(line: str, rest: bytes, cuts: list[int]) -> None:
    escaped = "".join(character if character.isascii() else quote(character) for character in line).encode()
    sent = b"\r\nG" + line.encode() + b"\n" + rest

    assert in_pieces(sent, cuts) == b"\r\nG" + escaped + b"\n" + rest


@given(st.binary(), st.lists(st.integers(0, 200)))
def test_bytes_that_are_no_text_stay_as_they_are(line: bytes, cuts: list[int]) -> None:
    sent = b"G\xff" + line.replace(b"\n", b"") + b"\xfe\n"
    escaped = in_pieces(sent, cuts)

    assert unquote_to_bytes(escaped) == unquote_to_bytes(sent)
    assert (escaped[:2], escaped[-2:]) == (b"G\xff", b"\xfe\n")


async def ask(api: Api, *pieces: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each answer on one connection, to pieces that are sent one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    answers = []
    try:
        for piece in pieces:
            writer.write(piece)
            if piece.endswith(b"\r\n\r\n") or piece.endswith(b"}"):
                async with asyncio.timeout(PATIENCE):
                    head, _, body = (await answer_on(reader)).partition(b"\r\n\r\n")
                answers.append((int(head.split()[1]), body))
            else:
                await writer.drain()
                await asyncio.sleep(0.05)
    finally:
        writer.close()
    return answers


@pytest.mark.parametrize(
    "target", ["/v1/trials?q=肺癌", "/v1/trials?condition=肺癌", "/?q=肺癌", "/en/?q=Crohn’s+肺癌"]
)
async def test_characters_of_an_address_are_taken_as_they_are(api: Api, target: str) -> None:
    await api.published()
    await api.settled()
    (status, body), (_, escaped) = await ask(
        api,
        f"GET {target} HTTP/1.1\r\nHost: r\r\n\r\n".encode(),
        f"GET {target.encode().decode('latin-1').translate(_ESCAPES)} HTTP/1.1\r\nHost: r\r\n\r\n".encode("latin-1"),
    )

    assert (status, body) == (200, escaped)


_ESCAPES = {byte: f"%{byte:02X}" for byte in range(0x80, 0x100)}


async def test_a_connection_goes_on_after_such_a_line_and_bodies_stay_as_they_are(api: Api) -> None:
    await api.published()
    await api.settled()
    line, body = (
        "GET /v1/trials?q=肺癌 HTTP/1.1\r\nHost: r\r\n".encode(),
        '{"registration":{"acronym":"肺癌"}}'.encode(),
    )
    post = (
        f"POST /v1/trials HTTP/1.1\r\nHost: r\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Idempotency-Key: 4c3f4f5e-6a3a-4a56-9b6d-0f4b8a1d2e3f\r\n"
        f"Authorization: Bearer {api.tokens[Role.SPONSOR]}\r\n"
    ).encode()
    cut = line.index("癌".encode()) + 1
    answers = await ask(
        api, line[:cut], line[cut:] + b"\r\n", post + b"\r", b"\n" + body[:-5], body[-5:], line + b"\r\n"
    )

    assert [status for status, _ in answers] == [200, 201, 200]
    assert json.loads(answers[0][1])["total"] == json.loads(answers[2][1])["total"] == 1
    draft = await api.get(f"/v1/trials/{json.loads(answers[1][1])['trial']}", role=Role.SPONSOR)
    assert draft.body["registration"]["acronym"] == "肺癌"
