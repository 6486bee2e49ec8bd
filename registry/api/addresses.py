"""From which address a request comes: the peer's, or what proxies say of it that this installation trusts."""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from registry.settings import Network

UNKNOWN: Final = "unknown"
"""The sender of a connection that has no address, as a socket of the file system."""
NEIGHBOURS: Final = 64
"""Bits of an IPv6 address that one subscriber has at least: the others they choose themselves. RFC 6177, RFC 7084."""


def sender(peer: str, forwarded: Iterable[str], trusted: Collection[Network]) -> str:
    """The address that a request came from, or the /64 of an IPv6 address. `forwarded`: fields X-Forwarded-For.

    They are read from the end, and no further than to the first address that is no trusted proxy's: what stands before
    was written by whoever sent the request.
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
    """The address; one of IPv4 also where it is written as one of IPv6. None for anything else."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _subscriber(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), NEIGHBOURS), strict=False))
