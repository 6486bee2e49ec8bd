"""Reads the incoming bytes of a connection in small pieces."""

import asyncio
from typing import Final

PIECE: Final = 16_384
"""Bytes of a piece. uvloop by itself reads 256 kB at a time, all in memory before reading can be stopped."""


class InPieces(asyncio.BufferedProtocol):
    """A layer between a connection's transport and its protocol, which gets everything else unchanged."""

    _piece: Final = memoryview(bytearray(PIECE))
    """One buffer for all connections: each piece is handed over before the loop reads the next."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self._protocol = protocol

    def get_buffer(self, sizehint: int) -> memoryview:
        """The buffer for the next piece."""
        return self._piece

    def buffer_updated(self, nbytes: int) -> None:
        """Hands a piece over."""
        self._protocol.data_received(bytes(self._piece[:nbytes]))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Passes it on."""
        self._protocol.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Passes it on."""
        self._protocol.connection_lost(exc)

    def eof_received(self) -> bool | None:
        """Passes it on."""
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        """Passes it on."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Passes it on."""
        self._protocol.resume_writing()
