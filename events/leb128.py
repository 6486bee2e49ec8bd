"""Whole numbers in few bytes, as cursors have them: unsigned LEB128, seven bits a byte, the lowest first."""

from collections.abc import Iterable, Iterator
from typing import Final

GROUPS: Final = 9
"""Groups of seven bits that a number may take: 63 bits, as PostgreSQL and Kafka count offsets."""


def encode(numbers: Iterable[int]) -> bytes:
    """The bytes of the numbers, one after the other. None is negative."""
    return b"".join(map(_encoded, numbers))


def _encoded(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(groups) + bytes([number])


def decode(content: Iterable[int]) -> Iterator[int]:
    """The numbers again; raises ValueError where one is too long or incomplete."""
    number = shift = 0
    for byte in content:
        if shift >= 7 * GROUPS:
            raise ValueError("a number has too many bytes")
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("the last number is incomplete")
