"""The address that a request comes from: the peer's, or the one that a trusted proxy names."""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from registry.settings import Network

UNKNOWN: Final = "unknown"
"""The sender of a connection without an address, such as one over a socket of the file system."""
NEIGHBOURS: Final = 64
"""Bits of an IPv6 address that are fixed for a subscriber, who chooses the others. RFC 6177, RFC 7084."""


def sender(peer: str, forwarded: Iterable[str], trusted: Collection[Network]) -> str:
    """The address that a request came from, or the /64 of an IPv6 address. `forwarded`: fields X-Forwarded-For.

    They are read from the end, up to the first address that is not a trusted proxy's: the sender of the request wrote
    everything before it.
    """
    address = _address(peer)
    hops = ",".join(forwarded).split(",") if trusted else []
    while hops and address is not None and any(address in network for network in trusted):
        hop = _address(hops.pop())
        if hop is None:
            break
        address = hop
    return UNKNOWN if address is None else _subscriber(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address, an IPv4 one also if it is written as IPv6. None for any other text."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _subscriber(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), NEIGHBOURS), strict=False))
