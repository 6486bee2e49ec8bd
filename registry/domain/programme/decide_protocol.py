"""Protocols of a programme and their versions."""

from collections.abc import Iterable

from events.schemas import programme as events
from registry.domain.decider import Fault, Rejection, reject_if
from registry.domain.programme import commands as do
from registry.domain.programme.state import Programme


def add_protocol(programme: Programme, command: do.AddProtocol) -> events.ProtocolAdded:
    """A further protocol; raises Rejection where its item is taken."""
    if command.protocol.protocol in programme.protocols:
        message = f"{command.protocol.protocol} names a protocol already; give another item"
        raise Rejection(Fault("protocol-known", message, "/protocol/protocol"))
    return events.ProtocolAdded(protocol=command.protocol)


def add_version(programme: Programme, command: do.AddProtocolVersion) -> events.ProtocolVersionAdded:
    """A further version of a protocol; raises Rejection with every fault."""
    reject_if(list(_possible(programme, command)))
    return events.ProtocolVersionAdded(version=command.version)


def _possible(programme: Programme, command: do.AddProtocolVersion) -> Iterable[Fault]:
    version = command.version
    if version.protocol not in programme.protocols:
        known = ", ".join(programme.protocols) or "none"
        message = f"no protocol {version.protocol} (protocols: {known}); add it first"
        yield Fault("protocol-unknown", message, "/version/protocol")
    if (version.protocol, version.version) in programme.versions:
        message = f"{version.protocol} has a version {version.version} already; give another item"
        yield Fault("version-known", message, "/version/version")
    if version.follows is not None and (version.protocol, version.follows) not in programme.versions:
        yield Fault("version-unknown", f"no version {version.follows} that it could follow", "/version/follows")
    for number, pooling in enumerate(version.poolings):
        if (pooling.regions is None) == (pooling.trait is None):
            message = "give the regions that are pooled, or the trait of a subpopulation"
            yield Fault("pools-nothing", message, f"/version/poolings/{number}")
    planned = [one.region for one in version.planned]
    if len(set(planned)) < len(planned):
        yield Fault("planned-twice", "participants are planned twice for one region", "/version/planned")
