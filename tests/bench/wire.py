"""HTTP/1.1 on persistent connections, as small as possible: the load's own share of two cores must stay small."""

import asyncio
import re
from typing import Any, Final, Self

_HEAD_ENDS: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Wire(asyncio.Protocol):
    """One connection to a server, one request at a time. Raises ConnectionError if the server closes it."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: Any = None

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connects to a port of this machine."""
        _, wire = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return wire

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    @property
    def open_still(self) -> bool:
        """Whether neither side has closed it."""
        return not self._transport.is_closing()

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(_HEAD_ENDS)
        if head < 0:
            return
        length = _LENGTH.search(self._received, 0, head)
        if length is None:
            raise ConnectionError("an answer without its length")
        end = head + len(_HEAD_ENDS) + int(length[1])
        if len(self._received) >= end and self._answer is not None and not self._answer.done():
            status, body = int(self._received[9:12]), bytes(self._received[head + len(_HEAD_ENDS) : end])
            del self._received[:end]
            self._answer.set_result((status, body))


def post(path: str, token: str, key: str, body: bytes) -> bytes:
    """The bytes of a command on the wire."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str) -> bytes:
    """The bytes of a read on the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
