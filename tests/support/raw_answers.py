"""Answers read from a socket as they come, byte by byte."""

import asyncio


async def answer_on(reader: asyncio.StreamReader) -> bytes:
    """One answer: its head, an empty line and its body; shorter where the server closes first.

    A server that refuses what it has not read to its end resets the connection behind its answer. A StreamReader
    forgets what it holds at a reset, so this takes each piece at once.
    """
    taken = b""
    while not _is_whole(taken):
        try:
            piece = await reader.read(65_536)
        except ConnectionResetError:
            break
        if not piece:
            break
        taken += piece
    return taken


def _is_whole(taken: bytes) -> bool:
    head, end, body = taken.partition(b"\r\n\r\n")
    lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and len(body) >= sum(lengths)
