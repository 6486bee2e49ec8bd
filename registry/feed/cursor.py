"""A place in the log in the form that the feed's readers keep: an opaque, URL-safe token.

A log has many partitions, so a place is the next offset of each. The token is the log's, not a node's: one that
one node gave is valid at every other. It is base64url of a form's number (1 byte), a tag of the log (4), a CRC-32 (4)
over tag and offsets, and the offsets of all partitions in their order, each as an unsigned LEB128.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping
from typing import Final

from events import leb128

FORM: Final = 1
TAG: Final = 4
"""Bytes that distinguish one log from another."""
HEAD: Final = 1 + TAG + 4
LONGEST: Final = 7_000
"""The most characters of a token; it is part of an address, which may have 8,000 (`LONGEST_ADDRESS`)."""


class NoCursor(ValueError):
    """This feed gave no such token, or it was damaged on its way."""


class OtherLog(ValueError):
    """The token is a place of another log."""


def encode(log: str, offsets: Mapping[int, int]) -> str:
    """The token of a place: the next offsets of all partitions of the log of this id."""
    tag, place = _tag(log), leb128.encode(offsets[partition] for partition in range(len(offsets)))
    token = bytes([FORM]) + tag + zlib.crc32(tag + place).to_bytes(4, "big") + place
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


def decode(log: str, partitions: int, token: str) -> dict[int, int]:
    """The inverse of `encode`; raises NoCursor, OtherLog."""
    read = _bytes(token)
    tag, check, place = read[1 : 1 + TAG], read[1 + TAG : HEAD], read[HEAD:]
    if read[:1] != bytes([FORM]) or check != zlib.crc32(tag + place).to_bytes(4, "big"):
        raise NoCursor
    if tag != _tag(log):
        raise OtherLog
    try:
        offsets = list(leb128.decode(place))
    except ValueError as fault:
        raise NoCursor from fault
    if len(offsets) != partitions:
        raise NoCursor
    return dict(enumerate(offsets))


def _bytes(token: str) -> bytes:
    if len(token) > LONGEST or not token.isascii():
        raise NoCursor
    try:
        read = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error as fault:
        raise NoCursor from fault
    if len(read) < HEAD:
        raise NoCursor
    return read


def _tag(log: str) -> bytes:
    return hashlib.sha256(log.encode()).digest()[:TAG]
