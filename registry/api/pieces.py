"""What arrives on a connection, read in small pieces."""

import asyncio
from typing import Final

PIECE: Final = 16_384
"""Bytes of a piece. uvloop by itself reads 256 kB at a time, and all of it is in memory before anybody can say stop."""


class InPieces(asyncio.BufferedProtocol):
    """Stands between a connection's transport and its protocol, which is told everything else as it is."""

    _piece: Final = memoryview(bytearray(PIECE))
    """One for all connections: each piece is handed over before the loop reads the next."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        self._protocol = protocol

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next piece goes."""
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
